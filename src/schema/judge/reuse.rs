//! One version with two texts: the same meaning, another one, or nobody can tell.

use super::super::compat::{self, Break, Comparison, Options, Reason, Schema, Verdict, Writer};
use super::super::document::{ContractPart, SchemaDocument};
use super::super::finding::{Age, Direction, Finding, FindingLevel, SchemaPart, Witness};
use super::super::rules;
use super::age::{other, word, writer_of};
use super::draft::{Draft, read_schema};
use super::pairs::Pair;
use super::words::Rejection;
use crate::event::SchemaVersion;

/// What became of a version's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Events and readers cannot tell the texts apart; nothing else has to be judged.
    Same,
    /// Not the same, or what is sent has changed beside it.
    Other,
}

/// Compares the contracts of one version on both sides.
///
/// The same: everything that one accepts the other accepts, and everything that one sends the
/// other could send, both ways.
pub(super) fn judge(
    old: &SchemaDocument,
    new: &SchemaDocument,
    findings: &mut Vec<Finding>,
) -> Meaning {
    let pair = Pair { from: old, to: new };
    let mut meaning = Meaning::Same;
    for part in old.contract_differences(new) {
        let outcome = match part {
            ContractPart::Mode => Outcome::Other(None),
            ContractPart::Schema => compare(&pair, SchemaPart::Request),
            ContractPart::ResponseSchema => compare(&pair, SchemaPart::Response),
            ContractPart::ErrorSchema => compare(&pair, SchemaPart::Error),
        };
        if !matches!(outcome, Outcome::Same) {
            meaning = Meaning::Other;
        }
        findings.push(outcome.finding(&pair, part));
    }
    if old.serialization != new.serialization { Meaning::Other } else { meaning }
}

enum Outcome {
    Same,
    Other(Option<(Direction, Box<Break>)>),
    Unknown(Reason),
}

fn compare(pair: &Pair<'_>, part: SchemaPart) -> Outcome {
    let (Some(old), Some(new)) = (read_schema(pair.from, part), read_schema(pair.to, part)) else {
        return Outcome::Other(None);
    };
    let (old, new) = (Schema::parse(&old.value()), Schema::parse(&new.value()));
    let mut doubt = None;
    for writer in [Writer::Open, Writer::Closed] {
        let options = Options { writer, ..Options::default() };
        let Comparison { backward, forward } = compat::compare(&old, &new, options);
        for (direction, verdict) in [(Direction::Forward, forward), (Direction::Backward, backward)]
        {
            match verdict {
                Verdict::Compatible => {}
                Verdict::Breaking { breaks } => {
                    let first = breaks.into_iter().next();
                    return Outcome::Other(first.map(|found| (direction, Box::new(found))));
                }
                Verdict::Undecided { reasons } => {
                    doubt = doubt.or_else(|| reasons.into_iter().next());
                }
            }
        }
    }
    doubt.map_or(Outcome::Same, Outcome::Unknown)
}

impl Outcome {
    fn finding(self, pair: &Pair<'_>, part: ContractPart) -> Finding {
        let version = &pair.to.version;
        let name = part.as_str();
        let draft = Draft::of_pair(pair, schema_part(part));
        match self {
            Self::Same => {
                let message = format!(
                    "{version} has another text for `{name}` and the same meaning{}",
                    upgrade(pair)
                );
                draft.finding(&rules::VERSION_REWORDED, FindingLevel::Info, message)
            }
            Self::Unknown(reason) => {
                let message = format!(
                    "it cannot be decided whether {version} still means the same: `{}` in `{name}`",
                    reason.keyword
                );
                let suggestion = Some(publish_as(version));
                Finding {
                    suggestion,
                    ..draft.finding(&rules::UNDECIDED, FindingLevel::Undecided, message)
                }
            }
            Self::Other(found) => reused(&draft, pair, found),
        }
    }
}

fn reused(draft: &Draft, pair: &Pair<'_>, found: Option<(Direction, Box<Break>)>) -> Finding {
    let version = &pair.to.version;
    let rule = &rules::VERSION_REUSED;
    let suggestion = Some(publish_as(version));
    let Some((direction, found)) = found else {
        let message = format!("{version} is registered with another contract");
        let finding = draft.finding(rule, FindingLevel::Breaking, message);
        return Finding { suggestion, ..finding };
    };
    let accepted_by = writer_of(direction);
    let rejected_by = other(accepted_by);
    let reader = match rejected_by {
        Age::Old => pair.from,
        Age::New => pair.to,
    };
    let schema = read_schema(reader, draft.part).map(|text| text.value());
    let node = schema.as_ref().and_then(|schema| schema.pointer(&found.reader_pointer));
    let rejection = Rejection::of(&found, node);
    let message = format!(
        "{version} is registered with another meaning: the {} schema rejects {}, which the {} one \
         accepts",
        word(rejected_by),
        rejection.described(draft.part),
        word(accepted_by)
    );
    let (old_pointer, new_pointer) = match accepted_by {
        Age::Old => (&found.writer_pointer, &found.reader_pointer),
        Age::New => (&found.reader_pointer, &found.writer_pointer),
    };
    Finding {
        path: rejection.path,
        old_pointer: Some(old_pointer.clone()),
        new_pointer: Some(new_pointer.clone()),
        suggestion,
        witness: Some(Witness {
            instance: found.witness.clone(),
            accepted_by,
            rejected_by,
            reason: found.reason.clone(),
        }),
        ..draft.finding(rule, FindingLevel::Breaking, message)
    }
}

fn schema_part(part: ContractPart) -> SchemaPart {
    match part {
        ContractPart::Mode | ContractPart::Schema => SchemaPart::Request,
        ContractPart::ResponseSchema => SchemaPart::Response,
        ContractPart::ErrorSchema => SchemaPart::Error,
    }
}

fn publish_as(version: &SchemaVersion) -> String {
    let canonical = version.canonical();
    let major = canonical.split('.').next().and_then(|number| number.parse::<u64>().ok());
    match major.and_then(|major| major.checked_add(1)) {
        Some(next) => format!("leave {version} as it is registered and publish this as v{next}"),
        None => format!("leave {version} as it is registered and publish this as a higher version"),
    }
}

/// What may have changed the text, where both documents say what wrote them.
fn upgrade(pair: &Pair<'_>) -> String {
    let pydantic = |document: &SchemaDocument| document.publisher.as_ref()?.pydantic.clone();
    match (pydantic(pair.from), pydantic(pair.to)) {
        (Some(old), Some(new)) if old != new => {
            format!(": Pydantic {old} wrote the old one, Pydantic {new} the new one")
        }
        (Some(_) | None, Some(_) | None) => String::new(),
    }
}
