//! MessagePack, written out as JSON while it is read.

use super::python::float_repr;
use super::{Bounds, SerialError, push_bytes};
use crate::wire::json::push_quoted;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

const FORMAT: &str = "MessagePack";

/// Appends the one value that `body` holds.
pub(super) fn push_json(body: &[u8], bounds: Bounds, out: &mut String) -> Result<(), SerialError> {
    let start = out.len();
    let mut reader = Reader { body, at: 0 };
    let mut open: Vec<Frame> = Vec::new();
    loop {
        if out.len() - start > bounds.max_bytes {
            return Err(SerialError::TooLarge(bounds.max_bytes));
        }
        if let Some(frame) = reader.value(out)? {
            if open.len() >= bounds.max_depth {
                return Err(SerialError::TooDeep(bounds.max_depth));
            }
            open.push(frame);
        }
        loop {
            let Some(frame) = open.last_mut() else { return reader.end() };
            if frame.left == 0 {
                out.push(if frame.is_map { '}' } else { ']' });
                open.pop();
                continue;
            }
            if !frame.is_first {
                out.push(',');
            }
            frame.is_first = false;
            frame.left -= 1;
            if frame.is_map {
                reader.key(out)?;
                out.push(':');
            }
            break;
        }
    }
}

struct Frame {
    is_map: bool,
    is_first: bool,
    /// Elements or pairs.
    left: u32,
}

impl Frame {
    fn list(left: u32) -> Self {
        Self { is_map: false, is_first: true, left }
    }

    fn map(left: u32) -> Self {
        Self { is_map: true, is_first: true, left }
    }
}

struct Reader<'b> {
    body: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    /// Appends a leaf whole, or the opening of a container.
    fn value(&mut self, out: &mut String) -> Result<Option<Frame>, SerialError> {
        let marker = self.byte()?;
        let frame = match marker {
            0x80..=0x8f => Frame::map(u32::from(marker & 0x0f)),
            0x90..=0x9f => Frame::list(u32::from(marker & 0x0f)),
            0xdc => Frame::list(self.unsigned(2)? as u32),
            0xdd => Frame::list(self.unsigned(4)? as u32),
            0xde => Frame::map(self.unsigned(2)? as u32),
            0xdf => Frame::map(self.unsigned(4)? as u32),
            _ => {
                self.leaf(marker, out)?;
                return Ok(None);
            }
        };
        out.push(if frame.is_map { '{' } else { '[' });
        Ok(Some(frame))
    }

    fn leaf(&mut self, marker: u8, out: &mut String) -> Result<(), SerialError> {
        match marker {
            0xc0 => out.push_str("null"),
            0xc2 => out.push_str("false"),
            0xc3 => out.push_str("true"),
            0xa0..=0xbf | 0xd9..=0xdb => push_quoted(out, self.text(marker)?),
            0xc4..=0xc6 => {
                let length = self.unsigned(1 << (marker - 0xc4))?;
                push_bytes(out, self.take(length)?);
            }
            0xc7..=0xc9 => {
                let length = self.unsigned(1 << (marker - 0xc7))?;
                self.extension(length, out)?;
            }
            0xd4..=0xd8 => self.extension(1 << (marker - 0xd4), out)?,
            _ => out.push_str(&self.number(marker)?),
        }
        Ok(())
    }

    fn number(&mut self, marker: u8) -> Result<String, SerialError> {
        Ok(match marker {
            0x00..=0x7f => marker.to_string(),
            0xe0..=0xff => (marker as i8).to_string(),
            0xca => float_repr(f64::from(f32::from_bits(self.unsigned(4)? as u32)))?,
            0xcb => float_repr(f64::from_bits(self.unsigned(8)?))?,
            0xcc..=0xcf => self.unsigned(1 << (marker - 0xcc))?.to_string(),
            0xd0..=0xd3 => {
                let length = 1_u32 << (marker - 0xd0);
                let shift = 64 - 8 * length;
                ((self.unsigned(length)? << shift) as i64 >> shift).to_string()
            }
            _ => return Err(self.malformed("a byte stands where a value should be")),
        })
    }

    /// Python's json module turns these keys into strings too.
    fn key(&mut self, out: &mut String) -> Result<(), SerialError> {
        let marker = self.byte()?;
        match marker {
            0xa0..=0xbf | 0xd9..=0xdb => push_quoted(out, self.text(marker)?),
            0xc4..=0xc6 => {
                let length = self.unsigned(1 << (marker - 0xc4))?;
                let bytes = self.take(length)?;
                let Ok(text) = str::from_utf8(bytes) else {
                    return Err(SerialError::Key("binary value"));
                };
                push_quoted(out, text);
            }
            0x80..=0x8f | 0xde | 0xdf => return Err(SerialError::Key("mapping")),
            0x90..=0x9f | 0xdc | 0xdd => return Err(SerialError::Key("list")),
            0xc7..=0xc9 | 0xd4..=0xd8 => return Err(SerialError::Key("extension value")),
            marker => {
                out.push('"');
                self.leaf(marker, out)?;
                out.push('"');
            }
        }
        Ok(())
    }

    fn text(&mut self, marker: u8) -> Result<&'b str, SerialError> {
        let length = match marker {
            0xa0..=0xbf => u64::from(marker & 0x1f),
            marker => self.unsigned(1 << (marker - 0xd9))?,
        };
        let offset = self.at;
        str::from_utf8(self.take(length)?)
            .map_err(|_| SerialError::NotUtf8 { format: FORMAT, offset })
    }

    /// Application types have no JSON form; their number and bytes are shown.
    fn extension(&mut self, length: u64, out: &mut String) -> Result<(), SerialError> {
        let code = self.byte()? as i8;
        let data = STANDARD.encode(self.take(length)?);
        out.push_str(&format!(
            r#"{{"__type__":"msgpack_ext","__value__":{{"code":{code},"base64":"{data}"}}}}"#
        ));
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, SerialError> {
        Ok(self.take(1)?[0])
    }

    /// A big-endian number of up to eight bytes.
    fn unsigned(&mut self, length: u32) -> Result<u64, SerialError> {
        let bytes = self.take(u64::from(length))?;
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take(&mut self, length: u64) -> Result<&'b [u8], SerialError> {
        let rest = &self.body[self.at..];
        if length > rest.len() as u64 {
            return Err(SerialError::CutShort { format: FORMAT, offset: self.body.len() });
        }
        self.at += length as usize;
        Ok(&rest[..length as usize])
    }

    fn end(&self) -> Result<(), SerialError> {
        if self.at < self.body.len() { Err(SerialError::Trailing(self.at)) } else { Ok(()) }
    }

    fn malformed(&self, problem: &'static str) -> SerialError {
        SerialError::Malformed { format: FORMAT, problem, offset: self.at.saturating_sub(1) }
    }
}
