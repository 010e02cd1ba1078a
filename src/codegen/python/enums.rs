//! Named enumerations.

use std::collections::BTreeSet;

use serde_json::Value;

use super::expr::{Expr, assignment};
use super::identifiers::{identifier, unique};
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::common_type;
use crate::codegen::model::{Kind, Node};

/// Whether the definition is an enumeration; Pydantic titles those, and not aliases of literals.
pub fn is_enum(node: &Node<'_>) -> bool {
    matches!(node.kind, Kind::Literal(_))
        && node.raw.contains_key("enum")
        && node.raw.contains_key("title")
}

/// A member name for each value: its words in capitals. Values decide, so that a new one does not
/// rename the others.
pub fn member_names(values: &[&Value]) -> Vec<String> {
    let mut taken = BTreeSet::new();
    values.iter().map(|value| unique(&member_name(value), &mut taken)).collect()
}

fn member_name(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) => value.to_string(),
        Value::Number(_) => format!("value_{}", value.to_string().replace('-', "minus_")),
        Value::Array(_) | Value::Object(_) => "value".to_owned(),
    };
    let mut spaced = String::new();
    let mut before = ' ';
    for c in text.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push('_');
        }
        spaced.push(if c.is_alphanumeric() { c } else { '_' });
        before = c;
    }
    let words: Vec<&str> = spaced.split('_').filter(|word| !word.is_empty()).collect();
    let name = words.join("_").to_uppercase();
    let name =
        if name.starts_with(|c: char| c.is_numeric()) { format!("VALUE_{name}") } else { name };
    if name.is_empty() {
        return if text.is_empty() { "EMPTY".to_owned() } else { "VALUE".to_owned() };
    }
    identifier(&name, "VALUE_")
}

impl Scope<'_> {
    pub fn enum_class(&mut self, name: &str, (node, values): (&Node<'_>, &[&Value])) -> String {
        let enum_class = self.imports.name("enum", "Enum");
        let kind = common_type(values);
        let bases = match kind {
            Some("string") => format!("{}, {enum_class}", self.imports.name("builtins", "str")),
            Some("integer") => self.imports.name("enum", "IntEnum"),
            Some("number") => format!("{}, {enum_class}", self.imports.name("builtins", "float")),
            _ => enum_class,
        };
        let mut body = String::new();
        if self.form != Form::Stubs
            && let Some(description) = node.text("description")
        {
            match literal::docstring(description) {
                Some(lines) => {
                    for line in lines {
                        body.push_str(&super::classes::indented(&line));
                    }
                    body.push('\n');
                }
                None => {
                    let text = Expr::atom(literal::string(description));
                    body.push_str(&assignment(4, "__doc__", (None, Some(&text))));
                    body.push('\n');
                }
            }
        }
        for (member, value) in member_names(values).iter().zip(values) {
            body.push_str(&assignment(4, member, (None, Some(&Expr::json(value)))));
        }
        if node.text("title") != Some(name) {
            self.lose("an enumeration is always titled after its class");
        }
        for (keyword, value) in node.raw {
            let is_known = match keyword.as_str() {
                "title" | "enum" | "description" => true,
                "type" => value.as_str() == kind,
                _ => false,
            };
            if !is_known {
                self.lose(&format!("the keyword {keyword:?} is left out"));
            }
        }
        let comments = super::classes::comments(&self.take_losses(), 0);
        // There is no other string enumeration in Python 3.10.
        let note = if kind == Some("string") { "  # noqa: UP042" } else { "" };
        format!("{comments}class {name}({bases}):{note}\n{body}")
    }
}
