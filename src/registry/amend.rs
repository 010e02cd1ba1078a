use super::error::RegistryError;
use super::store::{RegistryStore, Replacement};
use crate::event::Topic;
use crate::schema::{SchemaDocument, VersionSelector};

/// A document before and after it was amended.
#[derive(Debug)]
pub struct Amended {
    /// `None` where the version was not there.
    pub before: Option<SchemaDocument>,
    pub now: SchemaDocument,
}

/// Writes what `change` makes of a document that is there, or of its absence. Where somebody else
/// writes in between, the change is made again to what they wrote, so that neither is lost.
///
/// `None` when `change` has nothing to write.
pub async fn amend(
    store: &dyn RegistryStore,
    (topic, version): (&Topic, &VersionSelector),
    change: impl Fn(Option<&SchemaDocument>) -> Option<SchemaDocument>,
) -> Result<Option<Amended>, RegistryError> {
    loop {
        let before = store.get(topic, version).await?;
        let Some(mut now) = change(before.as_ref()) else { return Ok(None) };
        if let Some(before) = &before {
            now.version = before.version.clone();
        }
        let is_written = before.as_ref() == Some(&now)
            || store.replace(before.as_ref(), &now).await? == Replacement::Done;
        if is_written {
            return Ok(Some(Amended { before, now }));
        }
    }
}
