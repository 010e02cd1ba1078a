//! The arguments of opcodes.

use super::super::SerialError;
use super::FORMAT;

/// A cursor over the pickle.
pub(super) struct Reader<'b> {
    body: &'b [u8],
    pub at: usize,
}

impl<'b> Reader<'b> {
    pub fn new(body: &'b [u8]) -> Self {
        Self { body, at: 0 }
    }

    pub fn byte(&mut self) -> Result<u8, SerialError> {
        Ok(self.take(1)?[0])
    }

    pub fn take(&mut self, length: u64) -> Result<&'b [u8], SerialError> {
        let rest = &self.body[self.at..];
        if length > rest.len() as u64 {
            return Err(SerialError::CutShort { format: FORMAT, offset: self.body.len() });
        }
        self.at += length as usize;
        Ok(&rest[..length as usize])
    }

    /// A little-endian number of up to eight bytes.
    pub fn unsigned(&mut self, bytes: u64) -> Result<u64, SerialError> {
        let bytes = self.take(bytes)?;
        Ok(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// As many bytes as the number in front of them says.
    pub fn counted(&mut self, length_bytes: u64) -> Result<&'b [u8], SerialError> {
        let length = self.unsigned(length_bytes)?;
        self.take(length)
    }

    pub fn counted_text(&mut self, length_bytes: u64) -> Result<&'b str, SerialError> {
        let bytes = self.counted(length_bytes)?;
        let offset = self.at - bytes.len();
        str::from_utf8(bytes).map_err(|_| SerialError::NotUtf8 { format: FORMAT, offset })
    }

    /// The rest of the line, without its end.
    pub fn line(&mut self) -> Result<&'b [u8], SerialError> {
        let rest = &self.body[self.at..];
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            return Err(SerialError::CutShort { format: FORMAT, offset: self.body.len() });
        };
        self.at += length + 1;
        Ok(&rest[..length])
    }

    pub fn ascii_line(&mut self) -> Result<&'b str, SerialError> {
        let line = self.line()?;
        match str::from_utf8(line) {
            Ok(text) => Ok(text.trim()),
            Err(_) => Err(self.malformed("a number is not text")),
        }
    }

    pub fn malformed(&self, problem: &'static str) -> SerialError {
        SerialError::Malformed { format: FORMAT, problem, offset: self.at }
    }
}

/// Text of protocol 0: Latin-1 with `\uXXXX` and `\UXXXXXXXX` ("raw-unicode-escape").
pub(super) fn raw_unicode(line: &[u8]) -> Option<String> {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((byte, after)) = rest.split_first() {
        let digits = match (byte, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(*byte));
                rest = after;
                continue;
            }
        };
        let hex = str::from_utf8(after.get(1..1 + digits)?).ok()?;
        text.push(char::from_u32(u32::from_str_radix(hex, 16).ok()?)?);
        rest = &after[1 + digits..];
    }
    Some(text)
}

/// A quoted byte string of protocol 0, as Python 2 wrote it.
pub(super) fn quoted(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.trim_ascii();
    let (quote, rest) = line.split_first()?;
    let inside = rest.strip_suffix(&[*quote])?;
    if !matches!(quote, b'\'' | b'"') {
        return None;
    }
    let mut bytes = Vec::with_capacity(inside.len());
    let mut rest = inside.iter();
    while let Some(byte) = rest.next() {
        if *byte != b'\\' {
            bytes.push(*byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let hex = [*rest.next()?, *rest.next()?];
                u8::from_str_radix(str::from_utf8(&hex).ok()?, 16).ok()?
            }
            same @ (b'\\' | b'\'' | b'"') => *same,
            _ => return None,
        });
    }
    Some(bytes)
}
