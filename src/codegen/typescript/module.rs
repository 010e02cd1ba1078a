//! The module of one version of one topic.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::print::{declaration, print_comment};
use super::read::{NOT_EXPRESSED, Reader};
use super::remark;
use super::ty::Type;
use crate::codegen::definitions::{self, Declaration};
use crate::codegen::limits::{Subject, Tally};
use crate::codegen::target::{HEADER, Loss, Options};
use crate::codegen::text;
use crate::codegen::topics::{self, Part};
use crate::schema::{Mode, SchemaDocument, SchemaPart};

/// What the index has to know about a module.
pub(super) struct Module<'d> {
    pub(super) document: &'d SchemaDocument,
    /// Without its ending.
    pub(super) stem: String,
    pub(super) parts: Vec<Part>,
    /// The names of the parts' types.
    pub(super) roots: Vec<String>,
}

impl<'d> Module<'d> {
    /// `name` is unique among all documents.
    pub(super) fn new(document: &'d SchemaDocument, stem: String, name: &str) -> Self {
        let parts = topics::parts(document);
        let root = |part: &Part| match document.mode {
            Mode::Broadcast => name.to_owned(),
            Mode::Rpc => format!("{name}{}", definitions::role(part.kind)),
        };
        let roots = parts.iter().map(root).collect();
        Self { document, stem, parts, roots }
    }

    /// The name of a part's type.
    pub(super) fn root(&self, kind: SchemaPart) -> Option<&str> {
        let index = self.parts.iter().position(|part| part.kind == kind)?;
        self.roots.get(index).map(String::as_str)
    }

    pub(super) fn text(&self, options: &Options) -> (String, Vec<Loss>) {
        let plan = definitions::plan(&self.parts, &self.roots);
        let mut notes = BTreeSet::new();
        let mut written: Vec<Written> = Vec::new();
        let mut tally = Tally::default();
        for known in &plan.declarations {
            let root = &self.parts[known.part].schema;
            let mut reader = Reader::new(root, &plan.names[known.part]);
            reader.tally = tally;
            written.push(self.write(known, &mut reader));
            notes.append(&mut reader.notes);
            tally = reader.tally;
        }
        cut_circles(&mut written, &mut notes);
        notes.extend(tally.message());
        let mut out = header(self.document, options);
        for known in &written {
            out.push('\n');
            out.push_str(&declaration(&known.name, &known.ty, &known.comment));
        }
        let lost = notes.into_iter().map(|note| Loss::about(self.document, note)).collect();
        (out, lost)
    }

    fn write(&self, known: &Declaration, reader: &mut Reader<'_>) -> Written {
        let schema = reader.root.pointer(&known.pointer).unwrap_or(&Value::Bool(true)).clone();
        let (ty, remarks) = reader.counted(Subject::Type, &schema);
        let mut comment = remark::comment(&schema, remarks);
        let is_payload = known.part == 0 && known.pointer.is_empty();
        if is_payload {
            comment = about_payload(self.document, &schema, comment);
        }
        Written { name: known.name.clone(), ty, comment }
    }
}

struct Written {
    name: String,
    ty: Type,
    comment: Vec<String>,
}

fn header(document: &SchemaDocument, options: &Options) -> String {
    format!(
        "// {HEADER}\n// topic: {}, version: {}, mode: {}\n// schema: sha256:{}\n// update: {}\n",
        text::one_line(document.topic.as_str()),
        document.version,
        document.mode,
        &document.contract_hash()[..12],
        text::one_line(&options.update_command),
    )
}

/// The payload's comment: the event's description where the schema has none, and its deprecation.
fn about_payload(document: &SchemaDocument, schema: &Value, comment: Vec<String>) -> Vec<String> {
    let mut lines = comment;
    if schema.get("description").is_none() {
        let described = text::lines(&document.description);
        let mut described: Vec<String> =
            described.iter().map(|line| remark::untagged(line)).collect();
        if !described.is_empty() && !lines.is_empty() {
            described.push(String::new());
        }
        described.append(&mut lines);
        lines = described;
    }
    lines.extend(deprecation(document, !lines.is_empty()));
    lines
}

/// The tag of a deprecated version, after an empty line where something stands before it.
pub(super) fn deprecation(document: &SchemaDocument, is_after_text: bool) -> Vec<String> {
    let Some(deprecation) = &document.deprecated else { return Vec::new() };
    let reason = deprecation.reason.as_deref().map(text::one_line).unwrap_or_default();
    let tag = format!("@deprecated {reason}").trim_end().to_owned();
    if is_after_text { vec![String::new(), tag] } else { vec![tag] }
}

/// The start of the index, without a topic.
pub(super) fn index_header(options: &Options) -> String {
    format!("// {HEADER}\n// update: {}\n", text::one_line(&options.update_command))
}

/// An alias cannot be itself, not even by way of others: such a schema says nothing.
fn cut_circles(written: &mut [Written], notes: &mut BTreeSet<String>) {
    for index in 0..written.len() {
        let direct: HashMap<&str, Vec<&str>> =
            written.iter().map(|known| (known.name.as_str(), known.ty.direct_names())).collect();
        let name = written[index].name.clone();
        if !reachable(&direct, &name).contains(name.as_str()) {
            continue;
        }
        let circular: HashSet<String> = direct[name.as_str()]
            .iter()
            .filter(|next| **next == name || reachable(&direct, next).contains(name.as_str()))
            .map(|next| (*next).to_owned())
            .collect();
        let known = &mut written[index];
        let ty = std::mem::replace(&mut known.ty, Type::Unknown);
        known.ty = ty.without(&|next| circular.contains(next));
        let problem = "TypeScript cannot say what refers to nothing but itself";
        notes.insert(problem.to_owned());
        known.comment.push(format!("{NOT_EXPRESSED}a reference that leads back here."));
    }
}

/// The names that one leads to, itself only if it leads back.
fn reachable<'n>(direct: &HashMap<&'n str, Vec<&'n str>>, name: &str) -> HashSet<&'n str> {
    let mut seen = HashSet::new();
    let mut queue: Vec<&str> = direct.get(name).cloned().unwrap_or_default();
    while let Some(next) = queue.pop() {
        if seen.insert(next) {
            queue.extend(direct.get(next).into_iter().flatten());
        }
    }
    seen
}

/// A comment above a member of the index.
pub(super) fn index_comment(document: &SchemaDocument, depth: usize) -> String {
    let described = text::lines(&document.description);
    let mut lines: Vec<String> = described.iter().map(|line| remark::untagged(line)).collect();
    lines.extend(deprecation(document, !lines.is_empty()));
    print_comment(&lines, depth)
}
