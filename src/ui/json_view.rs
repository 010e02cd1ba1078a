//! JSON text for people: indented, coloured, digits and key order untouched, shortened where it
//! would flood the screen.

use console::{Style as Ansi, measure_text_width};

use super::json_tokens::{Token, Tokens};
use super::report::Style;
use super::sanitize::push_json_safe;

/// How much of a JSON text is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Characters of one string.
    pub string: usize,
    /// Items of one array or object.
    pub items: usize,
    /// Nested arrays and objects.
    pub depth: usize,
    pub lines: usize,
}

impl Limits {
    /// Far more than anybody reads, far less than what floods a terminal.
    pub const GENEROUS: Self = Self { string: 2_000, items: 200, depth: 40, lines: 1_000 };
    pub const NONE: Self =
        Self { string: usize::MAX, items: usize::MAX, depth: usize::MAX, lines: usize::MAX };
}

/// Whether everything was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    Everything,
    Shortened,
}

/// `json` on one line with a space after each colon and comma, if it takes at most `width`
/// columns.
pub(super) fn one_line(json: &str, width: usize, style: &Style) -> Option<String> {
    // Every character of the text takes a column, give or take the wide and the invisible ones.
    if json.len() > width.saturating_mul(4) {
        return None;
    }
    let (mut text, mut used) = (String::new(), 0);
    let mut tokens = Tokens::new(json).peekable();
    while let Some(token) = tokens.next() {
        let is_key = tokens.peek() == Some(&Token::Colon);
        let start = text.len();
        push_token(&mut text, token, is_key, &Style::new(false));
        used += measure_text_width(&text[start..]);
        if used > width {
            return None;
        }
        text.truncate(start);
        push_token(&mut text, token, is_key, style);
    }
    Some(text)
}

fn push_token(out: &mut String, token: Token<'_>, is_key: bool, style: &Style) {
    match token {
        Token::Open(c) | Token::Close(c) => out.push(c),
        Token::Comma => out.push_str(", "),
        Token::Colon => out.push_str(": "),
        Token::String(text) if is_key => push_styled(out, text, &style.key),
        Token::String(text) => push_styled(out, text, &style.string),
        Token::Scalar(text) => push_styled(out, text, scalar_style(text, style)),
    }
}

fn scalar_style<'s>(text: &str, style: &'s Style) -> &'s Ansi {
    if text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        &style.number
    } else {
        &style.literal
    }
}

fn push_styled(out: &mut String, text: &str, ansi: &Ansi) {
    let mut safe = String::with_capacity(text.len());
    push_json_safe(&mut safe, text);
    out.push_str(&ansi.apply_to(safe).to_string());
}

/// Appends `json` over several lines, each after `indent` spaces; ends with a line break.
pub(super) fn push_pretty(out: &mut String, json: &str, indent: usize, style: &Style) -> Shown {
    push_limited(out, json, indent, (style, Limits::GENEROUS))
}

/// Appends the whole of `json`, however long: the answer of a command is never shortened.
pub fn push_whole(out: &mut String, json: &str, style: &Style) {
    push_limited(out, json, 0, (style, Limits::NONE));
}

fn push_limited(
    out: &mut String,
    json: &str,
    indent: usize,
    (style, limits): (&Style, Limits),
) -> Shown {
    let mut printer = Printer {
        out,
        style,
        limits,
        indent,
        open: Vec::new(),
        lines: 0,
        shown: Shown::Everything,
    };
    printer.pad();
    printer.run(json);
    printer.out.push('\n');
    printer.shown
}

struct Printer<'o, 's> {
    out: &'o mut String,
    style: &'s Style,
    limits: Limits,
    indent: usize,
    /// Items begun in each open array or object.
    open: Vec<usize>,
    lines: usize,
    shown: Shown,
}

impl Printer<'_, '_> {
    fn run(&mut self, json: &str) {
        let mut tokens = Tokens::new(json).peekable();
        let mut begins_item = false;
        while let Some(token) = tokens.next() {
            if begins_item && self.lines >= self.limits.lines {
                self.new_line();
                self.remark("… and so on");
                return;
            }
            if begins_item && !matches!(token, Token::Close(_)) && !self.begin_item() {
                let skipped = skip_items(usize::from(matches!(token, Token::Open(_))), &mut tokens);
                self.remark(&format!("… {skipped} more"));
                begins_item = false;
                continue;
            }
            begins_item = false;
            match token {
                Token::Open(c) => {
                    self.out.push(c);
                    self.open.push(0);
                    let is_empty = matches!(tokens.peek(), Some(Token::Close(_)));
                    let is_too_deep = self.open.len() > self.limits.depth;
                    if !is_empty && is_too_deep {
                        skip_items(0, &mut tokens);
                        self.remark("…");
                    }
                    begins_item = !is_empty && !is_too_deep;
                }
                Token::Close(c) => {
                    if self.open.pop().is_some_and(|items| items > 0) {
                        self.new_line();
                    }
                    self.out.push(c);
                }
                Token::Comma => {
                    self.out.push(',');
                    begins_item = true;
                }
                Token::Colon => self.out.push_str(": "),
                Token::String(text) => {
                    let is_key = tokens.peek() == Some(&Token::Colon);
                    self.string(text, is_key);
                }
                Token::Scalar(text) => {
                    push_styled(self.out, text, scalar_style(text, self.style));
                }
            }
        }
    }

    /// Starts a line for the next item of the innermost container, unless it has enough of them.
    fn begin_item(&mut self) -> bool {
        let limit = self.limits.items;
        let is_shown = match self.open.last_mut() {
            Some(items) => {
                *items += 1;
                *items <= limit
            }
            None => true,
        };
        self.new_line();
        is_shown
    }

    fn string(&mut self, text: &str, is_key: bool) {
        let ansi = if is_key { &self.style.key } else { &self.style.string };
        match cut(text, self.limits.string) {
            None => push_styled(self.out, text, ansi),
            Some(at) => {
                push_styled(self.out, &format!("{}…\"", &text[..at]), ansi);
                let more = text[at..].chars().count().saturating_sub(1);
                self.out.push(' ');
                self.remark(&format!("({more} more characters)"));
            }
        }
    }

    fn new_line(&mut self) {
        self.lines += 1;
        self.out.push('\n');
        self.pad();
    }

    fn pad(&mut self) {
        let columns = self.indent + 2 * self.open.len();
        self.out.extend(std::iter::repeat_n(' ', columns));
    }

    fn remark(&mut self, text: &str) {
        self.shown = Shown::Shortened;
        self.out.push_str(&self.style.dim.apply_to(text).to_string());
    }
}

/// Where to cut a quoted string after `limit` characters, never inside an escape.
fn cut(text: &str, limit: usize) -> Option<usize> {
    if text.len() <= limit {
        return None;
    }
    let mut units = 0;
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        if units == limit {
            return (at + 1 < text.len()).then_some(at);
        }
        units += 1;
        if c == '\\' && matches!(chars.next(), Some((_, 'u'))) {
            chars.nth(3);
        }
    }
    None
}

/// Skips the rest of the innermost container, up to but without its closing bracket, and says how
/// many items that were. `depth` is the number of containers inside it that are open already.
fn skip_items(mut depth: usize, tokens: &mut std::iter::Peekable<Tokens<'_>>) -> usize {
    let mut items = 1;
    while let Some(token) = tokens.peek() {
        match token {
            Token::Open(_) => depth += 1,
            Token::Close(_) if depth == 0 => break,
            Token::Close(_) => depth -= 1,
            Token::Comma if depth == 0 => items += 1,
            Token::Comma | Token::Colon | Token::String(_) | Token::Scalar(_) => {}
        }
        tokens.next();
    }
    items
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pretty(json: &str, limits: Limits) -> (String, Shown) {
        let mut out = String::new();
        let shown = push_limited(&mut out, json, 2, (&Style::new(false), limits));
        (out, shown)
    }

    #[test]
    fn json_is_indented_with_its_digits_and_key_order() {
        let json = r#"{"z":1.10,"a":[1e-7,-0.0,123456789012345678901],"e":{},"l":[],"n":null,"t":{"b":true,"b":"x\"y"}}"#;
        let (text, shown) = pretty(json, Limits::GENEROUS);
        assert_eq!(shown, Shown::Everything);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn what_would_flood_the_screen_is_shortened_and_said_so() {
        let limits = Limits { string: 4, items: 2, depth: 2, lines: 1_000 };
        let json = r#"{"s":"abcd","long":"abcdefgh","esc":"\n\u001b\\xyz","a":[1,[2,[3,[4]]],{"k":[]},5],"z":0}"#;
        let all = Limits { items: 9, ..limits };
        let (few_items, _) = pretty(json, limits);
        let (more_items, shown) = pretty(json, all);
        let (few_lines, _) = pretty(json, Limits { lines: 2, ..all });
        assert_eq!(shown, Shown::Shortened);
        insta::assert_snapshot!([few_items, more_items, few_lines].join("---\n"));
    }

    #[test]
    fn colours_mark_keys_strings_numbers_and_literals() {
        let mut out = String::new();
        push_pretty(&mut out, r#"{"k":["s",1,null]}"#, 0, &Style::new(true));
        insta::assert_snapshot!(out.replace('\u{1b}', "ESC"));
    }

    #[test]
    fn a_short_json_text_fits_one_line() {
        let json = r#"{"a":[1,"zoë"],"b":"日本"}"#;
        let line = one_line(json, 80, &Style::new(false)).unwrap();
        assert_eq!(line, r#"{"a": [1, "zoë"], "b": "日本"}"#);
        let columns = measure_text_width(&line);
        assert!(one_line(json, columns, &Style::new(true)).is_some());
        assert_eq!(one_line(json, columns - 1, &Style::new(true)), None);
    }

    #[test]
    fn escape_bytes_are_shown_as_json_escapes() {
        let line = one_line("\"\u{9b}31m\u{1b}[2J\u{202e}\u{200b}\"", 80, &Style::new(false));
        assert_eq!(line.as_deref(), Some(r#""\u009b31m\u001b[2J\u202e\u200b""#));
    }

    fn json_text() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("null".to_owned()),
            any::<i64>().prop_map(|n| n.to_string()),
            any::<f64>().prop_filter("finite", |x| x.is_finite()).prop_map(|x| format!("{x:e}")),
            any::<String>().prop_map(|s| serde_json::to_string(&s).unwrap()),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6)
                    .prop_map(|items| format!("[{}]", items.join(","))),
                prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|members| {
                    let members: Vec<String> = members
                        .into_iter()
                        .map(|(key, value)| {
                            format!("{}:{value}", serde_json::to_string(&key).unwrap())
                        })
                        .collect();
                    format!("{{{}}}", members.join(","))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_pretty_text_means_the_same(json in json_text()) {
            let (text, shown) = pretty(&json, Limits::NONE);
            prop_assert_eq!(shown, Shown::Everything);
            let meant: serde_json::Value = serde_json::from_str(&json).unwrap();
            let kept: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&meant, &kept);
            let line = one_line(&json, usize::MAX, &Style::new(false)).unwrap();
            prop_assert_eq!(&meant, &serde_json::from_str::<serde_json::Value>(&line).unwrap());
        }

        #[test]
        fn any_text_is_shown_within_the_limits_and_without_control_characters(
            text in r#"[\[\]{}",:0-9\\ua \PC]{0,60}|(?s).{0,60}"#
        ) {
            let limits = Limits { string: 5, items: 3, depth: 3, lines: 10 };
            let (shown, _) = pretty(&text, limits);
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
            prop_assert!(shown.lines().count() <= 12);
        }
    }
}
