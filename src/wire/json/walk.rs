//! Walking compact JSON, one level at a time, without building anything.
//!
//! The text must come out of [`super::compact`]; on any other text a walk just ends early.

use std::borrow::Cow;

use super::text;

/// One member of an object, both parts as compact JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member<'t> {
    quoted_key: &'t str,
    pub value: &'t str,
}

impl<'t> Member<'t> {
    pub fn key(&self) -> Cow<'t, str> {
        text::unescape(self.inside())
    }

    /// Whether the key is `name`, for names that need no escapes.
    pub fn is(&self, name: &str) -> bool {
        self.inside() == name
    }

    /// The key as JSON text, with its quotes.
    pub fn quoted_key(&self) -> &'t str {
        self.quoted_key
    }

    fn inside(&self) -> &'t str {
        let end = self.quoted_key.len().saturating_sub(1);
        self.quoted_key.get(1..end).unwrap_or_default()
    }
}

/// The members of a compact JSON object, in order, repeated keys included. See [`members`].
#[derive(Debug, Clone)]
pub struct Members<'t> {
    rest: &'t str,
}

/// Walks the object `object`; any other JSON value has no members.
pub fn members(object: &str) -> Members<'_> {
    let inside = object.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    Members { rest: inside.unwrap_or_default() }
}

impl<'t> Iterator for Members<'t> {
    type Item = Member<'t>;

    fn next(&mut self) -> Option<Member<'t>> {
        let (quoted_key, rest) = self.rest.split_at_checked(value_length(self.rest))?;
        let rest = rest.strip_prefix(':')?;
        let (value, rest) = rest.split_at_checked(value_length(rest))?;
        self.rest = rest.strip_prefix(',').unwrap_or_default();
        Some(Member { quoted_key, value })
    }
}

/// The elements of a compact JSON array, in order. See [`elements`].
#[derive(Debug, Clone)]
pub struct Elements<'t> {
    rest: &'t str,
}

/// Walks the array `array`; any other JSON value has no elements.
pub fn elements(array: &str) -> Elements<'_> {
    let inside = array.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    Elements { rest: inside.unwrap_or_default() }
}

impl<'t> Iterator for Elements<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let length = value_length(self.rest);
        if length == 0 {
            return None;
        }
        let (value, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest.strip_prefix(',').unwrap_or_default();
        Some(value)
    }
}

/// The text of a compact JSON string; `None` for any other value.
pub fn string_value(value: &str) -> Option<Cow<'_, str>> {
    let inside = value.strip_prefix('"')?.strip_suffix('"')?;
    Some(text::unescape(inside))
}

/// The length of the compact value at the start of `text`; all of it where it does not end.
fn value_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += string_length(&bytes[at..]);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 1 { at + 1 } else { at },
            b'}' | b']' => depth -= 1,
            b',' | b':' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    at
}

/// The length of the string at the start of `bytes`, quotes included.
fn string_length(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_elements_are_raw_slices_in_order() {
        let object = r#"{"a":[1,{"b":"]}"}],"q\"\\":"x\"","n":-1.0,"a":{},"é":null}"#;
        let found: Vec<(String, &str)> =
            members(object).map(|member| (member.key().into_owned(), member.value)).collect();
        assert_eq!(
            found,
            [
                ("a".to_owned(), r#"[1,{"b":"]}"}]"#),
                ("q\"\\".to_owned(), r#""x\"""#),
                ("n".to_owned(), "-1.0"),
                ("a".to_owned(), "{}"),
                ("é".to_owned(), "null"),
            ]
        );
        let list: Vec<&str> = elements(r#"[[],"a,b",{"x":1},2,true]"#).collect();
        assert_eq!(list, ["[]", "\"a,b\"", "{\"x\":1}", "2", "true"]);
        assert_eq!(members("{}").count() + elements("[]").count(), 0);
        assert_eq!(members("[1]").count() + elements("3").count() + members("").count(), 0);
    }

    #[test]
    fn strings_come_back_as_the_text_they_stand_for() {
        assert_eq!(string_value(r#""a\n\u001b\"\\\u2028""#).unwrap(), "a\n\u{1b}\"\\\u{2028}");
        assert!(matches!(string_value("\"plain\""), Some(Cow::Borrowed("plain"))));
        assert_eq!(string_value("1"), None);
    }

    #[test]
    fn a_walk_over_text_that_is_not_compact_json_ends() {
        for text in ["{\"a\"", "{\"a\":}", "{,}", "[,]", "[\"", "{:}", "{\"\\", "[]]]", "{é"] {
            assert!(members(text).count() <= 2 && elements(text).count() <= 2, "{text}");
        }
    }
}
