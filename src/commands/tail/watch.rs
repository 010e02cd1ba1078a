//! One message after the other: read, choose, show, count.

use std::io::Write;

use super::tally::Tally;
use super::view::{Outcome, Shown, Sink};
use crate::commands::error::{CommandError, ExitKind};
use crate::event::RoutingPattern;
use crate::filter::{Filter, FilterError};
use crate::wire::record::{SchemaStatus, write_message};
use crate::wire::{Decoder, Incoming, Kind};

/// Which messages are shown.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub exclude: Vec<RoutingPattern>,
    pub filter: Option<Filter>,
    pub undecodable: Undecodable,
}

/// What a message that nobody can read means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Undecodable {
    #[default]
    Show,
    /// `--strict`: show it and end.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Handled {
    Shown,
    LeftOut,
}

/// The state of one run between two messages.
pub(super) struct Watch<'s, W> {
    decoder: Decoder,
    choice: Choice,
    sink: Sink<'s, W>,
    record: Vec<u8>,
    schema: SchemaStatus,
    tally: Tally,
    first_filter_error: Option<FilterError>,
}

impl<'s, W: Write> Watch<'s, W> {
    pub fn new(choice: Choice, sink: Sink<'s, W>) -> Self {
        Self {
            decoder: Decoder::default(),
            choice,
            sink,
            record: Vec::new(),
            schema: SchemaStatus::default(),
            tally: Tally::default(),
            first_filter_error: None,
        }
    }

    pub fn sink(&mut self) -> &mut Sink<'s, W> {
        &mut self.sink
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Why the filter failed on the first of [`Tally::filter_failed`].
    pub fn first_filter_error(&self) -> Option<&FilterError> {
        self.first_filter_error.as_ref()
    }

    /// Handles one message. Fails on an undecodable one only where the choice says so, after
    /// showing it.
    pub fn message(
        &mut self,
        incoming: &Incoming<'_>,
        received_at: &str,
    ) -> Result<Handled, CommandError> {
        self.tally.received += 1;
        if self.choice.exclude.iter().any(|pattern| pattern.matches(incoming.routing_key)) {
            self.tally.excluded += 1;
            return Ok(Handled::LeftOut);
        }
        let decoded = self.decoder.decode(incoming);
        if self.choice.filter.is_some() || self.sink.needs_record() {
            self.record.clear();
            self.record.shrink_to(KEPT_BUFFER_BYTES);
            write_message(&mut self.record, &decoded, incoming, (received_at, &self.schema));
        }
        let is_undecodable = decoded.kind == Kind::Undecodable;
        let ends = is_undecodable && self.choice.undecodable == Undecodable::End;
        if !ends && let Some(filter) = &mut self.choice.filter {
            match filter.matches(&self.record) {
                Ok(true) => {}
                Ok(false) => {
                    self.tally.filtered += 1;
                    return Ok(Handled::LeftOut);
                }
                Err(error) if error.is_final() => return Err(error.into()),
                Err(error) => {
                    self.tally.filter_failed += 1;
                    self.first_filter_error.get_or_insert(error);
                    return Ok(Handled::LeftOut);
                }
            }
        }
        let shown = Shown { decoded: &decoded, incoming, received_at, record: &self.record };
        let outcome = self.sink.event(shown)?;
        self.tally.undecodable += u64::from(is_undecodable);
        match outcome {
            Outcome::Written => self.tally.shown += 1,
            Outcome::NothingToPrint => {}
        }
        if ends {
            let reason = decoded.error.map(|error| error.message).unwrap_or_default();
            return Err(undecodable(incoming.routing_key, reason));
        }
        match outcome {
            Outcome::Written => Ok(Handled::Shown),
            Outcome::NothingToPrint => Ok(Handled::LeftOut),
        }
    }

    pub fn gap(&mut self, since: &str, until: &str) -> Result<(), CommandError> {
        self.tally.gaps += 1;
        self.sink.gap(since, until)
    }

    pub fn dropped(&mut self, count: u64, at: &str) -> Result<(), CommandError> {
        self.tally.dropped += count;
        self.sink.dropped(count, at)
    }
}

/// A buffer that one large message blew up does not stay that large.
const KEPT_BUFFER_BYTES: usize = 1 << 20;

fn undecodable(topic: &str, reason: String) -> CommandError {
    let message = format!("a message on {topic:?} cannot be read");
    CommandError { causes: vec![reason], ..CommandError::new(ExitKind::Undecodable, message) }
        .hint("leave out --strict to go on; `-o jsonl` keeps its body as body_base64")
}
