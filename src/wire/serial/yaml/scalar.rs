//! What a scalar means, by the rules of PyYAML's resolver and safe constructor.

use base64::Engine;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

use super::super::SerialError;
use super::super::python::{decimal, float_repr, integer_from_digits, sexagesimal};
use super::super::tree::Node;

const CORE: &str = "tag:yaml.org,2002:";

/// The value of a scalar: its text, whether it stood there without quotes, its full tag.
pub(super) fn resolve(text: &str, is_plain: bool, tag: Option<&str>) -> Result<Node, SerialError> {
    let Some(tag) = tag else {
        return if is_plain { plain(text) } else { Ok(Node::Text(text.into())) };
    };
    if tag == "!" {
        return plain(text);
    }
    let wrong = || SerialError::Yaml(format!("{text:?} does not fit its tag {tag:?}"));
    match tag.strip_prefix(CORE).unwrap_or(tag) {
        "str" | "timestamp" => Ok(Node::Text(text.into())),
        "null" => Ok(Node::Null),
        "bool" => boolean(&text.to_lowercase()).map(Node::Bool).ok_or_else(wrong),
        "int" => integer(text).unwrap_or_else(|| Err(wrong())),
        "float" => float(text).unwrap_or_else(|| match text.replace('_', "").parse() {
            Ok(value) => Ok(Node::Number(float_repr(value)?.into())),
            Err(_) => Err(wrong()),
        }),
        "binary" => binary(text).map(|bytes| Node::Bytes(bytes.into())).ok_or_else(wrong),
        _ => Err(SerialError::RefusedTag(tag.to_owned())),
    }
}

fn plain(text: &str) -> Result<Node, SerialError> {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Node::Null);
    }
    if let Some(value) = boolean(text) {
        return Ok(Node::Bool(value));
    }
    let starts_number = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    if starts_number && let Some(node) = float(text).or_else(|| integer(text)) {
        return node;
    }
    Ok(Node::Text(text.into()))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

fn split_sign(text: &str) -> (&str, &str) {
    match text.as_bytes().first() {
        Some(b'-') => ("-", &text[1..]),
        Some(b'+') => ("", &text[1..]),
        _ => ("", text),
    }
}

/// `[-+]?0b[0-1_]+`, `0[0-7_]+`, `0x...`, decimal with underscores, sexagesimal.
fn integer(text: &str) -> Option<Result<Node, SerialError>> {
    let (sign, body) = split_sign(text);
    let digits = body.replace('_', "");
    let in_radix = |digits: &str, radix| {
        let value = integer_from_digits(digits, radix)?;
        Some(value.map(|value| {
            let sign = if value == "0" { "" } else { sign };
            Node::Number(format!("{sign}{value}").into())
        }))
    };
    if let Some(binary) = digits.strip_prefix("0b") {
        return in_radix(binary, 2);
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return in_radix(hex, 16);
    }
    if digits.len() > 1 && digits.starts_with('0') {
        return in_radix(&digits, 8);
    }
    if body.starts_with('_') {
        return None;
    }
    if digits.contains(':') {
        return is_sexagesimal(&digits)
            .then(|| sexagesimal(&digits))?
            .map(|value| Ok(Node::Number(format!("{sign}{value}").into())));
    }
    let digits = decimal(&format!("{sign}{digits}"))?;
    Some(Ok(Node::Number(digits.into())))
}

/// `[1-9][0-9]*(:[0-5]?[0-9])+`
fn is_sexagesimal(digits: &str) -> bool {
    digits.starts_with(|c: char| matches!(c, '1'..='9'))
        && digits.split(':').enumerate().all(|(position, part)| {
            let is_digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            let is_small = part.len() == 1 || (part.len() == 2 && part.as_bytes()[0] < b'6');
            is_digits && (position == 0 || is_small)
        })
}

/// Numbers with a decimal point, kept digit by digit; `.inf` and `.nan` have no JSON form.
fn float(text: &str) -> Option<Result<Node, SerialError>> {
    let (sign, body) = split_sign(text);
    match body {
        ".inf" | ".Inf" | ".INF" => return Some(Err(SerialError::NotFinite(".inf"))),
        ".nan" | ".NaN" | ".NAN" if body == text => {
            return Some(Err(SerialError::NotFinite(".nan")));
        }
        _ => {}
    }
    let (whole, rest) = body.split_once('.')?;
    if whole.contains(':') {
        return sexagesimal_float(sign, whole, rest);
    }
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], Some(&rest[at + 1..])),
        None => (rest, None),
    };
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let has_start = whole.starts_with(|c: char| c.is_ascii_digit())
        || (whole.is_empty() && body == text && fraction.starts_with(|c: char| c.is_ascii_digit()));
    let has_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !has_start || !has_exponent || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let whole = decimal(&whole.replace('_', "")).unwrap_or_else(|| "0".to_owned());
    let fraction = fraction.replace('_', "");
    let fraction = if fraction.is_empty() { "0" } else { &fraction };
    let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
    Some(Ok(Node::Number(format!("{sign}{whole}.{fraction}{exponent}").into())))
}

/// `1:30.5` is ninety and a half.
fn sexagesimal_float(sign: &str, whole: &str, fraction: &str) -> Option<Result<Node, SerialError>> {
    let whole = whole.replace('_', "");
    let fraction = fraction.replace('_', "");
    let first = whole.split(':').next()?;
    let is_valid = !first.is_empty()
        && (is_sexagesimal(&whole) || is_sexagesimal(&format!("1{whole}")))
        && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_valid {
        return None;
    }
    let seconds = sexagesimal(&whole)?;
    let fraction = if fraction.is_empty() { "0" } else { &fraction };
    Some(Ok(Node::Number(format!("{sign}{seconds}.{fraction}").into())))
}

/// Base64 with line breaks, as PyYAML writes it.
fn binary(text: &str) -> Option<Vec<u8>> {
    let packed: String = text.split_ascii_whitespace().collect();
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new()).decode(packed).ok()
}
