//! Durations as people type them: `500ms`, `30s`, `5m`, `1h30m`, `2d`.

use std::time::Duration;

use thiserror::Error;

/// Why a text is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DurationError {
    #[error("a duration is needed, for example 30s, 5m or 1h30m")]
    Empty,
    #[error("{0:?} has no unit; write {0}s, {0}m or {0}h")]
    NoUnit(String),
    #[error("{unit:?} is not a unit of time; use ms, s, m, h or d, as in 30s or 1h30m")]
    UnknownUnit { unit: String },
    #[error("{0:?} is not a duration; write 30s, 5m or 1h30m")]
    NotANumber(String),
    #[error("{0:?} is longer than this tool can wait")]
    TooLong(String),
}

/// The longest duration accepted: about 136 years, far below where timers overflow.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// Parses a sum of numbers with units: `ms`, `s`, `m`, `h`, `d`. A number may have a fraction
/// (`1.5s`); a bare `0` needs no unit. Fit for clap's `value_parser`.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let (part, after) = next_part(rest, text)?;
        total = total.checked_add(part).ok_or_else(|| DurationError::TooLong(text.to_owned()))?;
        rest = after.trim_start();
    }
    if total > LONGEST { Err(DurationError::TooLong(text.to_owned())) } else { Ok(total) }
}

fn next_part<'a>(rest: &'a str, whole: &str) -> Result<(Duration, &'a str), DurationError> {
    let number_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, after) = rest.split_at(number_end);
    let value: f64 = number.parse().map_err(|_| DurationError::NotANumber(whole.to_owned()))?;
    let after = after.trim_start();
    let unit_end = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
    let (unit, after) = after.split_at(unit_end);
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        "" => return Err(DurationError::NoUnit(number.to_owned())),
        _ => return Err(DurationError::UnknownUnit { unit: unit.to_owned() }),
    };
    let part = Duration::try_from_secs_f64(value * seconds)
        .map_err(|_| DurationError::TooLong(whole.to_owned()))?;
    Ok((part, after))
}

/// A short spelling, rounded below a minute to tenths of a second: `1h30m`, `2.5s`, `40ms`.
pub fn show(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration < Duration::from_secs(1) {
        return format!("{}ms", duration.as_millis());
    }
    if seconds < 60 {
        return format!("{}s", (duration.as_secs_f64() * 10.0).round() / 10.0);
    }
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        let table = [
            ("500ms", 500),
            ("30s", 30_000),
            ("1.5s", 1_500),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1h 30 m", 5_400_000),
            ("2d", 172_800_000),
            ("0", 0),
            (" 10s ", 10_000),
        ];
        for (text, milliseconds) in table {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text:?}");
        }
    }

    #[test]
    fn a_bad_duration_says_what_to_write() {
        let table = [
            ("", "a duration is needed, for example 30s, 5m or 1h30m"),
            ("30", r#""30" has no unit; write 30s, 30m or 30h"#),
            ("1m30", r#""30" has no unit; write 30s, 30m or 30h"#),
            ("5w", r#""w" is not a unit of time; use ms, s, m, h or d, as in 30s or 1h30m"#),
            ("soon", r#""soon" is not a duration; write 30s, 5m or 1h30m"#),
            ("-1s", r#""-1s" is not a duration; write 30s, 5m or 1h30m"#),
            ("1..2s", r#""1..2s" is not a duration; write 30s, 5m or 1h30m"#),
            ("999999999d", r#""999999999d" is longer than this tool can wait"#),
        ];
        for (text, message) in table {
            assert_eq!(parse(text).unwrap_err().to_string(), message);
        }
    }

    #[test]
    fn durations_are_shown_as_they_would_be_typed() {
        for text in ["40ms", "2.5s", "30s", "5m", "1h30m", "1m1s", "0ms"] {
            assert_eq!(show(parse(text).unwrap()), text);
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "[0-9.a-z \\PC]{0,24}") {
            let _ = parse(&text);
        }
    }
}
