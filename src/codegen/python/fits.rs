//! Which JSON values are values of a type, and what checkers make of them.

use serde_json::Value;

use super::literal;
use super::scope::Scope;
use crate::codegen::model::{Kind, Node, Object, Presence, Uniqueness};

impl Scope<'_> {
    /// The member of a union that a value belongs to; the node itself where it is no union.
    pub fn pick<'n>(&self, node: &'n Node<'n>, value: &Value) -> &'n Node<'n> {
        match &node.kind {
            Kind::Union(union) => union
                .members
                .iter()
                .find(|member| self.fits(member, value))
                .map_or(node, |member| self.pick(member, value)),
            _ => node,
        }
    }

    /// Whether the value is one of the node's, as far as types and formats tell.
    pub fn fits(&self, node: &Node<'_>, value: &Value) -> bool {
        match &node.kind {
            Kind::Any => true,
            Kind::Never | Kind::Unsupported(_) => false,
            Kind::Null => value.is_null(),
            Kind::Boolean => value.is_boolean(),
            Kind::Integer => matches!(value, Value::Number(number) if literal::is_integer(number)),
            Kind::Number => value.is_number(),
            Kind::Text(None) => value.is_string(),
            Kind::Text(Some(format)) => value.as_str().is_some_and(|text| is_read_as(format, text)),
            // What Pydantic writes is the parsed value.
            Kind::JsonText(_) => false,
            Kind::Literal(values) => values.contains(&value),
            Kind::Array { items, .. } => value
                .as_array()
                .is_some_and(|values| values.iter().all(|value| self.fits(items, value))),
            Kind::Tuple { positions, rest } => value.as_array().is_some_and(|values| {
                let nodes = positions.iter().chain(rest.as_deref().into_iter().cycle());
                let is_long = rest.is_some() && values.len() > positions.len();
                (is_long || values.len() == positions.len())
                    && nodes.zip(values).all(|(node, value)| self.fits(node, value))
            }),
            Kind::Map { values: node, .. } => value
                .as_object()
                .is_some_and(|members| members.values().all(|value| self.fits(node, value))),
            Kind::Object(object) => self.has_fields(object, value),
            Kind::Union(union) => union.members.iter().any(|member| self.fits(member, value)),
            Kind::Reference(_) => self.fits(self.resolve(node), value),
        }
    }

    fn has_fields(&self, object: &Object<'_>, value: &Value) -> bool {
        let Value::Object(members) = value else { return false };
        object.fields.iter().all(|field| match members.get(field.name) {
            Some(member) => self.fits(&field.node, member),
            None => field.presence != Presence::Required,
        })
    }

    /// Whether checkers take a list or a mapping of values for one of exactly the node's elements,
    /// also where they do not know what it is for.
    pub fn is_inferred(&self, node: &Node<'_>) -> bool {
        match &node.kind {
            // What is an element of a set is not written as a list.
            Kind::Array { items, uniqueness: Uniqueness::Unique }
                if matches!(items.kind, Kind::Array { .. } | Kind::Tuple { .. }) =>
            {
                false
            }
            Kind::Array { items: element, .. } | Kind::Map { keys: None, values: element } => {
                self.is_inferred(element)
            }
            Kind::Tuple { positions, .. } => positions.iter().all(|node| self.is_inferred(node)),
            Kind::Union(union) => {
                matches!(union.members.as_slice(), [_, _]) && self.exact_number(union, 0).is_some()
            }
            Kind::Reference(key) => self.is_model(key) || self.enum_values(key).is_some(),
            Kind::Null | Kind::Boolean | Kind::Integer | Kind::Text(_) => true,
            Kind::Any
            | Kind::Never
            | Kind::Number
            | Kind::JsonText(_)
            | Kind::Literal(_)
            | Kind::Map { .. }
            | Kind::Object(_)
            | Kind::Unsupported(_) => false,
        }
    }
}

/// Whether a text can be what the format says. Formats that are not here have no form to check.
fn is_read_as(format: &str, text: &str) -> bool {
    match format {
        "date" => text.parse::<jiff::civil::Date>().is_ok(),
        "date-time" => {
            text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
        }
        "time" => {
            let clock = text.split(['Z', '+', '-']).next().unwrap_or_default();
            clock.parse::<jiff::civil::Time>().is_ok()
        }
        "duration" => text.trim_start_matches('-').starts_with('P'),
        _ if format.starts_with("uuid") => text.parse::<uuid::Uuid>().is_ok(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_what_its_format_says() {
        for (format, text, is_read) in [
            ("date", "2024-02-29", true),
            ("date", "2023-02-29", false),
            ("date-time", "2024-02-29T01:02:03Z", true),
            ("date-time", "2024-02-29T01:02:03.5+05:30", true),
            ("date-time", "2024-02-29T01:02:03", true),
            ("date-time", "now", false),
            ("time", "17:30:00Z", true),
            ("time", "03:04", true),
            ("time", "25:00", false),
            ("duration", "-P1DT2H", true),
            ("duration", "soon", false),
            ("uuid4", "12345678-1234-4678-9234-567812345678", true),
            ("uuid", "not", false),
            ("email", "anything", true),
        ] {
            assert_eq!(is_read_as(format, text), is_read, "{format} {text}");
        }
    }
}
