use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

use super::super::problem::Problem;
use crate::commands::context::Context;
use crate::commands::error::CommandError;
use crate::event::RoutingPattern;
use crate::extract::{
    self, Extracted, Extraction, Failure, GitError, GitSource, GitSourceError, Location,
    PythonOptions, Source, SourceError, Subscription,
};
use crate::registry::{self, Access, FileStore, Listing, RegistryStore};
use crate::schema::SchemaDocument;
use crate::secret::{Secret, mask_url};

/// One of the two sides: a revision, a registry, or a source of schemas.
#[derive(Debug, Clone)]
pub enum Side {
    Git(GitSource),
    Registry(Secret),
    Source(Source),
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SideError {
    #[error(transparent)]
    Git(#[from] GitSourceError),
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl FromStr for Side {
    type Err = SideError;

    fn from_str(text: &str) -> Result<Self, SideError> {
        const REGISTRIES: [&str; 6] = ["file", "sqlite", "postgresql", "postgres", "http", "https"];
        match text.split_once(':') {
            Some(("git", _)) => Ok(Self::Git(text.parse()?)),
            Some((scheme, _)) if REGISTRIES.contains(&scheme) => {
                Ok(Self::Registry(Secret::new(text)))
            }
            Some(_) | None => Ok(Self::Source(text.parse()?)),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Git(source) => source.fmt(f),
            Self::Registry(url) => f.write_str(&mask_url(url.expose())),
            Self::Source(source) => source.fmt(f),
        }
    }
}

/// What a side told.
#[derive(Debug, Default)]
pub struct Read {
    pub name: String,
    /// By topic and version.
    pub documents: Vec<Extracted>,
    pub subscriptions: Vec<Subscription>,
    pub failures: Vec<Failure>,
    pub problems: Vec<Problem>,
}

impl Side {
    /// The documents whose topic matches. `directory` is where a revision has its schemas when it
    /// does not say so itself.
    pub async fn read(
        &self,
        (pattern, directory): (&RoutingPattern, &Path),
        python: &PythonOptions,
        context: &Context,
    ) -> Result<Read, CommandError> {
        let mut read = match self {
            Self::Git(source) => Read::from(revision(source, directory, context).await?),
            Self::Registry(url) => registry(url, pattern).await?,
            Self::Source(source) => Read::from(extract::extract(source, python).await?),
        };
        read.name = self.to_string();
        read.documents.retain(|found| pattern.matches(found.document.topic.as_str()));
        Ok(read)
    }
}

/// A directory that is there now and was not in the revision had no schemas then; one that is
/// nowhere is a mistake.
async fn revision(
    source: &GitSource,
    default: &Path,
    context: &Context,
) -> Result<Extraction, CommandError> {
    match extract::extract_revision(source, default).await {
        Err(GitError::NotInRevision { revision, directory }) if directory.is_dir() => {
            context.ui.warn(&format!(
                "there is no {} in {revision}: every schema counts as new",
                directory.display()
            ));
            Ok(Extraction::default())
        }
        outcome => Ok(outcome?),
    }
}

/// Files of a `file:` registry are places that findings can point to.
async fn registry(url: &Secret, pattern: &RoutingPattern) -> Result<Read, CommandError> {
    if let Some(directory) = directory_of(url.expose()) {
        let store = FileStore::open(&working_path(Path::new(directory)), Access::Read)?;
        let listing = store.list(pattern).await?;
        return Ok(Read::listed(listing, |document| {
            let file = store.path_of(&document.topic, &document.version);
            Some(Location { file: file.display().to_string(), line: 1 })
        }));
    }
    let store = registry::open(url, Access::Read).await?;
    let listing = store.list(pattern).await;
    store.close().await;
    Ok(Read::listed(listing?, |_| None))
}

/// The directory of a `file:` registry.
pub fn directory_of(url: &str) -> Option<&str> {
    let path = url.strip_prefix("file:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    (!path.is_empty()).then_some(path)
}

/// Relative to the working directory where it is below it.
pub fn working_path(path: &Path) -> PathBuf {
    let working = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(&working).unwrap_or(path).to_owned()
}

impl Read {
    fn listed(listing: Listing, place: impl Fn(&SchemaDocument) -> Option<Location>) -> Self {
        let problems = Problem::all(&listing.problems);
        let documents = listing.documents.into_iter();
        let documents =
            documents.map(|document| Extracted { location: place(&document), document }).collect();
        Self { documents, problems, ..Self::default() }
    }
}

impl From<Extraction> for Read {
    fn from(extraction: Extraction) -> Self {
        Self {
            name: String::new(),
            documents: extraction.documents,
            subscriptions: extraction.subscriptions,
            failures: extraction.failures,
            problems: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_is_a_revision_a_registry_or_a_source() {
        let kind = |side: &Side| match side {
            Side::Git(_) => "git",
            Side::Registry(_) => "registry",
            Side::Source(_) => "source",
        };
        for (text, expected, shown) in [
            ("git:HEAD~1:schemas", "git", "git:HEAD~1:schemas"),
            ("file:schemas", "registry", "file:schemas"),
            ("https://u:pw@h/r", "registry", "https://u:***@h/r"),
            ("python:shop.events", "source", "python:shop.events"),
            ("build/schemas", "source", "build/schemas"),
        ] {
            let side: Side = text.parse().unwrap();
            assert_eq!((kind(&side), side.to_string().as_str()), (expected, shown));
        }
        assert!(matches!("git:".parse::<Side>(), Err(SideError::Git(_))));
        assert!(matches!("python:a/b".parse::<Side>(), Err(SideError::Source(_))));
    }
}
