//! The time of arrival, as records spell it.

use jiff::Timestamp;

/// The text of the current millisecond, written anew only when it has passed.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    millisecond: Option<i64>,
    text: String,
}

impl Stamp {
    /// `now` in RFC 3339, UTC, with milliseconds.
    pub fn of(&mut self, now: Timestamp) -> &str {
        let millisecond = now.as_millisecond();
        if self.millisecond != Some(millisecond) {
            self.millisecond = Some(millisecond);
            self.text = text(now);
        }
        &self.text
    }
}

/// `time` in RFC 3339, UTC, with milliseconds.
pub(super) fn text(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_in_utc() {
        let mut stamp = Stamp::default();
        let table = [
            (1_767_323_045_678_999_999, "2026-01-02T03:04:05.678Z"),
            (1_767_323_045_678_000_000, "2026-01-02T03:04:05.678Z"),
            (1_767_323_045_679_000_000, "2026-01-02T03:04:05.679Z"),
            (1_767_323_045_000_000_000, "2026-01-02T03:04:05.000Z"),
        ];
        for (nanoseconds, expected) in table {
            assert_eq!(stamp.of(Timestamp::from_nanosecond(nanoseconds).unwrap()), expected);
        }
    }
}
