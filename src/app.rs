//! Arguments to exit code: settings, context, dispatch. The only place that builds a runtime.

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command, GlobalArgs};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::{Context, Session, call, publish};
use crate::config::{Environment, Flags, Key};
use crate::secret::Secret;
use crate::ui::{Failure, Ui, UiOptions, Verbosity};

/// Parses the arguments, runs the command and turns the outcome into an exit code.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let ui = Ui::new(ui_options(&cli.global));
    let global = cli.global;
    let typed = [
        (Key::Broker, global.broker),
        (Key::Backend, global.backend),
        (Key::Management, global.management),
        (Key::Exchange, global.exchange),
    ];
    let values = typed.into_iter().filter_map(|(key, text)| Some((key, Secret::new(text?))));
    let flags = Flags { values: values.collect(), ..Flags::default() };
    let session = Session {
        flags,
        environment: Environment::of_process(),
        ui: Ui::new(ui_options(&cli_global(&ui))),
    };
    let kind = match dispatch(cli.command, session) {
        Ok(kind) => kind,
        Err(error) => {
            show(&ui, &error);
            error.kind
        }
    };
    ExitCode::from(kind.code())
}

fn dispatch(command: Command, session: Session) -> Result<ExitKind, CommandError> {
    match command {
        Command::Publish(args) => connected(session, async |context| publish::run(&args, context).await),
        Command::Call(args) => connected(session, async |context| call::run(&args, context).await),
    }
}

fn connected<F>(session: Session, command: F) -> Result<ExitKind, CommandError>
where
    F: AsyncFnOnce(&Context) -> Result<ExitKind, CommandError>,
{
    let context = session.into_context()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CommandError::from_error(ExitKind::Internal, &error))?;
    let outcome = runtime.block_on(command(&context));
    runtime.shutdown_timeout(std::time::Duration::from_millis(50));
    outcome
}

fn cli_global(ui: &Ui) -> GlobalArgs {
    GlobalArgs { output: ui.output(), ..GlobalArgs::default() }
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
