//! AMQP by hand: messages with any bytes as properties, which no client library sends or shows.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::Space;

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const FRAME_END: u8 = 0xCE;
const MAX_BODY_FRAME: usize = 100_000;

/// One channel of one connection.
pub struct RawAmqp {
    stream: TcpStream,
}

/// A message as it stands on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawMessage {
    /// Property flags and values.
    pub properties: Vec<u8>,
    pub body: Vec<u8>,
}

impl RawAmqp {
    pub fn connect(space: &Space) -> Self {
        let url = space.broker_url();
        let (login, place) = url.strip_prefix("amqp://").unwrap().split_once('@').unwrap();
        let (user, password) = login.split_once(':').unwrap();
        let (address, vhost) = place.split_once('/').unwrap();
        let mut raw = Self { stream: TcpStream::connect(address).unwrap() };
        raw.stream.write_all(b"AMQP\0\0\x09\x01").unwrap();
        raw.expect([10, 10]);
        let response = format!("\0{user}\0{password}");
        let start =
            [&[0; 4][..], &short("PLAIN"), &long(response.as_bytes()), &short("en_US")].concat();
        raw.method(0, [10, 11], &start);
        raw.expect([10, 30]);
        raw.method(0, [10, 31], &[&[0, 10][..], &131_072_u32.to_be_bytes(), &[0, 0]].concat());
        raw.method(0, [10, 40], &[&short(vhost)[..], &[0, 0]].concat());
        raw.expect([10, 41]);
        raw.method(1, [20, 10], &[0]);
        raw.expect([20, 11]);
        raw
    }

    pub fn publish(&mut self, exchange: &str, routing_key: &[u8], message: &RawMessage) {
        let key_length = u8::try_from(routing_key.len()).unwrap();
        let key = [&[key_length][..], routing_key].concat();
        self.method(1, [60, 40], &[&[0, 0][..], &short(exchange), &key, &[0]].concat());
        let size = message.body.len() as u64;
        let header = [&[0, 60, 0, 0][..], &size.to_be_bytes(), &message.properties].concat();
        self.frame(HEADER, 1, &header);
        for piece in message.body.chunks(MAX_BODY_FRAME) {
            self.frame(BODY, 1, piece);
        }
    }

    /// Waits until the broker has read everything that was published.
    pub fn flush(&mut self) {
        // Asks for confirms only because that is answered.
        self.method(1, [85, 10], &[0]);
        self.expect([85, 11]);
    }

    /// Takes and removes the first message of a queue.
    pub fn get(&mut self, queue: &str) -> Option<RawMessage> {
        self.method(1, [60, 70], &[&[0, 0][..], &short(queue), &[1]].concat());
        let (_, payload) = self.read();
        if payload[..4] == [0, 60, 0, 72] {
            return None;
        }
        assert_eq!(payload[..4], [0, 60, 0, 71]);
        let (_, header) = self.read();
        let size = u64::from_be_bytes(header[4..12].try_into().unwrap());
        let mut body = Vec::new();
        while (body.len() as u64) < size {
            body.extend(self.read().1);
        }
        Some(RawMessage { properties: header[12..].to_vec(), body })
    }

    fn method(&mut self, channel: u16, [class, method]: [u8; 2], arguments: &[u8]) {
        self.frame(METHOD, channel, &[&[0, class, 0, method], arguments].concat());
    }

    #[track_caller]
    fn expect(&mut self, [class, method]: [u8; 2]) {
        let (_, payload) = self.read();
        let said = String::from_utf8_lossy(&payload);
        assert_eq!(payload[..4], [0, class, 0, method], "{said}");
    }

    fn frame(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let frame = [&[kind][..], &channel.to_be_bytes(), &length, payload, &[FRAME_END]];
        self.stream.write_all(&frame.concat()).unwrap();
    }

    fn read(&mut self) -> (u8, Vec<u8>) {
        let mut start = [0; 7];
        self.stream.read_exact(&mut start).unwrap();
        let length = u32::from_be_bytes(start[3..].try_into().unwrap());
        let mut payload = vec![0; usize::try_from(length).unwrap() + 1];
        self.stream.read_exact(&mut payload).unwrap();
        assert_eq!(payload.pop(), Some(FRAME_END));
        (start[0], payload)
    }
}

pub fn short(text: &str) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
}

/// What has its length before it in four bytes.
pub fn long(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}
