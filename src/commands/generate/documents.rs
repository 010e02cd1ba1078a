//! Which documents of the registry are meant.

use clap::Args;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::schema::Problem;
use crate::event::{RoutingPattern, SchemaVersion};
use crate::registry::{self, Access};
use crate::schema::SchemaDocument;

/// The topics and versions to generate from.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    /// Only topics that one of these routing patterns matches [default: all]
    #[arg(value_name = "TOPIC_PATTERN")]
    patterns: Vec<RoutingPattern>,
    /// This version instead of each topic's latest
    #[arg(long = "version", value_name = "V", conflicts_with = "all_versions")]
    exact: Option<SchemaVersion>,
    /// Every version of each topic
    #[arg(long)]
    all_versions: bool,
}

/// The documents, sorted by topic and version, and what could not be read.
#[derive(Debug)]
pub struct Selected {
    pub documents: Vec<SchemaDocument>,
    pub problems: Vec<Problem>,
}

impl Selection {
    pub async fn read(&self, context: &Context) -> Result<Selected, CommandError> {
        let store = registry::open(&context.registry_url()?, Access::Read).await?;
        let everything =
            "#".parse().map_err(|error| CommandError::from_error(ExitKind::Internal, &error));
        let patterns =
            if self.patterns.is_empty() { vec![everything?] } else { self.patterns.clone() };
        let mut documents = Vec::new();
        let mut problems = Vec::new();
        for pattern in &patterns {
            let listing = store.list(pattern).await?;
            documents.extend(listing.documents);
            problems.extend(Problem::all(&listing.problems));
        }
        let name = store.name().to_owned();
        store.close().await;
        let key = |document: &SchemaDocument| (document.topic.clone(), document.version.clone());
        documents.sort_by_cached_key(key);
        documents.dedup_by(|a, b| key(a) == key(b));
        let documents = self.wanted(documents);
        if documents.is_empty() && problems.is_empty() {
            return Err(self.nothing(&name));
        }
        Ok(Selected { documents, problems })
    }

    /// Each topic's latest version, the one that was asked for, or all.
    fn wanted(&self, documents: Vec<SchemaDocument>) -> Vec<SchemaDocument> {
        if self.all_versions {
            return documents;
        }
        if let Some(exact) = &self.exact {
            return documents.into_iter().filter(|document| document.version == *exact).collect();
        }
        let mut latest: Vec<SchemaDocument> = Vec::new();
        for document in documents {
            match latest.last_mut() {
                Some(last) if last.topic == document.topic => *last = document,
                Some(_) | None => latest.push(document),
            }
        }
        latest
    }

    fn nothing(&self, registry: &str) -> CommandError {
        let patterns: Vec<&str> = self.patterns.iter().map(RoutingPattern::as_str).collect();
        let version = self.exact.as_ref().map(|version| format!(" in version {version}"));
        let what = if patterns.is_empty() {
            "schema".to_owned()
        } else {
            format!("schema that matches {}", patterns.join(" or "))
        };
        let message = format!("{registry} has no {what}{}", version.unwrap_or_default());
        CommandError::new(ExitKind::No, message)
            .hint("`celerysalt schema list` shows the topics and versions that are there")
    }

    /// Whether the words name one topic rather than a pattern of topics.
    pub fn is_one_topic(&self) -> bool {
        matches!(self.patterns.as_slice(), [pattern] if !pattern.has_wildcard())
    }

    /// The words that make this selection again, each with a blank before it.
    pub fn words(&self) -> String {
        let mut words = String::new();
        for pattern in &self.patterns {
            words.push_str(&format!(" {}", quoted(pattern.as_str())));
        }
        if let Some(version) = &self.exact {
            words.push_str(&format!(" --version {version}"));
        }
        if self.all_versions {
            words.push_str(" --all-versions");
        }
        words
    }
}

/// As a shell wants it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
