//! Numbers as Python prints them.

use num_bigint::BigInt;

use super::SerialError;

/// `sys.int_info.default_max_str_digits`: what Python itself refuses to print.
const MAX_DIGITS: usize = 4300;
/// The longest two's complement form that can have so few digits.
const MAX_INTEGER_BYTES: usize = 1787;

/// `repr(float)`: the shortest digits that give the same number back.
pub(crate) fn float_repr(value: f64) -> Result<String, SerialError> {
    if !value.is_finite() {
        return Err(SerialError::NotFinite(if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }));
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        return Ok(if plain.contains('.') { plain } else { plain + ".0" });
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    Ok(format!("{digits}e{sign}{:02}", exponent.unsigned_abs()))
}

/// The decimal digits of a little-endian two's complement integer.
pub(super) fn integer_from_bytes(bytes: &[u8]) -> Result<String, SerialError> {
    if bytes.len() > MAX_INTEGER_BYTES {
        return Err(SerialError::LongInteger);
    }
    Ok(BigInt::from_signed_bytes_le(bytes).to_string())
}

/// The decimal digits of an integer in another notation; `None` where a digit does not fit it.
pub(super) fn integer_from_digits(digits: &str, radix: u32) -> Option<Result<String, SerialError>> {
    if digits.len() > MAX_DIGITS {
        return Some(Err(SerialError::LongInteger));
    }
    BigInt::parse_bytes(digits.as_bytes(), radix).map(|integer| Ok(integer.to_string()))
}

/// `1:30:00` as a number: every part counts sixty times the next.
pub(super) fn sexagesimal(parts: &str) -> Option<String> {
    let mut total = BigInt::ZERO;
    for part in parts.split(':') {
        total = total * 60 + BigInt::parse_bytes(part.as_bytes(), 10)?;
    }
    Some(total.to_string())
}

/// A JSON number from decimal text with an optional sign: leading zeros and `+` go away.
pub(super) fn decimal(text: &str) -> Option<String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_start_matches('0');
    Some(if significant.is_empty() { "0".to_owned() } else { format!("{sign}{significant}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_look_as_python_prints_them() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (9.5, "9.5"),
            (0.1, "0.1"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1e-7, "1e-07"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.2345e22, "1.2345e+22"),
            (1e300, "1e+300"),
            (5e-324, "5e-324"),
            (123456789.123, "123456789.123"),
        ] {
            assert_eq!(float_repr(value).unwrap(), text);
        }
        assert_eq!(float_repr(f64::NAN), Err(SerialError::NotFinite("nan")));
        assert_eq!(float_repr(f64::NEG_INFINITY), Err(SerialError::NotFinite("-inf")));
    }

    #[test]
    fn integers_keep_every_digit_up_to_pythons_limit() {
        assert_eq!(integer_from_bytes(&[]).unwrap(), "0");
        assert_eq!(integer_from_bytes(&[0xff]).unwrap(), "-1");
        assert_eq!(
            integer_from_bytes(&[0, 0, 0, 0, 0, 0, 0, 0, 1]).unwrap(),
            "18446744073709551616"
        );
        assert_eq!(integer_from_bytes(&[1; 3000]), Err(SerialError::LongInteger));
        assert_eq!(integer_from_digits("ff", 16).unwrap().unwrap(), "255");
        assert_eq!(integer_from_digits("9", 8), None);
        assert_eq!(decimal("+007").as_deref(), Some("7"));
        assert_eq!(decimal("-0").as_deref(), Some("0"));
        assert_eq!(decimal("1a"), None);
        assert_eq!(sexagesimal("1:30:00").as_deref(), Some("5400"));
    }
}
