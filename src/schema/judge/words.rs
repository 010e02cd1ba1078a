//! Findings in the user's words.

use serde_json::Value;

use super::super::compat::Break;
use super::super::finding::{Direction, SchemaPart};
use super::super::rules::{self, Rule};
use super::age::{message_noun, other, reader_noun, word, writer_of};
use super::fields::{escaped, value_at};

/// Longer values are cut in a sentence; the witness has them whole.
const MAX_QUOTED: usize = 60;

/// `old handlers (v1) reading new events (v2)`; versions of writer and reader.
pub(super) fn who_reads_what(
    part: SchemaPart,
    direction: Direction,
    (writer_version, reader_version): (&str, &str),
) -> String {
    let writer = writer_of(direction);
    format!(
        "{} {} ({reader_version}) reading {} {}s ({writer_version})",
        word(other(writer)),
        reader_noun(part),
        word(writer),
        message_noun(part),
    )
}

/// A break, with its rule and the names it is about.
#[derive(Debug)]
pub(super) struct Rejection<'a> {
    pub(super) rule: &'static Rule,
    /// The reader's keyword that rejects.
    pub(super) keyword: &'a str,
    /// Where in the event: the missing or undeclared field where there is just one.
    pub(super) path: String,
    /// The object that lacks a name or has one too many.
    object: String,
    names: Vec<String>,
    value: Option<Value>,
}

impl<'a> Rejection<'a> {
    pub(super) fn of(found: &'a Break, reader_node: Option<&Value>) -> Self {
        let value = value_at(&found.witness, &found.path).cloned();
        let keyword = keyword_of(&found.keyword, reader_node, value.as_ref());
        let rule = rule_of(keyword, reader_node, value.as_ref());
        let names = match keyword {
            "required" => missing(reader_node, value.as_ref()),
            "additionalProperties" | "unevaluatedProperties"
                if rule.code == rules::UNDECLARED_FIELD_REJECTED.code =>
            {
                undeclared(reader_node, value.as_ref())
            }
            _ => Vec::new(),
        };
        let path = match names.as_slice() {
            [name] => joined(&found.path, name),
            _ => found.path.clone(),
        };
        Self { rule, keyword, path, object: found.path.clone(), names, value }
    }

    /// `qty: 0`, an event without `email`, `items[]` with `note`.
    pub(super) fn described(&self, part: SchemaPart) -> String {
        let noun = message_noun(part);
        let article = if noun.starts_with('e') { "an" } else { "a" };
        if !self.names.is_empty() {
            let how = if self.rule.code == rules::REQUIRED_FIELD.code { "without" } else { "with" };
            let object = match self.object.as_str() {
                "" => format!("{article} {noun}"),
                path => format!("`{path}`"),
            };
            return format!("{object} {how} {}", quoted(&self.names));
        }
        match (&self.value, self.path.as_str()) {
            (Some(value), "") => format!("the {noun} `{}`", cut(&value.to_string())),
            (Some(value), path) => format!("`{path}: {}`", cut(&value.to_string())),
            (None, "") => format!("some {noun}s"),
            (None, path) => format!("some values of `{path}`"),
        }
    }

    /// Where to look in a schema: at the field that is missing or undeclared, if it is there.
    pub(super) fn place(&self, node: Option<&Value>, pointer: String) -> String {
        let [name] = self.names.as_slice() else { return pointer };
        let properties = node.and_then(|node| node.get("properties"));
        match properties.and_then(|properties| properties.get(name)) {
            Some(_) => format!("{pointer}/properties/{}", escaped(name)),
            None => pointer,
        }
    }

    /// What to do about it; versions of writer and reader, and the reader's value of the keyword.
    pub(super) fn suggestion(
        &self,
        direction: Direction,
        (writer, reader): (&str, &str),
        limit: Option<&Value>,
    ) -> String {
        let names = match self.names.as_slice() {
            [] => format!("`{}`", self.path),
            names => quoted(names),
        };
        let value = self.value.as_ref().map(|value| cut(&value.to_string()));
        let limit = limit.map(|limit| format!("`{}: {}`", self.keyword, cut(&limit.to_string())));
        match (direction, self.kind(), value, limit) {
            (Direction::Backward, Kind::Missing, _, _) => {
                format!("give {names} a default, so that {reader} reads what {writer} sends")
            }
            (Direction::Forward, Kind::Missing, _, _) => {
                format!("keep {names} required and sent until no reader of {reader} is left")
            }
            (Direction::Backward, Kind::Value, Some(value), _) => {
                format!("keep `{value}` among the values until no events of {writer} are left")
            }
            (Direction::Forward, Kind::Value, Some(value), _) => {
                format!("send `{value}` only when no reader of {reader} is left")
            }
            (Direction::Backward, Kind::Limit, _, Some(limit)) => {
                format!("loosen {limit} of {reader} until no events of {writer} are left")
            }
            (Direction::Forward, Kind::Limit, _, Some(limit)) => {
                format!("stay within {limit} until no reader of {reader} is left")
            }
            (Direction::Backward | Direction::Forward, _, _, _) => self.rule.advice.to_owned(),
        }
    }

    fn kind(&self) -> Kind {
        let is = |rules: &[&Rule]| rules.iter().any(|rule| rule.code == self.rule.code);
        if is(&[&rules::REQUIRED_FIELD]) {
            Kind::Missing
        } else if is(&[&rules::VALUE_NOT_ALLOWED]) {
            Kind::Value
        } else if is(&[
            &rules::NUMBER_OUT_OF_RANGE,
            &rules::TEXT_NOT_ALLOWED,
            &rules::FORMAT_CHANGED,
            &rules::LIST_CHANGED,
        ]) {
            Kind::Limit
        } else {
            Kind::Other
        }
    }
}

/// What a suggestion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Missing,
    Value,
    Limit,
    Other,
}

/// `type` also stands for "no value of this type fits": then the witness says what it lacks.
fn keyword_of<'k>(keyword: &'k str, reader: Option<&Value>, value: Option<&Value>) -> &'k str {
    let is_of_listed_type = || {
        let name = reader.and_then(|reader| reader.get("type")?.as_str());
        name.is_none_or(|name| value.is_some_and(|value| is_of_type(value, name)))
    };
    if keyword == "type" && is_of_listed_type() && !missing(reader, value).is_empty() {
        "required"
    } else {
        keyword
    }
}

fn rule_of(keyword: &str, reader: Option<&Value>, value: Option<&Value>) -> &'static Rule {
    match keyword {
        "required" | "dependentRequired" => &rules::REQUIRED_FIELD,
        "type" => &rules::TYPE_CHANGED,
        "enum" | "const" => &rules::VALUE_NOT_ALLOWED,
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            &rules::NUMBER_OUT_OF_RANGE
        }
        "minLength" | "maxLength" | "pattern" | "contentEncoding" | "contentMediaType" => {
            &rules::TEXT_NOT_ALLOWED
        }
        "format" => &rules::FORMAT_CHANGED,
        "minItems" | "maxItems" | "uniqueItems" | "contains" | "minContains" | "maxContains"
        | "items" | "prefixItems" | "additionalItems" | "unevaluatedItems" => &rules::LIST_CHANGED,
        "additionalProperties" if has_other_schema(reader) => &rules::TYPE_CHANGED,
        "additionalProperties"
        | "unevaluatedProperties"
        | "propertyNames"
        | "patternProperties"
        | "minProperties"
        | "maxProperties" => &rules::UNDECLARED_FIELD_REJECTED,
        "anyOf" | "oneOf" if is_of_no_listed_type(reader, keyword, value) => &rules::TYPE_CHANGED,
        _ => &rules::NO_ALTERNATIVE,
    }
}

/// Whether other members are described rather than forbidden.
fn has_other_schema(reader: Option<&Value>) -> bool {
    reader
        .and_then(|reader| reader.get("additionalProperties"))
        .is_some_and(|others| others.get("type").is_some())
}

/// Whether every branch names its type, and none is the value's.
fn is_of_no_listed_type(reader: Option<&Value>, keyword: &str, value: Option<&Value>) -> bool {
    let Some(value) = value else { return false };
    let branches = reader.and_then(|reader| reader.get(keyword)?.as_array());
    branches.is_some_and(|branches| {
        branches.iter().all(|branch| {
            let name = branch.get("type").and_then(Value::as_str);
            name.is_some_and(|name| !is_of_type(value, name))
        })
    })
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(_) => name == "number" || name == "integer",
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

fn missing(reader: Option<&Value>, value: Option<&Value>) -> Vec<String> {
    let required = reader.and_then(|reader| reader.get("required")?.as_array());
    let has = |name: &str| value.is_some_and(|value| value.get(name).is_some());
    let names = required.into_iter().flatten().filter_map(Value::as_str);
    names.filter(|name| !has(name)).map(str::to_owned).collect()
}

fn undeclared(reader: Option<&Value>, value: Option<&Value>) -> Vec<String> {
    let declared = reader.and_then(|reader| reader.get("properties"));
    let is_declared = |name: &str| declared.is_some_and(|names| names.get(name).is_some());
    let members = value.and_then(Value::as_object);
    let names = members.into_iter().flat_map(serde_json::Map::keys);
    names.filter(|name| !is_declared(name)).cloned().collect()
}

pub(super) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
