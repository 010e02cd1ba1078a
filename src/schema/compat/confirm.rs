//! The second opinion: an independent validator that every witness must convince.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::format;
use super::goal::size;
use super::{Formats, Side};
use crate::schema::rejection::{event_path, message_of};

/// Values in a witness beyond which it is only judged, not explained: explanations repeat it.
const MAX_EXPLAINED: usize = 8_000;
/// Complaints of the reader's that are looked through.
const MAX_COMPLAINTS: usize = 100;

/// Validators for both sides, built when the first witness has to be judged.
#[derive(Debug)]
pub(super) struct Confirmation {
    writer: Validator,
    reader: Validator,
}

impl Confirmation {
    /// `None` when the validator refuses one of the schemas.
    pub(super) fn new(writer: &Value, reader: &Value, formats: Formats) -> Option<Self> {
        let writer = validator(writer, (Side::Writer, formats))?;
        Some(Self { writer, reader: validator(reader, (Side::Reader, formats))? })
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

    /// What the reader says to a value that the writer can send; `None` when it takes the value. Of
    /// several complaints it is the one about `keyword` at `path`.
    pub(super) fn rejection(
        &self,
        instance: &Value,
        (keyword, path): (&str, &str),
    ) -> Option<String> {
        if !self.is_sent(instance) || self.is_read(instance) {
            return None;
        }
        if size(instance) > MAX_EXPLAINED {
            return Some(format!("an event of this size is rejected by `{keyword}`"));
        }
        let mut best: Option<(u8, String)> = None;
        for error in self.reader.iter_errors(instance).take(MAX_COMPLAINTS) {
            prefer(&error, (keyword, path), &mut best);
        }
        best.map(|(_, message)| message)
    }
}

/// Keeps the complaint that fits best; those inside of alternatives count too.
fn prefer(
    error: &ValidationError<'_>,
    (keyword, path): (&str, &str),
    best: &mut Option<(u8, String)>,
) {
    let is_there =
        without_indexes(&event_path(&error.instance_path().to_string())) == without_indexes(path);
    let rank = match (is_there, error.kind().keyword() == keyword) {
        (true, true) => 3,
        (true, false) => 2,
        (false, _) => 1,
    };
    if best.as_ref().is_none_or(|(known, _)| *known < rank) {
        *best = Some((rank, message_of(error)));
    }
    if let ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } =
        error.kind()
    {
        let nested = context.iter().flatten();
        nested
            .filter(|error| error.kind().keyword() == keyword)
            .for_each(|error| prefer(error, (keyword, path), best));
        let deeper = context.iter().flatten().filter(|error| error.kind().keyword() != keyword);
        deeper
            .filter(|error| {
                matches!(
                    error.kind(),
                    ValidationErrorKind::AnyOf { .. } | ValidationErrorKind::OneOfNotValid { .. }
                )
            })
            .for_each(|error| prefer(error, (keyword, path), best));
    }
}

/// `items[3].qty` as `items[].qty`: an item stands for all items.
fn without_indexes(path: &str) -> String {
    path.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// What the reader's validator says.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(super) keyword: String,
    pub(super) schema_pointer: String,
    pub(super) path: String,
    pub(super) message: String,
}

/// Whether a writer on the schema can send the value, to the validator's mind.
pub(super) fn is_sent_by(schema: &Value, value: &Value, formats: Formats) -> bool {
    validator(schema, (Side::Writer, formats)).is_some_and(|validator| validator.is_valid(value))
}

fn validator(schema: &Value, (side, formats): (Side, Formats)) -> Option<Validator> {
    format::options(side)
        .should_validate_formats(formats == Formats::Assert)
        .should_ignore_unknown_formats(true)
        .build(schema)
        .ok()
}
