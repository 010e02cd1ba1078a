//! A Python package: a module per document, and what holds them together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::expr::{Expr, assignment};
use super::imports::{from_import, natural};
use super::literal;
use super::module::{Classes, Form, Part, classes, same_class};
use super::plan::{Names, names};
use super::salt;
use super::shapes::Shape;
use crate::codegen::files::{GeneratedFile, HEADER, Loss};
use crate::codegen::model::Schema;
use crate::codegen::read::{ReadError, read_schema};
use crate::schema::{JsonText, SchemaDocument};

/// What kind of package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Event classes for celery-salt, with their payloads.
    Salt,
    /// Pydantic models only.
    Pydantic,
    /// The types of `Salt`, for type checkers alone.
    Pyi,
    /// The shapes of decoded JSON.
    TypedDict,
    /// The same as frozen dataclasses.
    Dataclass,
}

impl Style {
    fn form(self) -> Form {
        match self {
            Self::Salt | Self::Pydantic => Form::Models,
            Self::Pyi => Form::Stubs,
            Self::TypedDict => Form::Shapes(Shape::TypedDict),
            Self::Dataclass => Form::Shapes(Shape::Dataclass),
        }
    }

    /// Whether modules hold event classes.
    fn has_events(self) -> bool {
        matches!(self, Self::Salt | Self::Pyi)
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Pyi => "pyi",
            Self::Salt | Self::Pydantic | Self::TypedDict | Self::Dataclass => "py",
        }
    }
}

/// What every file of a package has in common.
#[derive(Debug, Clone, Copy)]
pub struct Settings<'a> {
    pub style: Style,
    /// The command that writes the files again.
    pub update: &'a str,
}

/// A package, and what did not make it into it.
#[derive(Debug, Default)]
pub struct Package {
    pub files: Vec<GeneratedFile>,
    pub losses: Vec<Loss>,
    pub failures: Vec<Failure>,
    /// Whether a module needs the `email-validator` package.
    pub needs_email: bool,
}

/// A document that no module could be written for.
#[derive(Debug)]
pub struct Failure {
    pub topic: String,
    pub version: String,
    pub error: ReadError,
}

/// Whether a module stands in its package or alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Surroundings {
    Package,
    Alone,
}

/// Writes a module for every document; one that cannot be read is a failure and stops no other.
pub fn package(documents: &[SchemaDocument], settings: Settings<'_>) -> Package {
    let mut out = Package::default();
    let refs: Vec<&SchemaDocument> = documents.iter().collect();
    let names = names(&refs);
    let mut exports = BTreeMap::new();
    for (document, names) in documents.iter().zip(&names) {
        match module(document, names, (settings, Surroundings::Package)) {
            Ok(module) => {
                let path = format!("{}.{}", names.module, settings.style.ending());
                out.files.push(GeneratedFile { path, text: module.text });
                out.losses.extend(module.losses);
                out.needs_email |= module.needs_email;
                exports.insert(names.module.clone(), module.exports);
            }
            Err(error) => out.failures.push(failure(document, error)),
        }
    }
    let path = format!("__init__.{}", settings.style.ending());
    out.files.push(GeneratedFile { path, text: init(&exports, settings) });
    out.files.push(GeneratedFile { path: "py.typed".to_owned(), text: String::new() });
    if settings.style.has_events() {
        let shim = salt::shim(settings.update).into_iter();
        out.files.extend(
            shim.filter(|file| settings.style == Style::Salt || file.path.ends_with(".pyi")),
        );
    }
    out.files.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

/// One document as a module that needs no other.
pub fn single(document: &SchemaDocument, settings: Settings<'_>) -> Package {
    let mut out = Package::default();
    let names = names(&[document]);
    match module(document, &names[0], (settings, Surroundings::Alone)) {
        Ok(module) => {
            let path = format!("{}.{}", names[0].module, settings.style.ending());
            out.files.push(GeneratedFile { path, text: module.text });
            out.losses = module.losses;
            out.needs_email = module.needs_email;
        }
        Err(error) => out.failures.push(failure(document, error)),
    }
    out
}

fn failure(document: &SchemaDocument, error: ReadError) -> Failure {
    Failure { topic: document.topic.to_string(), version: document.version.to_string(), error }
}

struct Module {
    text: String,
    losses: Vec<Loss>,
    needs_email: bool,
    exports: BTreeSet<String>,
}

/// A schema of a document: what it is called, and where it stands in the event class.
struct Source {
    suffix: &'static str,
    attribute: &'static str,
    value: Value,
    sent: Option<Value>,
}

fn module(
    document: &SchemaDocument,
    names: &Names,
    (settings, surroundings): (Settings<'_>, Surroundings),
) -> Result<Module, ReadError> {
    let sources = sources(document);
    let schemas =
        sources.iter().map(|source| read_schema(&source.value)).collect::<Result<Vec<_>, _>>()?;
    let parts = parts(&sources, &schemas, names);
    let aliases: Vec<&str> = if settings.style.has_events() {
        Vec::new()
    } else {
        sources.iter().map(|source| source.suffix).collect()
    };
    let taken = taken(names, &aliases, &schemas);
    let mut written = classes(&parts, &taken, settings.style.form());
    let mut exports: BTreeSet<String> = parts.iter().map(|part| part.name.clone()).collect();
    match settings.style {
        Style::Pydantic | Style::TypedDict | Style::Dataclass => {
            for (part, alias) in parts.iter().zip(&aliases) {
                if !is_called(alias, part) {
                    let name = Expr::atom(part.name.clone());
                    written.texts.push(assignment(0, alias, (None, Some(&name))));
                }
            }
        }
        Style::Salt | Style::Pyi => {
            exports.insert(names.event.clone());
            let event = salt::Event {
                document,
                name: &names.event,
                attributes: sources
                    .iter()
                    .zip(&parts)
                    .map(|(source, part)| (source.attribute, part.name.as_str()))
                    .collect(),
            };
            match surroundings {
                _ if settings.style == Style::Pyi => {
                    written.imports.local("._salt", &["SaltEvent"]);
                    written.texts.push(salt::stub(&event));
                }
                Surroundings::Package => {
                    written.imports.local("._salt", &["SaltEvent", "register"]);
                }
                Surroundings::Alone => {
                    let shim = salt::inline(&mut written.imports);
                    written.texts.insert(0, shim);
                }
            }
            if settings.style == Style::Salt {
                written.texts.extend(salt::event(&event));
            }
        }
    }
    let text = text(document, &written, (settings, surroundings));
    let losses = losses(document, written.losses);
    Ok(Module { text, losses, needs_email: written.needs_email, exports })
}

fn parts<'a>(sources: &'a [Source], schemas: &'a [Schema<'a>], names: &Names) -> Vec<Part<'a>> {
    let part = |(source, schema): (&Source, &'a Schema<'a>)| Part {
        schema,
        name: format!("{}{}", names.event, source.suffix),
        role: if source.suffix == "Payload" { "" } else { source.suffix },
        sent: source.sent.clone(),
    };
    sources.iter().zip(schemas).map(part).collect()
}

/// Names that every module has already.
const RESERVED: &[&str] = &[
    "_Quiet",
    "_Referring",
    "_SaltEvent",
    "SaltEvent",
    "_one_of",
    "_untagged",
    "_untitled",
    "_untitled_fields",
    "get_schema_registry",
    "register",
];

/// Names that definitions must leave to others.
fn taken(names: &Names, aliases: &[&str], schemas: &[Schema<'_>]) -> BTreeSet<String> {
    let mut taken: BTreeSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
    taken.insert(names.event.clone());
    for (alias, schema) in aliases.iter().zip(schemas) {
        if same_class(schema) != Some(alias) {
            taken.insert((*alias).to_owned());
        }
    }
    taken
}

fn is_called(alias: &str, part: &Part<'_>) -> bool {
    same_class(part.schema) == Some(alias)
}

fn sources(document: &SchemaDocument) -> Vec<Source> {
    let source = |(suffix, attribute), schema: &JsonText, sent: Option<&JsonText>| Source {
        suffix,
        attribute,
        value: schema.value(),
        sent: sent.map(JsonText::value),
    };
    let sent = &document.serialization;
    let mut sources = vec![source(("Payload", "Schema"), &document.schema, sent.request.as_ref())];
    for (names, schema, sent, placeholder) in [
        (("Response", "Response"), &document.response_schema, &sent.response, "Response"),
        (("Error", "Error"), &document.error_schema, &sent.error, "Error"),
    ] {
        if let Some(schema) = schema.as_ref().filter(|schema| !is_placeholder(schema, placeholder))
        {
            sources.push(source(names, schema, sent.as_ref()));
        }
    }
    sources
}

/// Every event class inherits an empty response and an empty error, which say nothing.
fn is_placeholder(schema: &JsonText, title: &str) -> bool {
    schema.value()
        == serde_json::json!({
            "description": format!("{title} schema for RPC events."),
            "properties": {},
            "title": title,
            "type": "object",
        })
}

/// What a stub does not cover.
const STUB_NOTE: &str = "\
# For type checkers only: import it under TYPE_CHECKING. It describes what a handler receives
# that subscribes with the event class; plain handlers get nested models as dictionaries.
";

fn text(
    document: &SchemaDocument,
    written: &Classes,
    (settings, surroundings): (Settings<'_>, Surroundings),
) -> String {
    let mut text = format!("# {HEADER}\n");
    let facts = format!(
        "topic: {}, version: {}, mode: {}",
        document.topic, document.version, document.mode
    );
    for line in [
        &facts,
        &format!("schema: sha256:{}", document.contract_hash()),
        &format!("update: {}", settings.update),
    ] {
        text.push_str(&literal::comment(line));
        text.push('\n');
    }
    if surroundings == Surroundings::Alone && settings.style == Style::Salt {
        text.push_str(salt::UNTYPED);
    }
    if settings.style == Style::Pyi {
        text.push_str(STUB_NOTE);
    } else {
        text.push_str("from __future__ import annotations\n\n");
    }
    let imports = written.imports.text();
    if !imports.is_empty() {
        text.push_str(&imports);
    }
    let mut after = Spacing::Narrow;
    let mut before = "";
    for block in &written.texts {
        if settings.style == Style::Pyi && is_one_liner(before) && is_one_liner(block) {
            text.push_str(block);
            continue;
        }
        before = block;
        text.push_str(match (after, Spacing::before(block)) {
            (Spacing::Narrow, Spacing::Narrow) => "\n",
            (Spacing::Wide, _) | (_, Spacing::Wide) if settings.style == Style::Pyi => "\n",
            (Spacing::Wide, _) | (_, Spacing::Wide) => "\n\n",
        });
        text.push_str(block);
        after = Spacing::after(block);
    }
    text
}

/// Stubs of classes on one line stand close together.
fn is_one_liner(block: &str) -> bool {
    block.starts_with("class ") && block.ends_with("): ...\n")
}

/// Blank lines around a statement: one, or two around classes and functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Narrow,
    Wide,
}

impl Spacing {
    fn before(block: &str) -> Self {
        let first = block.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
        if is_definition(first) { Self::Wide } else { Self::Narrow }
    }

    fn after(block: &str) -> Self {
        if block.lines().any(is_definition) { Self::Wide } else { Self::Narrow }
    }
}

fn is_definition(line: &str) -> bool {
    ["class ", "def ", "@"].iter().any(|start| line.starts_with(start))
}

fn losses(document: &SchemaDocument, losses: Vec<(String, String)>) -> Vec<Loss> {
    let loss = |(place, message)| Loss {
        topic: document.topic.to_string(),
        version: document.version.to_string(),
        place,
        message,
    };
    losses.into_iter().map(loss).collect()
}

fn init(exports: &BTreeMap<String, BTreeSet<String>>, settings: Settings<'_>) -> String {
    let mut text =
        format!("# {HEADER}\n{}\n", literal::comment(&format!("update: {}", settings.update)));
    let mut modules: Vec<(&String, &BTreeSet<String>)> = exports.iter().collect();
    modules.sort_by_cached_key(|(module, _)| natural(module));
    for (module, names) in modules {
        let names = names.iter().map(String::as_str).collect();
        text.push_str(&from_import(&format!(".{module}"), &names));
    }
    let all: BTreeSet<&String> = exports.values().flatten().collect();
    let names = all.into_iter().map(|name| Expr::atom(literal::string(name))).collect();
    text.push('\n');
    text + &assignment(0, "__all__", (None, Some(&Expr::List(names))))
}
