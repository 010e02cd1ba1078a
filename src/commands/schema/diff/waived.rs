//! Waivers of the project, applied to a comparison.

use jiff::civil::Date;

use super::report::{SchemaDiff, Summary, WaiverReport};
use crate::schema::judge::Scope;
use crate::schema::{Waiver, waiver};

impl SchemaDiff {
    /// Marks what the project accepts; it no longer counts, and comes last within its topic. In a
    /// comparison of a part nobody can say which waivers are unused.
    pub fn waive(&mut self, waivers: &[Waiver], today: Date, scope: Scope) {
        let outcome = waiver::apply(&mut self.changes, waivers, today);
        for topic in self.changes.chunk_by_mut(|a, b| a.topic == b.topic) {
            topic.sort_by_key(|finding| finding.waived.is_some());
        }
        self.summary = Summary::of(&self.changes);
        let names = |waivers: Vec<Waiver>| waivers.iter().map(ToString::to_string).collect();
        self.waivers = WaiverReport {
            unused: match scope {
                Scope::Whole => names(outcome.unused),
                Scope::Part => Vec::new(),
            },
            expired: names(outcome.expired),
        };
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::formats::sample::{finding, sample};
    use super::*;
    use crate::schema::WaiverTarget;

    fn by_fingerprint(fingerprint: String) -> Waiver {
        let target = WaiverTarget::Fingerprint(fingerprint);
        Waiver { target, reason: "agreed".to_owned(), expires: None }
    }

    #[test]
    fn what_is_waived_no_longer_counts_and_comes_last() {
        let waivers = [by_fingerprint(finding("a").fingerprint), by_fingerprint("0".repeat(12))];
        for (scope, unused) in [(Scope::Whole, 1), (Scope::Part, 0)] {
            let mut report = sample();
            report.changes =
                ["a", "b"].into_iter().flat_map(|topic| [finding(topic), finding(topic)]).collect();
            report.changes[1].path = "other".to_owned();
            report.changes[1].fingerprint = report.changes[1].compute_fingerprint();
            report.waive(&waivers, date(2027, 1, 1), scope);
            let shown: Vec<(&str, &str, bool)> = report
                .changes
                .iter()
                .map(|change| (&*change.topic, &*change.path, change.waived.is_some()))
                .collect();
            let expected = [
                ("a", "other", false),
                ("a", "items[].qty", true),
                ("b", "items[].qty", false),
                ("b", "items[].qty", false),
            ];
            assert_eq!(shown, expected);
            assert_eq!((report.summary.breaking, report.summary.waived), (3, 1));
            assert_eq!(report.waivers.unused.len(), unused);
        }
    }
}
