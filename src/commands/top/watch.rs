//! One event and one result after the other, read and counted.

use std::time::Instant;

use jiff::Timestamp;

use super::latency::Pending;
use super::tally::{Judgement, Seen, Tally};
use crate::broker::amqp::{ReceivedMessage, TailEvent};
use crate::broker::backend::Heard;
use crate::commands::error::CommandError;
use crate::commands::validation::{Claim, Validation};
use crate::schema::SchemaPart;
use crate::wire::record::SchemaOutcome;
use crate::wire::{Decoded, Decoder, Kind, Limits, ResultBody, TaskResult};

/// The state between two events.
#[derive(Debug, Default)]
pub struct Watch {
    pub tally: Tally,
    pub pending: Pending,
    pub events: u64,
    pub dropped: u64,
    pub gaps: u64,
    /// What became of the connection, while it is not there.
    pub outage: Option<String>,
    pub validation: Option<Validation>,
    decoder: Decoder,
}

impl Watch {
    pub fn new(validation: Option<Validation>) -> Self {
        Self { validation, ..Self::default() }
    }

    /// # Errors
    /// A tail that is over, with the reason.
    pub async fn event(&mut self, event: TailEvent) -> Result<(), CommandError> {
        match event {
            TailEvent::Message(message) => self.message(&message).await?,
            TailEvent::Dropped(drops) => self.dropped += drops.count,
            TailEvent::Lost { cause } => self.outage = Some(cause),
            TailEvent::Retrying { .. } => {}
            TailEvent::Gap { .. } => {
                self.gaps += 1;
                self.outage = None;
            }
            TailEvent::Fatal(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn message(&mut self, message: &ReceivedMessage) -> Result<(), CommandError> {
        self.events += 1;
        let incoming = message.incoming();
        let decoded = self.decoder.decode(&incoming);
        let judgement = judge(self.validation.as_mut(), &decoded).await?;
        let is_request = decoded.kind == Kind::RpcRequest;
        let topic = incoming.routing_key;
        let at = format!("{:.3}", Timestamp::now());
        self.tally.add(Seen { topic, bytes: message.size(), judgement, is_request, at: &at });
        if let (true, Some(id)) = (is_request, decoded.id.as_deref())
            && let Some(answer) = self.pending.request(id, topic, message.arrived())
        {
            self.tally.add_answer(topic, answer);
        }
        Ok(())
    }

    /// Counts a result that is final.
    pub fn result(&mut self, heard: &Heard) {
        let Heard::Result { task_id, document } = heard else { return };
        let body = ResultBody {
            content_type: document.content_type.as_deref(),
            compression: document.compression.as_deref(),
            bytes: &document.body,
        };
        let json = body.to_json(Limits::default()).ok();
        let result = json.and_then(|json| TaskResult::parse(&json).ok());
        if !result.is_some_and(|result| result.is_final()) {
            return;
        }
        if let Some((topic, answer)) = self.pending.result(task_id, Instant::now()) {
            self.tally.add_answer(&topic, answer);
        }
    }
}

async fn judge(
    validation: Option<&mut Validation>,
    decoded: &Decoded<'_>,
) -> Result<Judgement, CommandError> {
    let is_event = matches!(decoded.kind, Kind::Event | Kind::RpcRequest | Kind::Raw);
    let (Some(validation), Some(payload), true) =
        (validation, decoded.payload.as_deref(), is_event)
    else {
        let is_undecodable = decoded.kind == Kind::Undecodable;
        return Ok(if is_undecodable { Judgement::Undecodable } else { Judgement::Unknown });
    };
    let claim = Claim {
        topic: decoded.topic.as_ref(),
        version: decoded.meta.version.as_deref(),
        part: SchemaPart::Request,
        payload,
    };
    Ok(match validation.judge(claim).await?.status {
        SchemaOutcome::Invalid => Judgement::Invalid,
        SchemaOutcome::Valid => Judgement::Valid,
        SchemaOutcome::Unchecked | SchemaOutcome::Unknown => Judgement::Unknown,
    })
}
