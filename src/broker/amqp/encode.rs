//! An outgoing message in lapin's types, with the header table that py-amqp would write.
//!
//! Source: `amqp/serialization.py` 5.3, `_write_item`.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldArray, FieldTable, ShortString};
use serde_json::{Number, Value};

use super::super::error::BrokerError;
use crate::wire::Outgoing;

/// Headers nested deeper than this are refused; no Celery header comes near it.
const MAX_DEPTH: usize = 32;

/// The AMQP properties of `message`.
///
/// # Errors
/// [`BrokerError::BadMessage`] where a property or header name is longer than 255 bytes, or a header
/// is nested absurdly deep.
pub(in crate::broker) fn properties(message: &Outgoing) -> Result<BasicProperties, BrokerError> {
    let from = &message.properties;
    let mut to = BasicProperties::default();
    if let Some(value) = &from.content_type {
        to = to.with_content_type(short("content type", value)?);
    }
    if let Some(value) = &from.content_encoding {
        to = to.with_content_encoding(short("content encoding", value)?);
    }
    if let Some(mode) = from.delivery_mode {
        to = to.with_delivery_mode(mode);
    }
    if let Some(priority) = from.priority {
        to = to.with_priority(priority);
    }
    if let Some(value) = &from.correlation_id {
        to = to.with_correlation_id(short("correlation id", value)?);
    }
    if let Some(value) = &from.reply_to {
        to = to.with_reply_to(short("reply-to", value)?);
    }
    if let Some(value) = &from.expiration {
        to = to.with_expiration(short("expiration", value)?);
    }
    if let Some(value) = &from.message_id {
        to = to.with_message_id(short("message id", value)?);
    }
    if message.headers.is_empty() {
        return Ok(to);
    }
    let pairs = message.headers.iter().map(|(name, value)| (name, value));
    Ok(to.with_headers(table(pairs, 0)?))
}

/// `text` as an AMQP short string.
pub(in crate::broker) fn short(what: &str, text: &str) -> Result<ShortString, BrokerError> {
    ShortString::try_new(text).map_err(|_| BrokerError::BadMessage {
        reason: format!("the {what} is {} bytes long, but AMQP ends it at 255", text.len()),
    })
}

fn table<'a>(
    pairs: impl Iterator<Item = (&'a String, &'a Value)>,
    depth: usize,
) -> Result<FieldTable, BrokerError> {
    let mut table = FieldTable::default();
    for (name, value) in pairs {
        table.insert(short("header name", name)?, field(value, depth)?);
    }
    Ok(table)
}

fn field(value: &Value, depth: usize) -> Result<AMQPValue, BrokerError> {
    if depth > MAX_DEPTH {
        return Err(BrokerError::BadMessage {
            reason: format!("a header is nested more than {MAX_DEPTH} levels deep"),
        });
    }
    Ok(match value {
        Value::Null => AMQPValue::Void,
        Value::Bool(value) => AMQPValue::Boolean(*value),
        Value::Number(number) => self::number(number),
        Value::String(text) => AMQPValue::LongString(text.as_str().into()),
        Value::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|v| field(v, depth + 1)).collect();
            AMQPValue::FieldArray(FieldArray::from(items?))
        }
        Value::Object(map) => AMQPValue::FieldTable(table(map.iter(), depth + 1)?),
    })
}

/// Small integers take four bytes, larger ones eight, everything else is a double.
fn number(number: &Number) -> AMQPValue {
    let Some(integer) = number.as_i64() else {
        return match number.as_f64() {
            Some(float) => AMQPValue::Double(float),
            // Digits that no AMQP number holds still say what they are as text.
            None => AMQPValue::LongString(number.to_string().into()),
        };
    };
    match i32::try_from(integer) {
        Ok(small) if small != i32::MIN => AMQPValue::LongInt(small),
        _ => AMQPValue::LongLongInt(integer),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::OutgoingProperties;

    fn message(headers: &[(&str, Value)]) -> Outgoing {
        Outgoing {
            routing_key: "user.created".into(),
            properties: OutgoingProperties::default(),
            headers: headers.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect(),
            body: Vec::new(),
        }
    }

    #[test]
    fn header_values_take_the_field_types_of_py_amqp() {
        let table = [
            (json!(null), AMQPValue::Void),
            (json!(true), AMQPValue::Boolean(true)),
            (json!(0), AMQPValue::LongInt(0)),
            (json!(2_147_483_647), AMQPValue::LongInt(i32::MAX)),
            (json!(2_147_483_648_i64), AMQPValue::LongLongInt(2_147_483_648)),
            (json!(-2_147_483_647), AMQPValue::LongInt(-i32::MAX)),
            (json!(-2_147_483_648_i64), AMQPValue::LongLongInt(i32::MIN.into())),
            (json!(1.5), AMQPValue::Double(1.5)),
            (json!("py"), AMQPValue::LongString("py".into())),
            (json!([null]), AMQPValue::FieldArray(vec![AMQPValue::Void].into())),
            (json!({}), AMQPValue::FieldTable(FieldTable::default())),
        ];
        for (value, expected) in table {
            let properties = properties(&message(&[("name", value.clone())])).unwrap();
            let headers = properties.headers().as_ref().unwrap();
            assert_eq!(headers.inner().get("name"), Some(&expected), "{value}");
        }
    }

    #[test]
    fn names_over_255_bytes_are_an_error_and_not_a_panic() {
        let error = properties(&message(&[(&"n".repeat(256), json!(1))])).unwrap_err();
        insta::assert_snapshot!(error, @"the message cannot be sent: the header name is 256 bytes long, but AMQP ends it at 255");
        let mut long = message(&[]);
        long.properties.correlation_id = Some("c".repeat(256));
        insta::assert_snapshot!(properties(&long).unwrap_err(), @"the message cannot be sent: the correlation id is 256 bytes long, but AMQP ends it at 255");
    }

    #[test]
    fn a_header_nested_without_end_is_refused() {
        let mut value = json!(1);
        for _ in 0..40 {
            value = json!([value]);
        }
        let error = properties(&message(&[("deep", value)])).unwrap_err();
        insta::assert_snapshot!(error, @"the message cannot be sent: a header is nested more than 32 levels deep");
    }

    #[test]
    fn a_message_without_headers_has_no_header_table() {
        assert_eq!(properties(&message(&[])).unwrap().headers(), &None);
    }
}
