//! The one spelling of a JSON string, and back.

use std::borrow::Cow;

/// What JSON text can be appended to.
pub(crate) trait Sink {
    fn push_text(&mut self, text: &str);
}

impl Sink for String {
    fn push_text(&mut self, text: &str) {
        self.push_str(text);
    }
}

impl Sink for Vec<u8> {
    fn push_text(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

/// Bytes that stand for themselves in canonical text, wherever they occur. The two lead bytes
/// that are missing start the two ranges in which [`needs_escape`] characters live.
pub(super) static PLAIN: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = false;
        byte += 1;
    }
    table[b'"' as usize] = false;
    table[b'\\' as usize] = false;
    table[0x7f] = false;
    table[0xc2] = false;
    table[0xe2] = false;
    table
};

/// Characters that a terminal or a line-based reader would act on.
pub(super) fn needs_escape(c: char) -> bool {
    matches!(
        c,
        '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
    )
}

/// Appends one character of a string in its canonical spelling.
pub(super) fn push_char(out: &mut impl Sink, c: char) {
    match c {
        '"' => out.push_text("\\\""),
        '\\' => out.push_text("\\\\"),
        '\n' => out.push_text("\\n"),
        '\r' => out.push_text("\\r"),
        '\t' => out.push_text("\\t"),
        '\u{8}' => out.push_text("\\b"),
        '\u{c}' => out.push_text("\\f"),
        c if needs_escape(c) => push_unicode_escape(out, u32::from(c) as u16),
        c => out.push_text(c.encode_utf8(&mut [0; 4])),
    }
}

/// Appends `\uXXXX`.
pub(crate) fn push_unicode_escape(out: &mut impl Sink, unit: u16) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let digit = |shift: u16| char::from(HEX[usize::from(unit >> shift & 0xf)]);
    let mut text = String::with_capacity(6);
    text.push_str("\\u");
    text.extend([digit(12), digit(8), digit(4), digit(0)]);
    out.push_text(&text);
}

/// Appends `text` as a JSON string.
pub(crate) fn push_quoted(out: &mut impl Sink, text: &str) {
    out.push_text("\"");
    let mut run = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while let Some(offset) = bytes[at..].iter().position(|byte| !PLAIN[usize::from(*byte)]) {
        at += offset;
        let Some(c) = text[at..].chars().next() else { break };
        let next = at + c.len_utf8();
        if c == '"' || c == '\\' || needs_escape(c) {
            out.push_text(&text[run..at]);
            push_char(out, c);
            run = next;
        }
        at = next;
    }
    out.push_text(&text[run..]);
    out.push_text("\"");
}

/// The text that the inside of a canonical JSON string stands for.
pub(super) fn unescape(inside: &str) -> Cow<'_, str> {
    let Some(first) = inside.find('\\') else { return Cow::Borrowed(inside) };
    let mut out = String::with_capacity(inside.len());
    out.push_str(&inside[..first]);
    let mut rest = &inside[first..];
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = &rest[at + 1..];
        let (c, length) = match escape.as_bytes().first() {
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            Some(b'b') => ('\u{8}', 1),
            Some(b'f') => ('\u{c}', 1),
            Some(b'u') => (unit(escape.get(1..5)), 5),
            Some(c) => (char::from(*c), 1),
            None => break,
        };
        out.push(c);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Canonical text only escapes characters of the basic plane, one unit each.
fn unit(hex: Option<&str>) -> char {
    hex.and_then(|hex| u32::from_str_radix(hex, 16).ok())
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}
