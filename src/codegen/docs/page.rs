//! What the pages say, before anybody decides between Markdown and HTML.

use serde_json::Value;

use super::changes::{self, Changes};
use super::describe::{self, Describer};
use super::example;
use super::fields::{self, Field};
use super::parties::{self, Parties};
use super::span::Span;
use crate::codegen::definitions::{self, Declaration};
use crate::codegen::keys::{file_stem, safe_key};
use crate::codegen::text;
use crate::codegen::topics::{self, Part, TopicVersions};
use crate::schema::judge;
use crate::schema::{Mode, SchemaDocument, SchemaPart};

pub(super) struct TopicPage<'d> {
    pub(super) topic: &'d str,
    /// A file name without its ending.
    pub(super) stem: String,
    pub(super) anchor: String,
    /// Those who publish, and those who subscribe.
    pub(super) parties: [Parties; 2],
    /// The newest first; never empty.
    pub(super) versions: Vec<VersionPage<'d>>,
}

pub(super) struct VersionPage<'d> {
    pub(super) document: &'d SchemaDocument,
    pub(super) anchor: String,
    pub(super) description: Vec<String>,
    /// Owner, annotations: a name and what is said.
    pub(super) facts: Vec<(String, Vec<Span>)>,
    /// Why the version should not be used; empty for no reason given.
    pub(super) deprecation: Option<String>,
    pub(super) parts: Vec<PartPage>,
    /// Since the version before.
    pub(super) changes: Option<Changes>,
}

pub(super) struct PartPage {
    /// `Payload`, `Request`, `Response`, `Error`.
    pub(super) title: &'static str,
    pub(super) tables: Vec<Table>,
    /// JSON, indented.
    pub(super) example: Option<String>,
}

/// A named type; the first of a part is the part itself.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) anchor: String,
    pub(super) description: Vec<String>,
    pub(super) fields: Vec<Field>,
    /// What the type is where it has no fields.
    pub(super) ty: Vec<Span>,
    pub(super) constraints: Vec<Vec<Span>>,
}

impl Table {
    /// The columns that something stands in: their names, and a line of cells per field.
    pub(super) fn columns(
        &self,
        cells: impl Fn(&Field) -> [String; 5],
    ) -> (Vec<&'static str>, Vec<Vec<String>>) {
        const NAMES: [&str; 5] = ["Field", "Type", "Presence", "Constraints", "Description"];
        let lines: Vec<[String; 5]> = self.fields.iter().map(cells).collect();
        let is_used: Vec<bool> = (0..NAMES.len())
            .map(|column| lines.iter().any(|line| !line[column].is_empty()))
            .collect();
        let kept = |column: &usize| is_used[*column];
        let names = (0..NAMES.len()).filter(kept).map(|column| NAMES[column]).collect();
        let lines = lines
            .into_iter()
            .map(|line| {
                let used = line.into_iter().zip(&is_used).filter(|(_, is_used)| **is_used);
                used.map(|(cell, _)| cell).collect()
            })
            .collect();
        (names, lines)
    }
}

pub(super) fn page<'d>(topic: &TopicVersions<'d>) -> TopicPage<'d> {
    let anchor = format!("t-{}", safe_key(topic.topic.as_str()));
    let mut versions: Vec<VersionPage<'d>> = Vec::new();
    for (index, document) in topic.versions.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| topic.versions[before]);
        versions.push(version_page(document, before, &anchor));
    }
    versions.reverse();
    TopicPage {
        topic: topic.topic.as_str(),
        stem: file_stem(topic.topic.as_str()),
        anchor,
        parties: [parties::publishers(topic), parties::subscribers(topic)],
        versions,
    }
}

fn version_page<'d>(
    document: &'d SchemaDocument,
    before: Option<&SchemaDocument>,
    topic_anchor: &str,
) -> VersionPage<'d> {
    let anchor = format!("{topic_anchor}-{}", safe_key(document.version.as_str()));
    let parts = topics::parts(document);
    VersionPage {
        document,
        description: text::lines(&document.description),
        facts: facts(document),
        deprecation: document.deprecated.as_ref().map(|deprecation| {
            deprecation.reason.as_deref().map(text::one_line).unwrap_or_default()
        }),
        parts: part_pages(document, &parts, &anchor),
        changes: before.map(|before| changes::between(before, document)),
        anchor,
    }
}

fn facts(document: &SchemaDocument) -> Vec<(String, Vec<Span>)> {
    let mut facts = vec![(
        "Schema".to_owned(),
        vec![Span::Code(format!("sha256:{}", &document.contract_hash()[..12]))],
    )];
    if let Some(owner) = &document.owner {
        facts.push(("Owner".to_owned(), vec![Span::Text(text::one_line(owner))]));
    }
    for (name, value) in &document.annotations {
        if name == judge::SUBSCRIBERS && parties::is_in_table(document) {
            continue;
        }
        let value = match value {
            Value::String(text) => Span::Text(text::one_line(text)),
            other => describe::json(other),
        };
        facts.push((text::one_line(name), vec![value]));
    }
    facts
}

fn title(document: &SchemaDocument, kind: SchemaPart) -> &'static str {
    match (document.mode, kind) {
        (Mode::Broadcast, SchemaPart::Request) => "Payload",
        (Mode::Rpc, SchemaPart::Request) => "Request",
        (_, SchemaPart::Response) => "Response",
        (_, SchemaPart::Error) => "Error",
    }
}

fn part_pages(document: &SchemaDocument, parts: &[Part], anchor: &str) -> Vec<PartPage> {
    let roots: Vec<String> =
        parts.iter().map(|part| title(document, part.kind).to_owned()).collect();
    let plan = definitions::plan(parts, &roots);
    parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            let describer =
                Describer { root: &part.schema, names: &plan.names[index], prefix: anchor };
            let of_part = plan.declarations.iter().filter(|known| known.part == index);
            let mut tables: Vec<Table> = of_part.map(|known| table(known, describer)).collect();
            if let Some(first) = tables.first_mut()
                && first.description == text::lines(&document.description)
            {
                first.description.clear();
            }
            PartPage {
                title: title(document, part.kind),
                tables,
                example: example::of(&part.schema),
            }
        })
        .collect()
}

fn table(known: &Declaration, describer: Describer<'_>) -> Table {
    let schema = describer.root.pointer(&known.pointer).unwrap_or(&Value::Bool(true));
    Table {
        name: known.name.clone(),
        anchor: describe::anchor(describer.prefix, &known.name),
        description: fields::description(schema),
        fields: fields::fields(schema, describer),
        ty: describer.ty(schema),
        constraints: describe::constraints(schema),
    }
}
