use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::edit::{self, EditedDocument, Versions};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::schema::{Deprecation, SchemaDocument, SchemaReference, VersionSelector};
use crate::ui::{Report, Style};

/// Mark a schema's version as one that should no longer be used
///
/// Events of the version are still valid. Doing it again changes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    celerysalt schema deprecate order.placed@v1 --reason 'use v2, which has the currency'\n  \
    celerysalt schema deprecate order.created --all-versions --reason 'use order.placed'\n  \
    celerysalt schema deprecate order.placed@v1 --undo")]
pub struct DeprecateArgs {
    /// The latest version unless told otherwise
    #[arg(value_name = "TOPIC[@VERSION]")]
    reference: SchemaReference,
    /// What to use instead, and by when
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Every version that the registry has now
    #[arg(long)]
    all_versions: bool,
    /// It may be used again
    #[arg(long, conflicts_with = "reason")]
    undo: bool,
}

/// The documents as they are now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaDeprecate {
    registry: String,
    documents: Vec<EditedDocument>,
}

pub(super) async fn run(args: &DeprecateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let versions = args.versions()?;
    let store = edit::open(context).await?;
    let documents =
        edit::edit(&*store, &args.reference, versions, |document| args.apply(document)).await?;
    store.close().await;
    context.ui.report(&SchemaDeprecate { registry: store.name().to_owned(), documents })?;
    Ok(ExitKind::Done)
}

impl DeprecateArgs {
    fn versions(&self) -> Result<Versions, CommandError> {
        match (self.all_versions, &self.reference.version) {
            (false, _) => Ok(Versions::One),
            (true, VersionSelector::Latest) => Ok(Versions::All),
            (true, VersionSelector::Exact(version)) => {
                let message = format!("--all-versions means more than {version}");
                Err(CommandError::new(ExitKind::Usage, message)
                    .hint(format!("write {} without a version", self.reference.topic)))
            }
        }
    }

    /// A reason that is there stays, unless there is a new one.
    fn apply(&self, document: &mut SchemaDocument) {
        document.deprecated = if self.undo {
            None
        } else {
            let known = document.deprecated.take().and_then(|deprecation| deprecation.reason);
            let given = self.reason.clone().filter(|reason| !reason.is_empty());
            Some(Deprecation { reason: given.or(known) })
        };
    }
}

impl Report for SchemaDeprecate {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        self.documents.iter().try_for_each(|document| document.write_human(out, style))
    }
}
