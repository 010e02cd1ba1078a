use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::schema::SchemaDocument;

/// Everything a source told.
#[derive(Debug, Default)]
pub struct Extraction {
    /// By topic and version.
    pub documents: Vec<Extracted>,
    /// Who listens, as far as the modules say.
    pub subscriptions: Vec<Subscription>,
    /// The queues that the modules set up, where that was asked for.
    pub queues: Vec<ServiceQueue>,
    /// What the libraries would do wrong with these event classes.
    pub lints: Vec<Lint>,
    /// What could not be read.
    pub failures: Vec<Failure>,
    /// The interpreter that was used, for Python sources.
    pub python: Option<PythonFacts>,
}

/// A document and where it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Extracted {
    pub document: SchemaDocument,
    pub location: Option<Location>,
}

/// A place in a source file; lines start at 1, paths are relative to the working directory where
/// they are below it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    pub file: String,
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PythonFacts {
    pub version: String,
    pub executable: String,
    /// The versions of the libraries that matter, by the name they have on PyPI.
    pub libraries: BTreeMap<String, String>,
}

/// A handler that a module registers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subscription {
    /// A topic or a pattern.
    pub topic: String,
    /// `latest` or a version; `None` where the library has no versions.
    pub version: Option<String>,
    pub handler: String,
    pub event_class: Option<String>,
    pub library: String,
}

/// A queue that a service sets up for its events.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ServiceQueue {
    pub name: String,
    pub exchange: String,
    pub library: String,
}

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Warning,
}

/// Something that a library would do wrong with an event class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lint {
    /// A stable id, `CE001`.
    pub rule: String,
    pub level: Level,
    pub topic: Option<String>,
    pub version: Option<String>,
    pub class: Option<String>,
    /// `schema`, `response_schema` or `error_schema`.
    pub part: Option<String>,
    /// A path as in Python, `items[].qty`.
    pub path: Option<String>,
    pub message: String,
    pub suggestion: Option<String>,
}

/// Why a part of the source could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    pub kind: FailureKind,
    pub module: Option<String>,
    pub topic: Option<String>,
    pub version: Option<String>,
    pub class: Option<String>,
    pub message: String,
    /// The user's own frames of the traceback, the outermost first.
    pub frames: Vec<Frame>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// There is no module of this name.
    ModuleNotFound,
    /// The module raised an error while it was imported.
    Import,
    /// `django.setup()` failed.
    Django,
    /// A class has no JSON Schema.
    Schema,
    /// Two classes claim one topic and version.
    Conflict,
    /// A library is not as this version of the tool knows it.
    Library,
    /// A document that was found is not one that can be kept.
    Document,
    /// No registry keeps schemas of this topic.
    Topic,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    pub file: String,
    pub line: usize,
    pub function: Option<String>,
    pub text: String,
}

impl Extraction {
    pub(super) fn sort(&mut self) {
        self.documents.sort_by(|a, b| {
            let (a, b) = (&a.document, &b.document);
            (&a.topic, &a.version).cmp(&(&b.topic, &b.version))
        });
    }
}

impl Failure {
    /// A document that cannot be kept for its topic's sake.
    pub fn topic(document: &SchemaDocument, reason: &impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Topic,
            module: document.publisher.as_ref().and_then(|publisher| publisher.module.clone()),
            topic: Some(document.topic.to_string()),
            version: Some(document.version.to_string()),
            class: document.publisher.as_ref().and_then(|publisher| publisher.class.clone()),
            message: reason.to_string(),
            frames: Vec::new(),
        }
    }

    /// A document in `place` that is not one.
    pub(super) fn document(place: &str, line: usize, reason: &impl fmt::Display) -> Self {
        Self {
            kind: FailureKind::Document,
            module: None,
            topic: None,
            version: None,
            class: None,
            message: reason.to_string(),
            frames: vec![Frame {
                file: place.to_owned(),
                line,
                function: None,
                text: String::new(),
            }],
        }
    }
}
