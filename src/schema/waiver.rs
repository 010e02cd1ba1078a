//! Findings that a team has accepted, with a reason and perhaps for a time.

use std::fmt;

use jiff::civil::Date;

use super::finding::{Finding, FindingLevel};
use super::rules::Rule;
use crate::event::RoutingPattern;

/// One accepted finding, or the findings of one rule at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    pub target: WaiverTarget,
    /// Why it is accepted; never empty.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaiverTarget {
    /// The fingerprint of a finding, as `schema diff` shows it.
    Fingerprint(String),
    Place {
        rule: &'static Rule,
        topic: RoutingPattern,
        /// The path in the event, `items[].qty`; empty for the event itself.
        path: String,
    },
}

/// Waivers that did nothing, in their own order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WaiverOutcome {
    /// They match no finding.
    pub unused: Vec<Waiver>,
    /// Their day is over. What they matched, if anything, counts again.
    pub expired: Vec<Waiver>,
}

/// Marks what the waivers accept, with the reason of the first that does.
///
/// | level | waived by a match |
/// |---|---|
/// | breaking, undecided, warning | yes |
/// | info | no: nobody has to accept it |
pub fn apply(findings: &mut [Finding], waivers: &[Waiver], today: Date) -> WaiverOutcome {
    let mut outcome = WaiverOutcome::default();
    for waiver in waivers {
        if waiver.expires.is_some_and(|last| last < today) {
            outcome.expired.push(waiver.clone());
            continue;
        }
        let mut is_used = false;
        for finding in findings.iter_mut().filter(|finding| waiver.accepts(finding)) {
            is_used = true;
            finding.waived.get_or_insert_with(|| waiver.reason.clone());
        }
        if !is_used {
            outcome.unused.push(waiver.clone());
        }
    }
    outcome
}

impl Waiver {
    fn accepts(&self, finding: &Finding) -> bool {
        let may_be_waived = match finding.level {
            FindingLevel::Breaking | FindingLevel::Undecided | FindingLevel::Warning => true,
            FindingLevel::Info => false,
        };
        may_be_waived && self.target.matches(finding)
    }
}

impl WaiverTarget {
    fn matches(&self, finding: &Finding) -> bool {
        match self {
            Self::Fingerprint(fingerprint) => finding.fingerprint == *fingerprint,
            Self::Place { rule, topic, path } => {
                rule.code == finding.rule.code
                    && topic.matches(&finding.topic)
                    && *path == finding.path
            }
        }
    }
}

impl fmt::Display for Waiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            WaiverTarget::Fingerprint(fingerprint) => f.write_str(fingerprint)?,
            WaiverTarget::Place { rule, topic, path } if path.is_empty() => {
                write!(f, "{} {topic}", rule.code)?;
            }
            WaiverTarget::Place { rule, topic, path } => {
                write!(f, "{} {topic} {path}", rule.code)?;
            }
        }
        match self.expires {
            Some(last) => write!(f, " until {last} ({})", self.reason),
            None => write!(f, " ({})", self.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::schema::SchemaPart;
    use crate::schema::rules::{self, REQUIRED_FIELD};

    fn finding(level: FindingLevel, topic: &str, path: &str) -> Finding {
        let mut finding = Finding {
            rule: &REQUIRED_FIELD,
            level,
            topic: topic.to_owned(),
            from_version: None,
            to_version: None,
            part: SchemaPart::Request,
            direction: None,
            path: path.to_owned(),
            old_pointer: None,
            new_pointer: None,
            before: None,
            after: None,
            message: String::new(),
            witness: None,
            suggestion: None,
            affected: Vec::new(),
            location: None,
            fingerprint: String::new(),
            waived: None,
        };
        finding.fingerprint = finding.compute_fingerprint();
        finding
    }

    fn place(topic: &str, path: &str) -> Waiver {
        let topic = topic.parse().unwrap();
        let target = WaiverTarget::Place { rule: &REQUIRED_FIELD, topic, path: path.to_owned() };
        Waiver { target, reason: format!("because of {path}"), expires: None }
    }

    #[test]
    fn a_waiver_accepts_its_fingerprint_or_its_rule_topic_and_path() {
        let fingerprint = finding(FindingLevel::Breaking, "order.placed", "a").fingerprint;
        let by_fingerprint = |fingerprint: &str| Waiver {
            target: WaiverTarget::Fingerprint(fingerprint.to_owned()),
            reason: "agreed".to_owned(),
            expires: None,
        };
        let other_rule = rules::all().find(|rule| rule.code != REQUIRED_FIELD.code).unwrap();
        let other = WaiverTarget::Place {
            rule: other_rule,
            topic: "#".parse().unwrap(),
            path: "a".to_owned(),
        };
        let breaking = FindingLevel::Breaking;
        let table = [
            (place("order.placed", "a"), breaking, Some("because of a")),
            (place("order.*", "a"), FindingLevel::Undecided, Some("because of a")),
            (place("#", "a"), FindingLevel::Warning, Some("because of a")),
            (place("#", "a"), FindingLevel::Info, None),
            (place("#", ""), breaking, None),
            (place("order", "a"), breaking, None),
            (Waiver { target: other, ..place("#", "a") }, breaking, None),
            (by_fingerprint(&fingerprint), FindingLevel::Warning, Some("agreed")),
            (by_fingerprint("000000000000"), breaking, None),
        ];
        for (waiver, level, expected) in table {
            let mut findings = [finding(level, "order.placed", "a")];
            let outcome = apply(&mut findings, std::slice::from_ref(&waiver), date(2027, 1, 1));
            assert_eq!(findings[0].waived.as_deref(), expected, "{waiver}");
            assert_eq!(outcome.unused.len(), usize::from(expected.is_none()), "{waiver}");
        }
    }

    #[test]
    fn a_waiver_holds_on_its_last_day_and_not_after() {
        let waiver = Waiver { expires: Some(date(2027, 1, 31)), ..place("#", "a") };
        for (today, expected) in [(date(2027, 1, 31), "waived"), (date(2027, 2, 1), "expired")] {
            let mut findings = [finding(FindingLevel::Breaking, "order.placed", "a")];
            let outcome = apply(&mut findings, std::slice::from_ref(&waiver), today);
            assert_eq!(findings[0].waived.is_some(), expected == "waived");
            assert_eq!(outcome.expired.len(), usize::from(expected == "expired"));
            assert_eq!(outcome.unused, []);
        }
    }

    #[test]
    fn the_first_of_two_waivers_gives_the_reason_and_neither_is_unused() {
        let waivers =
            [place("order.#", "a"), Waiver { reason: "late".to_owned(), ..place("#", "a") }];
        let mut findings = [finding(FindingLevel::Breaking, "order.placed", "a")];
        let outcome = apply(&mut findings, &waivers, date(2027, 1, 1));
        assert_eq!(findings[0].waived.as_deref(), Some("because of a"));
        assert_eq!(outcome, WaiverOutcome::default());
    }

    #[test]
    fn a_waiver_is_named_by_what_it_accepts_and_why() {
        let dated = Waiver { expires: Some(date(2027, 1, 31)), ..place("order.#", "items[].qty") };
        let shown = dated.to_string();
        assert_eq!(shown, "CS001 order.# items[].qty until 2027-01-31 (because of items[].qty)");
        assert_eq!(place("a.b", "").to_string(), "CS001 a.b (because of )");
    }
}
