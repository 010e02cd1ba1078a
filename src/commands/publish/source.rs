//! Where the events come from: one payload, or a stream of lines.

use std::fs::File;
use std::io::{self, IsTerminal};

use super::build::{EventTemplate, InputMode, NewMessage, looks_like_record};
use super::lines::{Input, read_ahead};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::payload::{JsonObject, PayloadArg, PayloadError};

/// The input, opened.
pub enum Source {
    One(Box<NewMessage>),
    Lines(Input),
}

impl Source {
    /// Opens what `payload` names. Without an argument it is standard input, unless that is a
    /// terminal: nobody should wait for a program that silently waits for them. A file with just
    /// one event is one event; standard input is always a stream.
    pub async fn open(
        payload: Option<&PayloadArg>,
        template: &EventTemplate,
    ) -> Result<Self, CommandError> {
        match payload {
            Some(PayloadArg::Inline(text)) => one(text.as_bytes(), template).map(Self::single),
            Some(PayloadArg::File(path)) => {
                let file = File::open(path)
                    .map_err(|source| PayloadError::Unreadable { path: path.clone(), source })?;
                let mut input = read_ahead(file);
                match input.take_only_line().await {
                    Some(text) => one(&text, template).map(Self::single),
                    None => Ok(Self::Lines(input)),
                }
            }
            Some(PayloadArg::Stdin) => Ok(Self::Lines(read_ahead(io::stdin()))),
            None if io::stdin().is_terminal() => Err(PayloadError::Missing.into()),
            None => {
                let mut input = read_ahead(io::stdin());
                match input.is_at_end().await {
                    true => Err(PayloadError::EmptyInput.into()),
                    false => Ok(Self::Lines(input)),
                }
            }
        }
    }

    pub fn single(message: NewMessage) -> Self {
        Self::One(Box::new(message))
    }
}

/// The one event of an argument or a file.
fn one(text: &[u8], template: &EventTemplate) -> Result<NewMessage, CommandError> {
    let usage =
        |message: &dyn std::fmt::Display| CommandError::new(ExitKind::Usage, message.to_string());
    if template.input == InputMode::Payload
        || template.topic.is_some() && !is_record(text, template)
    {
        let payload = JsonObject::parse(text)?;
        return template.event(payload.as_str()).map_err(|error| {
            usage(&error).hint("name the topic first: `celerysalt publish TOPIC JSON`")
        });
    }
    match template.build(text) {
        Ok(Some(message)) => Ok(message),
        Ok(None) => {
            Err(usage(&"the record says that events are missing; there is nothing to publish")
                .hint("publish a record whose kind is event, rpc_request, task or raw"))
        }
        Err(error) => Err(usage(&error)
            .hint("name the topic first, or give a line of `celerysalt tail -o jsonl`")),
    }
}

fn is_record(text: &[u8], template: &EventTemplate) -> bool {
    match template.input {
        InputMode::Payload => false,
        InputMode::Record => true,
        InputMode::Auto => str::from_utf8(text).is_ok_and(looks_like_record),
    }
}
