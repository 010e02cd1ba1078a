//! Tells frames apart: messages delivered on one channel, and everything else.

use bytes::{Buf, Bytes, BytesMut};

use super::super::delivery::ReceivedMessage;

pub(super) const FRAME_HEADER: usize = 7;
pub(super) const FRAME_END: u8 = 0xCE;
pub(super) const METHOD: u8 = 1;
pub(super) const HEADER: u8 = 2;
const BODY: u8 = 3;
/// Class 60, method 60.
const BASIC_DELIVER: [u8; 4] = [0, 60, 0, 60];
/// What precedes the properties in a content header: class, weight, body size.
pub(super) const BEFORE_PROPERTIES: usize = 12;
/// Larger frames were never negotiated (RabbitMQ's own maximum is 128 KiB unless configured).
pub(super) const MAX_FRAME: usize = 16 << 20;
/// Room set aside at once for a body that comes in several frames; it grows as they arrive.
const MAX_RESERVED: u64 = 1 << 20;

/// The server does not keep to the frame format.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadFrame;

/// Splits the bytes of a connection. The first byte given must be the first of a frame.
#[derive(Debug, Default)]
pub(super) struct Splitter {
    input: BytesMut,
    partial: Option<Partial>,
    /// Set once the server has answered with a protocol header instead of a frame.
    is_foreign: bool,
}

/// A message whose frames have not all arrived.
#[derive(Debug)]
struct Partial {
    deliver: Bytes,
    header: Bytes,
    missing: u64,
    body: Body,
}

#[derive(Debug)]
enum Body {
    None,
    /// One frame holds it all, which is the usual case and needs no copy.
    Whole(Bytes),
    Pieces(BytesMut),
}

impl Splitter {
    /// Takes more bytes. Messages delivered on `channel` go to `messages`, the bytes of all
    /// other frames to `rest`. Channel 0 delivers nothing.
    pub(super) fn take(
        &mut self,
        bytes: &[u8],
        channel: u16,
        (messages, rest): (&mut Vec<ReceivedMessage>, &mut BytesMut),
    ) -> Result<(), BadFrame> {
        self.input.extend_from_slice(bytes);
        if self.is_foreign || self.input.starts_with(b"AMQP") {
            self.is_foreign = true;
            rest.extend_from_slice(&self.input.split());
            return Ok(());
        }
        let complete = self.complete()?;
        let mut chunk = self.input.split_to(complete).freeze();
        while chunk.has_remaining() {
            let frame = chunk.split_to(frame_length(&chunk).ok_or(BadFrame)?);
            if channel == 0 || frame[1..3] != channel.to_be_bytes() {
                rest.extend_from_slice(&frame);
                continue;
            }
            let payload = frame.slice(FRAME_HEADER..frame.len() - 1);
            let partial = &mut self.partial;
            match frame[0] {
                METHOD if payload.starts_with(&BASIC_DELIVER) => {
                    *partial = Some(Partial::new(payload.slice(BASIC_DELIVER.len()..)));
                }
                HEADER if partial.is_some() => header(partial, &payload)?,
                BODY if partial.is_some() => body(partial, payload)?,
                _ => rest.extend_from_slice(&frame),
            }
            finish(partial, messages)?;
        }
        Ok(())
    }

    /// How many bytes of the input are whole frames.
    fn complete(&self) -> Result<usize, BadFrame> {
        let mut at = 0;
        while let Some(length) = frame_length(&self.input[at..]) {
            if length > MAX_FRAME {
                return Err(BadFrame);
            }
            let Some(end) = self.input.get(at + length - 1) else { break };
            if *end != FRAME_END {
                return Err(BadFrame);
            }
            at += length;
        }
        Ok(at)
    }
}

fn header(partial: &mut Option<Partial>, payload: &Bytes) -> Result<(), BadFrame> {
    let size = payload.get(4..BEFORE_PROPERTIES).ok_or(BadFrame)?;
    if let Some(partial) = partial {
        partial.missing = size.try_into().map(u64::from_be_bytes).map_err(|_| BadFrame)?;
        partial.header = payload.slice(BEFORE_PROPERTIES..);
    }
    Ok(())
}

fn body(partial: &mut Option<Partial>, payload: Bytes) -> Result<(), BadFrame> {
    partial.as_mut().map_or(Ok(()), |partial| partial.add(payload))
}

fn finish(
    partial: &mut Option<Partial>,
    messages: &mut Vec<ReceivedMessage>,
) -> Result<(), BadFrame> {
    let Some(partial) = partial.take_if(|partial| partial.missing == 0) else { return Ok(()) };
    let body = match partial.body {
        Body::None => Bytes::new(),
        Body::Whole(body) => body,
        Body::Pieces(pieces) => pieces.freeze(),
    };
    let message = ReceivedMessage::read(&partial.deliver, &partial.header, body);
    messages.push(message.ok_or(BadFrame)?);
    Ok(())
}

impl Partial {
    fn new(deliver: Bytes) -> Self {
        // Only the content header tells the size; until then the message is not complete.
        Self { deliver, header: Bytes::new(), missing: u64::MAX, body: Body::None }
    }

    fn add(&mut self, payload: Bytes) -> Result<(), BadFrame> {
        let size = self.missing;
        self.missing = size.checked_sub(payload.len() as u64).ok_or(BadFrame)?;
        self.body = match std::mem::replace(&mut self.body, Body::None) {
            Body::None if self.missing == 0 => Body::Whole(payload),
            Body::None => {
                let reserved = usize::try_from(size.min(MAX_RESERVED)).unwrap_or(0);
                let mut pieces = BytesMut::with_capacity(reserved.max(payload.len()));
                pieces.extend_from_slice(&payload);
                Body::Pieces(pieces)
            }
            Body::Whole(first) => Body::Pieces([&first[..], &payload].concat().as_slice().into()),
            Body::Pieces(mut pieces) => {
                pieces.extend_from_slice(&payload);
                Body::Pieces(pieces)
            }
        };
        Ok(())
    }
}

/// The length of the frame at the start of `bytes`, with its header and end.
pub(super) fn frame_length(bytes: &[u8]) -> Option<usize> {
    let size = bytes.get(3..FRAME_HEADER)?;
    let size = u32::from_be_bytes(size.try_into().ok()?);
    Some(usize::try_from(size).ok()?.saturating_add(FRAME_HEADER + 1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(kind: u8, channel: u16, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&[kind][..], &channel.to_be_bytes(), &length, payload, &[FRAME_END]].concat()
    }

    fn delivery(channel: u16, routing_key: &str, pieces: &[&[u8]]) -> Vec<u8> {
        let mut deliver = BASIC_DELIVER.to_vec();
        deliver.extend(b"\x01t\0\0\0\0\0\0\0\x01\0\x02ev");
        deliver.push(u8::try_from(routing_key.len()).unwrap());
        deliver.extend(routing_key.as_bytes());
        let size: usize = pieces.iter().map(|piece| piece.len()).sum();
        let mut header = b"\0\x3c\0\0".to_vec();
        header.extend((size as u64).to_be_bytes());
        // Content type and priority.
        header.extend(b"\x88\0\x04text\x05");
        let mut bytes = frame(METHOD, channel, &deliver);
        bytes.extend(frame(HEADER, channel, &header));
        for piece in pieces {
            bytes.extend(frame(BODY, channel, piece));
        }
        bytes
    }

    fn heartbeat() -> Vec<u8> {
        frame(8, 0, b"")
    }

    /// What comes out when `bytes` arrive in pieces of `step`.
    fn split(bytes: &[u8], step: usize) -> (Vec<String>, Vec<u8>) {
        let (mut splitter, mut messages, mut rest) =
            (Splitter::default(), Vec::new(), BytesMut::new());
        for piece in bytes.chunks(step) {
            splitter.take(piece, 1, (&mut messages, &mut rest)).unwrap();
        }
        let show = |message: &ReceivedMessage| {
            let incoming = message.incoming();
            let properties = incoming.properties;
            format!(
                "{} {} {:?} {:?} {}",
                incoming.exchange,
                incoming.routing_key,
                properties.content_type,
                properties.priority,
                String::from_utf8_lossy(incoming.body)
            )
        };
        (messages.iter().map(show).collect(), rest.to_vec())
    }

    #[test]
    fn deliveries_of_the_channel_are_taken_out_and_the_rest_passes_untouched() {
        let cancel = frame(METHOD, 1, b"\0\x3c\0\x1e\x01t\0");
        let other = delivery(2, "other", &[b"x"]);
        let bytes = [
            heartbeat(),
            delivery(1, "a", &[b"one"]),
            other.clone(),
            delivery(1, "b", &[]),
            delivery(1, "c", &[b"thr", b"ee", b"!"]),
            cancel.clone(),
        ]
        .concat();
        for step in 1..=bytes.len() {
            let (messages, rest) = split(&bytes, step);
            assert_eq!(
                messages,
                [
                    "ev a Some(\"text\") Some(5) one",
                    "ev b Some(\"text\") Some(5) ",
                    "ev c Some(\"text\") Some(5) three!"
                ]
            );
            assert_eq!(rest, [heartbeat(), other.clone(), cancel.clone()].concat());
        }
    }

    #[test]
    fn a_protocol_header_passes_untouched() {
        assert_eq!(split(b"AMQP\0\0\x09\x01", 8), (vec![], b"AMQP\0\0\x09\x01".to_vec()));
    }

    #[test]
    fn what_breaks_the_frame_format_is_an_error() {
        let mut end = heartbeat();
        end[7] = 0;
        let too_long = [&[1, 0, 1][..], &u32::MAX.to_be_bytes(), &[0; 8]].concat();
        let mut too_much = delivery(1, "a", &[b"one"]);
        too_much.extend(delivery(1, "a", &[b"one"]));
        let size_at = too_much.windows(4).position(|w| w == b"\0\x3c\0\0").unwrap() + 11;
        too_much[size_at] = 2;
        for bytes in [end, b"HTTP/1.1 400 Bad Request\r\n".to_vec(), too_long, too_much] {
            let (mut splitter, mut messages, mut rest) =
                (Splitter::default(), Vec::new(), BytesMut::new());
            let outcome = splitter.take(&bytes, 1, (&mut messages, &mut rest));
            assert_eq!(outcome, Err(BadFrame), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn junk_never_panics(junk in prop::collection::vec(any::<u8>(), 0..200), step in 1_usize..9) {
            let mut splitter = Splitter::default();
            let (mut messages, mut rest) = (Vec::new(), BytesMut::new());
            let mut alive = true;
            for piece in junk.chunks(step) {
                alive = alive && splitter.take(piece, 1, (&mut messages, &mut rest)).is_ok();
            }
            prop_assert!(rest.len() <= junk.len());
        }
    }
}
