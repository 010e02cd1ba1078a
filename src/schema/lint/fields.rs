//! The fields of an event: names, descriptions, defaults.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::rules;
use super::walk::{Node, member_path, nodes, step, target};
use super::{DECIMAL_PATTERN, LintFinding, LintLevel, PartSchema};
use crate::schema::document::Mode;
use crate::schema::finding::SchemaPart;
use crate::schema::rules::Rule;
use crate::schema::validate::EventValidator;

/// Fields that one finding names; the others are counted.
const NAMED_FIELDS: usize = 5;
const RESERVED: &str = "_tchu_meta";
const MONEY: [&str; 19] = [
    "amount", "balance", "budget", "charge", "cost", "credit", "debit", "discount", "fee", "fees",
    "fine", "payment", "price", "refund", "salary", "subtotal", "tax", "total", "vat",
];

/// Adds what is found, and gives the names of the fields without a description.
pub(super) fn lint(part: &PartSchema<'_>, findings: &mut Vec<LintFinding>) -> Vec<String> {
    let nodes = nodes(part.schema);
    let (mut undescribed, mut without_default) = (Vec::new(), Vec::new());
    for node in &nodes {
        for field in fields(node) {
            field.lint(part, findings);
            if !field.is_described(part.schema) {
                undescribed.push(match part.part {
                    SchemaPart::Request => field.path.clone(),
                    SchemaPart::Response => format!("{} of the response", field.path),
                    SchemaPart::Error => format!("{} of the error", field.path),
                });
            }
            if !field.is_required && !field.schema.contains_key("default") {
                without_default.push(field.path.clone());
            }
        }
    }
    if !without_default.is_empty() {
        let message = format!("optional without a default: {}", listed(&without_default));
        findings.push(part.finding(&rules::OPTIONAL_WITHOUT_DEFAULT, LintLevel::Info, message));
    }
    root(part, &nodes, findings);
    undescribed
}

/// One finding about all fields without a description: there are often many.
pub(super) fn undescribed(names: &[String]) -> Option<LintFinding> {
    (!names.is_empty()).then(|| LintFinding {
        rule: &rules::FIELD_UNDESCRIBED,
        level: LintLevel::Info,
        part: None,
        path: String::new(),
        pointer: "/schema".to_owned(),
        message: format!("without a description: {}", listed(names)),
    })
}

/// A named member of an object.
struct Field<'a> {
    name: &'a str,
    schema: &'a Map<String, Value>,
    is_required: bool,
    is_top: bool,
    path: String,
    pointer: String,
}

fn fields<'a>(node: &Node<'a>) -> Vec<Field<'a>> {
    let required: BTreeSet<&str> = strings(node.schema.get("required")).collect();
    let properties = node.schema.get("properties").and_then(Value::as_object);
    let field = |(name, schema): (&'a String, &'a Value)| {
        Some(Field {
            name,
            schema: schema.as_object()?,
            is_required: required.contains(name.as_str()),
            is_top: node.path.is_empty(),
            path: member_path(&node.path, name),
            pointer: format!("{}/properties/{}", node.pointer, step(name)),
        })
    };
    properties.into_iter().flatten().filter_map(field).collect()
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn listed(names: &[String]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED_FIELDS).map(String::as_str).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

impl Field<'_> {
    fn lint(&self, part: &PartSchema<'_>, findings: &mut Vec<LintFinding>) {
        let path = &self.path;
        let mut find = |rule, level, message: String| {
            findings.push(self.finding(part, (rule, level), message));
        };
        if self.is_top && self.name == RESERVED {
            let message = format!("{path} is taken out of the event before a handler sees it");
            find(&rules::RESERVED_FIELD, LintLevel::Error, message);
        }
        let is_error_name = matches!(self.name, "error_code" | "error_message");
        if self.is_top && is_error_name && part.part == SchemaPart::Response {
            let message = format!("an answer with {path} is taken for an error");
            find(&rules::RESPONSE_LIKE_ERROR, LintLevel::Error, message);
        }
        let is_decimal = self.is_decimal();
        if is_decimal || (self.is_money() && self.allows(part.schema, "number")) {
            let what = if is_decimal { "a Decimal, sent as a" } else { "money as a" };
            let message = format!("{path} is {what} floating-point number");
            find(&rules::MONEY_AS_FLOAT, LintLevel::Warning, message);
        }
        if let Some(default) = self.schema.get("default") {
            if self.is_required {
                let message = format!("{path} is required, so its default is never used");
                find(&rules::REQUIRED_WITH_DEFAULT, LintLevel::Warning, message);
            }
            if !self.takes(part.schema, default) {
                let message = format!("{path} does not accept its own default {default}");
                find(&rules::DEFAULT_DOES_NOT_FIT, LintLevel::Error, message);
            }
        }
        if self.schema.get("deprecated") == Some(&Value::Bool(true))
            && !self.is_described(part.schema)
        {
            let message = format!("{path} is deprecated, and nobody says what replaces it");
            find(&rules::DEPRECATED_WITHOUT_REASON, LintLevel::Info, message);
        }
    }

    fn finding(
        &self,
        part: &PartSchema<'_>,
        (rule, level): (&'static Rule, LintLevel),
        message: String,
    ) -> LintFinding {
        LintFinding {
            path: self.path.clone(),
            pointer: format!("{}{}", part.member(), self.pointer),
            ..part.finding(rule, level, message)
        }
    }

    fn is_described(&self, root: &Value) -> bool {
        let text = |schema: &Map<String, Value>| {
            schema.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty())
        };
        let referred = self.schema.get("$ref").and_then(Value::as_str);
        let target = referred.and_then(|reference| target(root, reference));
        text(self.schema) || target.and_then(|(schema, _)| schema.as_object()).is_some_and(text)
    }

    /// Whether the last word of the name, of those joined by `_` or capitals, is one for money.
    fn is_money(&self) -> bool {
        let start = self.name.rfind(char::is_uppercase).unwrap_or_default();
        let words = [self.name, &self.name[start..]]
            .map(|name| name.rsplit('_').next().unwrap_or_default().to_lowercase());
        words.iter().any(|word| MONEY.contains(&word.as_str()))
    }

    fn is_decimal(&self) -> bool {
        let branches = self.schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        branches
            .filter_map(|branch| branch.get("pattern")?.as_str())
            .any(|pattern| pattern.starts_with(DECIMAL_PATTERN))
    }

    /// Whether the field or a branch of it has this type.
    fn allows(&self, root: &Value, name: &str) -> bool {
        let is_type = |schema: &Map<String, Value>| match schema.get("type") {
            Some(Value::String(only)) => only == name,
            several => strings(several).any(|one| one == name),
        };
        let referred = self.schema.get("$ref").and_then(Value::as_str);
        let target = referred.and_then(|reference| target(root, reference));
        let branches = ["anyOf", "oneOf"].map(|keyword| self.schema.get(keyword));
        let branches = branches.into_iter().flatten().filter_map(Value::as_array).flatten();
        let all = branches.chain(target.map(|(schema, _)| schema)).filter_map(Value::as_object);
        is_type(self.schema) || all.into_iter().any(is_type)
    }

    /// Whether the field's schema accepts `value`.
    fn takes(&self, root: &Value, value: &Value) -> bool {
        let mut schema = Value::Object(self.schema.clone());
        for definitions in ["$defs", "definitions"] {
            if let Some(there) = root.get(definitions) {
                schema[definitions] = there.clone();
            }
        }
        // What cannot be told apart from the rest of the schema is not judged.
        EventValidator::compile(&schema).map_or(true, |validator| validator.is_valid(value))
    }
}

/// The event itself.
fn root(part: &PartSchema<'_>, nodes: &[Node<'_>], findings: &mut Vec<LintFinding>) {
    if part.part == SchemaPart::Request
        && EventValidator::compile(&json!({"allOf": [root_type(part.schema)]}))
            .is_ok_and(|validator| !validator.is_valid(&json!({})))
    {
        let message = "the payload is not an object".to_owned();
        findings.push(part.finding(&rules::REQUEST_NOT_OBJECT, LintLevel::Error, message));
    }
    if part.part != SchemaPart::Request || part.mode != Mode::Broadcast {
        return;
    }
    for node in nodes {
        let is_closed = node.schema.get("additionalProperties") == Some(&Value::Bool(false));
        if is_closed && node.schema.contains_key("properties") {
            let whole = if node.path.is_empty() { "the event" } else { &node.path };
            let message = format!("{whole} refuses fields that later versions add");
            findings.push(LintFinding {
                path: node.path.clone(),
                pointer: format!("{}{}/additionalProperties", part.member(), node.pointer),
                ..part.finding(&rules::CLOSED_BROADCAST, LintLevel::Warning, message)
            });
        }
    }
}

/// The `type` of the schema, behind one reference.
fn root_type(schema: &Value) -> Value {
    let referred = schema.get("$ref").and_then(Value::as_str);
    let schema =
        referred.and_then(|reference| target(schema, reference)).map_or(schema, |(found, _)| found);
    match schema.get("type") {
        Some(of) => json!({"type": of}),
        None => Value::Bool(true),
    }
}
