//! From messages to facts of a story.

use jiff::Timestamp;
use serde_json::value::RawValue;

use super::story::Published;
use super::worker_event::{self, WorkerEvent};
use crate::broker::amqp::ReceivedMessage;
use crate::wire::{Decoder, Kind};

/// Reads messages of both exchanges, and counts what it cannot read.
#[derive(Debug, Default)]
pub struct Reader {
    decoder: Decoder,
    pub undecodable: u64,
    /// Events of workers that have no shape we know.
    pub unknown_worker_events: u64,
}

impl Reader {
    /// An event on its way; `None` for anything that has no id or is no event.
    pub fn published(&mut self, message: &ReceivedMessage, at: Timestamp) -> Option<Published> {
        let incoming = message.incoming();
        let decoded = self.decoder.decode(&incoming);
        let is_request = match decoded.kind {
            Kind::Event => false,
            Kind::RpcRequest => true,
            Kind::Task | Kind::Raw => return None,
            Kind::Undecodable => {
                self.undecodable += 1;
                return None;
            }
        };
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let payload = decoded.payload.as_deref().map(str::to_owned);
        Some(Published {
            id: decoded.id.as_deref()?.to_owned(),
            topic: incoming.routing_key.to_owned(),
            is_request,
            version: owned(decoded.meta.version.as_deref()),
            correlation_id: owned(decoded.meta.correlation_id.as_deref()),
            origin: owned(decoded.envelope.origin.as_deref()),
            root_id: owned(decoded.envelope.root_id.as_deref()),
            parent_id: owned(decoded.envelope.parent_id.as_deref()),
            at: Some(at),
            size: message.size(),
            payload: payload.and_then(|json| RawValue::from_string(json).ok()),
            queues: None,
        })
    }

    /// The JSON of a message.
    pub fn payload(&mut self, message: &ReceivedMessage) -> Option<String> {
        let incoming = message.incoming();
        let json = self.decoder.decode(&incoming).payload.as_deref().map(str::to_owned);
        self.undecodable += u64::from(json.is_none());
        json
    }

    /// What workers say about tasks in one message.
    pub fn worker_events(&mut self, message: &ReceivedMessage) -> Vec<WorkerEvent> {
        let Some(json) = self.payload(message) else { return Vec::new() };
        let (events, unknown) = worker_event::read(&json);
        self.unknown_worker_events += unknown;
        events
    }
}
