//! Values as TypeScript's literal types, and names as member names.

use serde_json::{Number, Value};

use super::ty::{Member, Object, Presence, Type};
use crate::codegen::text;
use crate::codegen::type_names::is_identifier;

/// The type that only `value` has. `None` for numbers that JavaScript would round.
pub(super) fn literal(value: &Value) -> Option<Type> {
    Some(match value {
        Value::Null => Type::word("null"),
        Value::Bool(true) => Type::word("true"),
        Value::Bool(false) => Type::word("false"),
        Value::Number(number) => Type::Word(number_literal(number)?),
        Value::String(text) => Type::Word(quoted(text)),
        Value::Array(list) => {
            let items: Option<Vec<Type>> = list.iter().map(literal).collect();
            let items = items?.into_iter().map(|ty| (ty, Presence::Required)).collect();
            Type::Tuple { items, rest: None }
        }
        Value::Object(map) => {
            let member = |(name, value): (&String, &Value)| {
                Some(Member {
                    name: name.clone(),
                    presence: Presence::Required,
                    ty: literal(value)?,
                    comment: Vec::new(),
                })
            };
            let members: Option<Vec<Member>> = map.iter().map(member).collect();
            Type::Object(Object { members: members?, others: None })
        }
    })
}

/// JSON's digits, where they are the shortest for the double that JavaScript makes of them or say
/// the same.
fn number_literal(number: &Number) -> Option<String> {
    let double = number.as_f64().filter(|double| double.is_finite())?;
    let digits = number.to_string();
    let is_integer = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_integer && double.abs() > MAX_SAFE_INTEGER {
        return None;
    }
    Some(if double == 0.0 { "0".to_owned() } else { digits })
}

/// `Number.MAX_SAFE_INTEGER`.
pub(super) const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

/// A string literal in double quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if text::is_hidden(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A member's name, quoted where it is not an identifier.
pub(super) fn member_name(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_quoted_where_they_have_to_be() {
        for (name, shown) in [
            ("order_id", "order_id"),
            ("$ref", "$ref"),
            ("class", "class"),
            ("größe", "größe"),
            ("", "\"\""),
            ("2fa", "\"2fa\""),
            ("user-id", "\"user-id\""),
            ("a\"b\\c", r#""a\"b\\c""#),
            ("\u{202e}\u{7}\u{e0001}", r#""\u202e\u0007\udb40\udc01""#),
        ] {
            assert_eq!(member_name(name), shown);
        }
    }

    #[test]
    fn numbers_that_javascript_would_round_have_no_literal() {
        for (text, shown) in [
            ("1", Some("1")),
            ("-1.50", Some("-1.50")),
            ("-0", Some("0")),
            ("9007199254740991", Some("9007199254740991")),
            ("9007199254740993", None),
            ("1e400", None),
        ] {
            let number: Number = serde_json::from_str(text).unwrap();
            assert_eq!(number_literal(&number).as_deref(), shown, "{text}");
        }
        assert_eq!(literal(&json!([{"a": 9_007_199_254_740_993_u64}])), None);
    }

    proptest! {
        #[test]
        fn a_literal_is_the_json_of_its_text(text in any::<String>()) {
            let back: String = serde_json::from_str(&quoted(&text)).unwrap();
            prop_assert_eq!(back, text);
        }
    }
}
