//! Exact rational numbers: JSON numbers as they are written, never as floating point.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, Zero};

pub(in crate::schema) type Rational = BigRational;

/// Exponents and digit counts beyond this are refused: `1e999999999` would not fit into memory.
const MAX_DIGITS: usize = 1_100;

/// Reads a JSON number exactly. `None` when it is too large to be worth being exact about.
pub(in crate::schema) fn rational(number: &serde_json::Number) -> Option<Rational> {
    if let Some(small) = number.as_i64() {
        return Some(Rational::from_integer(BigInt::from(small)));
    }
    let text = number.to_string();
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text.as_str(), 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let limit = i64::try_from(MAX_DIGITS).ok()?;
    if whole.len() + fraction.len() > MAX_DIGITS || exponent.abs() > limit {
        return None;
    }
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let shift = exponent - i64::try_from(fraction.len()).ok()?;
    let power = BigInt::from(10).pow(u32::try_from(shift.unsigned_abs()).ok()?);
    Some(if shift < 0 {
        Rational::new(digits, power)
    } else {
        Rational::from_integer(digits * power)
    })
}

/// Writes a rational as a JSON number; `None` when it has no finite decimal form.
pub(in crate::schema) fn to_json(value: &Rational) -> Option<serde_json::Number> {
    let mut places = 0_usize;
    let mut scaled = value.clone();
    while !scaled.is_integer() {
        places += 1;
        if places > MAX_DIGITS {
            return None;
        }
        scaled *= BigInt::from(10);
    }
    let digits = scaled.to_integer();
    let mut text = digits.abs().to_string();
    if places > 0 {
        if text.len() <= places {
            text.insert_str(0, &"0".repeat(places + 1 - text.len()));
        }
        text.insert(text.len() - places, '.');
    }
    if digits.is_negative() {
        text.insert(0, '-');
    }
    serde_json::from_str(&text).ok()
}

/// The smallest positive number that is a multiple of both.
pub(in crate::schema) fn common_multiple(left: &Rational, right: &Rational) -> Rational {
    Rational::new(left.numer().lcm(right.numer()), left.denom().gcd(right.denom()))
}

pub(super) fn is_multiple(value: &Rational, of: &Rational) -> bool {
    !of.is_zero() && (value / of).is_integer()
}

pub(super) fn one() -> Rational {
    Rational::one()
}

pub(super) fn zero() -> Rational {
    Rational::zero()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Rational {
        rational(&serde_json::from_str(text).unwrap()).unwrap()
    }

    #[test]
    fn numbers_are_read_exactly_and_written_back() {
        for (text, written) in [
            ("0", "0"),
            ("-0", "0"),
            ("1.0", "1"),
            ("1e2", "100"),
            ("-0.05", "-0.05"),
            ("0.1", "0.1"),
            ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
            ("1.5E-3", "0.0015"),
        ] {
            assert_eq!(to_json(&read(text)).unwrap().to_string(), written, "{text}");
        }
    }

    #[test]
    fn a_number_that_would_not_fit_into_memory_is_refused() {
        assert_eq!(rational(&serde_json::from_str("1e999999999").unwrap()), None);
    }

    #[test]
    fn common_multiples_are_exact() {
        assert_eq!(common_multiple(&read("1"), &read("0.3")), read("3"));
        assert_eq!(common_multiple(&read("0.2"), &read("0.3")), read("0.6"));
        assert!(is_multiple(&read("0.3"), &read("0.1")));
        assert!(!is_multiple(&read("0.35"), &read("0.1")));
    }
}
