//! `schema`: comparing event schemas.

mod compat;

use clap::{Args, Subcommand};

use super::error::{CommandError, ExitKind};
use crate::ui::Ui;

pub use compat::{CompatArgs, SchemaCompat};

/// Compare event schemas
#[derive(Debug, Args)]
pub struct SchemaArgs {
    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    Compat(CompatArgs),
}

pub fn run(args: &SchemaArgs, ui: &Ui) -> Result<ExitKind, CommandError> {
    match &args.command {
        SchemaCommand::Compat(args) => compat::run(args, ui),
    }
}
