//! Other people's text inside generated files.

/// The lines of a text, whatever it breaks them with, each without characters that cannot be seen
/// and without white space at its end.
pub(super) fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .replace("\r\n", "\n")
        .split(is_line_break)
        .map(|line| shown(line.trim_end()))
        .collect();
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    lines(text).join(" ")
}

/// The text with everything that cannot be seen, or that reorders what can, written as `\u{…}`.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push(' '),
            c if is_hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Control characters, and format characters that are invisible or change the direction of text.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_break_everywhere_and_hide_nothing() {
        assert_eq!(lines("a \r\nb\u{2028}c\rd\n\n"), ["a", "b", "c", "d"]);
        assert_eq!(lines("a\u{202e}b\u{7}\tc"), ["a\\u{202e}b\\u{7} c"]);
        assert_eq!(lines(""), Vec::<String>::new());
        assert_eq!(one_line("a\nb"), "a b");
    }

    proptest! {
        #[test]
        fn nothing_hidden_is_left(text in any::<String>()) {
            for line in lines(&text) {
                prop_assert!(!line.chars().any(|c| is_hidden(c) || is_line_break(c)));
            }
        }
    }
}
