//! Named enumerations.

use std::collections::BTreeSet;

use serde_json::Value;

use super::classes::{ClassName, comments, indented};
use super::expr::{Expr, assignment, class_line};
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
    pub fn enum_class(
        &mut self,
        class: ClassName<'_>,
        (node, values): (&Node<'_>, &[&Value]),
    ) -> String {
        let name = class.name;
        let kind = common_type(values);
        let plain = |base| {
            let base = self.imports.name("builtins", base);
            format!("{base}, {}", self.imports.name("enum", "Enum"))
        };
        let bases = match kind {
            Some("string") => plain("str"),
            Some("integer") => self.imports.name("enum", "IntEnum"),
            Some("number") => plain("float"),
            _ => self.imports.name("enum", "Enum"),
        };
        let mut body = String::new();
        if self.form != Form::Stubs
            && let Some(description) = node.text("description")
        {
            match literal::docstring(description) {
                Some(lines) => {
                    for line in lines {
                        body.push_str(&indented(&line));
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
        if let Some(key) = class.qualified.filter(|_| self.form != Form::Stubs) {
            let key = Expr::atom(literal::string(key));
            body.push_str(&assignment(4, "__qualname__", (None, Some(&key))));
            body.push('\n');
        }
        for (member, value) in member_names(values).iter().zip(values) {
            body.push_str(&assignment(4, member, (None, Some(&Expr::json(value)))));
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
        let comments = comments(&self.take_losses(), 0) + &self.type_limits(node);
        // There is no other string enumeration in Python 3.10.
        let note = if kind == Some("string") { "  # noqa: UP042" } else { "" };
        let text = comments + &class_line((name, &bases), note, 0) + &body;
        match node.text("title").filter(|title| *title != name && self.form != Form::Stubs) {
            // Its title is its name.
            Some(title) => {
                let title = Expr::atom(literal::string(title));
                let line = assignment(0, &format!("{name}.__name__"), (None, Some(&title)));
                format!("{text}\n\n{line}")
            }
            None => text,
        }
    }
}
