//! Reading a document: every problem is named with the line and column where it is.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use thiserror::Error;

use super::document::{Deprecation, Mode, Publisher, SchemaDocument, SerializationSchemas};
use super::json_text::JsonText;
use crate::event::{SchemaVersion, Topic};

/// Why text is not a schema document. Lines and columns start at 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("line {line}, column {column}: {reason}")]
pub struct DocumentError {
    pub line: usize,
    pub column: usize,
    pub reason: String,
}

impl SchemaDocument {
    /// Reads a document. Members may come in any order; `topic`, `version` and `schema` must be
    /// there, and no member may come twice.
    pub fn parse(text: &str) -> Result<Self, DocumentError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        serde_json::from_str(text).map_err(|error| DocumentError {
            line: error.line().max(1),
            column: error.column().max(1),
            reason: reason(&error),
        })
    }
}

/// The message without the position that `serde_json` appends.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

impl<'de> Deserialize<'de> for SchemaDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DocumentVisitor)
    }
}

struct DocumentVisitor;

impl<'de> Visitor<'de> for DocumentVisitor {
    type Value = SchemaDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object with topic, version and schema")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<SchemaDocument, A::Error> {
        let mut seen = Vec::with_capacity(16);
        let mut members = Members::default();
        while let Some(name) = map.next_key::<String>()? {
            if seen.contains(&name) {
                return Err(A::Error::custom(format_args!("the member {name:?} comes twice")));
            }
            members.read(&name, &mut map)?;
            seen.push(name);
        }
        members.finish()
    }
}

#[derive(Default)]
struct Members {
    topic: Option<Topic>,
    version: Option<SchemaVersion>,
    mode: Mode,
    description: String,
    schema: Option<JsonText>,
    response_schema: Option<JsonText>,
    error_schema: Option<JsonText>,
    serialization: SerializationSchemas,
    publisher: Option<Publisher>,
    owner: Option<String>,
    deprecated: Option<Deprecation>,
    annotations: Map<String, Value>,
    unknown: Map<String, Value>,
}

impl Members {
    fn read<'de, A: MapAccess<'de>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match name {
            "topic" => self.topic = Some(parsed(map, "topic")?),
            "version" => self.version = Some(parsed(map, "version")?),
            "mode" => self.mode = map.next_value::<Option<Mode>>()?.unwrap_or_default(),
            "description" => {
                self.description = map.next_value::<Option<String>>()?.unwrap_or_default();
            }
            "schema" => self.schema = schema(map, name)?,
            "response_schema" => self.response_schema = schema(map, name)?,
            "error_schema" => self.error_schema = schema(map, name)?,
            "serialization_schema" => self.serialization.request = schema(map, name)?,
            "response_serialization_schema" => self.serialization.response = schema(map, name)?,
            "error_serialization_schema" => self.serialization.error = schema(map, name)?,
            "publisher" => self.publisher = map.next_value()?,
            "owner" => self.owner = map.next_value()?,
            "deprecated" => self.deprecated = deprecation(map)?,
            "annotations" => {
                self.annotations = map.next_value::<Option<_>>()?.unwrap_or_default();
            }
            other => {
                let value = map.next_value()?;
                self.unknown.insert(other.to_owned(), value);
            }
        }
        Ok(())
    }

    fn finish<E: serde::de::Error>(self) -> Result<SchemaDocument, E> {
        Ok(SchemaDocument {
            topic: self.topic.ok_or_else(|| E::missing_field("topic"))?,
            version: self.version.ok_or_else(|| E::missing_field("version"))?,
            mode: self.mode,
            description: self.description,
            schema: self.schema.ok_or_else(|| E::missing_field("schema"))?,
            response_schema: self.response_schema,
            error_schema: self.error_schema,
            serialization: self.serialization,
            publisher: self.publisher,
            owner: self.owner,
            deprecated: self.deprecated,
            annotations: self.annotations,
            unknown: self.unknown,
        })
    }
}

fn parsed<'de, A, T>(map: &mut A, name: &'static str) -> Result<T, A::Error>
where
    A: MapAccess<'de>,
    T: FromStr<Err: fmt::Display>,
{
    map.next_value_seed(Parsed { name, target: PhantomData })
}

/// A string that is parsed while the reader still stands on it, so that an error has its place.
struct Parsed<T> {
    name: &'static str,
    target: PhantomData<T>,
}

impl<'de, T: FromStr<Err: fmt::Display>> DeserializeSeed<'de> for Parsed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for Parsed<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} as a string", self.name)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(|error| E::custom(format_args!("{}: {error}", self.name)))
    }
}

fn schema<'de, A: MapAccess<'de>>(map: &mut A, name: &str) -> Result<Option<JsonText>, A::Error> {
    let Some(raw) = map.next_value::<Option<Box<RawValue>>>()? else { return Ok(None) };
    JsonText::from_raw(&raw)
        .map(Some)
        .map_err(|error| A::Error::custom(format_args!("{name}: {error}")))
}

fn deprecation<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Deprecation>, A::Error> {
    match map.next_value::<Value>()? {
        Value::Null | Value::Bool(false) => Ok(None),
        Value::Bool(true) => Ok(Some(Deprecation { reason: None })),
        Value::String(reason) => Ok(Some(Deprecation { reason: Some(reason) })),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(A::Error::custom("deprecated: expected true, false or a reason"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schema::ContractPart;

    const MINIMAL: &str = r#"{"topic": "a.b", "version": "v1", "schema": {"type": "object"}}"#;

    fn parse(text: &str) -> SchemaDocument {
        SchemaDocument::parse(text).unwrap()
    }

    #[test]
    fn a_document_is_written_in_one_fixed_form() {
        let text = r#"{"x-team": [1.50], "schema": {"title": "A", "properties":
            {"z": {"type": "integer", "maximum": 1e400}, "a": {}}}, "deprecated": "use v2",
            "version": "v1.10", "mode": "rpc", "topic": "a.b", "owner": "billing",
            "publisher": {"module": "shop.events", "class": "A"}}"#;
        insta::assert_snapshot!(parse(text).to_pretty_json(), @r#"
        {
          "topic": "a.b",
          "version": "v1.10",
          "mode": "rpc",
          "description": "",
          "schema": {
            "title": "A",
            "properties": {
              "z": {
                "type": "integer",
                "maximum": 1e+400
              },
              "a": {}
            }
          },
          "response_schema": null,
          "error_schema": null,
          "publisher": {
            "module": "shop.events",
            "class": "A",
            "service": null
          },
          "owner": "billing",
          "deprecated": "use v2",
          "annotations": {},
          "x-team": [
            1.50
          ]
        }
        "#);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let table = [
            (
                "{\"topic\": 1}",
                "line 1, column 11: invalid type: integer `1`, expected topic as a string",
            ),
            ("", "line 1, column 1: EOF while parsing a value"),
            (
                "[]",
                "line 1, column 1: invalid type: sequence, expected a JSON object with topic, version and schema",
            ),
            (
                "{\"topic\": \"a\",\n \"version\": \"one\"\n}",
                "line 2, column 17: version: \"one\" is not a version",
            ),
            (
                "{\"topic\": \"a.*\"}",
                "line 1, column 15: topic: the topic \"a.*\" contains the wildcard word \"*\"; wildcards only mean something in a binding or in tail",
            ),
            (
                "{\"topic\": \"a\", \"topic\": \"b\"}",
                "line 1, column 22: the member \"topic\" comes twice",
            ),
            (
                "{\"topic\": \"a\", \"version\": \"v1\"}",
                "line 1, column 31: missing field `schema`",
            ),
            (
                "{\"topic\": \"a\", \"version\": \"v1\",\n\"schema\": {\"a\": }",
                "line 2, column 17: expected value",
            ),
            (
                "{\"schema\": [1]}",
                "line 1, column 15: schema: a schema is a JSON object, not an array",
            ),
            (
                "{\"mode\": \"push\"}",
                "line 1, column 15: unknown variant `push`, expected `broadcast` or `rpc`",
            ),
            ("{\"topic\": \"a\",\n<<<<<<< HEAD", "line 2, column 1: key must be a string"),
        ];
        for (text, message) in table {
            assert_eq!(SchemaDocument::parse(text).unwrap_err().to_string(), message, "{text}");
        }
    }

    #[test]
    fn the_contract_is_mode_and_schemas_not_how_they_are_written() {
        let base = parse(MINIMAL);
        let reordered = parse(
            r#"{"schema":{"type":"object"},"owner":"x","version":"v1","topic":"a.b","annotations":{"a":1}}"#,
        );
        assert_eq!(base.contract_differences(&reordered), []);
        assert_eq!(base.contract_hash(), reordered.contract_hash());
        let rpc = parse(
            r#"{"topic":"a.b","version":"v1","mode":"rpc","schema":{},"response_schema":{}}"#,
        );
        assert_eq!(
            base.contract_differences(&rpc),
            [ContractPart::Mode, ContractPart::Schema, ContractPart::ResponseSchema]
        );
        assert_ne!(base.contract_hash(), rpc.contract_hash());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC*|[\\[\\]{}\":,a-z0-9\\\\ \n]*") {
            let _ = SchemaDocument::parse(&text);
        }

        #[test]
        fn a_damaged_document_is_read_or_refused_without_a_panic(
            at in 0..MINIMAL.len(), junk in "[\\[\\]{}\":,\\\\u0-9]{0,3}",
        ) {
            let text = format!("{}{junk}{}", &MINIMAL[..at], &MINIMAL[at..]);
            if let Ok(document) = SchemaDocument::parse(&text) {
                document.contract_hash();
            }
        }

        #[test]
        fn what_is_written_is_read_back_the_same(
            description in ".*", owner in prop::option::of(".*"), reason in prop::option::of(".*"),
            unknown in prop::collection::btree_map("x-.*", ".*", 0..4), number in any::<i128>(),
        ) {
            let mut document = parse(MINIMAL);
            document.description = description;
            document.owner = owner;
            document.deprecated = reason.map(|reason| Deprecation { reason: Some(reason) });
            document.annotations.insert("n".into(), serde_json::from_str(&number.to_string()).unwrap());
            document.unknown = unknown.into_iter().map(|(k, v)| (k, Value::from(v))).collect();
            let text = document.to_pretty_json();
            let again = parse(&text);
            prop_assert_eq!(again.to_pretty_json(), text);
            prop_assert_eq!(again, document);
        }
    }
}
