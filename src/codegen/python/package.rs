//! A Python package: a module per document, and what holds them together.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::assemble;
use super::expr::{Expr, assignment};
use super::module::{Classes, Form, Part, classes, same_class};
use super::plan::{Names, RESERVED, names};
use super::salt;
use super::shapes::Shape;
use crate::codegen::model::Schema;
use crate::codegen::read::{Merges, read_schema};
use crate::codegen::target::{Failure, GeneratedFile, Loss, Options, Output};
use crate::schema::{Contract, JsonText, SchemaDocument};

const EMAIL: &str = "email addresses are checked by the package email-validator: \
                     pip install 'pydantic[email]'";

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

/// A package that is being written: its modules in any order, then the rest.
#[derive(Debug)]
pub struct Package<'d> {
    documents: &'d [SchemaDocument],
    names: Vec<Names>,
    settings: Settings<'d>,
}

/// What every file of a package has in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings<'a> {
    pub(super) style: Style,
    pub(super) options: &'a Options,
    pub(super) surroundings: Surroundings,
}

/// Whether a module stands in its package or alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surroundings {
    Package,
    Alone,
}

/// The module of one document.
#[derive(Debug)]
pub struct Module {
    name: String,
    text: String,
    losses: Vec<Loss>,
    needs_email: bool,
    exports: BTreeSet<String>,
}

/// Writes a package, one module after another; a document that cannot be read is a failure and
/// stops no other.
pub fn package(documents: &[SchemaDocument], style: Style, options: &Options) -> Output {
    let package = Package::new(documents, style, options);
    let modules = (0..documents.len()).map(|place| package.module(place)).collect();
    package.finish(modules)
}

/// One document as a module that needs no other.
pub fn single(document: &SchemaDocument, style: Style, options: &Options) -> Output {
    let settings = Settings { style, options, surroundings: Surroundings::Alone };
    let mut out = Output::default();
    match module(document, &names(&[document])[0], settings) {
        Ok(module) => add(&mut out, module, style),
        Err(failure) => out.failures.push(failure),
    }
    out
}

impl<'d> Package<'d> {
    pub fn new(documents: &'d [SchemaDocument], style: Style, options: &'d Options) -> Self {
        let settings = Settings { style, options, surroundings: Surroundings::Package };
        let all: Vec<&SchemaDocument> = documents.iter().collect();
        Self { documents, names: names(&all), settings }
    }

    /// Writes the module of the document at `place`, which needs no other module to be there.
    pub fn module(&self, place: usize) -> Result<Module, Failure> {
        module(&self.documents[place], &self.names[place], self.settings)
    }

    /// The package of all modules, each at the place of its document.
    pub fn finish(self, modules: Vec<Result<Module, Failure>>) -> Output {
        let Settings { style, options, .. } = self.settings;
        let mut out = Output::default();
        let mut exports = BTreeMap::new();
        for module in modules {
            match module {
                Ok(mut module) => {
                    exports.insert(module.name.clone(), std::mem::take(&mut module.exports));
                    add(&mut out, module, style);
                }
                Err(failure) => out.failures.push(failure),
            }
        }
        if style == Style::Salt {
            exports.insert("_salt".to_owned(), BTreeSet::from(["subscribe".to_owned()]));
        }
        let path = format!("__init__.{}", style.ending());
        out.files.push(GeneratedFile { path, text: assemble::init(&exports, options) });
        out.files.push(GeneratedFile { path: "py.typed".to_owned(), text: String::new() });
        if style.has_events() {
            let shim = salt::shim(&options.update_command).into_iter();
            out.files
                .extend(shim.filter(|file| style == Style::Salt || file.path.ends_with(".pyi")));
        }
        out.files.sort_by(|a, b| a.path.cmp(&b.path));
        out
    }
}

fn add(out: &mut Output, module: Module, style: Style) {
    let path = format!("{}.{}", module.name, style.ending());
    out.files.push(GeneratedFile { path, text: module.text });
    out.losses.extend(module.losses);
    if module.needs_email && out.needs.is_empty() {
        out.needs.push(EMAIL);
    }
}

/// A schema of a document: what it is called, and where it stands in the event class.
struct Source<'a> {
    suffix: &'static str,
    attribute: &'static str,
    value: &'a Value,
    sent: Option<Value>,
}

fn module(
    document: &SchemaDocument,
    names: &Names,
    settings: Settings<'_>,
) -> Result<Module, Failure> {
    let contract = Contract::of(document);
    let sources = sources(document, &contract);
    let merges = Merges::new();
    let schemas = sources
        .iter()
        .map(|source| read_schema(source.value, &merges))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Failure::of(document, error))?;
    let parts = parts(&sources, &schemas, names);
    let style = settings.style;
    let aliases: Vec<&str> = if style.has_events() {
        Vec::new()
    } else {
        sources.iter().map(|source| source.suffix).collect()
    };
    let taken = taken(names, &aliases, &schemas);
    let mut written = classes(&parts, &taken, style.form());
    let mut exports: BTreeSet<String> = parts.iter().map(|part| part.name.clone()).collect();
    if style.has_events() {
        exports.insert(names.event.clone());
        let attribute =
            |(source, part): (&Source<'_>, &Part<'_>)| (source.attribute, part.name.clone());
        let attributes = sources.iter().zip(&parts).map(attribute).collect();
        let name = names.event.as_str();
        let obstacle = schemas.first().and_then(salt::obstacle);
        let exchange = settings.options.exchange.as_str();
        let contract = &contract;
        let event = salt::Event { contract, document, name, exchange, attributes, obstacle };
        add_event(&event, &mut written, settings);
    } else {
        for (part, alias) in parts.iter().zip(&aliases) {
            if !is_called(alias, part) {
                let name = Expr::atom(part.name.clone());
                written.texts.push(assignment(0, alias, (None, Some(&name))));
            }
        }
    }
    let text = assemble::module((document, &contract), &written, settings);
    let loss = |(place, message)| Loss::at(document, place, message);
    let losses = written.losses.into_iter().map(loss).collect();
    let name = names.module.clone();
    Ok(Module { name, text, losses, needs_email: written.needs_email, exports })
}

fn add_event(event: &salt::Event<'_>, written: &mut Classes, settings: Settings<'_>) {
    if settings.style == Style::Pyi {
        written.imports.local("._salt", &["SaltEvent"]);
        written.texts.push(salt::stub(event));
        return;
    }
    match settings.surroundings {
        Surroundings::Package => written.imports.local("._salt", &["SaltEvent", "register"]),
        Surroundings::Alone => {
            let shim = salt::inline(&mut written.imports);
            written.texts.insert(0, shim);
        }
    }
    written.texts.extend(salt::event(event));
    written.losses.extend(event.obstacle.iter().map(|text| (event.name.to_owned(), text.clone())));
}

fn parts<'a>(sources: &'a [Source<'a>], schemas: &'a [Schema<'a>], names: &Names) -> Vec<Part<'a>> {
    let part = |(source, schema): (&'a Source<'a>, &'a Schema<'a>)| Part {
        schema,
        name: format!("{}{}", names.event, source.suffix),
        role: if source.suffix == "Payload" { "" } else { source.suffix },
        sent: source.sent.as_ref(),
    };
    sources.iter().zip(schemas).map(part).collect()
}

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

fn sources<'a>(document: &SchemaDocument, contract: &'a Contract<'_>) -> Vec<Source<'a>> {
    let source = |(suffix, attribute), value, sent: &Option<JsonText>| Source {
        suffix,
        attribute,
        value,
        sent: sent.as_ref().map(JsonText::value),
    };
    let sent = &document.serialization;
    let mut sources = vec![source(("Payload", "Schema"), &contract.schema, &sent.request)];
    for (name, value, sent) in
        [("Response", &contract.response, &sent.response), ("Error", &contract.error, &sent.error)]
    {
        if let Some(value) = value.as_ref().filter(|value| !is_placeholder(value, name)) {
            sources.push(source((name, name), value, sent));
        }
    }
    sources
}

/// Every event class inherits an empty response and an empty error, which say nothing.
fn is_placeholder(schema: &Value, title: &str) -> bool {
    *schema
        == serde_json::json!({
            "description": format!("{title} schema for RPC events."),
            "properties": {},
            "title": title,
            "type": "object",
        })
}
