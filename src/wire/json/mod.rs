//! JSON text as it was sent: validated, put on one line, never turned into a tree.
//!
//! Digits, key order and repeated keys survive. Strings come out in one canonical spelling: text
//! is text, and whatever a terminal would act on (control characters, line separators,
//! direction overrides) is an escape. Nothing here recurses, so nesting cannot overflow the stack.
//!
//! [`compact`] is the door for every JSON text that is not ours. [`members`] and [`elements`]
//! walk what came out of it.

mod error;
mod nesting;
mod number;
mod scan;
mod string;
mod text;
mod walk;

pub use error::{JsonError, JsonErrorKind};
pub(crate) use scan::{Scanner, Span, Watch};
pub(crate) use text::{Sink, push_quoted, push_unicode_escape};
pub use walk::{Elements, Member, Members, elements, members, string_value};

/// Python's own decoder gives up near 1000.
pub const DEFAULT_MAX_DEPTH: usize = 512;

/// Validates one JSON text and gives it back on one line.
///
/// # Errors
/// Anything that RFC 8259 does not allow, nesting deeper than `max_depth`, and lone surrogates;
/// see [`JsonErrorKind`].
pub fn compact(input: &[u8], max_depth: usize) -> Result<String, JsonError> {
    let mut out = String::with_capacity(input.len());
    compact_into(input, max_depth, &mut out)?;
    Ok(out)
}

/// [`compact`], appended to a buffer that can be reused. After an error the buffer is as before.
///
/// # Errors
/// Those of [`compact`].
pub fn compact_into(input: &[u8], max_depth: usize, out: &mut String) -> Result<(), JsonError> {
    let text = str::from_utf8(input).map_err(|error| JsonError {
        offset: error.valid_up_to(),
        kind: JsonErrorKind::InvalidUtf8,
    })?;
    compact_watching(text, max_depth, out, &mut Watch::nothing())
}

/// [`compact_into`] that also tells where a member of the outermost object went.
pub(crate) fn compact_watching(
    text: &str,
    max_depth: usize,
    out: &mut String,
    watch: &mut Watch,
) -> Result<(), JsonError> {
    let before = out.len();
    let mut scanner = Scanner::new(text, max_depth);
    let outcome = scanner.value(out, watch).and_then(|()| scanner.end());
    if outcome.is_err() {
        out.truncate(before);
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn compacted(input: &str) -> Result<String, String> {
        compact(input.as_bytes(), 8).map_err(|error| error.to_string())
    }

    #[test]
    fn digits_key_order_and_repeated_keys_are_kept_as_sent() {
        for (input, output) in [
            ("{ \"b\" : 1 ,\n\t\"a\":[ ] , \"b\":{ }\r\n} ", r#"{"b":1,"a":[],"b":{}}"#),
            (
                "[1e-7, -0.0, 1E+400, 123456789012345678901234567890]",
                "[1e-7,-0.0,1E+400,123456789012345678901234567890]",
            ),
            ("true", "true"),
            (" null ", "null"),
            ("\"\"", "\"\""),
            ("[[1,2],[3]]", "[[1,2],[3]]"),
        ] {
            assert_eq!(compacted(input).as_deref(), Ok(output));
        }
    }

    #[test]
    fn strings_have_one_spelling_and_nothing_a_terminal_acts_on() {
        for (input, output) in [
            (r#""zo\u00eb \/ \u0041""#, r#""zoë / A""#),
            (r#""\ud83d\ude00 😀""#, r#""😀 😀""#),
            (r#""\u000a\n\u001b[31m\u0000""#, r#""\n\n\u001b[31m\u0000""#),
            ("\"\u{7f}\u{9b}\u{2028}\u{202e}\"", r#""\u007f\u009b\u2028\u202e""#),
            (r#""\u0022\u005c""#, r#""\"\\""#),
            ("\"£ “x” é\"", "\"£ “x” é\""),
            (r#""\u200d""#, "\"\u{200d}\""),
        ] {
            assert_eq!(compacted(input).as_deref(), Ok(output));
        }
    }

    #[test]
    fn every_way_to_be_wrong_says_what_and_where() {
        let mut report = String::new();
        for input in [
            "",
            "  ",
            "{",
            "[1",
            "[1,",
            "[1 2]",
            "{\"a\"",
            "{\"a\" 1}",
            "{\"a\":",
            "{\"a\":1,}",
            "{a:1}",
            "[}",
            "{\"a\":1]",
            "\"abc",
            "\"a\nb\"",
            r#""\x""#,
            r#""\u12""#,
            r#""\u12g4""#,
            r#""\ud800""#,
            r#""\ud800\u0041""#,
            r#""\udc00""#,
            "01",
            "-",
            "1.",
            "1e",
            "+1",
            ".5",
            "[NaN]",
            "{\"a\": -Infinity}",
            "Infinity",
            "nul",
            "truely",
            "1 2",
            "{} x",
            "[[[[[[[[[1",
            "'a'",
            "\u{feff}{}",
            "é",
        ] {
            let error = compacted(input).unwrap_err();
            report.push_str(&format!("{input:?}: {error}\n"));
        }
        insta::assert_snapshot!(report);
        assert_eq!(
            compact(b"[\"\xff\"]", 8).unwrap_err(),
            JsonError { offset: 2, kind: JsonErrorKind::InvalidUtf8 }
        );
    }

    #[test]
    fn a_hundred_thousand_brackets_are_an_error_and_not_a_crash() {
        let deep = "[".repeat(100_000);
        let error = compact(deep.as_bytes(), DEFAULT_MAX_DEPTH).unwrap_err();
        assert_eq!(error, JsonError { offset: 512, kind: JsonErrorKind::TooDeep(512) });
        let fits = format!("{}{}", "[".repeat(512), "]".repeat(512));
        assert_eq!(compact(fits.as_bytes(), DEFAULT_MAX_DEPTH).unwrap(), fits);
        let very_deep = format!("{}{}", "{\"a\":[".repeat(5_000), "]}".repeat(5_000));
        assert_eq!(compact(very_deep.as_bytes(), 10_000).unwrap(), very_deep);
    }

    #[test]
    fn a_failed_text_leaves_the_buffer_as_it_was() {
        let mut out = "kept".to_owned();
        compact_into(b"[1, 2", 8, &mut out).unwrap_err();
        assert_eq!(out, "kept");
    }

    fn json_text() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<bool>().prop_map(|b| b.to_string()),
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:e}")),
            any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6)
                    .prop_map(|items| format!("[ {}\t]", items.join(" , "))),
                prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|members| {
                    let members: Vec<String> = members
                        .into_iter()
                        .map(|(key, value)| {
                            format!("{}:\n{value}", serde_json::to_string(&key).unwrap())
                        })
                        .collect();
                    format!("{{{} }}", members.join(",\r"))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn compacting_twice_changes_nothing_and_keeps_the_meaning(text in json_text()) {
            let once = compact(text.as_bytes(), 64).unwrap();
            prop_assert_eq!(&compact(once.as_bytes(), 64).unwrap(), &once);
            prop_assert!(!once.chars().any(char::is_control));
            let meant: serde_json::Value = serde_json::from_str(&text).unwrap();
            let kept: serde_json::Value = serde_json::from_str(&once).unwrap();
            prop_assert_eq!(meant, kept);
        }

        #[test]
        fn validity_is_what_serde_json_says(
            text in r#"[\[\]{}",:0-9eE+.\\uanl -]{0,12}|(\{"a":|\[|"|\\u[0-9a-d]{4}|-?[0-9.eE+-]{1,5}|true|null|\}|\]|,|"){0,10}"#
        ) {
            let ours = compact(text.as_bytes(), 64).is_ok();
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            prop_assert_eq!(ours, theirs, "{}", text);
        }

        #[test]
        fn any_bytes_are_an_answer_and_never_a_panic(bytes: Vec<u8>) {
            let theirs = serde_json::from_slice::<serde_json::Value>(&bytes).is_ok();
            prop_assert_eq!(compact(&bytes, 64).is_ok(), theirs);
        }
    }
}
