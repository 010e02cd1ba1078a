//! One request: published, and waited for.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{Instant, timeout_at};

use super::answer::CallEnd;
use crate::broker::amqp::{Publisher, Settled};
use crate::broker::backend::{Arrival, ResultBackend, ResultBytes};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::event_args::EventArgs;
use crate::commands::payload::JsonObject;
use crate::commands::{duration, sender};
use crate::event::SchemaVersion;
use crate::ui::Ui;
use crate::wire::encode::{NewEnvelope, NewEvent};
use crate::wire::{Limits, Outgoing, ResultBody, TaskState, parse_result};

/// The request but for its id and the instants.
pub struct RequestTemplate {
    pub topic: String,
    pub payload: JsonObject,
    pub event: EventArgs,
    pub priority: u8,
    pub timeout: Duration,
    pub origin: String,
}

impl RequestTemplate {
    fn encode(&self, id: &str, reply_to: Option<&str>) -> Result<Outgoing, CommandError> {
        let headers = self.event.header_pairs();
        let expires = sender::instant(Timestamp::now(), self.timeout);
        let envelope = NewEnvelope {
            task: self.event.task(),
            priority: Some(self.priority),
            expires: Some(&expires),
            expiration_ms: Some(u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX)),
            reply_to,
            headers: &headers,
            ..NewEnvelope::new(id, &self.origin)
        };
        let event = NewEvent {
            is_rpc: true,
            version: self.event.version.as_ref().map(SchemaVersion::as_str),
            correlation_id: self.event.correlation_id.as_deref(),
            meta: self.event.meta_mode(),
            ..NewEvent::new(&self.topic, self.payload.as_str(), envelope)
        };
        Ok(event.encode()?)
    }
}

/// Sends requests one after the other.
pub struct Caller {
    backend: ResultBackend,
    publisher: Publisher,
    template: RequestTemplate,
    /// The number of the current call, so that a late confirm is not taken for its own.
    call: u64,
}

/// What the wait for one answer knows so far.
struct Progress {
    last_state: Option<String>,
    is_settled: bool,
}

impl Caller {
    pub fn new(
        (backend, publisher): (ResultBackend, Publisher),
        template: RequestTemplate,
    ) -> Self {
        Self { backend, publisher, template, call: 0 }
    }

    pub fn topic(&self) -> &str {
        &self.template.topic
    }

    /// Publishes the request under `id` and waits for the end of it.
    ///
    /// # Errors
    /// Where the backend or the broker fail for good, or the answer cannot be read.
    pub async fn call(&mut self, id: &str, ui: &Ui) -> Result<CallEnd, CommandError> {
        self.call += 1;
        let deadline = Instant::now() + self.template.timeout;
        let reply_to = self.backend.reply_queue().map(str::to_owned);
        let message = self.template.encode(id, reply_to.as_deref())?;
        let mut progress = Progress { last_state: None, is_settled: false };
        let mut waiter = self.backend.prepare(id).await?;
        // The publisher reconnects on its own, but nobody waits longer than the timeout.
        let Ok(submitted) = timeout_at(deadline, self.publisher.submit(self.call, message)).await
        else {
            return Err(unsent(self.template.timeout));
        };
        submitted?;
        let end = loop {
            tokio::select! {
                // A worker can be quicker than the confirm of the broker.
                biased;
                arrival = waiter.next() => {
                    if let Some(end) = progress.hear(arrival?, ui)? {
                        break end;
                    }
                }
                settled = self.publisher.wait_settled(), if !progress.is_settled => {
                    progress.is_settled = self.publisher.in_flight() == 0;
                    for (_, outcome) in settled.into_iter().filter(|(call, _)| *call == self.call) {
                        progress.is_settled = true;
                        if progress.settle(&outcome, ui)? == Routing::Nowhere {
                            return Ok(CallEnd::Unroutable);
                        }
                    }
                }
                () = tokio::time::sleep_until(deadline) => {
                    break CallEnd::TimedOut { last_state: progress.last_state };
                }
            }
        };
        waiter.finish().await;
        Ok(end)
    }
}

impl Progress {
    fn hear(&mut self, arrival: Arrival, ui: &Ui) -> Result<Option<CallEnd>, CommandError> {
        match arrival {
            Arrival::Document(document) => match read(&document)? {
                TaskState::Done(reply) => return Ok(Some(CallEnd::Answered(reply))),
                TaskState::Waiting(state) => self.last_state = Some(state),
            },
            Arrival::Lost(error) => ui.note(&format!("{error}; connecting again")),
            Arrival::Restored => ui.note("connected to the result backend again"),
        }
        Ok(None)
    }

    fn settle(&self, outcome: &Settled, ui: &Ui) -> Result<Routing, CommandError> {
        match outcome {
            Settled::Confirmed => {}
            Settled::Unroutable { .. } => return Ok(Routing::Nowhere),
            Settled::Nacked => {
                let message = "the broker could not keep the request";
                return Err(CommandError::new(ExitKind::Unreachable, message)
                    .hint("a full queue or a full disk does that; nothing was handled"));
            }
            Settled::InDoubt => {
                ui.note(
                    "the broker was lost before it confirmed the request; waiting all the same",
                );
            }
        }
        Ok(Routing::Somewhere)
    }
}

#[derive(PartialEq, Eq)]
enum Routing {
    Somewhere,
    Nowhere,
}

fn unsent(timeout: Duration) -> CommandError {
    let message = format!("the request could not be sent within {}", duration::show(timeout));
    CommandError::new(ExitKind::Timeout, message)
        .hint("the connection to the broker was lost; is it up? nothing was published")
}

fn read(document: &ResultBytes) -> Result<TaskState, CommandError> {
    let body = ResultBody {
        content_type: document.content_type.as_deref(),
        compression: document.compression.as_deref(),
        bytes: &document.body,
    };
    let unreadable = |error: &dyn std::error::Error| {
        let mut shown = CommandError::new(ExitKind::Undecodable, "the result cannot be read");
        shown.causes.push(error.to_string());
        shown.hint("the worker's result_serializer decides; json can always be read")
    };
    let json = body.to_json(Limits::default()).map_err(|error| unreadable(&error))?;
    parse_result(&json).map_err(|error| unreadable(&error))
}
