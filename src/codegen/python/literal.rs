//! The one place that puts text into Python source.
//!
//! Descriptions, patterns, titles and topics are other people's words: whatever they hold, the
//! literal evaluates to exactly them and shows nothing that an editor would hide.

use serde_json::{Number, Value};

/// A string literal with the quotes that formatters prefer.
pub fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
        // As nearly all are.
        out.push('"');
        out.push_str(text);
        out.push('"');
        return out;
    }
    let quote = preferred_quote(text);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => out.extend(['\\', c]),
            c if is_hidden(c) => push_escaped(c, &mut out),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// A raw literal where that reads better and says the same, for regular expressions.
pub fn pattern(text: &str) -> String {
    let is_plain = !text.contains(is_hidden) && !text.ends_with('\\') && text.contains('\\');
    match (is_plain, text.contains('"'), text.contains('\'')) {
        (true, false, _) => format!("r\"{text}\""),
        (true, true, false) => format!("r'{text}'"),
        _ => string(text),
    }
}

/// The lines of a docstring that reads back as `text`, without indentation; `None` where only an
/// ordinary literal can do that, or where a formatter would change it.
pub fn docstring(text: &str) -> Option<Vec<String>> {
    let lines: Vec<&str> = text.split('\n').collect();
    let (first, others) = lines.split_first()?;
    let is_trimmed = |line: &&str| line.trim_end() == *line;
    let is_flush = |line: &&str| !line.is_empty() && !line.starts_with(char::is_whitespace);
    let reads_back = !first.is_empty()
        && is_flush(first)
        && lines.iter().all(is_trimmed)
        && (others.is_empty() || others.iter().any(is_flush))
        && !lines.last()?.is_empty()
        && !text.contains("\"\"\"")
        && !text.starts_with('"')
        && !text.ends_with(['"', '\\'])
        && !text.chars().any(|c| c != '\n' && (is_hidden(c) || c == '\x0c'));
    if !reads_back {
        return None;
    }
    let mut out: Vec<String> = lines.iter().map(|line| line.replace('\\', "\\\\")).collect();
    out[0].insert_str(0, "\"\"\"");
    let last = out.len() - 1;
    if last > 0 {
        out.push("\"\"\"".to_owned());
    } else {
        out[0].push_str("\"\"\"");
    }
    Some(out)
}

/// The text of a comment on one line.
pub fn comment(text: &str) -> String {
    let mut out = String::from("# ");
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if is_hidden(c) => push_escaped(c, &mut out),
            c => out.push(c),
        }
    }
    out
}

/// `None`, `True`, `False`, a number or a string; `None` for lists and objects.
pub fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some("None".to_owned()),
        Value::Bool(true) => Some("True".to_owned()),
        Value::Bool(false) => Some("False".to_owned()),
        Value::Number(value) => Some(number(value)),
        Value::String(text) => Some(string(text)),
        Value::Array(_) | Value::Object(_) => None,
    }
}

/// Python refuses to parse integers with more digits.
const MAX_DIGITS: usize = 4000;

pub fn number(value: &Number) -> String {
    let text = value.to_string().to_ascii_lowercase().replace("e+", "e");
    if is_integer(value) && text.len() > MAX_DIGITS { format!("{text}.0") } else { text }
}

pub fn is_integer(value: &Number) -> bool {
    !value.to_string().contains(['.', 'e', 'E'])
}

/// Whether `Literal[…]` may hold the value: no fractions, and mypy reads no integers beyond 64 bits.
pub fn is_literal(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::String(_) => true,
        Value::Number(number) => is_integer(number) && number.as_i64().is_some(),
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// More double quotes than single ones ask for single quotes around, as in `ruff format`.
fn preferred_quote(text: &str) -> char {
    let count = |quote: char| text.matches(quote).count();
    if count('"') > count('\'') { '\'' } else { '"' }
}

/// Characters that have no shape of their own, or that change the order of what is shown.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{180e}'
            | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}'
            | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{10ffff}')
}

fn push_escaped(c: char, out: &mut String) {
    let code = u32::from(c);
    out.push_str(&match code {
        0..=0xff => format!("\\x{code:02x}"),
        0x100..=0xffff => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What Python makes of a string literal; `None` where the literal does not end with its text.
    fn evaluated(literal: &str) -> Option<String> {
        let (is_raw, literal) = match literal.strip_prefix('r') {
            Some(rest) => (true, rest),
            None => (false, literal),
        };
        let quote = literal.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut letters = literal[1..].chars();
        let mut out = String::new();
        while let Some(c) = letters.next() {
            match c {
                c if c == quote => return letters.next().is_none().then_some(out),
                '\n' | '\r' => return None,
                '\\' if is_raw => out.extend([c, letters.next()?]),
                '\\' => out.push(match letters.next()? {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    'x' => code(&mut letters, 2)?,
                    'u' => code(&mut letters, 4)?,
                    'U' => code(&mut letters, 8)?,
                    c @ ('\\' | '"' | '\'') => c,
                    _ => return None,
                }),
                c => out.push(c),
            }
        }
        None
    }

    fn code(letters: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
        let digits: String = letters.take(digits).collect();
        char::from_u32(u32::from_str_radix(&digits, 16).ok()?)
    }

    /// `inspect.cleandoc` of a docstring in a class.
    fn cleaned(lines: &[String]) -> Option<String> {
        let text = lines.join("\n    ");
        let inside = text.strip_prefix("\"\"\"")?.strip_suffix("\"\"\"")?;
        if inside.contains("\"\"\"") {
            return None;
        }
        let inside = inside.replace("\\\\", "\u{0}");
        if inside.contains('\\') || inside.ends_with('"') {
            return None;
        }
        let inside = inside.replace('\u{0}', "\\");
        let mut lines = inside.split('\n');
        let first = lines.next()?.trim_start().to_owned();
        let others: Vec<&str> = lines.collect();
        let width = |line: &&str| line.len() - line.trim_start().len();
        let margin = others.iter().filter(|line| !line.trim().is_empty()).map(width).min();
        let others =
            others.iter().map(|line| line.get(margin.unwrap_or(0)..).unwrap_or("").to_owned());
        let mut all: Vec<String> = std::iter::once(first).chain(others).collect();
        while all.last().is_some_and(String::is_empty) {
            all.pop();
        }
        Some(all.join("\n"))
    }

    fn hostile() -> impl Strategy<Value = String> {
        let pieces = [
            "\"",
            "'",
            "\\",
            "\n",
            "\r",
            "\t",
            "\u{0}",
            "\u{1b}[31m",
            "\u{202e}",
            "\u{200b}",
            "a",
            "\"\"\"",
            "'''",
            " ",
            "    ",
            "\\n",
            "\\x41",
            "é",
            "😀",
            "\u{2028}",
            "{x}",
            "%s",
            "#",
        ];
        let piece =
            prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), ".*"];
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn a_literal_is_one_line_that_evaluates_to_its_text(text in hostile()) {
            for literal in [string(&text), pattern(&text)] {
                prop_assert!(!literal.chars().any(is_hidden), "{literal:?}");
                prop_assert_eq!(evaluated(&literal), Some(text.clone()), "{}", literal);
            }
        }

        #[test]
        fn a_docstring_reads_back_as_its_text(text in hostile()) {
            if let Some(lines) = docstring(&text) {
                prop_assert!(!lines.concat().chars().any(is_hidden));
                prop_assert_eq!(cleaned(&lines), Some(text.clone()), "{:?}", lines);
            }
        }

        #[test]
        fn a_comment_is_one_line(text in hostile()) {
            let line = comment(&text);
            prop_assert!(line.starts_with("# ") && !line.chars().any(is_hidden), "{line:?}");
        }
    }

    #[test]
    fn numbers_are_written_as_python_reads_them() {
        let long = "9".repeat(MAX_DIGITS + 1);
        let table = [
            ("-0", "-0"),
            ("1.50", "1.50"),
            ("1E+400", "1e400"),
            ("12345678901234567890123", "12345678901234567890123"),
            // As an integer it would be a syntax error.
            (&long, &format!("{long}.0")),
        ];
        for (json, python) in table {
            assert_eq!(number(&serde_json::from_str(json).unwrap()), python);
        }
    }

    #[test]
    fn quotes_are_the_ones_that_need_the_fewest_escapes() {
        let table = [
            ("plain", "\"plain\""),
            ("it's", "\"it's\""),
            ("say \"a\"", "'say \"a\"'"),
            ("'\"", "\"'\\\"\""),
            ("a\\b", "\"a\\\\b\""),
        ];
        for (text, literal) in table {
            assert_eq!(string(text), literal);
        }
        assert_eq!(pattern(r"^\d+$"), r#"r"^\d+$""#);
        assert_eq!(pattern(r#"^"\d"$"#), r#"r'^"\d"$'"#);
        assert_eq!(pattern(r#"^["']\d$"#), r#""^[\"']\\d$""#);
        assert_eq!(docstring("Two\n\nlines.").unwrap(), ["\"\"\"Two", "", "lines.", "\"\"\""]);
    }
}
