use async_trait::async_trait;

use super::error::RegistryError;
use super::store::{Listing, RegisterMode, Registration, RegistryStore, Replacement, check_topic};
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::schema::{SchemaDocument, VersionSelector};

/// A registry that does not exist yet, for those who only ask what would happen.
#[derive(Debug)]
pub(super) struct EmptyStore {
    name: String,
}

impl EmptyStore {
    pub(super) fn new(name: String) -> Self {
        Self { name }
    }
}

#[async_trait]
impl RegistryStore for EmptyStore {
    fn name(&self) -> &str {
        &self.name
    }

    async fn list(&self, _pattern: &RoutingPattern) -> Result<Listing, RegistryError> {
        Ok(Listing::default())
    }

    async fn versions(&self, topic: &Topic) -> Result<Vec<SchemaVersion>, RegistryError> {
        check_topic(topic).map(|()| Vec::new())
    }

    async fn get(
        &self,
        topic: &Topic,
        _version: &VersionSelector,
    ) -> Result<Option<SchemaDocument>, RegistryError> {
        check_topic(topic).map(|()| None)
    }

    async fn register(
        &self,
        document: &SchemaDocument,
        mode: RegisterMode,
    ) -> Result<Registration, RegistryError> {
        check_topic(&document.topic)?;
        match mode {
            RegisterMode::CheckOnly => Ok(Registration::Added),
            RegisterMode::Add => Err(RegistryError::Missing { registry: self.name.clone() }),
        }
    }

    async fn replace(
        &self,
        _known: Option<&SchemaDocument>,
        _document: &SchemaDocument,
    ) -> Result<Replacement, RegistryError> {
        Err(RegistryError::Missing { registry: self.name.clone() })
    }
}
