//! The command line: global arguments and the list of commands.

use clap::Parser;

/// Watch, publish and call the events of Celery services
#[derive(Debug, Parser)]
#[command(name = "celerysalt", version, propagate_version = true)]
pub struct Cli {}
