//! Whether what is sent on one side is taken on the other, asked of the compatibility engine.
//!
//! The writer's schema is the serialisation schema where one is kept: it says what leaves the
//! sender. Where it lacks a name that readers look for, the model has an alias trap, which is a
//! finding of its own; the change is then judged by the names that readers know.

use std::borrow::Cow;

use serde_json::Value;

use super::super::compat::{self, Break, Options, Reason, Schema, Side, Verdict, Writer};
use super::super::finding::{Age, Direction, Finding, FindingLevel, SchemaPart, Witness};
use super::super::rules;
use super::age::{other, writer_of};
use super::document::hidden_names;
use super::draft::{Draft, read_schema, read_value, sent_schema, sent_value};
use super::fields::resolve;
use super::mode::{Asked, parts};
use super::pairs::Pair;
use super::words::{self, Rejection};
use crate::schema::SchemaDocument;

/// A larger value says no more than the whole schema.
const MAX_SHOWN: usize = 400;

/// Judges every part of a pair in the directions that are asked for.
pub(super) fn judge(pair: &Pair<'_>, asked: &Asked, writer: Writer, findings: &mut Vec<Finding>) {
    for &part in parts(pair.from.mode, pair.to.mode) {
        if is_settled(pair, part) {
            continue;
        }
        let (Some(old), Some(new)) = (Schemas::of(pair.from, part), Schemas::of(pair.to, part))
        else {
            continue;
        };
        let sides = Sides { pair, part, old, new, writer };
        for (direction, verdict) in sides.verdicts(asked.directions(part)) {
            sides.add(direction, verdict, findings);
        }
    }
}

/// Whether both documents say the same about a part.
fn is_settled(pair: &Pair<'_>, part: SchemaPart) -> bool {
    read_schema(pair.from, part) == read_schema(pair.to, part)
        && sent_schema(pair.from, part) == sent_schema(pair.to, part)
}

/// The two languages of one document's part.
struct Schemas {
    read: Schema,
    /// Where it is known to differ.
    sent: Option<Schema>,
}

impl Schemas {
    fn of(document: &SchemaDocument, part: SchemaPart) -> Option<Self> {
        let read = read_value(document, part)?;
        let usable = sent_value(document, part).filter(|sent| hidden_names(&read, sent).is_empty());
        Some(Self { read: Schema::parse(&read), sent: usable.map(|sent| Schema::parse(&sent)) })
    }

    fn written(&self) -> &Schema {
        self.sent.as_ref().unwrap_or(&self.read)
    }
}

struct Sides<'a> {
    pair: &'a Pair<'a>,
    part: SchemaPart,
    old: Schemas,
    new: Schemas,
    writer: Writer,
}

impl Sides<'_> {
    fn side(&self, age: Age) -> &Schemas {
        match age {
            Age::Old => &self.old,
            Age::New => &self.new,
        }
    }

    fn version(&self, age: Age) -> &str {
        match age {
            Age::Old => self.pair.from.version.as_str(),
            Age::New => self.pair.to.version.as_str(),
        }
    }

    fn written(&self, direction: Direction) -> &Schema {
        self.side(writer_of(direction)).written()
    }

    fn read(&self, direction: Direction) -> &Schema {
        &self.side(other(writer_of(direction))).read
    }

    fn verdicts(&self, directions: &[Direction]) -> Vec<(Direction, Verdict)> {
        if directions.len() > 1 && self.old.sent.is_none() && self.new.sent.is_none() {
            let both = compat::compare(&self.old.read, &self.new.read, self.options(self.writer));
            return vec![(Direction::Forward, both.forward), (Direction::Backward, both.backward)];
        }
        directions.iter().map(|&direction| (direction, self.ask(direction, self.writer))).collect()
    }

    fn ask(&self, direction: Direction, writer: Writer) -> Verdict {
        let (written, read) = (self.written(direction), self.read(direction));
        compat::reads(written, read, self.options(writer))
    }

    fn options(&self, writer: Writer) -> Options {
        Options { writer, ..Options::default() }
    }

    fn add(&self, direction: Direction, verdict: Verdict, findings: &mut Vec<Finding>) {
        match verdict {
            Verdict::Compatible => {}
            Verdict::Undecided { reasons } => {
                findings.extend(reasons.iter().map(|reason| self.undecided(direction, reason)));
            }
            Verdict::Breaking { breaks } => {
                findings.extend(breaks.iter().map(|found| self.breaking(direction, found)));
                if self.writer == Writer::Closed
                    && self.ask(direction, Writer::Dump) == Verdict::Compatible
                {
                    findings.push(self.safe_when_dumped(direction));
                }
            }
        }
    }

    fn draft(&self, direction: Direction) -> Draft {
        Draft::of_pair(self.pair, self.part).towards(direction)
    }

    fn breaking(&self, direction: Direction, found: &Break) -> Finding {
        let writer = writer_of(direction);
        let reader = other(writer);
        let (reader_node, reader_pointer) = node(self.read(direction), &found.reader_pointer);
        let (writer_node, writer_pointer) = node(self.written(direction), &found.writer_pointer);
        let rejection = Rejection::of(found, reader_node);
        let message = format!(
            "{} reject {}",
            words::who_reads_what(self.part, direction, self.versions(direction)),
            rejection.described(self.part)
        );
        let shown = |node: Option<&Value>| {
            node.and_then(|node| node.get(rejection.keyword))
                .filter(|value| value.to_string().len() <= MAX_SHOWN)
                .cloned()
        };
        let (writer_shown, reader_shown) = (shown(writer_node), shown(reader_node));
        let pointers = (
            Some(rejection.place(writer_node, writer_pointer)),
            Some(rejection.place(reader_node, reader_pointer)),
        );
        let (old_pointer, new_pointer) = by_age(writer, pointers);
        let versions = self.versions(direction);
        let suggestion = rejection.suggestion(direction, versions, reader_shown.as_ref());
        let (before, after) = by_age(writer, (writer_shown, reader_shown));
        Finding {
            path: rejection.path,
            old_pointer,
            new_pointer,
            before,
            after,
            suggestion: Some(suggestion),
            witness: Some(Witness {
                instance: found.witness.clone(),
                accepted_by: writer,
                rejected_by: reader,
                reason: found.reason.clone(),
            }),
            ..self.draft(direction).finding(rejection.rule, FindingLevel::Breaking, message)
        }
    }

    /// The versions of writer and reader.
    fn versions(&self, direction: Direction) -> (&str, &str) {
        let writer = writer_of(direction);
        (self.version(writer), self.version(other(writer)))
    }

    fn undecided(&self, direction: Direction, reason: &Reason) -> Finding {
        let writer = writer_of(direction);
        let age = match reason.side {
            Side::Writer => writer,
            Side::Reader => other(writer),
        };
        let place: Cow<'_, str> = match reason.pointer.as_str() {
            "" => "the schema".into(),
            pointer => pointer.into(),
        };
        let message = format!(
            "it cannot be decided whether {} take all of them: `{}` at {place} of {}",
            words::who_reads_what(self.part, direction, self.versions(direction)),
            reason.keyword,
            self.version(age)
        );
        let pointer = Some(reason.pointer.clone());
        let (old_pointer, new_pointer) = by_age(age, (pointer, None));
        Finding {
            old_pointer,
            new_pointer,
            ..self.draft(direction).finding(&rules::UNDECIDED, FindingLevel::Undecided, message)
        }
    }

    fn safe_when_dumped(&self, direction: Direction) -> Finding {
        let message = format!(
            "{} would reject none if every publisher sent every declared field",
            words::who_reads_what(self.part, direction, self.versions(direction))
        );
        let rule = &rules::SAFE_ONLY_WHEN_DUMPED;
        self.draft(direction).finding(rule, FindingLevel::Info, message)
    }
}

/// The part of a schema that a pointer means, references followed.
fn node<'s>(schema: &'s Schema, pointer: &str) -> (Option<&'s Value>, String) {
    match schema.document().pointer(pointer) {
        Some(found) => {
            let (found, pointer) = resolve(schema.document(), found, pointer);
            (Some(found), pointer)
        }
        None => (None, pointer.to_owned()),
    }
}

/// What belongs to one age and to the other, as (old, new).
fn by_age<T>(first: Age, (of_first, of_other): (T, T)) -> (T, T) {
    match first {
        Age::Old => (of_first, of_other),
        Age::New => (of_other, of_first),
    }
}
