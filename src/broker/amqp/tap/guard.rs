//! Messages that lapin cannot hold, kept from it.
//!
//! One message whose properties lapin cannot read would end the connection, and so make a whole queue
//! unreadable. The guard looks at the answers to `basic.get` on one channel: where lapin would fail,
//! it gets the message without its properties, and they wait here.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};

use super::super::plain::is_plain;
use super::super::table::Cursor;
use super::frames::{
    BEFORE_PROPERTIES, BadFrame, FRAME_END, FRAME_HEADER, HEADER, MAX_FRAME, METHOD, frame_length,
};

/// Class 60, method 71.
const BASIC_GET_OK: [u8; 4] = [0, 60, 0, 71];
/// The delivery tag and the redelivered bit, which precede exchange and routing key.
const BEFORE_NAMES: usize = BASIC_GET_OK.len() + 9;

/// The properties that were kept from lapin, in the order of their messages.
#[derive(Debug, Default)]
pub(in crate::broker::amqp) struct Guard {
    /// Zero while no channel is watched.
    channel: AtomicU16,
    kept: Mutex<VecDeque<Option<Bytes>>>,
}

impl Guard {
    /// From now on the messages on this channel are looked at.
    pub(in crate::broker::amqp) fn watch(&self, channel: u16) {
        self.channel.store(channel, Ordering::Release);
    }

    /// The property flags and values of the next message; `None` where lapin has them.
    pub(in crate::broker::amqp) fn next(&self) -> Option<Bytes> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).pop_front().flatten()
    }

    fn keep(&self, properties: Option<Bytes>) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).push_back(properties);
    }
}

/// The bytes of a connection on their way to lapin. The first byte given must be the first of a
/// frame.
#[derive(Debug)]
pub(super) struct Screen {
    guard: Arc<Guard>,
    input: BytesMut,
    names: Names,
    /// Set once the server has answered with a protocol header instead of a frame.
    is_foreign: bool,
}

/// Whether lapin got the exchange and routing key of a message as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    Whole,
    Mended,
}

impl Screen {
    pub(super) fn new(guard: Arc<Guard>) -> Self {
        Self { guard, input: BytesMut::new(), names: Names::Whole, is_foreign: false }
    }

    /// Takes more bytes and gives lapin the whole frames among them.
    pub(super) fn take(&mut self, bytes: &[u8], rest: &mut BytesMut) -> Result<(), BadFrame> {
        self.input.extend_from_slice(bytes);
        if self.is_foreign || self.input.starts_with(b"AMQP") {
            self.is_foreign = true;
            rest.extend_from_slice(&self.input.split());
            return Ok(());
        }
        while let Some(length) = frame_length(&self.input) {
            if length > MAX_FRAME {
                return Err(BadFrame);
            }
            match self.input.get(length - 1) {
                None => break,
                Some(&FRAME_END) => {}
                Some(_) => return Err(BadFrame),
            }
            let frame = self.input.split_to(length).freeze();
            self.pass(&frame, rest);
        }
        Ok(())
    }

    fn pass(&mut self, frame: &Bytes, rest: &mut BytesMut) {
        let channel = self.guard.channel.load(Ordering::Acquire);
        let payload = frame.slice(FRAME_HEADER..frame.len() - 1);
        if channel == 0 || frame[1..3] != channel.to_be_bytes() {
            rest.extend_from_slice(frame);
            return;
        }
        let instead = match frame[0] {
            METHOD if payload.starts_with(&BASIC_GET_OK) => {
                let mended = mended_names(&payload);
                self.names = if mended.is_some() { Names::Mended } else { Names::Whole };
                mended
            }
            HEADER if payload.len() >= BEFORE_PROPERTIES => {
                let properties = payload.slice(BEFORE_PROPERTIES..);
                let is_odd = self.names == Names::Mended || !is_plain(&properties);
                self.guard.keep(is_odd.then_some(properties));
                is_odd.then(|| [&payload[..BEFORE_PROPERTIES], &[0, 0]].concat())
            }
            _ => None,
        };
        match instead {
            None => rest.extend_from_slice(frame),
            Some(payload) => {
                let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
                rest.extend_from_slice(&frame[..3]);
                rest.extend_from_slice(&length.to_be_bytes());
                rest.extend_from_slice(&payload);
                rest.extend_from_slice(&[FRAME_END]);
            }
        }
    }
}

/// The answer with an exchange and a routing key that are UTF-8; `None` where they were, or where it
/// is broken altogether.
fn mended_names(payload: &Bytes) -> Option<Vec<u8>> {
    let mut cursor = Cursor { bytes: payload, at: BEFORE_NAMES };
    let mut mended = payload.get(..BEFORE_NAMES)?.to_vec();
    let mut is_mended = false;
    for _ in ["exchange", "routing key"] {
        let name = cursor.short_bytes()?;
        let text: String = match std::str::from_utf8(name) {
            Ok(text) => text.to_owned(),
            Err(_) => {
                is_mended = true;
                // A byte each, so that it is never too long for a short string.
                name.iter()
                    .map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' })
                    .collect()
            }
        };
        mended.push(u8::try_from(text.len()).ok()?);
        mended.extend_from_slice(text.as_bytes());
    }
    mended.extend_from_slice(&payload[cursor.at..]);
    is_mended.then_some(mended)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind][..], &channel.to_be_bytes(), &length, payload, &[FRAME_END]].concat()
    }

    fn answer(channel: u16, key: &[u8], properties: &[u8]) -> Vec<u8> {
        let length = u8::try_from(key.len()).unwrap();
        let method = [&BASIC_GET_OK[..], &[0; 8], &[1], b"\x02ev", &[length], key, &[0, 0, 0, 9]];
        let header = [b"\0\x3c\0\0", &1_u64.to_be_bytes()[..], properties].concat();
        [
            frame(METHOD, channel, &method.concat()),
            frame(HEADER, channel, &header),
            frame(3, channel, b"x"),
        ]
        .concat()
    }

    /// What lapin gets and what is kept when `bytes` arrive in pieces of `step`.
    fn screened(bytes: &[u8], step: usize) -> (Vec<u8>, Vec<Option<Bytes>>) {
        let guard = Arc::new(Guard::default());
        guard.watch(1);
        let mut screen = Screen::new(guard.clone());
        let mut rest = BytesMut::new();
        for piece in bytes.chunks(step) {
            screen.take(piece, &mut rest).unwrap();
        }
        let kept = guard.kept.lock().unwrap().drain(..).collect();
        (rest.to_vec(), kept)
    }

    const PLAIN: &[u8] = b"\x04\0\x01c";
    const ODD: &[u8] = b"\x04\0\x01\xff";

    #[test]
    fn what_lapin_cannot_hold_is_kept_from_it_and_the_rest_passes_untouched() {
        let bytes = [
            frame(8, 0, b""),
            answer(1, b"a.b", PLAIN),
            answer(2, b"\xff", ODD),
            answer(1, b"a.b", ODD),
            answer(1, b"a.\xff", PLAIN),
            answer(1, b"a.b", PLAIN),
        ]
        .concat();
        let expected = [
            frame(8, 0, b""),
            answer(1, b"a.b", PLAIN),
            answer(2, b"\xff", ODD),
            answer(1, b"a.b", b"\0\0"),
            answer(1, b"a.?", b"\0\0"),
            answer(1, b"a.b", PLAIN),
        ]
        .concat();
        for step in 1..=bytes.len() {
            let (rest, kept) = screened(&bytes, step);
            assert_eq!(rest, expected, "{step}");
            let kept: Vec<Option<&[u8]>> = kept.iter().map(Option::as_deref).collect();
            assert_eq!(kept, [None, Some(ODD), Some(PLAIN), None]);
        }
    }

    #[test]
    fn a_protocol_header_passes_untouched() {
        assert_eq!(screened(b"AMQP\0\0\x09\x01", 8).0, b"AMQP\0\0\x09\x01");
    }

    proptest! {
        #[test]
        fn junk_never_panics(junk in prop::collection::vec(any::<u8>(), 0..200), step in 1_usize..9) {
            let guard = Arc::new(Guard::default());
            guard.watch(1);
            let mut screen = Screen::new(guard);
            let mut rest = BytesMut::new();
            for piece in junk.chunks(step) {
                if screen.take(piece, &mut rest).is_err() {
                    break;
                }
            }
        }
    }
}
