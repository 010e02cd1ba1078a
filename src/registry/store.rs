use std::fmt;

use async_trait::async_trait;

use super::error::RegistryError;
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::schema::{ContractPart, SchemaDocument, VersionSelector};

/// Where schema documents are kept, one per topic and version.
///
/// Several processes may use one registry at the same time. Versions that compare equal (`v1`,
/// `v1.0`) are one version.
#[async_trait]
pub trait RegistryStore: fmt::Debug + Send + Sync {
    /// The registry as messages name it; without a password.
    fn name(&self) -> &str;

    /// Every document whose topic the pattern matches, by topic and version. What cannot be read
    /// is listed beside, and never hides the rest.
    async fn list(&self, pattern: &RoutingPattern) -> Result<Listing, RegistryError>;

    /// The versions of a topic, the oldest first; empty when the topic is not known.
    async fn versions(&self, topic: &Topic) -> Result<Vec<SchemaVersion>, RegistryError>;

    /// One document; `None` when the topic or the version is not known. The latest version is the
    /// highest one, even if it cannot be read.
    async fn get(
        &self,
        topic: &Topic,
        version: &VersionSelector,
    ) -> Result<Option<SchemaDocument>, RegistryError>;

    /// Puts a document in, unless the version is there already.
    async fn register(
        &self,
        document: &SchemaDocument,
        mode: RegisterMode,
    ) -> Result<Registration, RegistryError>;

    /// Puts a document in place of `known`, unless somebody changed that since it was read. `None`
    /// stands for a version that is not there.
    async fn replace(
        &self,
        known: Option<&SchemaDocument>,
        document: &SchemaDocument,
    ) -> Result<Replacement, RegistryError>;

    /// Gives everything back that dropping the store cannot.
    async fn close(&self) {}
}

/// The answer of [`RegistryStore::list`].
#[derive(Debug, Default)]
pub struct Listing {
    pub documents: Vec<SchemaDocument>,
    pub problems: Vec<RegistryError>,
}

/// What [`RegistryStore::register`] may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterMode {
    /// Change nothing and say what would happen.
    CheckOnly,
    /// Add a version that is not there; leave one that is there as it is.
    Add,
}

/// What [`RegistryStore::register`] did, or would do.
#[derive(Debug, Clone, PartialEq)]
pub enum Registration {
    Added,
    /// The same contract is there. Its description, owner and annotations are left alone, so that
    /// two services that share an event class do not overwrite each other.
    Unchanged,
    /// Another contract is there under this version.
    Conflict {
        existing: Box<SchemaDocument>,
        differences: Vec<ContractPart>,
    },
}

/// What [`RegistryStore::replace`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacement {
    Done,
    /// Nothing: what is there now is not what was known.
    Overtaken,
}

impl Listing {
    pub(super) fn sort(&mut self) {
        self.documents.sort_by(|a, b| {
            (&a.topic, &a.version, a.version.as_str()).cmp(&(
                &b.topic,
                &b.version,
                b.version.as_str(),
            ))
        });
        self.problems.sort_by_cached_key(ToString::to_string);
    }
}

impl Registration {
    /// What registering `document` comes to when `existing` is there.
    ///
    /// | existing | answer |
    /// |---|---|
    /// | nothing | added |
    /// | the same contract | unchanged |
    /// | another contract | conflict |
    pub(super) fn decide(existing: Option<SchemaDocument>, document: &SchemaDocument) -> Self {
        let Some(existing) = existing else { return Self::Added };
        let differences = existing.contract_differences(document);
        if differences.is_empty() {
            Self::Unchanged
        } else {
            Self::Conflict { existing: Box::new(existing), differences }
        }
    }
}

/// Whether a registry can keep a topic: it becomes the name of a directory, and services that
/// read a `*` or `#` anywhere in a topic take it for a pattern.
pub(super) fn check_topic(topic: &Topic) -> Result<(), RegistryError> {
    let text = topic.as_str();
    let reason = if text.contains(['/', '\\']) {
        "it contains a slash"
    } else if text.starts_with('.') || text.ends_with('.') {
        "it begins or ends with a dot"
    } else if text.contains(['*', '#']) {
        "services read * and # as wildcards"
    } else if text.contains([':', '<', '>', '"', '|', '?']) {
        "it contains a character that file names cannot have everywhere"
    } else {
        return Ok(());
    };
    Err(RegistryError::BadTopic { topic: text.to_owned(), reason })
}
