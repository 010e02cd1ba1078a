//! Sending a recorded message again.

use serde_json::Value;

use super::super::json::{members, string_value};
use super::super::record::Record;
use super::super::{Kind, Outgoing, Protocol};
use super::error::EncodeError;
use super::message::{MetaMode, NewEnvelope, NewEvent, NewRaw, NewTask};

/// A recorded message on its way back to a broker.
///
/// Metadata, trace context, priority and foreign headers stay as they were; the id is a new one,
/// and what would be stale by now (`eta`, `expires`, the reply queue, the deaths that a broker has
/// counted) is left out. So are `CC` and `BCC`, by which further queues would get the message.
#[derive(Debug, Clone, Copy)]
pub struct Resend<'a> {
    pub record: &'a Record,
    pub id: &'a str,
    /// Another topic than the recorded one.
    pub topic: Option<&'a str>,
    /// Another sender than the recorded one.
    pub origin: Option<&'a str>,
    pub reply_to: Option<&'a str>,
}

impl<'a> Resend<'a> {
    pub fn new(record: &'a Record, id: &'a str) -> Self {
        Self { record, id, topic: None, origin: None, reply_to: None }
    }

    /// # Errors
    /// [`EncodeError::Undecodable`] for a message that could not be read, and those of
    /// [`NewEvent::encode`] for a record that was changed by hand.
    pub fn encode(&self) -> Result<Outgoing, EncodeError> {
        let record = self.record;
        let payload = record.payload.as_deref().unwrap_or("null");
        let headers = foreign_headers(record);
        let topic = self.topic.unwrap_or(&record.topic);
        match record.kind {
            Kind::Undecodable => Err(EncodeError::Undecodable),
            Kind::Event | Kind::RpcRequest if !self.is_raw() => {
                let meta = &record.meta;
                NewEvent {
                    is_rpc: meta.is_rpc || record.kind == Kind::RpcRequest,
                    version: meta.version.as_deref(),
                    correlation_id: meta.correlation_id.as_deref(),
                    trace: meta.trace.as_deref(),
                    meta: self.meta_mode(),
                    ..NewEvent::new(topic, payload, self.envelope(&headers))
                }
                .encode()
            }
            Kind::Task => {
                let part = |name| members(payload).find(|m| m.is(name)).map(|m| m.value);
                let routing_key = match record.delivery.routing_key.as_str() {
                    "" => topic,
                    recorded => self.topic.unwrap_or(recorded),
                };
                NewTask {
                    routing_key,
                    args: part("args").unwrap_or("[]"),
                    kwargs: part("kwargs").unwrap_or("{}"),
                    envelope: self.envelope(&headers),
                }
                .encode()
            }
            Kind::Event | Kind::RpcRequest | Kind::Raw => self.raw(topic, payload, &headers),
        }
    }

    /// Whether the record says that there was no Celery envelope.
    fn is_raw(&self) -> bool {
        self.record.envelope.protocol == Some(Protocol::Raw.number())
    }

    fn envelope<'h>(&'h self, headers: &'h [(String, Value)]) -> NewEnvelope<'h> {
        let recorded = &self.record.envelope;
        let own_id = self.record.id.as_deref();
        let origin = self.origin.or(recorded.origin.as_deref()).unwrap_or_default();
        let defaults = NewEnvelope::new(self.id, origin);
        NewEnvelope {
            task: recorded.task.as_deref().unwrap_or(defaults.task),
            // A message that was its own root is so again.
            root_id: recorded.root_id.as_deref().filter(|root| Some(*root) != own_id),
            parent_id: recorded.parent_id.as_deref(),
            retries: recorded.retries.unwrap_or(0),
            priority: recorded.priority,
            reply_to: self.reply_to,
            headers,
            protocol: if recorded.protocol == Some(Protocol::One.number()) {
                Protocol::One
            } else {
                Protocol::Two
            },
            ..defaults
        }
    }

    /// A record cannot tell absent metadata from empty; tchu-tchu's dispatcher never has any.
    fn meta_mode(&self) -> MetaMode {
        let meta = &self.record.meta;
        let is_empty = !meta.is_rpc
            && meta.version.is_none()
            && meta.correlation_id.is_none()
            && meta.trace.is_none();
        let is_tchu = self.record.envelope.task.as_deref().is_some_and(|t| t.starts_with("tchu_"));
        if is_empty && is_tchu { MetaMode::Omitted } else { MetaMode::Attached }
    }

    fn raw(
        &self,
        topic: &str,
        payload: &str,
        headers: &[(String, Value)],
    ) -> Result<Outgoing, EncodeError> {
        let envelope = &self.record.envelope;
        let mut outgoing = NewRaw {
            routing_key: topic,
            payload,
            message_id: Some(self.id),
            correlation_id: envelope.correlation_id.as_deref(),
            reply_to: self.reply_to,
            priority: envelope.priority,
            headers,
        }
        .encode()?;
        let content_type = envelope.content_type.as_deref();
        if let Some(text) = string_value(payload)
            && content_type.is_none_or(|name| name.starts_with("text/"))
        {
            outgoing.body = text.into_owned().into_bytes();
            outgoing.properties.content_type = content_type.map(str::to_owned);
        }
        Ok(outgoing)
    }
}

fn foreign_headers(record: &Record) -> Vec<(String, Value)> {
    let object = record.envelope.headers.as_deref().unwrap_or_default();
    members(object)
        .filter(|member| !is_the_brokers(&member.key()))
        .filter_map(|member| {
            let value = serde_json::from_str(member.value).ok()?;
            Some((member.key().into_owned(), value))
        })
        .collect()
}

/// Headers that a broker writes into a message, or acts on.
fn is_the_brokers(name: &str) -> bool {
    matches!(name, "x-death" | "CC" | "BCC")
        || name.starts_with("x-first-death-")
        || name.starts_with("x-last-death-")
}
