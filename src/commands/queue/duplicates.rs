//! Messages that may be at two places, for the reports of what takes messages out of a queue.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::ui::{Style, sanitize};

/// Possible duplicates that are named; the rest is counted.
const NAMED: usize = 1_000;

/// Those that are known to be possible.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct PossibleDuplicates {
    /// Messages that may be in the queue and at their destination: the connection was lost between
    /// the broker's confirm and ours. Their ids, or `position N`.
    #[serde(rename = "possible_duplicates")]
    pub named: Vec<String>,
    #[serde(rename = "possible_duplicates_count")]
    pub count: u64,
}

impl PossibleDuplicates {
    pub fn add(&mut self, name: String) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(name);
        }
    }

    /// Nothing where there are none; `places` are the two that each may be at.
    pub fn write(&self, out: &mut dyn Write, style: &Style, places: &str) -> io::Result<()> {
        if self.count > 0 {
            let label = style.warning.apply_to("possible duplicates:");
            writeln!(out, "{label} {} may be {places}:", self.count)?;
        }
        for name in &self.named {
            writeln!(out, "  {}", sanitize(name))?;
        }
        Ok(())
    }
}
