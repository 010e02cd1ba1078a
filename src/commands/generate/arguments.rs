use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::selection::Selection;

/// What every target is asked.
#[derive(Debug, Args)]
// `--version` is the version of the schema here.
#[command(disable_version_flag = true)]
pub struct GenerateTargetArgs {
    #[command(flatten)]
    pub(super) selection: Selection,
    /// Where the files go
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub(super) out: Option<PathBuf>,
    /// Write nothing; show what differs, and fail if anything does
    #[arg(long)]
    pub(super) check: bool,
    /// Keep running, and generate again whenever the registry changes
    #[arg(long, conflicts_with = "check")]
    pub(super) watch: bool,
}

impl GenerateTargetArgs {
    /// Whether one topic is to be printed instead of written into files.
    pub(super) fn wants_print(&self) -> bool {
        self.out.is_none() && !self.check && !self.watch && self.selection.is_one_topic()
    }
}
