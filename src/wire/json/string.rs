//! The strings of the scanner: kept in one spelling, or read as the text they stand for.

use super::error::{JsonError, JsonErrorKind};
use super::scan::Scanner;
use super::text::{PLAIN, needs_escape, push_char};

/// How many bytes are looked at together.
const WORD: usize = 8;

/// How many bytes at the start of the word a string may hold as they are.
fn plain_bytes(word: [u8; WORD]) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(word);
    // A borrow only reaches bytes above one that is special, so the lowest mark is right.
    let zero_in = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let control = word.wrapping_sub(ONES * 0x20) & !word & HIGH;
    let quote = zero_in(word ^ (ONES * u64::from(b'"')));
    let backslash = zero_in(word ^ (ONES * u64::from(b'\\')));
    (control | quote | backslash).trailing_zeros() as usize / 8
}

fn simple_escape(letter: u8) -> Option<u8> {
    Some(match letter {
        b'"' | b'\\' | b'/' => letter,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'f' => 0x0c,
        _ => return None,
    })
}

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
    ///
    /// An event's text holds an escape every few bytes, so eight bytes are copied blindly at a
    /// time and as many of them kept as are plain; a call to copy each stretch would cost more.
    pub fn string_text(&mut self, out: &mut String) -> Result<bool, JsonError> {
        if !self.take(b'"') {
            return Ok(false);
        }
        let mut buffer = std::mem::take(out).into_bytes();
        let before = buffer.len();
        // Nothing grows when its escapes are undone.
        buffer.resize(before + self.text.len() - self.at + WORD, 0);
        let outcome = self.unescape_into(&mut buffer, before);
        buffer.truncate(*outcome.as_ref().unwrap_or(&before));
        // Only whole characters are left out or put in.
        *out = String::from_utf8(buffer).unwrap_or_default();
        outcome.map(|_| true)
    }

    /// Writes from `to` on, to the closing quote; gives the end of what it wrote.
    fn unescape_into(&mut self, out: &mut [u8], mut to: usize) -> Result<usize, JsonError> {
        let bytes = self.text.as_bytes();
        loop {
            while let (Some(word), Some(room)) =
                (bytes[self.at..].first_chunk::<WORD>(), out[to..].first_chunk_mut::<WORD>())
            {
                *room = *word;
                let plain = plain_bytes(*word);
                self.at += plain;
                to += plain;
                if plain < WORD {
                    break;
                }
            }
            let Some(byte) = bytes.get(self.at) else {
                return Err(self.error(JsonErrorKind::Ended("the end of a string")));
            };
            let byte = match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(to);
                }
                b'\\' => match bytes.get(self.at + 1) {
                    Some(b'u') => {
                        let c = self.unicode_escape()?;
                        to += c.encode_utf8(&mut out[to..]).len();
                        continue;
                    }
                    Some(escape) => match simple_escape(*escape) {
                        Some(byte) => {
                            self.at += 1;
                            byte
                        }
                        None => return Err(self.error(JsonErrorKind::Escape)),
                    },
                    None => return Err(self.error(JsonErrorKind::Escape)),
                },
                0..0x20 => return Err(self.error(JsonErrorKind::ControlCharacter(*byte))),
                byte => *byte,
            };
            out[to] = byte;
            to += 1;
            self.at += 1;
        }
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
