use serde_json::Value;

use super::confirm::Confirmation;
use super::goal::{Doubt, Literal, Outcome};
use super::node::{Body, NodeId};
use super::parse::{Store, parse};
use super::solve::Solver;
use super::writer::emitted;
use super::{Break, Options, Reason, Schema, Side, Verdict, Writer, probe};

/// Whether everything that `writer` can send is accepted by `reader`.
pub(super) fn judge(writer: &Schema, reader: &Schema, options: Options) -> Verdict {
    if writer.document == reader.document && is_sent_as_read(&writer.document, options.writer) {
        return Verdict::Compatible;
    }
    let sent = emitted(&writer.document, options.writer);
    let mut store = Store::new(options.formats);
    let from = parse(&mut store, &sent, Side::Writer);
    let to = parse(&mut store, &reader.document, Side::Reader);
    let mut solver = Solver::new(store);
    let outcome = solver.solve(&[Literal::holds(from), Literal::fails(to)]);
    let doubt = match &outcome {
        Outcome::Empty => return Verdict::Compatible,
        Outcome::Value(_) => None,
        Outcome::Doubt(doubt) => Some(doubt.clone()),
    };
    let Some(confirmation) = Confirmation::new(&sent, &reader.document, options.formats) else {
        return undecided(&solver, &doubt.unwrap_or_else(|| Doubt::of("$schema")));
    };
    let found = match outcome {
        Outcome::Value(witness) => Some((*witness).clone()),
        Outcome::Empty | Outcome::Doubt(_) => None,
    };
    if let Some(verdict) = found.and_then(|witness| breaking(&confirmation, witness)) {
        return verdict;
    }
    if let Some(verdict) = listed(&solver, from, &confirmation) {
        return verdict;
    }
    probe::find(&confirmation, &sent, &reader.document)
        .and_then(|witness| breaking(&confirmation, witness))
        .unwrap_or_else(|| undecided(&solver, &doubt.unwrap_or_else(|| Doubt::of("witness"))))
}

/// A schema reads whatever it sends, as long as closing objects only takes values away.
fn is_sent_as_read(schema: &Value, writer: Writer) -> bool {
    fn is_monotone(schema: &Value) -> bool {
        match schema {
            Value::Object(map) => map.iter().all(|(keyword, value)| {
                let turns = ["not", "oneOf", "if", "maxContains", "dependentSchemas"];
                let loosens = ["unevaluatedProperties", "unevaluatedItems", "allOf"];
                !turns.contains(&keyword.as_str())
                    && !loosens.contains(&keyword.as_str())
                    && is_monotone(value)
            }),
            Value::Array(list) => list.iter().all(is_monotone),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }
    writer == Writer::Open || is_monotone(schema)
}

fn breaking(confirmation: &Confirmation, witness: Value) -> Option<Verdict> {
    let reason = confirmation.rejection(&witness)?;
    Some(Verdict::Breaking {
        breaks: vec![Break {
            keyword: String::new(),
            writer_pointer: String::new(),
            reader_pointer: String::new(),
            path: String::new(),
            witness,
            reason,
        }],
    })
}

/// A writer that can only send listed values is judged value by value.
fn listed(solver: &Solver, from: NodeId, confirmation: &Confirmation) -> Option<Verdict> {
    let node = solver.store.arena.node(solver.store.arena.resolve(from));
    let Body::Rules(rules) = &node.body else { return None };
    let values = &rules.values.as_ref()?.list;
    let rejected =
        values.iter().find(|value| confirmation.is_sent(value) && !confirmation.is_read(value));
    match rejected {
        Some(value) => breaking(confirmation, value.clone()),
        None => Some(Verdict::Compatible),
    }
}

fn undecided(solver: &Solver, doubt: &Doubt) -> Verdict {
    let (pointer, side) = doubt.node.map_or((String::new(), Side::Reader), |node| {
        let node = solver.store.arena.node(node);
        (node.pointer.to_string(), node.side)
    });
    Verdict::Undecided { reasons: vec![Reason { keyword: doubt.keyword.clone(), pointer, side }] }
}
