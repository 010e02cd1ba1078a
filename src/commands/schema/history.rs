use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::problem::Problem;
use super::unless_problems;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::event::{RoutingPattern, Topic};
use crate::registry::{Access, Listing};
use crate::schema::{ContractPart, Deprecation, Mode, Publisher, SchemaDocument};
use crate::ui::{Difference, Report, Style, Table};

/// How many digits of a hash tell versions apart for people.
const SHORT_HASH: usize = 12;

/// Show the versions of a topic and what changed from each to the next
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema history user.signup.completed\n  \
    celerysalt schema history user.signup.completed --diff")]
pub struct HistoryArgs {
    #[arg(value_name = "TOPIC")]
    topic: Topic,
    /// Show the changed lines
    #[arg(long)]
    diff: bool,
}

/// The versions of a topic, the oldest first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaHistory {
    topic: String,
    versions: Vec<VersionRow>,
    problems: Vec<Problem>,
    #[serde(skip)]
    shown_differences: Vec<ShownDifference>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct VersionRow {
    version: String,
    mode: Mode,
    /// SHA-256 of the canonical contract.
    hash: String,
    /// What is different from the version before; empty for the first.
    changed: Vec<ContractPart>,
    deprecated: bool,
    reason: Option<String>,
    publisher: Option<Publisher>,
}

#[derive(Debug)]
struct ShownDifference {
    versions: [String; 2],
    texts: [String; 2],
}

pub(super) async fn run(args: &HistoryArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let store = super::open(context, Access::Read).await?;
    // A topic has no wildcard words, so it matches itself alone.
    let pattern: RoutingPattern = args.topic.as_str().parse().map_err(|error| {
        CommandError::from_error(ExitKind::Internal, &error as &dyn std::error::Error)
    })?;
    let listing = store.list(&pattern).await?;
    if listing.documents.is_empty() && listing.problems.is_empty() {
        return Err(super::unknown_topic(&args.topic, &*store).await?);
    }
    store.close().await;
    let report = SchemaHistory::new(args, &listing);
    context.ui.report(&report)?;
    Ok(unless_problems(&report.problems, ExitKind::Done))
}

impl SchemaHistory {
    fn new(args: &HistoryArgs, listing: &Listing) -> Self {
        let documents = &listing.documents;
        let before = std::iter::once(None).chain(documents.iter().map(Some));
        let shown = if args.diff { documents.windows(2) } else { [].windows(2) };
        Self {
            topic: args.topic.to_string(),
            versions: documents
                .iter()
                .zip(before)
                .map(|(document, before)| VersionRow::new(document, before))
                .collect(),
            problems: Problem::all(&listing.problems),
            shown_differences: shown
                .map(|pair| ShownDifference {
                    versions: [0, 1].map(|side| pair[side].version.to_string()),
                    texts: [0, 1].map(|side| pair[side].to_pretty_json()),
                })
                .collect(),
        }
    }
}

impl VersionRow {
    fn new(document: &SchemaDocument, before: Option<&SchemaDocument>) -> Self {
        let reason = |deprecation: &Deprecation| deprecation.reason.clone();
        Self {
            version: document.version.to_string(),
            mode: document.mode,
            hash: document.contract_hash(),
            changed: before.map(|before| before.contract_differences(document)).unwrap_or_default(),
            deprecated: document.deprecated.is_some(),
            reason: document.deprecated.as_ref().and_then(reason),
            publisher: document.publisher.clone(),
        }
    }
}

impl Report for SchemaHistory {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut table = Table::new(["version", "mode", "changed", "hash", "deprecated"]);
        for row in &self.versions {
            let changed: Vec<&str> = row.changed.iter().map(|part| part.as_str()).collect();
            let deprecated =
                if row.deprecated { row.reason.as_deref().unwrap_or("yes") } else { "" };
            table.row([
                row.version.as_str(),
                row.mode.as_str(),
                &changed.join(", "),
                &row.hash[..SHORT_HASH],
                deprecated,
            ]);
        }
        table.write(out, style)?;
        for difference in &self.shown_differences {
            writeln!(out)?;
            let [old_name, new_name] = &difference.versions;
            let [old, new] = &difference.texts;
            Difference { old_name, old, new_name, new }.write(out, style)?;
        }
        self.problems.iter().try_for_each(|problem| problem.write(out, style))
    }
}
