use std::rc::Rc;

use serde_json::Value;

use super::confirm::{Confirmation, is_sent_by};
use super::goal::{Doubt, Literal, Outcome, size};
use super::json::is_same;
use super::node::{Applicator, Body, NodeId};
use super::parse::{Store, dialect_of, parse};
use super::solve::Solver;
use super::traits::Traits;
use super::unchanged::{Split, split};
use super::writer::{Emission, emitted};
use super::{Break, Options, Reason, Schema, Side, Verdict, probe};
use crate::schema::compat::hash::HashSet;

/// Beyond this size only one witness is built: a schema that demands thousands of items.
const MAX_WITNESS: usize = 8_000;
/// Breaks reported for one direction of one pair.
const MAX_BREAKS: usize = 1_000;

/// Whether everything that `writer` can send is accepted by `reader`.
pub(super) fn judge(writer: &Schema, reader: &Schema, options: Options) -> Verdict {
    let (sent, read) = (&writer.document, &reader.document);
    if is_same(sent, read) && Traits::of(sent).is_sent_as_read(options.writer) {
        return Verdict::Compatible;
    }
    split(sent, read, options.writer)
        .and_then(|split| judge_split(&split, options))
        .unwrap_or_else(|| judge_whole(sent, read, options))
}

/// What is left without the unchanged fields decides, if it can be decided.
fn judge_split(split: &Split<'_>, options: Options) -> Option<Verdict> {
    match judge_whole(&split.sent, &split.read, options) {
        Verdict::Compatible => Some(Verdict::Compatible),
        Verdict::Undecided { .. } => None,
        Verdict::Breaking { mut breaks } => {
            let unchanged = split.unchanged();
            let sample = sample(&unchanged.schema, options)?;
            for found in &mut breaks {
                let changed = std::mem::take(&mut found.witness);
                found.witness = unchanged.complete(changed, &sample);
            }
            Some(Verdict::Breaking { breaks })
        }
    }
}

/// A value that a writer on `schema` can send, confirmed; `None` where a search is not enough.
fn sample(schema: &Value, options: Options) -> Option<Value> {
    let emission = emitted(schema, options.writer);
    if !emission.doubts.is_empty() {
        return None;
    }
    let dialect = dialect_of(schema);
    let mut store = Store::new(options.formats, dialect, dialect);
    let node = parse(&mut store, &emission.schema, Side::Writer);
    let Outcome::Value(value) = Solver::new(store).solve(&[Literal::holds(node)]) else {
        return None;
    };
    let is_sent =
        size(&value) <= MAX_WITNESS && is_sent_by(&emission.schema, &value, options.formats);
    is_sent.then(|| Rc::unwrap_or_clone(value))
}

fn judge_whole(writer: &Value, reader: &Value, options: Options) -> Verdict {
    let emission = emitted(writer, options.writer);
    if let Some((keyword, pointer)) = emission.doubts.first() {
        let reason =
            Reason { keyword: (*keyword).to_owned(), pointer: pointer.clone(), side: Side::Writer };
        return Verdict::Undecided { reasons: vec![reason] };
    }
    let sent = &emission.schema;
    let dialects = (dialect_of(writer), dialect_of(reader));
    let mut store = Store::new(options.formats, dialects.0, dialects.1);
    let from = parse(&mut store, sent, Side::Writer);
    let to = parse(&mut store, reader, Side::Reader);
    let mut solver = Solver::new(store);
    let goal = [Literal::holds(from), Literal::fails(to)];
    let outcome = solver.solve(&goal);
    let doubt = match &outcome {
        Outcome::Empty => {
            return match vanished(&mut solver, &emission, writer) {
                None => Verdict::Compatible,
                Some(pointer) => Verdict::Undecided {
                    reasons: vec![Reason {
                        keyword: "properties".to_owned(),
                        pointer,
                        side: Side::Writer,
                    }],
                },
            };
        }
        Outcome::Value(_) => None,
        Outcome::Doubt(doubt) => Some(doubt.clone()),
    };
    let Some(confirmation) = Confirmation::new(sent, reader, options.formats) else {
        return undecided(&solver, &doubt.unwrap_or_else(|| Doubt::of("$schema")));
    };
    if let Outcome::Value(first) = &outcome
        && is_worth_asking(&solver, &goal, first)
    {
        let breaks = breaks(&mut solver, &goal, &confirmation, first);
        if !breaks.is_empty() {
            return Verdict::Breaking { breaks };
        }
    }
    if let Some(verdict) = listed(&solver, (from, &goal), &confirmation) {
        return verdict;
    }
    let is_worth_asking = |value: &Value| is_worth_asking(&solver, &goal, value);
    probe::find(&confirmation, (sent, reader), is_worth_asking)
        .and_then(|witness| breaking(&confirmation, witness))
        .map_or_else(
            || undecided(&solver, &doubt.unwrap_or_else(|| Doubt::of("complexity"))),
            |found| Verdict::Breaking { breaks: vec![found] },
        )
}

/// A schema of the writer's that has values, but none any more once it is closed: "everything it
/// sends is accepted" would be said about nothing.
fn vanished(solver: &mut Solver, emission: &Emission, document: &Value) -> Option<String> {
    if emission.suspects.is_empty() {
        return None;
    }
    let is_suspect = |pointer: &String| emission.suspects.contains(pointer);
    let empty: Vec<String> = solver
        .store
        .placed(Side::Writer)
        .into_iter()
        .filter(|(_, pointer)| is_suspect(pointer))
        .filter(|(node, _)| !matches!(solver.solve(&[Literal::holds(*node)]), Outcome::Value(_)))
        .map(|(_, pointer)| pointer)
        .collect();
    if empty.is_empty() {
        return None;
    }
    let dialect = dialect_of(document);
    let mut store = Store::new(solver.store.formats, dialect, dialect);
    parse(&mut store, document, Side::Writer);
    let mut open = Solver::new(store);
    open.store
        .placed(Side::Writer)
        .into_iter()
        .filter(|(_, pointer)| empty.contains(pointer))
        .find(|(node, _)| !matches!(open.solve(&[Literal::holds(*node)]), Outcome::Empty))
        .map(|(_, pointer)| pointer)
}

/// Every break that the independent validator confirms; one for each place and keyword.
fn breaks(
    solver: &mut Solver,
    goal: &[Literal],
    confirmation: &Confirmation,
    first: &Value,
) -> Vec<Break> {
    let mut seen = HashSet::default();
    let mut breaks = Vec::new();
    let limit = if size(first) > MAX_WITNESS { 1 } else { MAX_BREAKS };
    let findings = solver.explain(goal, limit);
    for finding in findings {
        let pointer = |node: Option<NodeId>| {
            node.map_or_else(String::new, |node| solver.store.arena.pointer(node).to_string())
        };
        let (writer_pointer, reader_pointer) = (pointer(finding.writer), pointer(finding.reader));
        let place = (writer_pointer.clone(), reader_pointer.clone(), Rc::clone(&finding.keyword));
        if seen.contains(&place) {
            continue;
        }
        if !is_worth_asking(solver, goal, &finding.value) {
            continue;
        }
        let Some(reason) =
            confirmation.rejection(&finding.value, (&finding.keyword, &finding.path))
        else {
            continue;
        };
        seen.insert(place);
        breaks.push(Break {
            keyword: finding.keyword.as_ref().to_owned(),
            writer_pointer,
            reader_pointer,
            path: finding.path,
            witness: (*finding.value).clone(),
            reason,
        });
    }
    if breaks.is_empty() {
        breaks.extend(breaking(confirmation, first.clone()));
    }
    breaks
}

/// A break of which only the witness is known: the validator says where it fails.
fn breaking(confirmation: &Confirmation, witness: Value) -> Option<Break> {
    let rejection = confirmation.explain_rejection(&witness)?;
    Some(Break {
        keyword: rejection.keyword,
        writer_pointer: String::new(),
        reader_pointer: rejection.schema_pointer,
        path: rejection.path,
        reason: rejection.message,
        witness,
    })
}

/// A writer that can only send listed values is judged value by value.
fn listed(
    solver: &Solver,
    (from, goal): (NodeId, &[Literal]),
    confirmation: &Confirmation,
) -> Option<Verdict> {
    let mut values = Vec::new();
    collect_listed(solver, from, &mut values)?;
    let mut rejected = None;
    for value in &values {
        let is_witness = match solver.satisfies(goal, value) {
            Some(truth) => truth,
            None if is_worth_asking(solver, goal, value) => {
                confirmation.is_sent(value) && !confirmation.is_read(value)
            }
            None => return None,
        };
        rejected = rejected.or_else(|| is_witness.then_some(value));
    }
    match rejected {
        Some(value) => breaking(confirmation, value.clone())
            .map(|found| Verdict::Breaking { breaks: vec![found] }),
        None => Some(Verdict::Compatible),
    }
}

/// Whether the validator's word on a value counts: not where it is known to be no witness, where it
/// hinges on how a pattern is read, and where giving it would take forever.
fn is_worth_asking(solver: &Solver, goal: &[Literal], value: &Value) -> bool {
    if size(value) > MAX_WITNESS {
        return true;
    }
    match solver.satisfies(goal, value) {
        Some(truth) => truth,
        None => !solver.judge.has_given_up() && is_read_alike(value),
    }
}

/// Whether every pattern says the same to the texts in a value, be it read as Rust (and Pydantic)
/// reads it or as ECMA-262 (and the validator) does: `\w` and `.` differ on other characters.
fn is_read_alike(value: &Value) -> bool {
    let is_plain = |text: &str| text.is_ascii() && !text.contains(['\n', '\r']);
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => is_plain(text),
        Value::Array(items) => items.iter().all(is_read_alike),
        Value::Object(map) => {
            map.iter().all(|(name, value)| is_plain(name) && is_read_alike(value))
        }
    }
}

/// All values that a node can have, when it spells them out.
fn collect_listed(solver: &Solver, node: NodeId, values: &mut Vec<Value>) -> Option<()> {
    let node = solver.store.arena.node(solver.store.arena.resolve(node));
    let Body::Rules(rules) = &node.body else { return None };
    if let Some(listed) = &rules.values {
        values.extend(listed.list.iter().cloned());
        return Some(());
    }
    rules.applicators.iter().find_map(|applicator| match applicator {
        Applicator::Any { branches, .. } => {
            let mut found = Vec::new();
            branches.iter().try_for_each(|node| collect_listed(solver, *node, &mut found))?;
            values.append(&mut found);
            Some(())
        }
        Applicator::All(_)
        | Applicator::One(_)
        | Applicator::Not(_)
        | Applicator::If { .. }
        | Applicator::Dependent { .. } => None,
    })
}

fn undecided(solver: &Solver, doubt: &Doubt) -> Verdict {
    let (pointer, side) = doubt.node.map_or((String::new(), Side::Reader), |node| {
        let node = solver.store.arena.node(node);
        (node.pointer.to_string(), node.side)
    });
    Verdict::Undecided { reasons: vec![Reason { keyword: doubt.keyword.clone(), pointer, side }] }
}
