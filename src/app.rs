//! Arguments to exit code: settings, context, dispatch. The only place that builds a runtime.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{Cli, Command, GlobalArgs};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::sandbox;
use crate::event::DEFAULT_EXCHANGE;
use crate::ui::{Failure, Ui, UiOptions, Verbosity};

/// Parses the arguments, runs the command and turns the outcome into an exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui::new(ui_options(&cli.global));
    let kind = match dispatch(cli.command, &ui) {
        Ok(kind) => kind,
        Err(error) => {
            show(&ui, &error);
            error.kind
        }
    };
    ExitCode::from(kind.code())
}

fn dispatch(command: Command, ui: &Ui) -> Result<ExitKind, CommandError> {
    match command {
        Command::Sandbox(args) => runtime()?.block_on(sandbox::run(args, DEFAULT_EXCHANGE, ui)),
        Command::SandboxReaper(args) => sandbox::reap(args),
    }
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

fn ui_options(global: &GlobalArgs) -> UiOptions {
    let verbosity = match (global.quiet, global.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    UiOptions { output: global.output, color: global.color, verbosity }
}

fn show(ui: &Ui, error: &CommandError) {
    if error.kind == ExitKind::Done {
        return;
    }
    ui.failure(&Failure {
        kind: error.kind.name(),
        message: &error.message,
        causes: &error.causes,
        hints: &error.hints,
        exit_code: error.kind.code(),
    });
}
