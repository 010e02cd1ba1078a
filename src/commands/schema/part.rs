use clap::ValueEnum;

use crate::commands::error::{CommandError, ExitKind};
use crate::schema::{JsonText, SchemaDocument, SchemaPart};

/// `--part`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum PartArg {
    /// The payload of an event, or the request of an RPC
    #[default]
    Request,
    /// What a handler returns
    Response,
    /// The error object of a handler
    Error,
}

impl PartArg {
    pub fn part(self) -> SchemaPart {
        match self {
            Self::Request => SchemaPart::Request,
            Self::Response => SchemaPart::Response,
            Self::Error => SchemaPart::Error,
        }
    }

    /// That part's schema.
    ///
    /// # Errors
    /// A document without it.
    pub fn of(self, document: &SchemaDocument) -> Result<&JsonText, CommandError> {
        let (schema, name) = match self {
            Self::Request => (Some(&document.schema), "request"),
            Self::Response => (document.response_schema.as_ref(), "response"),
            Self::Error => (document.error_schema.as_ref(), "error"),
        };
        schema.ok_or_else(|| {
            let (topic, version) = (&document.topic, &document.version);
            CommandError::new(ExitKind::No, format!("{topic}@{version} has no {name} schema"))
                .hint(format!("`celerysalt schema show {topic}@{version}` shows what it has"))
        })
    }
}
