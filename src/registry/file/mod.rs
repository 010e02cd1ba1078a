//! `file:DIR`: `DIR/<topic>/<version>.json`, written for people who review and merge them.
//!
//! Readers take no lock: a file is replaced by one rename, so it is always whole. Writers hold the
//! directory's lock while they look and write, so two processes never decide on the same version
//! at once.

mod read;
mod write;

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::error::RegistryError;
use super::mark::Mark;
use super::open::Access;
use super::store::{Listing, RegisterMode, Registration, RegistryStore, Replacement, check_topic};
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::schema::{SchemaDocument, VersionSelector};

/// A directory of schema documents.
#[derive(Debug)]
pub struct FileStore {
    directory: PathBuf,
    name: String,
}

/// What the file system says of every document.
pub(super) fn marks(directory: &Path) -> Result<Vec<(PathBuf, Mark)>, RegistryError> {
    if !directory.is_dir() {
        return Err(missing(directory));
    }
    read::marks(directory)
}

fn missing(directory: &Path) -> RegistryError {
    RegistryError::Missing { registry: name(directory) }
}

fn name(directory: &Path) -> String {
    format!("file:{}", directory.display())
}

impl FileStore {
    /// The registry in `directory`. Nothing is created before the first document is written.
    pub fn open(directory: &Path, access: Access) -> Result<Self, RegistryError> {
        match access {
            Access::Read | Access::Check if !directory.is_dir() => Err(missing(directory)),
            Access::Read | Access::Check | Access::Write => {
                Ok(Self { directory: directory.to_owned(), name: name(directory) })
            }
        }
    }

    /// The file that holds, or would hold, a document.
    pub fn path_of(&self, topic: &Topic, version: &SchemaVersion) -> PathBuf {
        self.directory.join(topic.as_str()).join(format!("{version}.json"))
    }

    fn selected(
        &self,
        topic: &Topic,
        selector: &VersionSelector,
    ) -> Result<Option<SchemaVersion>, RegistryError> {
        let mut versions = read::versions(&self.directory.join(topic.as_str()))?;
        Ok(match selector {
            VersionSelector::Latest => versions.pop(),
            VersionSelector::Exact(wanted) => {
                let exact = |version: &SchemaVersion| version.as_str() == wanted.as_str();
                versions
                    .iter()
                    .position(exact)
                    .or_else(|| versions.iter().position(|version| version == wanted))
                    .map(|index| versions.swap_remove(index))
            }
        })
    }

    fn find(
        &self,
        topic: &Topic,
        selector: &VersionSelector,
    ) -> Result<Option<SchemaDocument>, RegistryError> {
        match self.selected(topic, selector)? {
            Some(version) => read::document(&self.path_of(topic, &version), topic, &version),
            None => Ok(None),
        }
    }

    /// What is there under the document's topic and version.
    fn twin(&self, document: &SchemaDocument) -> Result<Option<SchemaDocument>, RegistryError> {
        self.find(&document.topic, &VersionSelector::Exact(document.version.clone()))
    }
}

#[async_trait]
impl RegistryStore for FileStore {
    fn name(&self) -> &str {
        &self.name
    }

    async fn list(&self, pattern: &RoutingPattern) -> Result<Listing, RegistryError> {
        read::list(&self.directory, pattern)
    }

    async fn versions(&self, topic: &Topic) -> Result<Vec<SchemaVersion>, RegistryError> {
        check_topic(topic)?;
        read::versions(&self.directory.join(topic.as_str()))
    }

    async fn get(
        &self,
        topic: &Topic,
        version: &VersionSelector,
    ) -> Result<Option<SchemaDocument>, RegistryError> {
        check_topic(topic)?;
        self.find(topic, version)
    }

    async fn register(
        &self,
        document: &SchemaDocument,
        mode: RegisterMode,
    ) -> Result<Registration, RegistryError> {
        check_topic(&document.topic)?;
        let _lock = match mode {
            RegisterMode::CheckOnly => None,
            RegisterMode::Add => Some(write::lock(&self.directory)?),
        };
        let registration = Registration::decide(self.twin(document)?, document);
        if mode == RegisterMode::Add && registration == Registration::Added {
            write::document(&self.path_of(&document.topic, &document.version), document)?;
        }
        Ok(registration)
    }

    async fn replace(
        &self,
        known: Option<&SchemaDocument>,
        document: &SchemaDocument,
    ) -> Result<Replacement, RegistryError> {
        check_topic(&document.topic)?;
        let _lock = write::lock(&self.directory)?;
        if self.twin(document)?.as_ref() != known {
            return Ok(Replacement::Overtaken);
        }
        write::document(&self.path_of(&document.topic, &document.version), document)?;
        Ok(Replacement::Done)
    }
}
