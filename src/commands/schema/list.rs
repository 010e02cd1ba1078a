use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::problem::Problem;
use super::unless_problems;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::event::RoutingPattern;
use crate::registry::{Access, Listing};
use crate::schema::{Mode, SchemaDocument};
use crate::ui::{Report, Style, Table};

/// List the topics of the registry with their versions
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema list\n  celerysalt schema list 'user.#'")]
pub struct ListArgs {
    /// Only topics that this routing pattern matches
    #[arg(value_name = "PATTERN", default_value = "#")]
    pattern: RoutingPattern,
}

/// What a registry holds.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaList {
    registry: String,
    topics: Vec<TopicRow>,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TopicRow {
    topic: String,
    /// The highest version.
    latest: String,
    /// All versions, the oldest first.
    versions: Vec<String>,
    mode: Mode,
    description: String,
    owner: Option<String>,
    /// Whether the latest version is deprecated.
    deprecated: bool,
}

pub(super) async fn run(args: &ListArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let store = super::open(context, Access::Read).await?;
    let listing = store.list(&args.pattern).await?;
    store.close().await;
    let report = SchemaList::new(store.name(), &listing);
    context.ui.report(&report)?;
    if report.topics.is_empty() && report.problems.is_empty() {
        context.ui.note(&format!("{} has no topic that matches {}", store.name(), args.pattern));
    }
    Ok(unless_problems(&report.problems, ExitKind::Done))
}

impl SchemaList {
    fn new(registry: &str, listing: &Listing) -> Self {
        let same_topic = |a: &SchemaDocument, b: &SchemaDocument| a.topic == b.topic;
        Self {
            registry: registry.to_owned(),
            topics: listing
                .documents
                .chunk_by(same_topic)
                .filter_map(|versions| Some(TopicRow::new(versions, versions.last()?)))
                .collect(),
            problems: Problem::all(&listing.problems),
        }
    }
}

impl TopicRow {
    fn new(versions: &[SchemaDocument], latest: &SchemaDocument) -> Self {
        Self {
            topic: latest.topic.to_string(),
            latest: latest.version.to_string(),
            versions: versions.iter().map(|document| document.version.to_string()).collect(),
            mode: latest.mode,
            description: latest.description.clone(),
            owner: latest.owner.clone(),
            deprecated: latest.deprecated.is_some(),
        }
    }
}

impl Report for SchemaList {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut table = Table::new(["topic", "versions", "mode", "owner", "description"]);
        for row in &self.topics {
            let mark = if row.deprecated { " (deprecated)" } else { "" };
            table.row([
                row.topic.clone(),
                format!("{}{mark}", row.versions.join(" ")),
                row.mode.to_string(),
                row.owner.clone().unwrap_or_default(),
                row.description.clone(),
            ]);
        }
        if !table.is_empty() {
            table.write(out, style)?;
        }
        self.problems.iter().try_for_each(|problem| problem.write(out, style))
    }
}
