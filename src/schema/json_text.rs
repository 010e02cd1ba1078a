use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

/// A JSON Schema, kept as compact text: key order and digits stay as they were written.
///
/// A registry may hold tens of thousands of schemas of which a command looks into a few; as text
/// each takes a tenth of the memory of a tree and most comparisons end at the first glance.
/// Always a JSON object or a boolean that `serde_json` can read, so [`JsonText::value`] has no
/// error.
#[derive(Clone, PartialEq, Eq)]
pub struct JsonText(Box<str>);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonTextError {
    #[error("a schema is a JSON object, not {0}")]
    NotASchema(&'static str),
    #[error("{0}")]
    Syntax(String),
}

impl JsonText {
    /// The compact text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn value(&self) -> Value {
        serde_json::from_str(&self.0).expect("the text was checked when it was taken in")
    }

    /// Takes in JSON text that is syntactically correct as far as `serde_json` skims it.
    pub(super) fn from_raw(raw: &RawValue) -> Result<Self, JsonTextError> {
        match raw.get().as_bytes().first() {
            Some(b'{' | b't' | b'f') => {}
            Some(b'n') => return Err(JsonTextError::NotASchema("null")),
            Some(b'[') => return Err(JsonTextError::NotASchema("an array")),
            Some(b'"') => return Err(JsonTextError::NotASchema("a string")),
            _ => return Err(JsonTextError::NotASchema("a number")),
        }
        check(raw.get()).map_err(|error| JsonTextError::Syntax(error.to_string()))?;
        Ok(Self(compact(raw.get()).into_boxed_str()))
    }
}

impl TryFrom<&Value> for JsonText {
    type Error = JsonTextError;

    fn try_from(value: &Value) -> Result<Self, JsonTextError> {
        let text = value.to_string();
        let raw = RawValue::from_string(text)
            .map_err(|error| JsonTextError::Syntax(error.to_string()))?;
        Self::from_raw(&raw)
    }
}

impl fmt::Debug for JsonText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for JsonText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

/// `serde_json` gives a few member names a meaning of its own; text that may hold one, plain or
/// escaped, is read in full.
fn check(text: &str) -> Result<(), serde_json::Error> {
    if text.contains("serde_json::private") || text.contains("\\u") {
        serde_json::from_str::<Value>(text).map(drop)
    } else {
        serde_json::from_str::<Readable>(text).map(drop)
    }
}

/// Drops the white space between tokens.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(quote) = rest.find('"') {
        push_without_blanks(&rest[..quote], &mut out);
        let end = string_end(rest, quote);
        out.push_str(&rest[quote..end]);
        rest = &rest[end..];
    }
    push_without_blanks(rest, &mut out);
    out.shrink_to_fit();
    out
}

fn push_without_blanks(tokens: &str, out: &mut String) {
    out.extend(tokens.split([' ', '\n', '\t', '\r']));
}

/// The index after the closing quote of the string that opens at `quote`.
fn string_end(text: &str, quote: usize) -> usize {
    let bytes = text.as_bytes();
    let mut index = quote + 1;
    while index < bytes.len() {
        match bytes[index] {
            b'\\' => index += 2,
            b'"' => return index + 1,
            _ => index += 1,
        }
    }
    bytes.len()
}

/// Reads what `Value` would read, with its limit on depth and its rules for escapes, and keeps
/// nothing.
struct Readable;

impl<'de> Deserialize<'de> for Readable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Readable)
    }
}

impl<'de> DeserializeSeed<'de> for Readable {
    type Value = Self;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Readable {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element_seed(Readable)?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self, A::Error> {
        while members.next_entry_seed(Readable, Readable)?.is_some() {}
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(text: &str) -> Result<JsonText, JsonTextError> {
        let raw: Box<RawValue> = serde_json::from_str(text).unwrap();
        JsonText::from_raw(&raw)
    }

    #[test]
    fn white_space_goes_and_everything_else_stays() {
        let text = take("{ \"b\" : [ 1.00 , 1e-7 ],\n\t\"a \\\" b\": \" x \\\\\" , \"\": true }");
        assert_eq!(text.unwrap().as_str(), r#"{"b":[1.00,1e-7],"a \" b":" x \\","":true}"#);
    }

    #[test]
    fn only_what_a_value_can_be_read_from_is_taken_in() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(4000), "]".repeat(4000));
        let private = r#"{"$serde_json::private::Number":"x"}"#;
        for bad in [deep.as_str(), r#"{"a":"\ud800"}"#, private] {
            assert!(matches!(take(bad), Err(JsonTextError::Syntax(_))), "{bad:.40}");
        }
        for (bad, kind) in [("null", "null"), ("[]", "an array"), ("1", "a number")] {
            assert_eq!(take(bad), Err(JsonTextError::NotASchema(kind)));
        }
        assert_eq!(take("true").unwrap().value(), Value::Bool(true));
    }

    proptest! {
        #[test]
        fn the_value_is_the_one_that_was_taken_in(
            key in ".*", text in ".*", number in any::<f64>(), flag in any::<bool>(),
        ) {
            let value = serde_json::json!({key: [text, number, {"x": flag}], "n": null});
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            let taken = take(&pretty).unwrap();
            prop_assert_eq!(taken.as_str(), value.to_string());
            prop_assert_eq!(taken.value(), value);
        }
    }
}
