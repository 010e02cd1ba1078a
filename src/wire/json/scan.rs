//! The scanner: one pass, no recursion, copying unchanged stretches in one go.

use super::error::{JsonError, JsonErrorKind};
use super::nesting::{Container, Nesting};
use super::number;

/// A member of the outermost object whose place in the output is wanted.
pub(crate) struct Watch {
    quoted_key: Option<&'static str>,
    open: Option<(usize, usize)>,
    /// The last member with that key.
    pub found: Option<Span>,
    /// How many members had that key.
    pub count: usize,
}

/// Offsets into the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub key: usize,
    pub value: usize,
    pub end: usize,
}

impl Watch {
    pub fn nothing() -> Self {
        Self { quoted_key: None, open: None, found: None, count: 0 }
    }

    /// `quoted_key` is canonical JSON text with its quotes.
    pub fn key(quoted_key: &'static str) -> Self {
        Self { quoted_key: Some(quoted_key), ..Self::nothing() }
    }

    fn close(&mut self, end: usize) {
        if let Some((key, value)) = self.open.take() {
            self.found = Some(Span { key, value, end });
            self.count += 1;
        }
    }
}

/// A cursor over JSON text that was already found to be UTF-8.
pub(crate) struct Scanner<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    /// Where the stretch of input starts that is not in the output yet.
    pub(super) run: usize,
    max_depth: usize,
}

impl<'t> Scanner<'t> {
    pub fn new(text: &'t str, max_depth: usize) -> Self {
        Self { text, at: 0, run: 0, max_depth }
    }

    /// Skips white space, then takes `byte` if it is next.
    pub fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Nothing but white space may be left.
    pub fn end(&mut self) -> Result<(), JsonError> {
        self.skip_space();
        if self.at < self.text.len() { Err(self.error(JsonErrorKind::Trailing)) } else { Ok(()) }
    }

    /// Appends the next value in compact form.
    pub fn value(&mut self, out: &mut String, watch: &mut Watch) -> Result<(), JsonError> {
        let mut nesting = Nesting::new(self.max_depth);
        self.run = self.at;
        loop {
            self.drop_space(out);
            let Some(byte) = self.peek() else {
                return Err(self.error(JsonErrorKind::Ended("a value")));
            };
            match byte {
                b'"' => self.string(out)?,
                b'{' | b'[' => {
                    let container = Container::opened_by(byte);
                    nesting.push(container).map_err(|kind| self.error(kind))?;
                    self.at += 1;
                    self.drop_space(out);
                    if self.peek() != Some(container.closer()) {
                        if container == Container::Object {
                            self.key(out, watch, nesting.depth)?;
                        }
                        continue;
                    }
                    self.at += 1;
                    nesting.pop();
                }
                byte => self.scalar(byte)?,
            }
            if !self.after_value(out, watch, &mut nesting)? {
                self.flush(out);
                return Ok(());
            }
        }
    }

    /// Closes what ends here; whether another value follows.
    fn after_value(
        &mut self,
        out: &mut String,
        watch: &mut Watch,
        nesting: &mut Nesting,
    ) -> Result<bool, JsonError> {
        loop {
            if nesting.depth == 1 && watch.open.is_some() {
                self.flush(out);
                watch.close(out.len());
            }
            let Some(container) = nesting.top() else { return Ok(false) };
            self.drop_space(out);
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    if container == Container::Object {
                        self.drop_space(out);
                        self.key(out, watch, nesting.depth)?;
                    }
                    return Ok(true);
                }
                Some(byte) if byte == container.closer() => {
                    self.at += 1;
                    nesting.pop();
                }
                _ => return Err(self.unexpected(container.expectation())),
            }
        }
    }

    /// A key and its colon.
    fn key(&mut self, out: &mut String, watch: &mut Watch, depth: usize) -> Result<(), JsonError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a key in double quotes"));
        }
        let key = out.len() + (self.at - self.run);
        self.string(out)?;
        let is_watched = depth == 1
            && watch.quoted_key.is_some_and(|wanted| {
                self.flush(out);
                out.as_bytes()[key..] == *wanted.as_bytes()
            });
        self.drop_space(out);
        if self.peek() != Some(b':') {
            return Err(self.unexpected("a colon"));
        }
        self.at += 1;
        if is_watched {
            watch.open = Some((key, out.len() + (self.at - self.run)));
        }
        Ok(())
    }

    fn scalar(&mut self, byte: u8) -> Result<(), JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match byte {
            b'-' if rest.starts_with(b"-I") => {
                return Err(self.error(JsonErrorKind::NotFinite("-Infinity")));
            }
            b'-' | b'0'..=b'9' => match number::length(rest) {
                Some(length) => length,
                None => return Err(self.error(JsonErrorKind::Number)),
            },
            b't' if rest.starts_with(b"true") => 4,
            b'f' if rest.starts_with(b"false") => 5,
            b'n' if rest.starts_with(b"null") => 4,
            b'N' if rest.starts_with(b"NaN") => {
                return Err(self.error(JsonErrorKind::NotFinite("NaN")));
            }
            b'I' if rest.starts_with(b"Infinity") => {
                return Err(self.error(JsonErrorKind::NotFinite("Infinity")));
            }
            _ => return Err(self.unexpected("a value")),
        };
        self.at += length;
        Ok(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// White space outside of strings ends the stretch before it.
    #[inline]
    fn drop_space(&mut self, out: &mut String) {
        if matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.flush(out);
            self.skip_space();
            self.run = self.at;
        }
    }

    #[inline]
    pub(super) fn flush(&mut self, out: &mut String) {
        out.push_str(&self.text[self.run..self.at]);
        self.run = self.at;
    }

    fn unexpected(&self, expected: &'static str) -> JsonError {
        self.error(match self.text[self.at..].chars().next() {
            Some(found) => JsonErrorKind::Unexpected { expected, found },
            None => JsonErrorKind::Ended(expected),
        })
    }

    pub(super) fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError { offset: self.at, kind }
    }
}
