//! Whether lapin can hold the properties of a message.
//!
//! To AMQP a short string is bytes; to lapin it is text, and one that is not UTF-8 ends the whole
//! connection. lapin also reads nested tables by recursion, as deep as anybody nests them.

use bytes::Bytes;

use super::table::Cursor;

/// Containers nested deeper than this are not plain.
const MAX_DEPTH: u8 = 32;
const HEADERS: u16 = 13;
const DELIVERY_MODE: u16 = 12;
const PRIORITY: u16 = 11;
const TIMESTAMP: u16 = 6;
/// The lowest bit of the flags that stands for a property.
const CLUSTER_ID: u16 = 2;

/// Reads the property flags and values of a content header to their end.
pub(super) fn is_plain(properties: &Bytes) -> bool {
    let mut cursor = Cursor { bytes: properties, at: 0 };
    read_properties(&mut cursor).is_some() && cursor.is_at_end()
}

fn read_properties(cursor: &mut Cursor<'_>) -> Option<()> {
    let flags = cursor.u16()?;
    if flags & ((1 << CLUSTER_ID) - 1) != 0 {
        return None;
    }
    for bit in (CLUSTER_ID..16).rev().filter(|bit| flags & (1 << bit) != 0) {
        match bit {
            HEADERS => read_table(&cursor.table()?, 0)?,
            DELIVERY_MODE | PRIORITY => cursor.pass(1)?,
            TIMESTAMP => cursor.pass(8)?,
            _ => read_text(cursor)?,
        }
    }
    Some(())
}

fn read_text(cursor: &mut Cursor<'_>) -> Option<()> {
    std::str::from_utf8(cursor.short_bytes()?).ok().map(|_| ())
}

fn read_table(contents: &Bytes, depth: u8) -> Option<()> {
    let mut cursor = Cursor { bytes: contents, at: 0 };
    while !cursor.is_at_end() {
        read_text(&mut cursor)?;
        read_value(&mut cursor, depth)?;
    }
    Some(())
}

fn read_list(contents: &Bytes, depth: u8) -> Option<()> {
    let mut cursor = Cursor { bytes: contents, at: 0 };
    while !cursor.is_at_end() {
        read_value(&mut cursor, depth)?;
    }
    Some(())
}

fn read_value(cursor: &mut Cursor<'_>, depth: u8) -> Option<()> {
    match cursor.u8()? {
        b'V' => Some(()),
        b't' | b'b' | b'B' => cursor.pass(1),
        b's' | b'U' | b'u' => cursor.pass(2),
        b'I' | b'i' | b'f' => cursor.pass(4),
        b'D' => cursor.pass(5),
        b'l' | b'L' | b'd' | b'T' => cursor.pass(8),
        b'S' | b'x' => cursor.table().map(|_| ()),
        b'A' if depth < MAX_DEPTH => read_list(&cursor.table()?, depth + 1),
        b'F' if depth < MAX_DEPTH => read_table(&cursor.table()?, depth + 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_headers(contents: &[u8]) -> Bytes {
        let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
        [&[0x20, 0][..], &length, contents].concat().into()
    }

    fn nested(depth: usize) -> Bytes {
        let mut contents = b"\x01xV".to_vec();
        for _ in 0..depth {
            let length = u32::try_from(contents.len()).unwrap().to_be_bytes();
            contents = [b"\x01xF", &length[..], &contents].concat();
        }
        with_headers(&contents)
    }

    #[test]
    fn what_lapin_cannot_hold_is_not_plain() {
        let table: [(Bytes, bool); 12] = [
            (Bytes::from_static(b"\0\0"), true),
            (Bytes::from_static(b"\x80\0\x04text"), true),
            (Bytes::from_static(b"\x1c\x40\x02\x05\x01c\0\0\0\0\0\0\0\x01"), true),
            (with_headers(b"\x01aS\0\0\0\x01\xff\x01bD\x02\0\0\0\x01\x01cx\0\0\0\x01\xff"), true),
            (with_headers(b"\x01aA\0\0\0\x03t\x01V"), true),
            (nested(31), true),
            (Bytes::from_static(b"\x04\0\x02\xff\xfe"), false),
            (with_headers(b"\x01\xffV"), false),
            (with_headers(b"\x01a?"), false),
            (nested(40), false),
            (Bytes::from_static(b"\0\x01"), false),
            (Bytes::from_static(b"\0\0\0"), false),
        ];
        for (properties, expected) in table {
            assert_eq!(is_plain(&properties), expected, "{properties:?}");
        }
        assert!(!is_plain(&nested(9_000)));
    }

    proptest! {
        #[test]
        fn junk_never_panics(junk in prop::collection::vec(any::<u8>(), 0..300)) {
            is_plain(&junk.into());
        }
    }
}
