//! Where events go: stdout in one of four forms, and the recording.

use std::borrow::Cow;
use std::io::{self, Write};

use super::recording::{Recording, RecordingError};
use super::tally::how_many;
use super::template::{Clean, Template};
use crate::broker::amqp::Drops;
use crate::commands::error::CommandError;
use crate::ui::{EventView, Style, Target, push_dropped, push_event, push_gap, sanitize};
use crate::wire::record::{SchemaStatus, write_dropped, write_gap};
use crate::wire::{Decoded, Incoming};

/// What is written for each event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum View {
    /// For people.
    Human,
    /// The record.
    Records,
    /// The payload alone, compact, a line each.
    Payloads,
    Lines(Template),
}

/// An event on its way out.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub decoded: &'a Decoded<'a>,
    pub incoming: &'a Incoming<'a>,
    pub received_at: &'a str,
    pub schema: &'a SchemaStatus,
    /// Its record, line end included; empty unless [`Sink::needs_record`].
    pub record: &'a [u8],
}

/// Stdout and the recording of one run.
pub(super) struct Sink<'s, W> {
    out: W,
    view: View,
    style: &'s Style,
    recording: Option<Recording>,
    text: String,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Written,
    /// An undecodable event has no payload to print.
    NothingToPrint,
}

impl<'s, W: Write> Sink<'s, W> {
    pub fn new(out: W, view: View, style: &'s Style, recording: Option<Recording>) -> Self {
        Self { out, view, style, recording, text: String::new() }
    }

    /// Whether [`Shown::record`] is read.
    pub fn needs_record(&self) -> bool {
        match self.view {
            View::Records | View::Lines(_) => true,
            View::Human | View::Payloads => self.recording.is_some(),
        }
    }

    pub fn event(&mut self, event: Shown<'_>) -> Result<Outcome, CommandError> {
        if let Some(recording) = &mut self.recording {
            recording.write(event.record)?;
        }
        self.text.clear();
        match &self.view {
            View::Records => self.out.write_all(event.record)?,
            View::Payloads => match event.decoded.payload.as_deref() {
                Some(json) => {
                    self.out.write_all(json.as_bytes())?;
                    self.out.write_all(b"\n")?;
                }
                None => return Ok(Outcome::NothingToPrint),
            },
            View::Lines(template) => {
                let clean: Clean = match self.style.layout.target {
                    Target::Terminal => sanitize,
                    Target::Pipe => as_it_is,
                };
                // Records are written by us, as UTF-8.
                let record = str::from_utf8(event.record).unwrap_or_default();
                template.render(&mut self.text, record.trim_end(), clean);
                self.text.push('\n');
                self.out.write_all(self.text.as_bytes())?;
            }
            View::Human => {
                let view = EventView {
                    decoded: event.decoded,
                    redelivered: event.incoming.redelivered,
                    received_at: event.received_at,
                    schema: event.schema,
                    body: event.incoming.body,
                };
                push_event(&mut self.text, &view, self.style);
                self.out.write_all(self.text.as_bytes())?;
            }
        }
        Ok(Outcome::Written)
    }

    /// Events between two times may be missing.
    pub fn gap(&mut self, since: &str, until: &str) -> Result<(), CommandError> {
        let mut record = Vec::new();
        write_gap(&mut record, since, until);
        self.text.clear();
        push_gap(&mut self.text, (since, until), self.style);
        self.incident(&record)
    }

    /// Events were dropped before they reached us.
    pub fn dropped(&mut self, drops: Drops, at: &str) -> Result<(), CommandError> {
        let mut record = Vec::new();
        write_dropped(&mut record, drops.count);
        self.text.clear();
        push_dropped(&mut self.text, (&how_many(drops), at), self.style);
        self.incident(&record)
    }

    /// Writes the record, or the text that was prepared for people.
    fn incident(&mut self, record: &[u8]) -> Result<(), CommandError> {
        if let Some(recording) = &mut self.recording {
            recording.write(record)?;
        }
        match self.view {
            View::Records => self.out.write_all(record)?,
            View::Human => self.out.write_all(self.text.as_bytes())?,
            // A line that is no event would break whoever reads lines of one shape.
            View::Payloads | View::Lines(_) => {}
        }
        Ok(())
    }

    /// Brings everything written so far to its reader and to the disk.
    pub fn flush(&mut self) -> Result<(), CommandError> {
        let recorded: Result<(), RecordingError> =
            self.recording.as_mut().map_or(Ok(()), Recording::flush);
        let written: io::Result<()> = self.out.flush();
        recorded?;
        Ok(written?)
    }
}

fn as_it_is(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}
