//! What a tail has seen, for its last words.

use std::fmt;

use super::view::Outcome;
use crate::broker::amqp::{Certainty, Drops};
use crate::quantity::counted;
use crate::wire::Kind;
use crate::wire::record::SchemaOutcome;

/// Counts of one run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Messages that reached us.
    pub received: u64,
    pub shown: u64,
    /// Left out by `--exclude`.
    pub excluded: u64,
    /// Left out by `--filter`.
    pub filtered: u64,
    /// Left out because the filter failed on them.
    pub filter_failed: u64,
    /// Nobody can read them; shown unless only invalid events are.
    pub undecodable: u64,
    /// Shown, but they do not fit their schema.
    pub invalid: u64,
    /// Shown, but no schema is registered for them.
    pub without_schema: u64,
    /// Left out by `--validate only-invalid`.
    pub not_invalid: u64,
    /// Never reached us: the queue was full.
    pub dropped: Drops,
    /// Times the connection was lost.
    pub gaps: u64,
}

impl Tally {
    pub fn left_out_by_schema(&mut self, kind: Kind) {
        match kind {
            Kind::Undecodable => self.undecodable += 1,
            Kind::Event | Kind::RpcRequest | Kind::Task | Kind::Raw => self.not_invalid += 1,
        }
    }

    pub fn written(&mut self, outcome: Outcome, (kind, schema): (Kind, SchemaOutcome)) {
        self.undecodable += u64::from(kind == Kind::Undecodable);
        match outcome {
            Outcome::Written => self.shown += 1,
            Outcome::NothingToPrint => {}
        }
        match schema {
            SchemaOutcome::Invalid => self.invalid += 1,
            SchemaOutcome::Unknown => self.without_schema += 1,
            SchemaOutcome::Unchecked | SchemaOutcome::Valid => {}
        }
    }

    pub fn add_dropped(&mut self, drops: Drops) {
        self.dropped.count += drops.count;
        match drops.certainty {
            Certainty::Exact => {}
            Certainty::AtLeast => self.dropped.certainty = Certainty::AtLeast,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = if self.received == 1 { "event" } else { "events" };
        write!(f, "{} {events} received, {} shown", self.received, self.shown)?;
        let rest = [
            (self.excluded, "excluded"),
            (self.filtered, "filtered out"),
            (self.filter_failed, "the filter failed on"),
            (self.undecodable, "undecodable"),
            (self.invalid, "invalid"),
            (self.without_schema, "without a schema"),
            (self.not_invalid, "left out as not invalid"),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        if self.dropped.count > 0 {
            write!(f, ", {} dropped", how_many(self.dropped))?;
        }
        match self.gaps {
            0 => Ok(()),
            gaps => write!(f, ", {}", counted(gaps, "gap")),
        }
    }
}

/// `12`, or `at least 12`.
pub(super) fn how_many(drops: Drops) -> String {
    match drops.certainty {
        Certainty::Exact => drops.count.to_string(),
        Certainty::AtLeast => format!("at least {}", drops.count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_names_only_what_happened() {
        let none = Tally::default();
        assert_eq!(none.to_string(), "0 events received, 0 shown");
        let all = Tally {
            received: 1,
            shown: 2,
            excluded: 3,
            filtered: 4,
            filter_failed: 5,
            undecodable: 6,
            invalid: 9,
            without_schema: 10,
            not_invalid: 11,
            dropped: Drops { count: 7, certainty: Certainty::AtLeast },
            gaps: 8,
        };
        assert_eq!(
            all.to_string(),
            "1 event received, 2 shown, 3 excluded, 4 filtered out, 5 the filter failed on, \
             6 undecodable, 9 invalid, 10 without a schema, 11 left out as not invalid, at least 7 dropped, 8 gaps"
        );
    }
}
