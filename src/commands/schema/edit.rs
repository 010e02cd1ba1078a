//! Changes that people make to a document in the registry; its contract stays as it is.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::not_found;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::event::SchemaVersion;
use crate::registry::{self, Access, Amended, RegistryStore};
use crate::schema::{SchemaDocument, SchemaReference, VersionSelector};
use crate::ui::{Difference, Report, Style, sanitize};

/// A document before and after somebody wrote into it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EditedDocument {
    topic: String,
    version: String,
    /// Whether there was anything to write.
    changed: bool,
    /// As it is now.
    #[schemars(with = "Value")]
    document: SchemaDocument,
    #[serde(skip)]
    before: String,
}

/// Which documents are edited.
pub enum Versions {
    /// The one that the reference names.
    One,
    All,
}

/// The registry to write to. One that is not there has nothing to edit, and is not made.
pub async fn open(context: &Context) -> Result<Box<dyn RegistryStore>, CommandError> {
    let url = context.registry_url()?;
    registry::open(&url, Access::Read).await?.close().await;
    Ok(registry::open(&url, Access::Write).await?)
}

/// Makes the same change to each document that `reference` means.
pub async fn edit(
    store: &dyn RegistryStore,
    reference: &SchemaReference,
    versions: Versions,
    change: impl Fn(&mut SchemaDocument),
) -> Result<Vec<EditedDocument>, CommandError> {
    let exact: Vec<SchemaVersion> = match versions {
        Versions::All => store.versions(&reference.topic).await?,
        Versions::One => Vec::new(),
    };
    let mut selectors: Vec<VersionSelector> =
        exact.into_iter().map(VersionSelector::Exact).collect();
    if selectors.is_empty() {
        selectors.push(reference.version.clone());
    }
    let mut edited = Vec::new();
    for selector in selectors {
        let changed = |known: Option<&SchemaDocument>| {
            let mut document = known?.clone();
            change(&mut document);
            Some(document)
        };
        let amended = registry::amend(store, (&reference.topic, &selector), changed).await?;
        let Some(Amended { before: Some(before), now }) = amended else {
            return Err(not_found(reference, store).await?);
        };
        edited.push(EditedDocument {
            topic: now.topic.to_string(),
            version: now.version.to_string(),
            changed: now != before,
            document: now,
            before: before.to_pretty_json(),
        });
    }
    Ok(edited)
}

impl Report for EditedDocument {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let name = format!("{}@{}", self.topic, self.version);
        if !self.changed {
            return writeln!(
                out,
                "{} {} is so already",
                style.dim.apply_to("unchanged"),
                sanitize(&name)
            );
        }
        writeln!(out, "{} {}", style.good.apply_to("changed"), sanitize(&name))?;
        let new = self.document.to_pretty_json();
        let difference =
            Difference { old_name: "before", old: &self.before, new_name: "now", new: &new };
        difference.write(out, style)
    }
}
