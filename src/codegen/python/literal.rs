//! The one place that puts text into Python source.
//!
//! Descriptions, patterns, titles and topics are other people's words: whatever they hold, the
//! literal evaluates to exactly them and shows nothing that an editor would hide.

use serde_json::{Number, Value};

/// A string literal with the quotes that formatters prefer.
pub fn string(text: &str) -> String {
    let quote = preferred_quote(text);
    let mut out = String::with_capacity(text.len() + 2);
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
    let text = value.to_string().to_ascii_lowercase();
    if is_integer(value) && text.len() > MAX_DIGITS { format!("{text}.0") } else { text }
}

pub fn is_integer(value: &Number) -> bool {
    !value.to_string().contains(['.', 'e', 'E'])
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
