//! The strings of the scanner: kept in one spelling, or read as the text they stand for.

use super::error::{JsonError, JsonErrorKind};
use super::scan::Scanner;
use super::text::{PLAIN, needs_escape, push_char};

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

impl Scanner<'_> {
    /// A string in its canonical spelling; the cursor stands on the opening quote.
    pub(super) fn string(&mut self, out: &mut String) -> Result<(), JsonError> {
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
}
