//! Fields that are the same on both sides, set aside before a pair is compared.
//!
//! A reader takes whatever value of such a field a writer sends. So a pair of objects is compatible
//! if it is without these fields, and breaks as it breaks without them: a witness only needs a value
//! for those that a writer always sends.

use serde_json::{Map, Value};

use super::json::is_same;
use super::traits::Traits;
use super::writer::Writer;
use crate::schema::compat::hash::HashSet;

/// Below this, comparing the whole pair costs as little.
const WORTH_IT: usize = 4;
/// Different fields that others are compared with.
const MAX_FIRSTS: usize = 40;

type Fields = Map<String, Value>;
type Names<'d> = HashSet<&'d str>;

/// A pair without the fields that both sides share.
#[derive(Debug)]
pub(super) struct Split<'d> {
    pub(super) sent: Value,
    pub(super) read: Value,
    writer: &'d Fields,
    /// The shared fields that every event has, in the writer's order.
    always_sent: Vec<(&'d str, &'d Value)>,
}

/// What a witness must have besides its fields that changed.
#[derive(Debug)]
pub(super) struct Unchanged<'d> {
    /// The writer's schema of it; of fields that take the same values only the first.
    pub(super) schema: Value,
    fields: &'d Fields,
    /// Each field with the first one that takes the same values.
    firsts: Vec<(&'d str, &'d str)>,
}

/// `None` where setting fields aside would not be sound, or not worth it.
pub(super) fn split<'d>(
    writer: &'d Value,
    reader: &'d Value,
    closing: Writer,
) -> Option<Split<'d>> {
    let (sent, read) = (plain_object(writer)?, plain_object(reader)?);
    let (sent_fields, read_fields) = (fields(sent)?, fields(read)?);
    let sharing = Sharing { definitions: shared_definitions(sent, read, closing)?, closing };
    let (sent_required, read_required) = (required(sent)?, required(read)?);
    let mut common = Names::default();
    let mut left = Traits::default();
    // Mostly, both sides list their fields in the same order.
    let mut next = sent_fields.iter();
    for (name, schema) in read_fields {
        let twin = match next.next() {
            Some((other, twin)) if other == name => Some(twin),
            Some(_) | None => sent_fields.get(name),
        };
        let traits = Traits::of(schema);
        if traits.leaves {
            return None;
        }
        if sharing.allows(traits)
            && twin.is_some_and(|twin| is_same(twin, schema))
            && (sent_required.contains(name.as_str()) || !read_required.contains(name.as_str()))
        {
            common.insert(name);
        } else {
            left = left.and(traits);
        }
    }
    if common.len() < WORTH_IT {
        return None;
    }
    let changed = sent_fields.iter().filter(|(name, _)| !common.contains(name.as_str()));
    let left = changed.fold(left, |left, (_, schema)| left.and(Traits::of(schema)));
    if left.leaves {
        return None;
    }
    let is_left = |name: &str| !common.contains(name);
    let is_always_sent = |name: &str| closing == Writer::Dump || sent_required.contains(name);
    let always_sent = sent_fields
        .iter()
        .map(|(name, schema)| (name.as_str(), schema))
        .filter(|(name, _)| common.contains(name) && is_always_sent(name));
    Some(Split {
        sent: only(sent, left, is_left),
        read: only(read, left, is_left),
        writer: sent,
        always_sent: always_sent.collect(),
    })
}

impl<'d> Split<'d> {
    pub(super) fn unchanged(&self) -> Unchanged<'d> {
        let mut distinct: Vec<(&str, &Value)> = Vec::new();
        let mut firsts = Vec::with_capacity(self.always_sent.len());
        let mut traits = Traits::default();
        for (name, schema) in self.always_sent.iter().copied() {
            let same = distinct.iter().take(MAX_FIRSTS).find(|(_, it)| takes_the_same(it, schema));
            firsts.push((name, same.map_or(name, |(first, _)| *first)));
            if same.is_none() {
                distinct.push((name, schema));
                traits = traits.and(Traits::of(schema));
            }
        }
        let distinct: Names<'_> = distinct.into_iter().map(|(name, _)| name).collect();
        Unchanged {
            schema: only(self.writer, traits, |name| distinct.contains(name)),
            fields: self.writer,
            firsts,
        }
    }
}

impl Unchanged<'_> {
    /// A witness for what changed as one for the whole pair; `sample` is an event of the schema of
    /// what did not.
    pub(super) fn complete(&self, changed: Value, sample: &Value) -> Value {
        let Value::Object(mut changed) = changed else { return changed };
        let mut whole = Map::with_capacity(changed.len() + self.firsts.len());
        let mut unchanged = self.firsts.iter().peekable();
        for name in fields(self.fields).into_iter().flat_map(Map::keys) {
            let value = match unchanged.next_if(|(unchanged, _)| unchanged == name) {
                Some((_, first)) => sample.get(first).cloned(),
                None => changed.remove(name),
            };
            whole.extend(value.map(|value| (name.clone(), value)));
        }
        whole.extend(changed);
        Value::Object(whole)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Definitions {
    Shared,
    Own,
}

#[derive(Debug, Clone, Copy)]
struct Sharing {
    definitions: Definitions,
    closing: Writer,
}

impl Sharing {
    fn allows(self, traits: Traits) -> bool {
        traits.is_sent_as_read(self.closing)
            && (self.definitions == Definitions::Shared || !traits.refers)
    }
}

/// An object whose keywords say nothing about how its fields belong together.
fn plain_object(schema: &Value) -> Option<&Fields> {
    let object = schema.as_object()?;
    let is_plain = object.iter().all(|(keyword, value)| match keyword.as_str() {
        "type" => value == "object",
        "properties" | "required" | "$defs" => true,
        "additionalProperties"
        | "title"
        | "description"
        | "default"
        | "examples"
        | "deprecated" => !Traits::of(value).leaves,
        _ => false,
    });
    (is_plain && object.contains_key("type")).then_some(object)
}

fn shared_definitions(sent: &Fields, read: &Fields, closing: Writer) -> Option<Definitions> {
    let traits = |definitions: &Value| Some(Traits::of(definitions)).filter(|it| !it.leaves);
    Some(match (sent.get("$defs"), read.get("$defs")) {
        (None, None) => Definitions::Shared,
        (Some(sent), Some(read)) => {
            let is_monotone = traits(sent)?.is_sent_as_read(closing);
            if is_same(sent, read) && is_monotone {
                Definitions::Shared
            } else {
                traits(read)?;
                Definitions::Own
            }
        }
        (Some(one), None) | (None, Some(one)) => {
            traits(one)?;
            Definitions::Own
        }
    })
}

fn fields(schema: &Fields) -> Option<&Fields> {
    schema.get("properties")?.as_object()
}

fn required(schema: &Fields) -> Option<Names<'_>> {
    match schema.get("required") {
        None => Some(Names::default()),
        Some(names) => names.as_array()?.iter().map(Value::as_str).collect(),
    }
}

/// Whether two schemas differ in their annotations at most.
fn takes_the_same(left: &Value, right: &Value) -> bool {
    let (Value::Object(left), Value::Object(right)) = (left, right) else { return left == right };
    let count = |map: &Fields| map.keys().filter(|keyword| !is_annotation(keyword)).count();
    count(left) == count(right)
        && left.iter().all(|(keyword, value)| {
            is_annotation(keyword) || right.get(keyword).is_some_and(|other| is_same(value, other))
        })
}

fn is_annotation(keyword: &str) -> bool {
    matches!(
        keyword,
        "title" | "description" | "default" | "examples" | "deprecated" | "readOnly" | "writeOnly"
    )
}

/// The object with these of its fields, which have these traits together.
fn only(schema: &Fields, traits: Traits, is_kept: impl Fn(&str) -> bool) -> Value {
    let kept = schema.iter().filter_map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(fields)) => {
                let fields = fields.iter().filter(|(name, _)| is_kept(name));
                Value::Object(fields.map(|(name, it)| (name.clone(), it.clone())).collect())
            }
            ("required", Value::Array(names)) => Value::Array(
                names.iter().filter(|name| name.as_str().is_none_or(&is_kept)).cloned().collect(),
            ),
            ("$defs", definitions) if traits.refers => definitions.clone(),
            ("type" | "additionalProperties", value) => value.clone(),
            (_, _) => return None,
        };
        Some((keyword.clone(), value))
    });
    Value::Object(kept.collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wide(extra: &Value, required: &[&str]) -> Value {
        let mut fields = json!({
            "a": {"type": "integer"}, "b": {"type": "string"}, "c": {"type": "boolean"},
            "d": {"type": "object", "properties": {"x": {"type": "integer"}}},
        });
        fields.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({"type": "object", "properties": fields, "required": required})
    }

    /// Writer and reader without what they share.
    fn left(writer: &Value, reader: &Value) -> Option<(Value, Value)> {
        split(writer, reader, Writer::Closed).map(|split| (split.sent, split.read))
    }

    #[test]
    fn only_what_changed_is_left() {
        let old = wide(&json!({}), &["a", "d"]);
        let new = wide(&json!({"e": {"type": "null"}}), &["a", "d", "e"]);
        let (writer, reader) = left(&new, &old).unwrap();
        let sent =
            json!({"type": "object", "properties": {"e": {"type": "null"}}, "required": ["e"]});
        assert_eq!(writer, sent);
        assert_eq!(reader, json!({"type": "object", "properties": {}, "required": []}));
    }

    #[test]
    fn fields_that_belong_together_stay() {
        let old = wide(&json!({}), &[]);
        let together = |keyword: &str, value: Value| {
            let mut schema = old.clone();
            schema[keyword] = value;
            schema
        };
        for other in [
            together("minProperties", json!(1)),
            together("patternProperties", json!({"^a": {}})),
            together("allOf", json!([{}])),
            together("$schema", json!("http://json-schema.org/draft-04/schema#")),
            json!({"properties": old["properties"]}),
        ] {
            assert_eq!(left(&other, &old), None, "{other}");
            assert_eq!(left(&old, &other), None, "{other}");
        }
    }

    #[test]
    fn a_field_stays_where_it_is_required_refers_or_turns_around_what_is_closed() {
        let field = |schema: Value| wide(&json!({"e": schema}), &[]);
        let plain = field(json!({"type": "null"}));
        let mut strict = plain.clone();
        strict["required"] = json!(["e"]);
        let (_, reader) = left(&plain, &strict).unwrap();
        assert_eq!(reader["properties"], json!({"e": {"type": "null"}}));

        let turning = field(json!({"not": {"properties": {"x": {}}}}));
        let (_, reader) = left(&turning, &turning).unwrap();
        assert_eq!(
            reader["properties"],
            turning["properties"].as_object().map(|fields| { json!({"e": fields["e"]}) }).unwrap()
        );

        let referring = |definition: Value| {
            let mut schema = field(json!({"$ref": "#/$defs/E"}));
            schema["$defs"] = json!({"E": definition});
            schema
        };
        let (one, other) =
            (referring(json!({"type": "null"})), referring(json!({"type": "string"})));
        let (_, reader) = left(&one, &other).unwrap();
        assert!(reader["properties"].get("e").is_some());
        let (_, reader) = left(&one, &one).unwrap();
        assert!(reader["properties"].get("e").is_none());
        for target in ["#", "#/properties/a", "https://example.org/e.json"] {
            let one = referring(json!({"anyOf": [{"$ref": target}]}));
            assert_eq!(left(&one, &one), None, "{target}");
        }
    }

    #[test]
    fn a_witness_gets_a_value_for_what_is_always_sent_in_the_writer_s_order() {
        let titled = |name: &str| json!({"type": "integer", "title": name});
        let old = wide(&json!({"f": titled("F"), "g": titled("G")}), &["a", "d", "f"]);
        let new = wide(
            &json!({"e": {"type": "null"}, "f": titled("F"), "g": titled("G")}),
            &["a", "e", "d", "f"],
        );
        let split = split(&new, &old, Writer::Closed).unwrap();
        let unchanged = split.unchanged();
        let distinct = json!({
            "type": "object", "required": ["a", "d"],
            "properties": {"a": old["properties"]["a"], "d": old["properties"]["d"]},
        });
        assert_eq!(unchanged.schema, distinct);
        let whole =
            unchanged.complete(json!({"e": null, "more": 1}), &json!({"a": 7, "d": {"x": 1}}));
        assert_eq!(whole.to_string(), r#"{"a":7,"d":{"x":1},"e":null,"f":7,"more":1}"#);
    }
}
