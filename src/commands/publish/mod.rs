//! `celerysalt publish`.

mod ledger;
mod lines;

use super::context::Context;
use super::error::{CommandError, ExitKind};

#[derive(Debug, clap::Args)]
pub struct PublishArgs {}

pub async fn run(_args: &PublishArgs, _context: &Context) -> Result<ExitKind, CommandError> {
    Ok(ExitKind::Done)
}
