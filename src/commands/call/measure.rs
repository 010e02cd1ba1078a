//! `call --repeat`: how long round trips take.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::answer::{Outcome, milliseconds};
use crate::commands::error::ExitKind;
use crate::quantity::counted;
use crate::ui::{Report, Style, Table};

/// Round trips so far.
#[derive(Debug, Default)]
pub struct Measurements {
    outcomes: BTreeMap<Outcome, u64>,
    /// Of calls that got an answer.
    round_trips: Vec<Duration>,
}

impl Measurements {
    pub fn add(&mut self, outcome: Outcome, elapsed: Duration) {
        *self.outcomes.entry(outcome).or_default() += 1;
        match outcome {
            Outcome::Success
            | Outcome::Error
            | Outcome::HandlerError
            | Outcome::NoHandlers
            | Outcome::Failure => self.round_trips.push(elapsed),
            Outcome::Timeout | Outcome::Unroutable => {}
        }
    }

    pub fn calls(&self) -> u64 {
        self.outcomes.values().sum()
    }

    /// The report after `elapsed` in all.
    pub fn into_report(self, topic: String, elapsed: Duration) -> RepeatReport {
        let calls = self.calls();
        let seconds = elapsed.as_secs_f64();
        RepeatReport {
            topic,
            calls,
            outcomes: self.outcomes.iter().map(|(outcome, n)| (outcome.name(), *n)).collect(),
            elapsed_seconds: (seconds * 1e3).round() / 1e3,
            rate_per_second: if calls == 0 { 0.0 } else { (calls as f64 / seconds).round() },
            round_trip_ms: RoundTrips::of(self.round_trips),
        }
    }
}

/// The answer of `celerysalt call --repeat`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RepeatReport {
    pub topic: String,
    pub calls: u64,
    pub outcomes: BTreeMap<&'static str, u64>,
    pub elapsed_seconds: f64,
    pub rate_per_second: f64,
    /// `null` where no call was answered.
    pub round_trip_ms: Option<RoundTrips>,
}

/// Milliseconds.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub struct RoundTrips {
    pub min: f64,
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

impl RoundTrips {
    fn of(mut times: Vec<Duration>) -> Option<Self> {
        times.sort_unstable();
        let (min, max) = (*times.first()?, *times.last()?);
        let count = u32::try_from(times.len()).unwrap_or(u32::MAX);
        Some(Self {
            min: milliseconds(min),
            mean: milliseconds(times.iter().sum::<Duration>() / count),
            p50: milliseconds(percentile(&times, 50)),
            p90: milliseconds(percentile(&times, 90)),
            p99: milliseconds(percentile(&times, 99)),
            max: milliseconds(max),
        })
    }
}

/// Nearest rank: the smallest time that at least `percent` of all times do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

impl RepeatReport {
    /// The worst that happened decides.
    pub fn exit_kind(&self) -> ExitKind {
        let happened = |outcome: &Outcome| self.outcomes.contains_key(outcome.name());
        [
            Outcome::Timeout,
            Outcome::Unroutable,
            Outcome::NoHandlers,
            Outcome::Failure,
            Outcome::HandlerError,
            Outcome::Error,
        ]
        .iter()
        .find(|outcome| happened(outcome))
        .map_or(ExitKind::Done, |outcome| outcome.exit_kind())
    }
}

impl Report for RepeatReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut outcomes = Table::new(["outcome", "calls"]).numeric(1);
        for (outcome, count) in &self.outcomes {
            outcomes.row([(*outcome).to_owned(), count.to_string()]);
        }
        outcomes.write(out, style)?;
        if let Some(times) = &self.round_trip_ms {
            let mut table = Table::new(["round trip", "ms"]).numeric(1);
            let rows = [
                ("min", times.min),
                ("mean", times.mean),
                ("p50", times.p50),
                ("p90", times.p90),
                ("p99", times.p99),
                ("max", times.max),
            ];
            for (name, value) in rows {
                table.row([name.to_owned(), format!("{value:.3}")]);
            }
            table.write(out, style)?;
        }
        writeln!(
            out,
            "{} in {:.1} s, {:.0} a second",
            counted(self.calls, "call"),
            self.elapsed_seconds,
            self.rate_per_second
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(calls: &[(Outcome, u64)]) -> RepeatReport {
        let mut measurements = Measurements::default();
        for (outcome, ms) in calls {
            measurements.add(*outcome, Duration::from_millis(*ms));
        }
        measurements.into_report("math.add".into(), Duration::from_secs(2))
    }

    #[test]
    fn percentiles_are_taken_by_nearest_rank() {
        let calls: Vec<_> = (1..=200).rev().map(|ms| (Outcome::Success, ms)).collect();
        let times = report(&calls).round_trip_ms.unwrap();
        let expected =
            RoundTrips { min: 1.0, mean: 100.5, p50: 100.0, p90: 180.0, p99: 198.0, max: 200.0 };
        assert_eq!(times, expected);
        let one = report(&[(Outcome::Error, 7)]).round_trip_ms.unwrap();
        assert_eq!((one.min, one.p50, one.p99, one.max), (7.0, 7.0, 7.0, 7.0));
    }

    #[test]
    fn calls_without_an_answer_count_but_are_no_round_trips() {
        let report = report(&[(Outcome::Timeout, 30_000), (Outcome::Unroutable, 1)]);
        assert_eq!((report.calls, report.round_trip_ms), (2, None));
    }

    #[test]
    fn the_worst_outcome_decides_the_exit_code() {
        let kind = |outcomes: &[Outcome]| {
            let calls: Vec<_> = outcomes.iter().map(|outcome| (*outcome, 1)).collect();
            report(&calls).exit_kind()
        };
        assert_eq!(kind(&[]), ExitKind::Done);
        assert_eq!(kind(&[Outcome::Success]), ExitKind::Done);
        assert_eq!(kind(&[Outcome::Success, Outcome::Error]), ExitKind::No);
        assert_eq!(kind(&[Outcome::Error, Outcome::NoHandlers]), ExitKind::Unroutable);
        assert_eq!(kind(&[Outcome::Timeout, Outcome::NoHandlers]), ExitKind::Timeout);
    }

    #[test]
    fn the_report_is_two_tables_and_a_line() {
        let report = report(&[(Outcome::Success, 2), (Outcome::Success, 3), (Outcome::Error, 1)]);
        let mut out = Vec::new();
        report.write_human(&mut out, &Style::new(false)).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap().replace('\t', " | "), @r#"
        outcome | calls
        error | 1
        success | 2
        round trip | ms
        min | 1.000
        mean | 2.000
        p50 | 2.000
        p90 | 3.000
        p99 | 3.000
        max | 3.000
        3 calls in 2.0 s, 2 a second
        "#);
    }
}
