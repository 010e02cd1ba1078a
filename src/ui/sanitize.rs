use std::borrow::Cow;
use std::fmt::Write;

/// `text` with every character that could steer a terminal shown as an escape.
///
/// Control characters (C0, DEL, C1) and the Unicode bidirectional and zero-width controls become
/// `\u{…}`; newlines and tabs become `\n` and `\t`.
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\t' => safe.push_str("\\t"),
            '\r' => safe.push_str("\\r"),
            c if is_unsafe(c) => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    Cow::Owned(safe)
}

/// Appends JSON text with the same characters as JSON escapes, so that it stays the same JSON.
/// They are legal in strings only, so a valid text is never changed elsewhere.
pub(super) fn push_json_safe(out: &mut String, json: &str) {
    for c in json.chars() {
        if is_unsafe(c) {
            // Writing to a String cannot fail. All of them are in the basic plane: one escape.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escape_sequences_are_shown_not_obeyed() {
        assert_eq!(sanitize("plain zoë 日本"), "plain zoë 日本");
        assert_eq!(sanitize("\u{1b}[2Jx\u{7}"), "\\u{1b}[2Jx\\u{7}");
        assert_eq!(sanitize("a\nb\t\u{9b}31m"), "a\\nb\\t\\u{9b}31m");
        assert_eq!(sanitize("user\u{202e}gpj.exe"), "user\\u{202e}gpj.exe");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left(text in "\\PC*|(?s).*") {
            prop_assert!(!sanitize(&text).chars().any(is_unsafe));
        }
    }
}
