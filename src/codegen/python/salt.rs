//! Event classes for celery-salt, and the typed shim over its base class.

use serde_json::Value;

use super::classes::indented;
use super::expr::{Argument, Expr, assignment, class_line};
use super::imports::Imports;
use super::literal;
use crate::codegen::model::{Kind, Schema};
use crate::codegen::target::{GeneratedFile, HEADER};
use crate::schema::{Contract, SchemaDocument};

const SHIM: &str = include_str!("shim/salt.py");
const SHIM_TYPES: &str = include_str!("shim/salt.pyi");

/// The library has no types: a checker takes its base class for narrower than it is.
pub const UNTYPED: &str =
    "# pyright: basic, reportMissingTypeStubs=false, reportAssignmentType=false\n";

/// An event class to write.
#[derive(Debug)]
pub struct Event<'a> {
    pub document: &'a SchemaDocument,
    pub contract: &'a Contract<'a>,
    pub name: &'a str,
    /// Where publishers send it.
    pub exchange: &'a str,
    /// `Schema`, `Response`, `Error` and their classes.
    pub attributes: Vec<(&'static str, String)>,
    /// Why nobody can subscribe to it, if so.
    pub obstacle: Option<String>,
}

/// Property names for which Pydantic builds no model; so are all that begin with an underscore.
const REFUSED: &[&str] = &[
    "model_config",
    "model_dump",
    "model_dump_json",
    "model_validate",
    "model_validate_json",
    "model_validate_strings",
];

/// Why the library cannot give the event to a subscriber: it makes a model of the registered
/// schema's properties under their own names.
pub fn obstacle(schema: &Schema<'_>) -> Option<String> {
    let root = match schema.root.kind {
        Kind::Reference(key) => &schema.definitions[key],
        _ => &schema.root,
    };
    let Kind::Object(object) = &root.kind else { return None };
    let is_refused = |name: &str| name.starts_with('_') || REFUSED.contains(&name);
    let names = object.fields.iter().map(|field| field.name).filter(|name| is_refused(name));
    let names: Vec<String> = names.map(literal::string).collect();
    (!names.is_empty()).then(|| {
        let names = names.join(", ");
        format!("celery-salt can publish this but not subscribe to it: Pydantic refuses {names}")
    })
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
    let obstacle = event.obstacle.iter().map(|obstacle| literal::comment(obstacle) + "\n");
    let mut text: String = obstacle.collect();
    text.push_str(&class_line((event.name, "SaltEvent"), "", 0));
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
        ("exchange_name", Some(event.exchange)),
    ] {
        let value = value.map(|value| Expr::atom(literal::string(value)));
        text.push_str(&assignment(8, name, (None, value.as_ref())));
    }
    text + "        auto_register = False\n"
}

fn registration(event: &Event<'_>) -> String {
    let mut arguments = vec![Argument { name: None, value: Expr::atom(event.name) }];
    for (name, schema) in [
        ("schema", Some(&event.contract.schema)),
        ("response_schema", event.contract.response.as_ref()),
        ("error_schema", event.contract.error.as_ref()),
    ] {
        let Some(schema) = schema else { continue };
        // The library knows objects only.
        let value = match schema {
            Value::Bool(true) => Expr::Dict(Vec::new()),
            Value::Bool(false) => Expr::json(&serde_json::json!({"not": {}})),
            schema => Expr::json(schema),
        };
        arguments.push(Argument { name: Some(name.to_owned()), value });
    }
    Expr::Call { function: "register".to_owned(), arguments }.layout(0, 0, 0) + "\n"
}

/// `_salt.py` and `_salt.pyi`.
pub fn shim(update: &str) -> [GeneratedFile; 2] {
    let header = format!("# {HEADER}\n{}\n", literal::comment(&format!("update: {update}")));
    let code = format!(
        "{header}{UNTYPED}\
         from __future__ import annotations\n\nfrom typing import Any\n\n\
         from celery_salt.core.decorators import (  # type: ignore[import-untyped]\n    \
         subscribe as subscribe,\n)\n\
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
