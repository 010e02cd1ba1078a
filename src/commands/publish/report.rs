//! What publishing one event came to, for people and for scripts.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::ui::{Report, Style, sanitize};

/// The answer for one event.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PublishedReport {
    pub id: String,
    pub topic: String,
    /// The broker has taken responsibility.
    pub confirmed: bool,
    /// At least one queue received it.
    pub routed: bool,
}

impl Report for PublishedReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        if !(self.confirmed && self.routed) {
            return Ok(());
        }
        let done = style.good.apply_to("published");
        writeln!(out, "{done} {} {}", sanitize(&self.topic), style.dim.apply_to(&self.id))
    }
}
