//! The pieces of a compact JSON text, for display. Any other text gives pieces too, never a panic.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// `[` or `{`
    Open(char),
    /// `]` or `}`
    Close(char),
    Comma,
    Colon,
    /// With its quotes and escapes.
    String(&'t str),
    /// A number, a literal, or what does not belong there.
    Scalar(&'t str),
}

pub(super) struct Tokens<'t> {
    rest: &'t str,
}

impl<'t> Tokens<'t> {
    pub fn new(json: &'t str) -> Self {
        Self { rest: json }
    }

    fn take(&mut self, length: usize) -> &'t str {
        let (head, rest) = self.rest.split_at(length);
        self.rest = rest;
        head
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let first = self.rest.chars().next()?;
        let token = match first {
            '[' | '{' => Token::Open(first),
            ']' | '}' => Token::Close(first),
            ',' => Token::Comma,
            ':' => Token::Colon,
            '"' => return Some(Token::String(self.take(string_length(self.rest)))),
            _ => {
                let end = self.rest.find(|c: char| "[]{},:\" \t\r\n".contains(c));
                return Some(Token::Scalar(self.take(end.unwrap_or(self.rest.len()))));
            }
        };
        self.take(first.len_utf8());
        Some(token)
    }
}

/// The length of the string at the start of `text`, quotes included; all of it where it never ends.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}
