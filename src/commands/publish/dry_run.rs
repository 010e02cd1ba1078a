//! `publish --dry-run`: the exact message, unsent.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Plan;
use super::build::{EventTemplate, NewMessage};
use super::lines::Input;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::validation::{Admission, Gate, Refusal};
use crate::ui::{Report, Style, push_whole, sanitize};
use crate::wire::OutgoingProperties;

/// A message as it would go over the wire.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WireMessage {
    pub exchange: String,
    pub routing_key: String,
    /// AMQP basic properties; those that are not sent are left out.
    pub properties: Map<String, Value>,
    pub headers: Map<String, Value>,
    /// The body is JSON text, and therefore always text.
    pub body: String,
}

impl WireMessage {
    pub fn new(exchange: &str, new: NewMessage) -> Self {
        Self {
            exchange: exchange.to_owned(),
            routing_key: new.message.routing_key,
            properties: sent_properties(&new.message.properties),
            headers: new.message.headers.into_iter().collect(),
            body: String::from_utf8_lossy(&new.message.body).into_owned(),
        }
    }
}

fn sent_properties(properties: &OutgoingProperties) -> Map<String, Value> {
    [
        ("content_type", json!(properties.content_type)),
        ("content_encoding", json!(properties.content_encoding)),
        ("delivery_mode", json!(properties.delivery_mode)),
        ("priority", json!(properties.priority)),
        ("correlation_id", json!(properties.correlation_id)),
        ("reply_to", json!(properties.reply_to)),
        ("expiration", json!(properties.expiration)),
        ("message_id", json!(properties.message_id)),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_null())
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

impl Report for WireMessage {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        writeln!(out, "{} {}", style.heading.apply_to("exchange"), sanitize(&self.exchange))?;
        writeln!(out, "{} {}", style.heading.apply_to("routing key"), sanitize(&self.routing_key))?;
        for (title, table) in [("properties", &self.properties), ("headers", &self.headers)] {
            if table.is_empty() {
                continue;
            }
            writeln!(out, "{}", style.heading.apply_to(title))?;
            let mut text = String::new();
            push_whole(&mut text, &serde_json::to_string(table)?, style);
            out.write_all(text.as_bytes())?;
        }
        let size = self.body.len();
        writeln!(out, "{} ({size} bytes)", style.heading.apply_to("body"))?;
        writeln!(out, "{}", sanitize(&self.body))
    }
}

/// Prints the one message.
pub fn show_one(message: NewMessage, context: &Context) -> Result<ExitKind, CommandError> {
    let exchange = &context.settings.exchange.value;
    context.ui.report(&WireMessage::new(exchange, message))?;
    Ok(ExitKind::Done)
}

/// Prints the message of every line that would be sent.
pub async fn show_all(
    mut input: Input,
    (template, plan): (&EventTemplate, Plan),
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let mut gate = Gate::open(template.event.checks(), context).await?;
    let mut kind = ExitKind::Done;
    while let Some(piece) = input.next().await {
        for (number, line) in piece?.lines().filter(|(number, _)| *number > plan.skip) {
            match template.build_line(line) {
                Ok(Some(message)) => match refusal(&mut gate, &message, context).await? {
                    None => {
                        show_one(message, context)?;
                    }
                    Some(refusal) => {
                        context.ui.warn(&format!("line {number} {}", refusal.in_short()));
                        kind = ExitKind::Partial;
                    }
                },
                Ok(None) => {}
                Err(error) => {
                    context.ui.warn(&format!("line {number}: {error}"));
                    kind = ExitKind::Partial;
                }
            }
        }
    }
    gate.close().await;
    Ok(kind)
}

async fn refusal(
    gate: &mut Gate,
    message: &NewMessage,
    context: &Context,
) -> Result<Option<Refusal>, CommandError> {
    let Some(claim) = message.claim() else { return Ok(None) };
    let admission = gate.admit(claim).await?;
    gate.speak(&context.ui);
    Ok(match admission {
        Admission::Admitted => None,
        Admission::Refused(refusal) => Some(refusal),
    })
}
