//! What changed from one version to the next: fields, and who still understands whom.

use std::collections::HashMap;

use serde_json::Value;

use super::describe::{self, Describer};
use super::fields;
use super::span::{Span, plain};
use crate::codegen::definitions;
use crate::codegen::text;
use crate::codegen::topics::{self, Part};
use crate::schema::SchemaDocument;
use crate::schema::compat::{self, Schema, Verdict};

pub(super) struct Changes {
    pub(super) from: String,
    /// One line per field and part, and per direction of compatibility.
    pub(super) fields: Vec<Vec<Span>>,
    pub(super) verdicts: Vec<(Outcome, Vec<Span>)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Compatible,
    Breaking,
    Undecided,
}

/// Fields that are looked at in each version; a recursive schema has no end of them.
const MAX_FIELDS: usize = 2_000;
const MAX_DEPTH: usize = 8;
/// Characters of an example event that are shown.
const MAX_WITNESS: usize = 300;

pub(super) fn between(old: &SchemaDocument, new: &SchemaDocument) -> Changes {
    let mut changes =
        Changes { from: old.version.to_string(), fields: Vec::new(), verdicts: Vec::new() };
    if old.mode != new.mode {
        changes.fields.push(vec![Span::Text(format!("mode: {} → {}", old.mode, new.mode))]);
    }
    let (before, after) = (topics::parts(old), topics::parts(new));
    for part in &after {
        let role = definitions::role(part.kind).to_lowercase();
        let prefix = if after.len() > 1 { format!("{role}: ") } else { String::new() };
        match before.iter().find(|known| known.kind == part.kind) {
            Some(known) => {
                changes.compare_fields(known, part, &prefix);
                let versions = (old.version.as_str(), new.version.as_str());
                changes.compare_readers(&known.schema, &part.schema, (&prefix, versions));
            }
            None => changes.fields.push(vec![Span::Text(format!("the {role} is described now"))]),
        }
    }
    for part in before.iter().filter(|part| !after.iter().any(|known| known.kind == part.kind)) {
        let role = definitions::role(part.kind).to_lowercase();
        changes.fields.push(vec![Span::Text(format!("the {role} is no longer described"))]);
    }
    changes
}

impl Changes {
    fn compare_fields(&mut self, old: &Part, new: &Part, prefix: &str) {
        let (before, after) = (flat(old), flat(new));
        for (path, facts) in outermost(&after, &before) {
            let line = |words: &str| {
                vec![Span::Text(prefix.to_owned()), Span::code(path), Span::text(words)]
            };
            match before.iter().find(|(known, _)| known == path) {
                None => {
                    let mut added = line(" added: ");
                    added.extend(facts[0].1.clone());
                    added.push(Span::text(", "));
                    added.extend(facts[1].1.clone());
                    self.fields.push(added);
                }
                Some((_, known)) => {
                    for ((what, old), (_, new)) in known.iter().zip(facts) {
                        if *what == "description" && plain(old) != plain(new) {
                            self.fields.push(line(" is described in other words"));
                        } else if plain(old) != plain(new) {
                            let mut changed = line(&format!(" {what}: "));
                            changed.extend(old.clone());
                            changed.push(Span::text(" → "));
                            changed.extend(new.clone());
                            self.fields.push(changed);
                        }
                    }
                }
            }
        }
        for (path, _) in outermost(&before, &after).filter(|(path, _)| !has(&after, path)) {
            let prefix = Span::Text(prefix.to_owned());
            self.fields.push(vec![prefix, Span::code(path), Span::text(" removed")]);
        }
    }

    fn compare_readers(
        &mut self,
        old: &Value,
        new: &Value,
        (prefix, (from, to)): (&str, (&str, &str)),
    ) {
        let compared =
            compat::compare(&Schema::parse(old), &Schema::parse(new), compat::Options::default());
        for (verdict, reader, writer) in
            [(compared.backward, to, from), (compared.forward, from, to)]
        {
            self.verdicts.push(sentence(verdict, &format!("{prefix}{reader} readers"), writer));
        }
    }
}

fn sentence(verdict: Verdict, readers: &str, writer: &str) -> (Outcome, Vec<Span>) {
    match verdict {
        Verdict::Compatible => {
            let text = format!("{readers} accept everything that {writer} writers send.");
            (Outcome::Compatible, vec![Span::Text(text)])
        }
        Verdict::Undecided { reasons } => {
            let text = format!(
                "It is not known whether {readers} accept everything that {writer} writers send"
            );
            let mut spans = vec![Span::Text(text)];
            if let Some(reason) = reasons.first() {
                spans.push(Span::text(": "));
                spans.push(Span::Code(text::one_line(&reason.keyword)));
                spans.push(Span::text(" stood in the way"));
            }
            spans.push(Span::text("."));
            (Outcome::Undecided, spans)
        }
        Verdict::Breaking { breaks } => {
            let text = format!("{readers} reject some of what {writer} writers send");
            let mut spans = vec![Span::Text(text)];
            if let Some(first) = breaks.first() {
                spans
                    .push(Span::Text(format!(": {}, for example ", text::one_line(&first.reason))));
                let witness: String = first.witness.to_string().chars().take(MAX_WITNESS).collect();
                spans.push(Span::Code(text::shown(&witness)));
            }
            spans.push(Span::text("."));
            (Outcome::Breaking, spans)
        }
    }
}

/// What is known of a field, in a fixed order.
type Facts = Vec<(&'static str, Vec<Span>)>;

/// Every field by its path, with references written out.
fn flat(part: &Part) -> Vec<(String, Facts)> {
    let plan = definitions::plan(std::slice::from_ref(part), &["".to_owned()]);
    let describer = Describer { root: &part.schema, names: &plan.names[0], prefix: "" };
    let mut flat = Flat { describer, fields: Vec::new(), seen: HashMap::new() };
    flat.add(&part.schema, "", MAX_DEPTH);
    flat.fields
}

fn has(fields: &[(String, Facts)], path: &str) -> bool {
    fields.iter().any(|(known, _)| known == path)
}

/// The fields without those that stand inside one that `others` does not have.
fn outermost<'f>(
    fields: &'f [(String, Facts)],
    others: &'f [(String, Facts)],
) -> impl Iterator<Item = &'f (String, Facts)> {
    fields.iter().filter(move |(path, _)| {
        let inside = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[' | '('));
        let mut around = inside.map(|(at, _)| &path[..at]);
        around.all(|outer| !has(fields, outer) || has(others, outer))
    })
}

struct Flat<'a> {
    describer: Describer<'a>,
    fields: Vec<(String, Facts)>,
    /// How often a reference is being followed.
    seen: HashMap<String, usize>,
}

impl<'a> Flat<'a> {
    fn add(&mut self, schema: &'a Value, path: &str, depth: usize) {
        let (Value::Object(map), Some(depth)) = (schema, depth.checked_sub(1)) else { return };
        for (name, field) in map.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let path = fields::joined_path(path, &text::one_line(name));
            if self.fields.len() >= MAX_FIELDS
                || self.fields.iter().any(|(known, _)| *known == path)
            {
                continue;
            }
            let presence = fields::presence(map, name, field, self.describer);
            self.fields.push((path.clone(), self.facts(field, presence)));
            self.add(field, &path, depth);
        }
        for keyword in ["anyOf", "oneOf", "allOf"] {
            let branches = map.get(keyword).and_then(Value::as_array);
            let count = branches
                .map_or(0, |all| all.iter().filter(|one| one.get("$ref").is_some()).count());
            for branch in branches.into_iter().flatten() {
                // Branches that may not share a name are told apart by theirs.
                let name = plain(&self.describer.ty(branch));
                let path = if count > 1 { format!("{path}({name})") } else { path.to_owned() };
                self.add(branch, &path, depth);
            }
        }
        if let Some(items) = map.get("items") {
            self.add(items, &format!("{path}[]"), depth);
        }
        if let Some(values) = map.get("additionalProperties") {
            self.add(values, &fields::joined_path(path, "*"), depth);
        }
        if let Some((pointer, target)) = self.describer.target(schema) {
            let times = self.seen.entry(pointer.clone()).or_default();
            *times += 1;
            if *times == 1 {
                self.add(target, path, depth);
            }
            self.seen.entry(pointer).and_modify(|times| *times -= 1);
        }
    }

    fn facts(&self, field: &Value, presence: Vec<Span>) -> Facts {
        let constraints = super::span::joined(describe::constraints(field), ", ");
        let constraints =
            if constraints.is_empty() { vec![Span::text("no constraints")] } else { constraints };
        let described = fields::description(field).join(" ");
        let described = if described.is_empty() { "none".to_owned() } else { described };
        vec![
            ("type", without_links(self.describer.ty(field))),
            ("presence", presence),
            ("constraints", constraints),
            ("description", vec![Span::Text(described)]),
        ]
    }
}

/// Types of another version have no table on this page.
fn without_links(spans: Vec<Span>) -> Vec<Span> {
    let plain = spans.into_iter().map(|span| match span {
        Span::Link { name, .. } => Span::Text(name),
        other @ (Span::Text(_) | Span::Code(_)) => other,
    });
    plain.collect()
}
