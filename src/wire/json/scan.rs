//! The scanner: one pass, no recursion, copying unchanged stretches in one go.

use super::error::{JsonError, JsonErrorKind};
use super::number;
use super::text::{PLAIN, needs_escape, push_char};

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
    text: &'t str,
    at: usize,
    /// Where the stretch of input starts that is not in the output yet.
    run: usize,
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

    /// A string in its canonical spelling; the cursor stands on the opening quote.
    fn string(&mut self, out: &mut String) -> Result<(), JsonError> {
        self.at += 1;
        loop {
            match self.next_special(&PLAIN)? {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.escape(out)?,
                byte @ 0..0x20 => return Err(self.error(JsonErrorKind::ControlCharacter(byte))),
                _ => {
                    let c = self.char_here();
                    if needs_escape(c) {
                        self.flush(out);
                        push_char(out, c);
                        self.run += c.len_utf8();
                    }
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<(), JsonError> {
        match self.text.as_bytes().get(self.at + 1) {
            Some(b'"' | b'\\' | b'n' | b'r' | b't' | b'b' | b'f') => self.at += 2,
            Some(b'/') => {
                self.flush(out);
                self.at += 1;
                self.run = self.at;
                self.at += 1;
            }
            Some(b'u') => {
                self.flush(out);
                let c = self.unicode_escape()?;
                push_char(out, c);
                self.run = self.at;
            }
            _ => return Err(self.error(JsonErrorKind::Escape)),
        }
        Ok(())
    }

    /// Appends the text that the next string stands for; `false` where no string is next.
    pub fn string_text(&mut self, out: &mut String) -> Result<bool, JsonError> {
        if !self.take(b'"') {
            return Ok(false);
        }
        self.run = self.at;
        loop {
            match self.next_special(&VERBATIM)? {
                b'"' => {
                    self.flush(out);
                    self.at += 1;
                    return Ok(true);
                }
                b'\\' => self.unescape(out)?,
                byte => return Err(self.error(JsonErrorKind::ControlCharacter(byte))),
            }
        }
    }

    fn unescape(&mut self, out: &mut String) -> Result<(), JsonError> {
        self.flush(out);
        let c = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"' | b'\\' | b'/') => {
                // The character stands for itself: it starts the next stretch.
                self.run = self.at + 1;
                self.at += 2;
                return Ok(());
            }
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => {
                let c = self.unicode_escape()?;
                out.push(c);
                self.run = self.at;
                return Ok(());
            }
            _ => return Err(self.error(JsonErrorKind::Escape)),
        };
        out.push(c);
        self.at += 2;
        self.run = self.at;
        Ok(())
    }

    /// `\uXXXX`, or two of them for a character outside the basic plane; the cursor moves on.
    fn unicode_escape(&mut self) -> Result<char, JsonError> {
        let Some(first) = self.unit_at(self.at) else {
            return Err(self.error(JsonErrorKind::Escape));
        };
        let second = match first {
            0xd800..0xdc00 => self.unit_at(self.at + 6),
            _ => None,
        };
        let units = [first, second.unwrap_or_default()];
        let wanted = &units[..1 + usize::from(second.is_some())];
        match char::decode_utf16(wanted.iter().copied()).next() {
            Some(Ok(c)) => {
                self.at += 6 * c.len_utf16();
                Ok(c)
            }
            _ => Err(self.error(JsonErrorKind::LoneSurrogate(first))),
        }
    }

    fn unit_at(&self, at: usize) -> Option<u16> {
        let digits = self.text.as_bytes().get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| {
            let digit = char::from(*digit).to_digit(16)?;
            Some(unit << 4 | digit as u16)
        })
    }

    /// Moves to the next byte that is not in the table and gives it.
    #[inline]
    fn next_special(&mut self, table: &[bool; 256]) -> Result<u8, JsonError> {
        let rest = &self.text.as_bytes()[self.at..];
        match rest.iter().position(|byte| !table[usize::from(*byte)]) {
            Some(offset) => {
                self.at += offset;
                Ok(rest[offset])
            }
            None => {
                self.at = self.text.len();
                Err(self.error(JsonErrorKind::Ended("the end of a string")))
            }
        }
    }

    fn char_here(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or_default()
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
    fn flush(&mut self, out: &mut String) {
        out.push_str(&self.text[self.run..self.at]);
        self.run = self.at;
    }

    fn unexpected(&self, expected: &'static str) -> JsonError {
        self.error(match self.text[self.at..].chars().next() {
            Some(found) => JsonErrorKind::Unexpected { expected, found },
            None => JsonErrorKind::Ended(expected),
        })
    }

    fn error(&self, kind: JsonErrorKind) -> JsonError {
        JsonError { offset: self.at, kind }
    }
}

/// Bytes that a JSON string may hold as they are.
static VERBATIM: [bool; 256] = {
    let mut table = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = false;
        byte += 1;
    }
    table[b'"' as usize] = false;
    table[b'\\' as usize] = false;
    table
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    Array,
    Object,
}

impl Container {
    fn opened_by(byte: u8) -> Self {
        if byte == b'{' { Self::Object } else { Self::Array }
    }

    fn closer(self) -> u8 {
        match self {
            Self::Array => b']',
            Self::Object => b'}',
        }
    }

    fn expectation(self) -> &'static str {
        match self {
            Self::Array => "a comma or the end of the list",
            Self::Object => "a comma or the end of the object",
        }
    }
}

/// The open containers, one bit each; only deep texts allocate.
struct Nesting {
    depth: usize,
    max_depth: usize,
    /// The innermost 64 or fewer; the lowest bit is the innermost.
    bits: u64,
    outer: Vec<u64>,
}

impl Nesting {
    fn new(max_depth: usize) -> Self {
        Self { depth: 0, max_depth, bits: 0, outer: Vec::new() }
    }

    fn push(&mut self, container: Container) -> Result<(), JsonErrorKind> {
        if self.depth >= self.max_depth {
            return Err(JsonErrorKind::TooDeep(self.max_depth));
        }
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(container == Container::Object);
        self.depth += 1;
        Ok(())
    }

    fn pop(&mut self) {
        self.depth -= 1;
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.bits = self.outer.pop().unwrap_or_default();
        }
    }

    fn top(&self) -> Option<Container> {
        match self.depth {
            0 => None,
            _ if self.bits & 1 == 1 => Some(Container::Object),
            _ => Some(Container::Array),
        }
    }
}
