//! When each recorded event is due again.

use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use thiserror::Error;

/// `--speed`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// Times the original: 2 is twice as fast.
    Times(f64),
    /// Without waiting.
    Max,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a speed; write 2x (twice as fast), 0.5x (half as fast) or max")]
pub struct SpeedError(String);

impl Speed {
    pub const ORIGINAL: Self = Self::Times(1.0);
}

impl FromStr for Speed {
    type Err = SpeedError;

    fn from_str(text: &str) -> Result<Self, SpeedError> {
        let text = text.trim();
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.strip_suffix('x').unwrap_or(text).parse::<f64>() {
            Ok(factor) if factor.is_finite() && factor > 0.0 => Ok(Self::Times(factor)),
            Ok(_) | Err(_) => Err(SpeedError(text.to_owned())),
        }
    }
}

/// Turns recorded times into waiting times. Time never runs backwards: an event that was recorded
/// before its predecessor, or without a time, is due together with it.
#[derive(Debug)]
pub(super) struct Timeline {
    speed: Speed,
    first: Option<Timestamp>,
    due: Duration,
}

impl Timeline {
    pub fn new(speed: Speed) -> Self {
        Self { speed, first: None, due: Duration::ZERO }
    }

    /// How long after the start of the replay an event is due. The first one is due at once.
    pub fn due(&mut self, received_at: Option<&str>) -> Duration {
        let Speed::Times(factor) = self.speed else { return Duration::ZERO };
        let Some(time) = received_at.and_then(|text| text.parse::<Timestamp>().ok()) else {
            return self.due;
        };
        let first = *self.first.get_or_insert(time);
        let recorded = time.duration_since(first).as_secs_f64().max(0.0);
        let due = Duration::try_from_secs_f64(recorded / factor).unwrap_or(Duration::MAX);
        self.due = self.due.max(due);
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_speed_is_faster() {
        let table = [
            ("1x", Some(Speed::Times(1.0))),
            ("2x", Some(Speed::Times(2.0))),
            ("0.5x", Some(Speed::Times(0.5))),
            ("10", Some(Speed::Times(10.0))),
            ("max", Some(Speed::Max)),
            ("0x", None),
            ("-1x", None),
            ("infx", None),
            ("nanx", None),
            ("fast", None),
            ("", None),
        ];
        for (text, speed) in table {
            assert_eq!(text.parse::<Speed>().ok(), speed, "{text}");
        }
    }

    #[test]
    fn events_are_due_as_they_were_recorded() {
        let recorded = [
            Some("2026-01-02T03:04:05.000Z"),
            Some("2026-01-02T03:04:06.500Z"),
            Some("2026-01-02T03:04:06.000Z"),
            None,
            Some("junk"),
            Some("2026-01-02T03:04:09.000+00:00"),
        ];
        let due = |speed: &str| -> Vec<u128> {
            let mut timeline = Timeline::new(speed.parse().unwrap());
            recorded.iter().map(|time| timeline.due(*time).as_millis()).collect()
        };
        assert_eq!(due("1x"), [0, 1500, 1500, 1500, 1500, 4000]);
        assert_eq!(due("2x"), [0, 750, 750, 750, 750, 2000]);
        assert_eq!(due("0.5x"), [0, 3000, 3000, 3000, 3000, 8000]);
        assert_eq!(due("max"), [0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_recording_over_centuries_at_a_snails_pace_is_no_overflow() {
        let mut timeline = Timeline::new(Speed::Times(1e-300));
        timeline.due(Some("0001-01-01T00:00:00Z"));
        assert_eq!(timeline.due(Some("9999-01-01T00:00:00Z")), Duration::MAX);
    }
}
