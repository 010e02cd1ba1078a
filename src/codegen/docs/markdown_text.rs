//! Other people's words inside Markdown.
//!
//! Everything that could mean something becomes a character reference, which CommonMark never reads
//! as structure; words, digits and harmless punctuation stay readable.

use super::span::Span;

/// Text on one line, also inside a table. `text` has no line breaks.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        // What starts a list, a heading, a definition or an indented block.
        let is_first =
            at == 0 && (matches!(c, '-' | '+' | '=' | '#' | ':' | ' ') || c.is_ascii_digit());
        if is_first || is_meaningful(c) || (c == ':' && text[at + 1..].starts_with("//")) {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

fn is_meaningful(c: char) -> bool {
    matches!(
        c,
        '\\' | '`'
            | '*'
            | '_'
            | '['
            | ']'
            | '<'
            | '>'
            | '&'
            | '|'
            | '~'
            | '!'
            | '$'
            | '^'
            | '{'
            | '}'
            | '@'
            | '#'
    )
}

/// Code on one line, also inside a table.
pub(super) fn code(text: &str) -> String {
    let is_plain = |c: char| !matches!(c, '`' | '|' | '\\') && (c == ' ' || !c.is_whitespace());
    let has_edges = text.starts_with(' ') || text.ends_with(' ');
    if !text.is_empty() && !has_edges && text.chars().all(is_plain) {
        return format!("`{text}`");
    }
    format!("<code>{}</code>", escaped(text))
}

pub(super) fn spans(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(text) => inline(text),
            Span::Code(text) => code(text),
            Span::Link { name, anchor } => format!("[{}](#{anchor})", escaped(name)),
        })
        .collect()
}

/// Text that does not start a line keeps its first character.
fn inline(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if !is_meaningful(first) => {
            let rest = chars.as_str();
            let guarded = escaped(&format!("x{rest}"));
            format!("{first}{}", &guarded[1..])
        }
        Some(_) | None => escaped(text),
    }
}

/// Lines as paragraphs and line breaks.
pub(super) fn paragraphs(lines: &[String]) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        out.push_str(&escaped(line));
        let ends = lines.get(index + 1).is_none_or(String::is_empty) || line.is_empty();
        out.push_str(if ends { "\n" } else { "  \n" });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_stay_readable() {
        for (text, shown) in [
            ("An order was placed, and (maybe) paid.", "An order was placed, and (maybe) paid."),
            ("# no heading", "&#35; no heading"),
            ("1. no list", "&#49;. no list"),
            ("a|b <i>", "a&#124;b &#60;i&#62;"),
            ("at: http://x", "at: http&#58;//x"),
        ] {
            assert_eq!(escaped(text), shown);
        }
        for (text, shown) in [
            ("order_id", "`order_id`"),
            ("a|b", "<code>a&#124;b</code>"),
            (r"^\d$", "<code>&#94;&#92;d&#36;</code>"),
            ("", "<code></code>"),
        ] {
            assert_eq!(code(text), shown);
        }
        assert_eq!(
            paragraphs(&["a".into(), "b".into(), String::new(), "c".into()]),
            "a  \nb\n\nc\n"
        );
    }
}
