use std::path::Path;
use std::str::FromStr;

use crate::commands::error::CommandError;
use crate::commands::schema::problem::Problem;
use crate::event::RoutingPattern;
use crate::extract::{self, Failure, Lint, Location, PythonOptions, Source, SourceError};
use crate::registry::{self, Access, FileStore, Listing};
use crate::schema::SchemaDocument;
use crate::secret::Secret;

/// Schemes of registries that are no directory. A directory is read file by file, so that each
/// finding knows its line.
const REGISTRY_SCHEMES: [&str; 5] = ["sqlite", "postgres", "postgresql", "http", "https"];

/// What is looked at.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    Registry(Secret),
    Source(Source),
}

/// The documents, and what was found while they were read.
#[derive(Debug, Default)]
pub(super) struct Subjects {
    pub name: String,
    pub documents: Vec<Located>,
    /// What the libraries would do wrong.
    pub lints: Vec<Lint>,
    pub failures: Vec<Failure>,
    pub problems: Vec<Problem>,
}

#[derive(Debug)]
pub(super) struct Located {
    pub document: SchemaDocument,
    pub location: Option<Location>,
}

impl FromStr for Subject {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        match text.split_once(':') {
            Some((scheme, _)) if REGISTRY_SCHEMES.contains(&scheme) => {
                Ok(Self::Registry(Secret::new(text)))
            }
            Some(_) | None => text.parse().map(Self::Source),
        }
    }
}

impl Subject {
    pub(super) async fn read(self, options: &PythonOptions) -> Result<Subjects, CommandError> {
        match self {
            Self::Registry(url) => registry_documents(&url).await,
            Self::Source(source) => {
                let extraction = extract::extract(&source, options).await?;
                let documents = extraction.documents.into_iter();
                Ok(Subjects {
                    name: source.to_string(),
                    documents: documents
                        .map(|found| Located { document: found.document, location: found.location })
                        .collect(),
                    lints: extraction.lints,
                    failures: extraction.failures,
                    problems: Vec::new(),
                })
            }
        }
    }
}

async fn registry_documents(url: &Secret) -> Result<Subjects, CommandError> {
    let store = registry::open(url, Access::Read).await?;
    let Listing { documents, problems } = store.list(&RoutingPattern::everything()).await?;
    store.close().await;
    let directory = url
        .expose()
        .strip_prefix("file:")
        .map(|path| Path::new(path.strip_prefix("//").unwrap_or(path)));
    let files = directory.map(|path| FileStore::open(path, Access::Read)).transpose()?;
    let located = |document: SchemaDocument| {
        let file = files.as_ref().map(|files| files.path_of(&document.topic, &document.version));
        Located { location: file.map(|file| Location { file: shown(&file), line: 1 }), document }
    };
    Ok(Subjects {
        name: store.name().to_owned(),
        documents: documents.into_iter().map(located).collect(),
        problems: Problem::all(&problems),
        ..Subjects::default()
    })
}

/// Relative to the working directory where the file is below it.
fn shown(file: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    file.strip_prefix(&here).unwrap_or(file).display().to_string()
}
