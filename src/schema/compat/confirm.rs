//! The second opinion: an independent validator that every witness must convince.

use jsonschema::Validator;
use serde_json::Value;

use super::Formats;
use crate::schema::rejection::{event_path, message_of};

/// Validators for both sides, built when the first witness has to be judged.
#[derive(Debug)]
pub(super) struct Confirmation {
    writer: Validator,
    reader: Validator,
}

impl Confirmation {
    /// `None` when the validator refuses one of the schemas.
    pub(super) fn new(writer: &Value, reader: &Value, formats: Formats) -> Option<Self> {
        Some(Self { writer: validator(writer, formats)?, reader: validator(reader, formats)? })
    }

    pub(super) fn is_sent(&self, instance: &Value) -> bool {
        self.writer.is_valid(instance)
    }

    pub(super) fn is_read(&self, instance: &Value) -> bool {
        self.reader.is_valid(instance)
    }

    /// Where and why the reader rejects what the writer can send; `None` when that is not so.
    pub(super) fn explain_rejection(&self, instance: &Value) -> Option<Rejection> {
        if !self.is_sent(instance) {
            return None;
        }
        let error = self.reader.validate(instance).err()?;
        let schema_path = error.schema_path().to_string();
        let (schema_pointer, _) = schema_path.rsplit_once('/').unwrap_or_default();
        Some(Rejection {
            keyword: error.kind().keyword().to_owned(),
            schema_pointer: schema_pointer.to_owned(),
            path: event_path(&error.instance_path().to_string()),
            message: message_of(&error),
        })
    }

    /// Why the reader rejects what the writer can send; `None` when that is not so.
    pub(super) fn rejection(&self, instance: &Value) -> Option<String> {
        if !self.is_sent(instance) {
            return None;
        }
        self.reader.validate(instance).err().map(|error| message_of(&error))
    }
}

/// What the reader's validator says.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) keyword: String,
    pub(super) schema_pointer: String,
    pub(super) path: String,
    pub(super) message: String,
}

fn validator(schema: &Value, formats: Formats) -> Option<Validator> {
    jsonschema::options()
        .offline()
        .should_validate_formats(formats == Formats::Assert)
        .should_ignore_unknown_formats(true)
        .build(schema)
        .ok()
}
