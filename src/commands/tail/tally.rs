//! What a tail has seen, for its last words.

use std::fmt;

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
    /// Shown, but nobody can read them.
    pub undecodable: u64,
    /// Never reached us: the queue was full.
    pub dropped: u64,
    /// Times the connection was lost.
    pub gaps: u64,
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
            (self.dropped, "dropped"),
        ];
        for (count, what) in rest.into_iter().filter(|(count, _)| *count > 0) {
            write!(f, ", {count} {what}")?;
        }
        match self.gaps {
            0 => Ok(()),
            1 => f.write_str(", 1 gap"),
            gaps => write!(f, ", {gaps} gaps"),
        }
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
            dropped: 7,
            gaps: 8,
        };
        assert_eq!(
            all.to_string(),
            "1 event received, 2 shown, 3 excluded, 4 filtered out, 5 the filter failed on, \
             6 undecodable, 7 dropped, 8 gaps"
        );
    }
}
