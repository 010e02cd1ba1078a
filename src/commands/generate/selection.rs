//! Which documents of the registry are meant.

use clap::Args;

use crate::commands::error::{CommandError, ExitKind};
use crate::commands::schema::Problem;
use crate::config::closest;
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::registry::{self, Access};
use crate::schema::SchemaDocument;
use crate::secret::Secret;

/// How many documents a hint names.
const NAMED: usize = 5;

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

/// Documents, sorted by topic and version, and what could not be read.
#[derive(Debug, Default)]
pub struct Selected {
    /// What they were read from, without a password.
    pub registry: String,
    pub documents: Vec<SchemaDocument>,
    pub problems: Vec<Problem>,
}

impl Selection {
    /// The documents that are meant; an error where there is none.
    pub async fn read(&self, registry: &Secret) -> Result<Selected, CommandError> {
        let selected = self.wanted(self.read_all(registry).await?);
        self.advised(selected, registry).await
    }

    /// An error that does not say yet what to do says it.
    pub async fn advised(
        &self,
        selected: Result<Selected, CommandError>,
        registry: &Secret,
    ) -> Result<Selected, CommandError> {
        match selected {
            Err(error) if error.hints.is_empty() => Err(error.hint(self.advice(registry).await?)),
            other => other,
        }
    }

    async fn advice(&self, registry: &Secret) -> Result<String, CommandError> {
        let store = registry::open(registry, Access::Read).await?;
        let listing = store.list(&RoutingPattern::everything()).await?;
        store.close().await;
        let topics: Vec<&str> =
            listing.documents.iter().map(|document| document.topic.as_str()).collect();
        let mut patterns = self.patterns.iter().map(RoutingPattern::as_str);
        let meant = patterns.find_map(|pattern| closest(pattern, topics.iter().copied()));
        Ok(match meant {
            _ if topics.is_empty() => {
                "`celerysalt schema extract` reads the schemas of a publisher's \
                                       code, `celerysalt schema register` stores them"
                    .to_owned()
            }
            Some(topic) => format!("did you mean {topic}? `celerysalt schema list` shows all"),
            None => "`celerysalt schema list` shows the topics that are there".to_owned(),
        })
    }

    /// Every version of the topics that are meant.
    pub async fn read_all(&self, registry: &Secret) -> Result<Selected, CommandError> {
        let store = registry::open(registry, Access::Read).await?;
        let everything = [RoutingPattern::everything()];
        let patterns: &[RoutingPattern] =
            if self.patterns.is_empty() { &everything } else { &self.patterns };
        let mut all = Selected { registry: store.name().to_owned(), ..Selected::default() };
        for pattern in patterns {
            let listing = store.list(pattern).await?;
            all.documents.extend(listing.documents);
            all.problems.extend(Problem::all(&listing.problems));
        }
        store.close().await;
        if patterns.len() > 1 {
            // A topic may match several.
            all.documents.sort_by(|a, b| key(a).cmp(&key(b)));
            all.documents.dedup_by(|a, b| key(a) == key(b));
        }
        Ok(all)
    }

    /// Each topic's latest version, the one that was asked for, or all.
    pub fn wanted(&self, all: Selected) -> Result<Selected, CommandError> {
        let name = |document: &SchemaDocument| format!("{}@{}", document.topic, document.version);
        let there: Vec<String> = all.documents.iter().take(NAMED).map(name).collect();
        let documents = self.wanted_versions(all.documents);
        let selected = Selected { documents, ..all };
        if selected.documents.is_empty() {
            return Err(self.nothing(&selected, &there));
        }
        Ok(selected)
    }

    fn wanted_versions(&self, documents: Vec<SchemaDocument>) -> Vec<SchemaDocument> {
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

    /// `there` is what has another version than the one that is meant.
    fn nothing(
        &self,
        Selected { registry, problems, .. }: &Selected,
        there: &[String],
    ) -> CommandError {
        let patterns: Vec<&str> = self.patterns.iter().map(RoutingPattern::as_str).collect();
        let version = self.exact.as_ref().map(|version| format!(" in version {version}"));
        let version = version.unwrap_or_default();
        let what = if patterns.is_empty() {
            "schema".to_owned()
        } else {
            format!("schema that matches {}", patterns.join(" or "))
        };
        if problems.is_empty() {
            let error =
                CommandError::new(ExitKind::No, format!("{registry} has no {what}{version}"));
            if there.is_empty() {
                return error;
            }
            return error
                .hint(format!("it has {}; `celerysalt schema list` shows all", there.join(", ")));
        }
        let message = format!("{registry} has no {what}{version} that can be read");
        CommandError {
            causes: problems.iter().map(|problem| problem.text().to_owned()).collect(),
            ..CommandError::new(ExitKind::Config, message)
                .hint("mend the documents, or restore them from version control")
        }
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

fn key(document: &SchemaDocument) -> (&Topic, &SchemaVersion) {
    (&document.topic, &document.version)
}

/// As a shell wants it.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}
