//! The command line: global arguments and the list of commands.

mod values;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::ui::{ColorChoice, OutputFormat};

/// Watch, publish and call the events of Celery services
#[derive(Debug, Parser)]
#[command(name = "celerysalt", version, propagate_version = true, max_term_width = 100)]
#[command(
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalArgs,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of every command. Values fall back to the environment, `celerysalt.toml`, the user's
/// config file and defaults: see `celerysalt config show --origin`.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Use the settings of this profile
    #[arg(long, global = true, value_name = "P")]
    pub profile: Option<String>,
    /// The message broker, for example amqp://user:pass@host:5672//
    #[arg(long, global = true, value_name = "URL")]
    pub broker: Option<String>,
    /// The RabbitMQ management API (guessed from the broker when absent)
    #[arg(long, global = true, value_name = "URL")]
    pub management: Option<String>,
    /// The Celery result backend, for example redis://host:6379/0 or rpc://
    #[arg(long, global = true, value_name = "URL")]
    pub backend: Option<String>,
    /// The schema registry, for example file:schemas
    #[arg(long, global = true, value_name = "URL")]
    pub registry: Option<String>,
    /// The topic exchange that events are published to
    #[arg(long, global = true, value_name = "NAME")]
    pub exchange: Option<String>,
    /// Read this file instead of searching for celerysalt.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How to print the answer
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "human")]
    pub output: OutputFormat,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Print the answer and problems, nothing else
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more about what happens
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {}

/// The whole command tree, for the generators of completions and man pages.
pub fn command() -> clap::Command {
    Cli::command()
}
