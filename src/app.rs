use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

/// Parses the arguments, runs the command and turns the outcome into an exit code.
pub fn run() -> ExitCode {
    let Cli {} = Cli::parse();
    ExitCode::SUCCESS
}
