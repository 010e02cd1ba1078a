//! Event classes for celery-salt, and the typed shim over its base class.

use serde_json::{Map, Value};

use super::classes::indented;
use super::expr::{Expr, assignment, class_line};
use super::imports::Imports;
use super::literal;
use crate::codegen::files::{GeneratedFile, HEADER};
use crate::schema::{JsonText, SchemaDocument};

const SHIM: &str = include_str!("shim/salt.py");
const SHIM_TYPES: &str = include_str!("shim/salt.pyi");

/// The library has no types: a checker takes its base class for narrower than it is.
pub const UNTYPED: &str =
    "# pyright: basic, reportMissingTypeStubs=false, reportAssignmentType=false\n";

/// An event class to write.
#[derive(Debug)]
pub struct Event<'a> {
    pub document: &'a SchemaDocument,
    pub name: &'a str,
    /// `Schema`, `Response`, `Error` and their classes.
    pub attributes: Vec<(&'static str, &'a str)>,
}

/// The class and its registration.
pub fn event(event: &Event<'_>) -> [String; 2] {
    [class(event), registration(event)]
}

/// The class as a type checker sees it.
pub fn stub(event: &Event<'_>) -> String {
    let mut text = class_line((event.name, "SaltEvent"), "", 0);
    for (attribute, class) in &event.attributes {
        if *attribute == "Schema" {
            text.push_str(&format!("    data: {class}\n"));
        }
        text.push_str(&format!("    {attribute} = {class}\n"));
    }
    text
}

fn class(event: &Event<'_>) -> String {
    let document = event.document;
    let mut text = class_line((event.name, "SaltEvent"), "", 0);
    if let Some(lines) = literal::docstring(&document.description) {
        for line in lines {
            text.push_str(&indented(&line));
        }
        text.push('\n');
    }
    for (attribute, class) in &event.attributes {
        if *attribute == "Schema" {
            text.push_str(&format!("    data: {class}\n"));
        }
        text.push_str(&format!("    {attribute} = {class}\n"));
    }
    text.push_str("\n    class Meta:\n");
    let description = (!document.description.is_empty()).then_some(document.description.as_str());
    for (name, value) in [
        ("topic", Some(document.topic.as_str())),
        ("version", Some(document.version.as_str())),
        ("mode", Some(document.mode.as_str())),
        ("description", Some(description.unwrap_or_default())),
        ("exchange_name", Some("tchu_events")),
    ] {
        let value = value.map(|value| Expr::atom(literal::string(value)));
        text.push_str(&assignment(8, name, (None, value.as_ref())));
    }
    text + "        auto_register = False\n"
}

fn registration(event: &Event<'_>) -> String {
    let document = event.document;
    let mut arguments = vec![];
    for (name, schema) in [
        ("schema", Some(&document.schema)),
        ("response_schema", document.response_schema.as_ref()),
        ("error_schema", document.error_schema.as_ref()),
    ] {
        if let Some(schema) = schema.map(JsonText::value) {
            // The library knows objects only.
            let schema = match schema {
                Value::Bool(true) => Value::Object(Map::new()),
                Value::Bool(false) => serde_json::json!({"not": {}}),
                schema => schema,
            };
            arguments.push((name, Expr::json(&schema)));
        }
    }
    let Expr::Call { function, arguments: named } = Expr::call("register", arguments) else {
        return String::new();
    };
    let Expr::Call { arguments: mut all, .. } =
        Expr::apply("register", vec![Expr::atom(event.name)])
    else {
        return String::new();
    };
    all.extend(named);
    Expr::Call { function, arguments: all }.layout(0, 0, 0) + "\n"
}

/// `_salt.py` and `_salt.pyi`.
pub fn shim(update: &str) -> [GeneratedFile; 2] {
    let header = format!("# {HEADER}\n{}\n", literal::comment(&format!("update: {update}")));
    let code = format!(
        "{header}{UNTYPED}\
         from __future__ import annotations\n\nfrom typing import Any\n\n\
         from celery_salt.core.events import (  # type: ignore[import-untyped]\n    \
         SaltEvent as _SaltEvent,\n)\n\
         from celery_salt.core.registry import (  # type: ignore[import-untyped]\n    \
         get_schema_registry,\n)\n\n\n{SHIM}"
    );
    [
        GeneratedFile { path: "_salt.py".to_owned(), text: code },
        GeneratedFile { path: "_salt.pyi".to_owned(), text: header + SHIM_TYPES },
    ]
}

/// The shim for a module that stands alone, typed as far as the library is.
pub fn inline(imports: &mut Imports) -> String {
    imports.name("typing", "Any");
    imports.verbatim(
        "from celery_salt.core.events import (  # type: ignore[import-untyped]\n    \
         SaltEvent as _SaltEvent,\n)\n\
         from celery_salt.core.registry import (  # type: ignore[import-untyped]\n    \
         get_schema_registry,\n)\n",
    );
    SHIM.to_owned()
}
