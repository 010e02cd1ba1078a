//! Field tables as they stand on the wire, read without copying their text.
//!
//! Source: AMQP 0-9-1, section 4.2.5, with RabbitMQ's field types (`rabbit_binary_parser.erl`).

use bytes::Bytes;

use crate::wire::{HeaderList, HeaderValue, HeaderVisitor, Headers};

/// Containers nested deeper than this are lent as bytes.
const MAX_DEPTH: u8 = 32;

/// A header table; its text stays in the frame it came in.
#[derive(Debug, Default)]
pub(super) struct Table {
    bytes: Bytes,
    entries: Vec<(Name, Field)>,
}

#[derive(Debug)]
struct List {
    bytes: Bytes,
    items: Vec<Field>,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

#[derive(Debug)]
enum Name {
    Here(Span),
    /// Not UTF-8 on the wire, which only the broken clients do.
    Mended(Box<str>),
}

#[derive(Debug)]
enum Field {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Decimal { scale: u8, value: i64 },
    Text(Span),
    Bytes(Span),
    Timestamp(u64),
    List(List),
    Table(Table),
}

impl Table {
    /// Reads the contents of a table (what follows its length).
    ///
    /// A broker has checked the table before; where it is broken all the same, the entries before the
    /// fault are kept.
    pub(super) fn parse(bytes: Bytes) -> Self {
        Self::parse_at_depth(bytes, 0)
    }

    fn parse_at_depth(bytes: Bytes, depth: u8) -> Self {
        let mut entries = Vec::new();
        let mut cursor = Cursor { bytes: &bytes, at: 0 };
        while let Some(name) = cursor.short_string() {
            let Some(field) = cursor.field(depth) else { break };
            entries.push((Name::new(&bytes, name), field));
        }
        Self { bytes, entries }
    }
}

impl List {
    fn parse(bytes: Bytes, depth: u8) -> Self {
        let mut items = Vec::new();
        let mut cursor = Cursor { bytes: &bytes, at: 0 };
        while let Some(field) = cursor.field(depth) {
            items.push(field);
        }
        Self { bytes, items }
    }
}

impl Name {
    fn new(bytes: &Bytes, span: Span) -> Self {
        match String::from_utf8_lossy(span.of(bytes)) {
            std::borrow::Cow::Borrowed(_) => Self::Here(span),
            std::borrow::Cow::Owned(mended) => Self::Mended(mended.into()),
        }
    }

    fn text<'a>(&'a self, bytes: &'a Bytes) -> &'a str {
        match self {
            Self::Here(span) => std::str::from_utf8(span.of(bytes)).unwrap_or_default(),
            Self::Mended(text) => text,
        }
    }
}

impl Span {
    fn of(self, bytes: &[u8]) -> &[u8] {
        &bytes[self.start..self.end]
    }
}

impl Field {
    fn lend<'a>(&'a self, bytes: &'a Bytes) -> HeaderValue<'a> {
        match self {
            Self::Null => HeaderValue::Null,
            Self::Bool(value) => HeaderValue::Bool(*value),
            Self::Int(value) => HeaderValue::Int(*value),
            Self::UInt(value) => HeaderValue::UInt(*value),
            Self::Float(value) => HeaderValue::Float(*value),
            Self::Decimal { scale, value } => HeaderValue::Decimal { scale: *scale, value: *value },
            Self::Text(span) => match std::str::from_utf8(span.of(bytes)) {
                Ok(text) => HeaderValue::Text(text),
                Err(_) => HeaderValue::Bytes(span.of(bytes)),
            },
            Self::Bytes(span) => HeaderValue::Bytes(span.of(bytes)),
            Self::Timestamp(seconds) => HeaderValue::Timestamp(*seconds),
            Self::List(list) => HeaderValue::List(list),
            Self::Table(table) => HeaderValue::Table(table),
        }
    }
}

impl Headers for Table {
    fn visit<'a>(&'a self, visitor: &mut HeaderVisitor<'_, 'a>) {
        for (name, field) in &self.entries {
            visitor(name.text(&self.bytes), field.lend(&self.bytes));
        }
    }
}

impl HeaderList for List {
    fn visit<'a>(&'a self, visitor: &mut dyn FnMut(HeaderValue<'a>)) {
        for field in &self.items {
            visitor(field.lend(&self.bytes));
        }
    }
}

/// Reads the primitive types; `None` at the end of the bytes or where they are broken.
pub(super) struct Cursor<'a> {
    pub(super) bytes: &'a Bytes,
    pub(super) at: usize,
}

impl Cursor<'_> {
    fn skip(&mut self, length: usize) -> Option<Span> {
        let end = self.at.checked_add(length).filter(|end| *end <= self.bytes.len())?;
        let span = Span { start: self.at, end };
        self.at = end;
        Some(span)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let span = self.skip(N)?;
        span.of(self.bytes).try_into().ok()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Moves on without looking.
    pub(super) fn pass(&mut self, length: usize) -> Option<()> {
        self.skip(length).map(|_| ())
    }

    /// The bytes of a short string, whatever they are.
    pub(super) fn short_bytes(&mut self) -> Option<&[u8]> {
        let span = self.short_string()?;
        Some(span.of(self.bytes))
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn short_string(&mut self) -> Option<Span> {
        let length = self.u8()?;
        self.skip(length.into())
    }

    fn long_string(&mut self) -> Option<Span> {
        let length = self.array().map(u32::from_be_bytes)?;
        self.skip(usize::try_from(length).ok()?)
    }

    /// A short string as text of its own bytes; what is not UTF-8 is mended.
    pub(super) fn short_text(&mut self) -> Option<Bytes> {
        let span = self.short_string()?;
        Some(match String::from_utf8_lossy(span.of(self.bytes)) {
            std::borrow::Cow::Borrowed(_) => self.bytes.slice(span.start..span.end),
            std::borrow::Cow::Owned(mended) => Bytes::from(mended),
        })
    }

    /// The contents of a table, or of anything else with a long length before it.
    pub(super) fn table(&mut self) -> Option<Bytes> {
        let span = self.long_string()?;
        Some(self.bytes.slice(span.start..span.end))
    }

    fn field(&mut self, depth: u8) -> Option<Field> {
        Some(match self.u8()? {
            b'V' => Field::Null,
            b't' => Field::Bool(self.u8()? != 0),
            b'b' => Field::Int(self.array().map(i8::from_be_bytes)?.into()),
            b'B' => Field::UInt(self.u8()?.into()),
            // RabbitMQ reads `s` as a short integer, where the specification has a short string.
            b's' | b'U' => Field::Int(self.array().map(i16::from_be_bytes)?.into()),
            b'u' => Field::UInt(self.u16()?.into()),
            b'I' => Field::Int(self.array().map(i32::from_be_bytes)?.into()),
            b'i' => Field::UInt(self.array().map(u32::from_be_bytes)?.into()),
            b'l' | b'L' => Field::Int(self.array().map(i64::from_be_bytes)?),
            b'f' => Field::Float(self.array().map(f32::from_be_bytes)?.into()),
            b'd' => Field::Float(self.array().map(f64::from_be_bytes)?),
            b'D' => Field::Decimal {
                scale: self.u8()?,
                value: self.array().map(i32::from_be_bytes)?.into(),
            },
            b'S' => Field::Text(self.long_string()?),
            b'x' => Field::Bytes(self.long_string()?),
            b'T' => Field::Timestamp(self.u64()?),
            container @ (b'A' | b'F') => {
                let span = self.long_string()?;
                let inside = || self.bytes.slice(span.start..span.end);
                match container {
                    _ if depth == MAX_DEPTH => Field::Bytes(span),
                    b'A' => Field::List(List::parse(inside(), depth + 1)),
                    _ => Field::Table(Table::parse_at_depth(inside(), depth + 1)),
                }
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn show(value: HeaderValue<'_>) -> String {
        match value {
            HeaderValue::Null => "null".into(),
            HeaderValue::Bool(value) => value.to_string(),
            HeaderValue::Int(value) => value.to_string(),
            HeaderValue::UInt(value) => format!("{value}u"),
            HeaderValue::Float(value) => format!("{value:?}"),
            HeaderValue::Decimal { scale, value } => format!("{value}e-{scale}"),
            HeaderValue::Text(text) => format!("{text:?}"),
            HeaderValue::Bytes(bytes) => format!("{bytes:?}"),
            HeaderValue::Timestamp(seconds) => format!("@{seconds}"),
            HeaderValue::List(list) => {
                let mut items = Vec::new();
                list.visit(&mut |item| items.push(show(item)));
                format!("[{}]", items.join(" "))
            }
            HeaderValue::Table(table) => show_table(table),
        }
    }

    fn show_table(table: &dyn Headers) -> String {
        let mut entries = Vec::new();
        table.visit(&mut |name, value| entries.push(format!("{name}={}", show(value))));
        format!("{{{}}}", entries.join(" "))
    }

    fn entry(name: &[u8], value: &[u8]) -> Vec<u8> {
        [&[u8::try_from(name.len()).unwrap()], name, value].concat()
    }

    fn sized(kind: u8, contents: &[u8]) -> Vec<u8> {
        let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
        [&[kind], &length[..], contents].concat()
    }

    #[test]
    fn every_field_type_of_rabbitmq_is_read_in_the_order_of_the_wire() {
        let wire = [
            entry(b"z", b"V"),
            entry(b"bool", b"t\x01"),
            entry(b"i8", b"b\xff"),
            entry(b"u8", b"B\xff"),
            entry(b"i16", b"s\xff\xfe"),
            entry(b"u16", b"u\xff\xfe"),
            entry(b"i32", b"I\x80\0\0\0"),
            entry(b"u32", b"i\x80\0\0\0"),
            entry(b"i64", b"l\x80\0\0\0\0\0\0\0"),
            entry(b"f32", b"f\x3f\xc0\0\0"),
            entry(b"f64", b"d\x3f\xf8\0\0\0\0\0\0"),
            entry(b"decimal", b"D\x02\xff\xff\xff\xff"),
            entry(b"text", &sized(b'S', "é".as_bytes())),
            entry(b"latin1", &sized(b'S', b"\xe9")),
            entry(b"bytes", &sized(b'x', b"\x00\x01")),
            entry(b"time", b"T\0\0\0\0\0\0\0\x07"),
            entry(b"list", &sized(b'A', b"Vt\0")),
            entry(b"table", &sized(b'F', &entry(b"a", b"V"))),
            entry(b"n\xff", b"V"),
        ];
        let table = Table::parse(wire.concat().into());
        insta::assert_snapshot!(show_table(&table).replace(' ', "\n"), @r#"
        {z=null
        bool=true
        i8=-1
        u8=255u
        i16=-2
        u16=65534u
        i32=-2147483648
        u32=2147483648u
        i64=-9223372036854775808
        f32=1.5
        f64=1.5
        decimal=-1e-2
        text="é"
        latin1=[233]
        bytes=[0,
        1]
        time=@7
        list=[null
        false]
        table={a=null}
        n�=null}
        "#);
    }

    #[test]
    fn a_table_nested_without_end_stops_at_a_limit() {
        let mut wire = entry(b"x", b"V");
        for _ in 0..5000 {
            wire = entry(b"x", &sized(b'F', &wire));
        }
        let text = show_table(&Table::parse(wire.into()));
        assert_eq!(text.matches("x={").count(), usize::from(MAX_DEPTH));
    }

    proptest! {
        #[test]
        fn junk_never_panics(junk in prop::collection::vec(any::<u8>(), 0..300)) {
            let shown = show_table(&Table::parse(junk.into()));
            prop_assert_eq!(shown.chars().next(), Some('{'));
        }

        #[test]
        fn a_cut_table_keeps_the_entries_before_the_cut(cut in 0_usize..40) {
            let wire = [entry(b"first", b"t\x01"), entry(b"second", &sized(b'S', b"0123456789"))];
            let wire = wire.concat();
            let kept = wire.len().min(cut);
            let expected = match kept {
                0..8 => "{}",
                8..30 => "{first=true}",
                _ => "{first=true second=\"0123456789\"}",
            };
            prop_assert_eq!(wire.len(), 30);
            prop_assert_eq!(show_table(&Table::parse(wire[..kept].to_vec().into())), expected);
        }
    }
}
