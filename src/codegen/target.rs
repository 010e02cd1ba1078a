use crate::event::{DEFAULT_EXCHANGE, DEFAULT_TASK};
use crate::schema::SchemaDocument;

pub(super) use super::files::GeneratedFile as File;
pub(super) use super::files::HEADER;

/// What the files say beyond the schemas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The command line that makes the files again, for their headers.
    pub update_command: String,
    /// The exchange that the events are published to.
    pub exchange: String,
    /// The task name in the headers of a message.
    pub task: String,
}

/// Something that a schema says and the target's language cannot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Note {
    pub topic: String,
    pub version: String,
    pub message: String,
}

/// Everything that a target makes of a set of documents. The same documents give the same bytes,
/// in whatever order they come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    pub files: Vec<File>,
    pub notes: Vec<Note>,
}

impl Options {
    /// With the names that the libraries use unless told otherwise.
    pub fn new(update_command: &str) -> Self {
        Self {
            update_command: update_command.to_owned(),
            exchange: DEFAULT_EXCHANGE.to_owned(),
            task: DEFAULT_TASK.to_owned(),
        }
    }
}

impl Note {
    pub(super) fn about(document: &SchemaDocument, message: String) -> Self {
        Self { topic: document.topic.to_string(), version: document.version.to_string(), message }
    }
}

/// Notes in a fixed order, each once.
pub(super) fn sorted(mut notes: Vec<Note>) -> Vec<Note> {
    notes.sort();
    notes.dedup();
    notes
}
