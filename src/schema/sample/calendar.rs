//! Days around a fixed one: a sample is the same today and in ten years.

use jiff::civil::{Date, date};
use jiff::{Span, civil};

use super::dice::Dice;

/// The day that all others count from.
const BASE: Date = date(2026, 1, 15);

/// A day within the months around.
pub(super) fn day(dice: &mut Dice) -> String {
    shifted(dice.below(181) as i64 - 90).to_string()
}

/// A day on which an adult was born.
pub(super) fn birthday(dice: &mut Dice) -> String {
    shifted(-(dice.between(20 * 365, 60 * 365) as i64)).to_string()
}

/// A moment in UTC.
pub(super) fn instant(dice: &mut Dice) -> String {
    format!("{}T{}Z", day(dice), time(dice))
}

/// A time of a working day.
pub(super) fn time(dice: &mut Dice) -> String {
    let (hour, minute, second) = (dice.between(7, 19), dice.below(60), dice.below(60));
    civil::time(hour as i8, minute as i8, second as i8, 0).to_string()
}

fn shifted(days: i64) -> Date {
    BASE.checked_add(Span::new().days(days)).unwrap_or(BASE)
}
