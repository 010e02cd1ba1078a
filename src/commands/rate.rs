//! Rates as people type them, and keeping to one.

use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use tokio::time::Instant;

/// `--rate`: at most so many a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    per_second: f64,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a rate; write 100/s, 30/m or 5/h")]
pub struct RateError(String);

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let (number, unit) = text.trim().split_once('/').unwrap_or((text.trim(), "s"));
        let seconds = match unit.trim() {
            "s" | "sec" | "second" => 1.0,
            "m" | "min" | "minute" => 60.0,
            "h" | "hour" => 3600.0,
            _ => return Err(RateError(text.to_owned())),
        };
        match number.trim().parse::<f64>() {
            Ok(count) if count.is_finite() && count > 0.0 => {
                Ok(Self { per_second: count / seconds })
            }
            Ok(_) | Err(_) => Err(RateError(text.to_owned())),
        }
    }
}

/// Spreads events over time. It never hurries to make up for lost time by more than a tenth of a
/// second's worth, so a pause is not followed by a burst.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    next: Instant,
}

const LARGEST_CATCH_UP: Duration = Duration::from_millis(100);

impl Pace {
    pub fn new(rate: Rate) -> Self {
        let interval = Duration::try_from_secs_f64(1.0 / rate.per_second).unwrap_or(Duration::MAX);
        Self { interval, next: Instant::now() }
    }

    /// When the next event is due; the one after it moves on. `now` is the current time.
    pub fn take_slot(&mut self, now: Instant) -> Instant {
        let earliest = now.checked_sub(LARGEST_CATCH_UP).unwrap_or(now);
        let slot = self.next.max(earliest);
        self.next = slot.checked_add(self.interval).unwrap_or(slot);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_with_a_unit_of_time() {
        let table = [
            ("100", Some(100.0)),
            ("100/s", Some(100.0)),
            (" 30 / m ", Some(0.5)),
            ("3600/h", Some(1.0)),
            ("0.5/s", Some(0.5)),
            ("0/s", None),
            ("-1/s", None),
            ("nan", None),
            ("inf/s", None),
            ("10/day", None),
            ("fast", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(text.parse::<Rate>().ok().map(|rate| rate.per_second), expected, "{text}");
        }
    }

    #[test]
    fn a_pace_spreads_events_and_does_not_burst_after_a_pause() {
        let mut pace = Pace::new("10/s".parse().unwrap());
        let start = pace.next;
        let due = |slot: Instant| slot.saturating_duration_since(start).as_millis();
        assert_eq!(due(pace.take_slot(start)), 0);
        assert_eq!(due(pace.take_slot(start)), 100);
        let later = start + Duration::from_secs(5);
        assert_eq!(due(pace.take_slot(later)), 4900);
        assert_eq!(due(pace.take_slot(later)), 5000);
        assert_eq!(due(pace.take_slot(later)), 5100);
    }
}
