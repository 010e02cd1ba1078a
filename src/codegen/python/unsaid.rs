//! Comments about the limits that the types of shapes and stubs do not say.
//!
//! Models say everything, in `Field` or in `json_schema_extra`, and have no such comments.

use serde_json::{Map, Value};

use super::containers::is_positional;
use super::enums::is_enum;
use super::layout::{WIDTH, columns};
use super::literal;
use super::scope::Scope;
use super::shapes::Shape;
use super::text_types;
use crate::codegen::limits::{Subject, Tally, is_limit};
use crate::codegen::model::{Extra, Kind, Node, Object, Union, UnionSpelling};

/// Whose types they are.
#[derive(Clone, Copy)]
pub enum Types<'s> {
    Shapes(Shape),
    Stubs(&'s Scope<'s>),
}

/// A keyword that a type does not say.
#[derive(Debug)]
pub struct Limit {
    /// Where in the value: `items.`, `keys.`; empty for the value itself.
    path: String,
    keyword: String,
    value: String,
}

/// What the type of a node says: its own keywords, and the parts that are within the same type.
#[derive(Default)]
struct Said<'n> {
    keywords: Vec<&'static str>,
    inside: Vec<(&'static str, &'n Node<'n>)>,
}

/// The longest value of a keyword, in columns. The registry has the rest.
const MAX_VALUE: usize = 60;

impl Types<'_> {
    /// What the type of a field leaves out.
    pub fn of_field(self, node: &Node<'_>) -> Vec<Limit> {
        let mut limits = Vec::new();
        self.collect("", node, &mut limits);
        // Stubs have `= ...`, the class has the value; dataclasses have it themselves.
        let is_told = !matches!(self, Types::Shapes(Shape::TypedDict));
        match node.raw.get("default") {
            None | Some(Value::Null) => {}
            Some(_) if is_told => {}
            Some(default) => limits.push(Limit::new("", "default", default)),
        }
        limits
    }

    /// What a class or an alias leaves out.
    pub fn of_type(self, node: &Node<'_>) -> Vec<Limit> {
        let mut limits = Vec::new();
        match &node.kind {
            Kind::Object(object) => self.object((node.raw, object), &mut limits),
            _ if matches!(self, Types::Stubs(_)) && is_enum(node) => {
                own("", node.raw, &["type", "enum"], &mut limits);
            }
            _ => self.collect("", node, &mut limits),
        }
        limits
    }

    fn object(self, (raw, object): (&Map<String, Value>, &Object<'_>), limits: &mut Vec<Limit>) {
        let mut said = vec!["type", "properties", "required"];
        match (self, &object.extra) {
            (Types::Stubs(_), Extra::Typed(node)) => {
                said.push("additionalProperties");
                self.collect("extra.", node, limits);
            }
            (Types::Stubs(_) | Types::Shapes(_), _) => {}
        }
        own("", raw, &said, limits);
        let is_field = |name: &Value| object.fields.iter().any(|field| *name == *field.name);
        let required = raw.get("required").and_then(Value::as_array).into_iter().flatten();
        let others: Vec<Value> = required.filter(|name| !is_field(name)).cloned().collect();
        if !others.is_empty() {
            limits.push(Limit::new("", "required", &Value::Array(others)));
        }
    }

    fn collect(self, path: &str, node: &Node<'_>, limits: &mut Vec<Limit>) {
        if matches!(node.kind, Kind::Object(_)) {
            // It has a class of its own.
            return;
        }
        if matches!(node.kind, Kind::Never) && node.raw.is_empty() {
            limits.push(Limit::new(path, "not", &Value::Object(Map::new())));
        }
        let said = self.said(node);
        own(path, node.raw, &said.keywords, limits);
        for (part, inner) in said.inside {
            self.collect(&format!("{path}{part}"), inner, limits);
        }
    }

    fn said<'n>(self, node: &'n Node<'n>) -> Said<'n> {
        let (keywords, inside): (&[&'static str], _) = match &node.kind {
            Kind::Any | Kind::Never | Kind::Unsupported(_) => (&[], Vec::new()),
            Kind::Null | Kind::Boolean | Kind::Integer | Kind::Number => (&["type"], Vec::new()),
            Kind::Text(format) => (self.text(node, *format), Vec::new()),
            Kind::JsonText(content) => match self {
                Types::Shapes(_) => (&["type"], Vec::new()),
                Types::Stubs(_) => {
                    (&["type", "contentMediaType", "contentSchema"], vec![("json.", &**content)])
                }
            },
            Kind::Literal(values) => {
                let is_said = values.iter().all(|value| literal::is_literal(value));
                (if is_said { &["type", "const", "enum"] } else { &["type"] }, Vec::new())
            }
            Kind::Array { items, uniqueness } => {
                let is_set = match self {
                    Types::Shapes(_) => false,
                    Types::Stubs(scope) => scope.is_set(node.raw, items, *uniqueness),
                };
                let keywords: &[_] =
                    if is_set { &["type", "items", "uniqueItems"] } else { &["type", "items"] };
                (keywords, vec![("items.", &**items)])
            }
            Kind::Tuple { positions, rest } => match self {
                Types::Stubs(_) if is_positional(node.raw, (positions, rest.as_deref())) => (
                    &["type", "prefixItems", "items", "additionalItems", "minItems", "maxItems"],
                    positions.iter().map(|position| ("items.", position)).collect(),
                ),
                Types::Stubs(_) | Types::Shapes(_) => (&["type"], Vec::new()),
            },
            Kind::Map { keys, values } => return self.map(node.raw, (keys.as_deref(), values)),
            Kind::Object(_) => (&["type", "properties"], Vec::new()),
            Kind::Union(union) => return self.union(union),
            Kind::Reference(_) => (&["$ref"], Vec::new()),
        };
        Said { keywords: keywords.to_vec(), inside }
    }

    fn text(self, node: &Node<'_>, format: Option<&str>) -> &'static [&'static str] {
        match (self, format) {
            (Types::Stubs(_), Some("uri")) if node.count("minLength") == Some(1) => {
                match node.count("maxLength") {
                    Some(text_types::HTTP_URL_LENGTH) => {
                        &["type", "format", "minLength", "maxLength"]
                    }
                    Some(_) | None => &["type", "format", "minLength"],
                }
            }
            (Types::Stubs(_), Some("uri")) => &["type"],
            (Types::Stubs(_), Some("password")) if !node.raw.contains_key("writeOnly") => &["type"],
            (Types::Stubs(_), Some(format)) if text_types::is_known(format) => &["type", "format"],
            (Types::Stubs(_) | Types::Shapes(_), _) => &["type"],
        }
    }

    fn map<'n>(
        self,
        raw: &Map<String, Value>,
        (keys, values): (Option<&'n Node<'n>>, &'n Node<'n>),
    ) -> Said<'n> {
        let mut said = Said { keywords: vec!["type"], inside: Vec::new() };
        if let (Types::Stubs(_), Some(keys)) = (self, keys) {
            said.keywords.push("propertyNames");
            said.inside.push(("keys.", keys));
        }
        if raw.get("additionalProperties") != Some(&Value::Bool(false)) {
            said.keywords.push("additionalProperties");
            said.inside.push(("values.", values));
        }
        said
    }

    fn union<'n>(self, union: &'n Union<'n>) -> Said<'n> {
        let members = &union.members;
        match union.spelling {
            UnionSpelling::AnyOf | UnionSpelling::OneOf => {
                let is_one = union.spelling == UnionSpelling::OneOf;
                let mut inside = Vec::new();
                let mut place = 0;
                while let Some(member) = members.get(place) {
                    inside.push((member_path(members, member), member));
                    let is_exact = match self {
                        Types::Shapes(_) => false,
                        Types::Stubs(scope) => scope.exact_number(union, place).is_some(),
                    };
                    place += if is_exact { 2 } else { 1 };
                }
                Said { keywords: vec![if is_one { "oneOf" } else { "anyOf" }], inside }
            }
            // All have the same keywords.
            UnionSpelling::Types => {
                let mut all = Said { keywords: vec!["type"], inside: Vec::new() };
                for member in members {
                    let said = self.said(member);
                    all.keywords.extend(said.keywords);
                    all.inside.extend(said.inside);
                }
                all
            }
        }
    }
}

/// `string.` where there is more than one member whose limits it could be.
fn member_path(members: &[Node<'_>], member: &Node<'_>) -> &'static str {
    if members.iter().filter(|member| !matches!(member.kind, Kind::Null)).count() < 2 {
        return "";
    }
    match member.kind {
        Kind::Boolean => "boolean.",
        Kind::Integer => "integer.",
        Kind::Number => "number.",
        Kind::Text(_) | Kind::JsonText(_) => "string.",
        Kind::Array { .. } | Kind::Tuple { .. } => "array.",
        Kind::Map { .. } | Kind::Object(_) => "object.",
        Kind::Any
        | Kind::Never
        | Kind::Null
        | Kind::Literal(_)
        | Kind::Union(_)
        | Kind::Reference(_)
        | Kind::Unsupported(_) => "",
    }
}

/// The limits among the keywords of one schema.
fn own(path: &str, raw: &Map<String, Value>, said: &[&str], limits: &mut Vec<Limit>) {
    let part = only_part(raw);
    for (keyword, value) in raw {
        let is_said = said.contains(&keyword.as_str()) || (keyword == "allOf" && part.is_some());
        if !is_said && is_limit(keyword, value) {
            limits.push(Limit::new(path, keyword, value));
        }
    }
    if let Some(part) = part {
        own(path, part, said, limits);
    }
}

/// What `allOf` with one schema stands for, where nothing else says what the type is.
fn only_part(raw: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let is_other = ["$ref", "const", "enum", "oneOf", "anyOf"];
    match raw.get("allOf")?.as_array()?.as_slice() {
        [Value::Object(part)] if !is_other.iter().any(|other| raw.contains_key(*other)) => {
            Some(part)
        }
        _ => None,
    }
}

impl Limit {
    fn new(path: &str, keyword: &str, value: &Value) -> Self {
        let value = match (keyword, value) {
            ("discriminator", Value::Object(tag)) => tag.get("propertyName").unwrap_or(value),
            (_, value) => value,
        };
        let text = match value {
            Value::String(text) if !text.is_empty() && text.chars().all(is_plain) => text.clone(),
            Value::String(text) => format!("\"{text}\""),
            other => other.to_string(),
        };
        let mut shown: String = text.chars().take(MAX_VALUE).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        Self { path: path.to_owned(), keyword: keyword.to_owned(), value: shown }
    }

    fn text(&self) -> String {
        let Self { path, keyword, value } = self;
        // Checkers read `# type:` as an annotation.
        let keyword = if keyword == "type" { "\"type\"" } else { keyword };
        format!("{path}{keyword}: {value}")
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The comment about the limits of one subject, counted; nothing without limits. `intro` goes
/// before them.
pub fn comment(
    tally: &mut Tally,
    subject: Subject,
    (limits, intro, indent): (&[Limit], &str, usize),
) -> String {
    tally.note(subject, limits.iter().map(|limit| limit.keyword.as_str()));
    let pad = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    for limit in limits {
        let text = limit.text();
        match lines.last_mut() {
            Some(line) => {
                line.push(',');
                let longer = format!("{line} {text}");
                if indent + columns(&literal::comment(&longer)) <= WIDTH {
                    *line = longer;
                } else {
                    lines.push(text);
                }
            }
            None => lines.push(format!("{intro}{text}")),
        }
    }
    lines.iter().map(|line| format!("{pad}{}\n", literal::comment(line))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::package::{Style, single};
    use crate::codegen::corpus::{any_schema, document};
    use crate::codegen::target::{Loss, Options};

    fn written(schema: &serde_json::Value, style: Style) -> (String, Vec<String>) {
        let output = single(&document("a.b", schema), style, &Options::new("celerysalt"));
        let text = output.files.first().map(|file| file.text.clone()).unwrap_or_default();
        let code = text.split_once("\n\n").map_or(text.clone(), |(_, code)| code.to_owned());
        (code, output.losses.iter().map(Loss::text).collect())
    }

    #[test]
    fn what_only_models_check_is_a_comment_and_one_line_of_the_report() {
        let schema = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "amount": {"type": "integer", "minimum": 1, "multipleOf": 5, "title": "Amount"},
                "at": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
                "codes": {
                    "type": "array",
                    "items": {"type": "string", "pattern": "^[a-z]{2}$"},
                    "uniqueItems": true,
                    "default": ["de"],
                },
                "either": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "number", "maximum": 9}]},
                "free": {"type": "string", "description": "Any text.", "minLength": 0},
                "point": {
                    "type": "array",
                    "prefixItems": [{"type": "integer"}, {"type": "integer", "minimum": 0}],
                    "minItems": 2,
                    "maxItems": 2,
                },
                "type": {"type": "text"},
            },
            "required": ["amount", "at"],
        });
        let shown = [Style::TypedDict, Style::Dataclass, Style::Pyi].map(|style| {
            let (code, losses) = written(&schema, style);
            format!("=== {style:?}\n{code}\n{}\n", losses.join("\n"))
        });
        insta::assert_snapshot!(shown.join("\n"));
        let (code, losses) = written(&schema, Style::Pydantic);
        assert!(!code.contains("# minimum"), "{code}");
        assert!(!losses.iter().any(|loss| loss.starts_with("limits")), "{losses:?}");
    }

    #[test]
    fn keys_that_are_no_identifiers_are_named_in_the_comment() {
        let schema = json!({"properties": {
            "user-id": {"type": "integer", "minimum": 1},
            "type": {"type": "string", "maxLength": 3},
        }});
        let (code, _) = written(&schema, Style::TypedDict);
        let comments: Vec<&str> = code.lines().filter(|line| line.starts_with("# ")).collect();
        assert_eq!(comments, [r#"# "user-id": minimum: 1"#, r#"# "type": maxLength: 3"#]);
    }

    proptest! {
        #[test]
        fn no_value_of_a_keyword_leaves_its_comment(hostile in any::<String>()) {
            let schema = |text: &str| json!({
                "type": "object",
                "properties": {
                    "a": {"type": "string", "pattern": text, "format": text},
                    "b-c": {"type": text, "default": text},
                },
                "propertyNames": {"pattern": text},
            });
            for style in [Style::TypedDict, Style::Dataclass, Style::Pyi] {
                let code = |text: &str| {
                    let (code, _) = written(&schema(text), style);
                    let lines = code.lines().filter(|line| !line.trim_start().starts_with("# "));
                    lines.collect::<Vec<_>>().join("\n")
                };
                let is_default = |line: &&str| !line.contains("cast(") && !line.contains("b_c");
                let (found, plain) = (code(&hostile), code("plain"));
                prop_assert_eq!(
                    found.lines().filter(is_default).collect::<Vec<_>>(),
                    plain.lines().filter(is_default).collect::<Vec<_>>()
                );
            }
        }

        #[test]
        fn no_schema_breaks_the_comments(schema in any_schema()) {
            for style in [Style::TypedDict, Style::Dataclass, Style::Pyi] {
                let (code, _) = written(&schema, style);
                prop_assert!(!code.contains("# type:"), "{code}");
            }
        }
    }
}
