//! What changed between a version and the one before it that no single event shows.

use serde_json::Value;

use super::super::document::Mode;
use super::super::finding::{Direction, Finding, FindingLevel, SchemaPart};
use super::super::rules::{self, Rule};
use super::document::is_alike;
use super::draft::{Draft, read_schema};
use super::fields::{Fields, Located, Presence, fields};
use super::mode::{Asked, parts};
use super::pairs::Pair;

pub(super) fn judge(pair: &Pair<'_>, asked: &Asked, findings: &mut Vec<Finding>) {
    mode_changed(pair, findings);
    response_removed(pair, findings);
    for &part in parts(pair.from.mode, pair.to.mode) {
        let (Some(old), Some(new)) = (read_schema(pair.from, part), read_schema(pair.to, part))
        else {
            continue;
        };
        if old == new {
            continue;
        }
        let (old, new) = (old.value(), new.value());
        let draft = Draft::of_pair(pair, part);
        let change = PartChange { draft, old: fields(&old), new: fields(&new) };
        change.defaults(findings);
        let renamed = change.renamed();
        change.renames(&renamed, findings);
        change.removed(&renamed, findings);
        if asked.directions(part).contains(&Direction::Backward) {
            change.factories(findings);
        }
    }
}

fn mode_changed(pair: &Pair<'_>, findings: &mut Vec<Finding>) {
    let (from, to) = (pair.from, pair.to);
    if from.mode == to.mode {
        return;
    }
    let consequence = match to.mode {
        Mode::Broadcast => "callers wait for an answer that nobody gives",
        Mode::Rpc => "handlers that told nothing back are asked for an answer",
    };
    let message = format!(
        "{} was {} in {} and is {} in {}: {consequence}",
        to.topic, from.mode, from.version, to.mode, to.version
    );
    let draft = Draft::of_pair(pair, SchemaPart::Request);
    findings.push(Finding {
        before: Some(Value::from(from.mode.as_str())),
        after: Some(Value::from(to.mode.as_str())),
        ..draft.finding(&rules::MODE_CHANGED, FindingLevel::Breaking, message)
    });
}

fn response_removed(pair: &Pair<'_>, findings: &mut Vec<Finding>) {
    let both_rpc = pair.from.mode == Mode::Rpc && pair.to.mode == Mode::Rpc;
    if !both_rpc || pair.from.response_schema.is_none() || pair.to.response_schema.is_some() {
        return;
    }
    let message = format!(
        "callers of {} expect a response that {} no longer describes",
        pair.from.version, pair.to.version
    );
    let draft = Draft::of_pair(pair, SchemaPart::Response);
    findings.push(draft.finding(&rules::RESPONSE_REMOVED, FindingLevel::Breaking, message));
}

struct PartChange<'a> {
    draft: Draft,
    old: Fields<'a>,
    new: Fields<'a>,
}

/// The paths of a field before and after.
type Renamed<'a> = Vec<(&'a str, &'a str)>;

impl PartChange<'_> {
    fn defaults(&self, findings: &mut Vec<Finding>) {
        for (path, old) in &self.old {
            let Some(new) = self.new.get(path) else { continue };
            let (Some(before), Some(after)) =
                (old.field.keyword("default"), new.field.keyword("default"))
            else {
                continue;
            };
            if before == after {
                continue;
            }
            let message =
                format!("an event without `{path}` meant `{before}` and now means `{after}`");
            findings.push(Finding {
                path: path.clone(),
                old_pointer: Some(old.pointer.clone()),
                new_pointer: Some(new.pointer.clone()),
                before: Some(before.clone()),
                after: Some(after.clone()),
                ..self.draft.finding(&rules::DEFAULT_CHANGED, FindingLevel::Info, message)
            });
        }
    }

    fn gone(&self) -> impl Iterator<Item = (&str, &Located<'_>)> {
        missing_in(&self.old, &self.new)
    }

    /// Each field that is gone with the first new one of a like name and the same schema.
    fn renamed(&self) -> Renamed<'_> {
        let mut taken: Vec<&str> = Vec::new();
        let mut renamed = Renamed::new();
        for (old_path, old) in self.gone() {
            let twin = missing_in(&self.new, &self.old).find(|(path, new)| {
                !taken.contains(path)
                    && new.parent == old.parent
                    && is_alike(&old.name, &new.name)
                    && said(old.field.schema) == said(new.field.schema)
            });
            if let Some((new_path, _)) = twin {
                taken.push(new_path);
                renamed.push((old_path, new_path));
            }
        }
        renamed
    }

    fn renames(&self, renamed: &Renamed<'_>, findings: &mut Vec<Finding>) {
        for (old_path, new_path) in renamed {
            let message = format!("`{old_path}` looks renamed to `{new_path}`");
            let suggestion =
                format!("send `{old_path}` beside `{new_path}` until nobody reads the old name");
            findings.push(Finding {
                path: (*new_path).to_owned(),
                old_pointer: self.old.get(*old_path).map(|at| at.pointer.clone()),
                new_pointer: self.new.get(*new_path).map(|at| at.pointer.clone()),
                suggestion: Some(suggestion),
                ..self.at_level(&rules::LIKELY_RENAME, FindingLevel::Warning, message)
            });
        }
    }

    fn removed(&self, renamed: &Renamed<'_>, findings: &mut Vec<Finding>) {
        for (path, old) in self.gone() {
            if old.field.presence != Presence::Optional
                || renamed.iter().any(|(old_path, _)| *old_path == path)
            {
                continue;
            }
            let message = format!("`{path}` is no longer sent; readers go on without it");
            findings.push(Finding {
                path: path.to_owned(),
                old_pointer: Some(old.pointer.clone()),
                ..self.at_level(&rules::OPTIONAL_FIELD_REMOVED, FindingLevel::Info, message)
            });
        }
    }

    fn factories(&self, findings: &mut Vec<Finding>) {
        for (path, new) in missing_in(&self.new, &self.old) {
            if new.field.presence != Presence::Optional
                || new.field.keyword("default").is_some()
                || new.field.takes_null()
            {
                continue;
            }
            let message = format!(
                "`{path}` is optional without a default: handlers of the event class reject old \
                 events, which lack it"
            );
            findings.push(Finding {
                path: path.to_owned(),
                new_pointer: Some(new.pointer.clone()),
                direction: Some(Direction::Backward),
                ..self.at_level(&rules::DEFAULT_FACTORY, FindingLevel::Warning, message)
            });
        }
    }

    fn at_level(&self, rule: &'static Rule, level: FindingLevel, message: String) -> Finding {
        self.draft.finding(rule, level, message)
    }
}

/// The members that `theirs` lacks, in objects that both have.
fn missing_in<'f>(
    mine: &'f Fields<'f>,
    theirs: &'f Fields<'f>,
) -> impl Iterator<Item = (&'f str, &'f Located<'f>)> {
    mine.iter().filter_map(move |(path, at)| {
        let is_missing = at.field.presence != Presence::Item
            && !theirs.contains_key(path)
            && (at.parent.is_empty() || theirs.contains_key(&at.parent));
        is_missing.then_some((path.as_str(), at))
    })
}

/// A schema without what is only said about it.
fn said(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Value::Object(map) = &mut schema {
        for annotation in ["title", "description", "default", "examples", "deprecated"] {
            map.shift_remove(annotation);
        }
    }
    schema
}
