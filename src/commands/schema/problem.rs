use std::error::Error;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use crate::registry::RegistryError;
use crate::ui::{Style, sanitize};

/// A document that could not be read or written, beside those that could.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Problem(String);

impl From<&RegistryError> for Problem {
    fn from(error: &RegistryError) -> Self {
        let mut text = error.to_string();
        let mut next = error.source();
        while let Some(cause) = next {
            text += &format!(": {cause}");
            next = cause.source();
        }
        Self(text)
    }
}

impl Problem {
    pub fn all(errors: &[RegistryError]) -> Vec<Self> {
        errors.iter().map(Self::from).collect()
    }

    pub fn text(&self) -> &str {
        &self.0
    }

    pub fn write(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        writeln!(out, "{} {}", style.bad.apply_to("problem:"), sanitize(&self.0))
    }
}
