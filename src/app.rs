//! Arguments to exit code: settings, context, dispatch. The only place that builds a runtime.

mod log;
mod panic;
mod usage;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, FromArgMatches};

use crate::cli::{self, Cli, Command, Early};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::{
    Context, Session, bindings, call, completions, config, dlq, doctor, follow, generate, man,
    publish, queue, replay, sandbox, schema, schema_of, tail, top, workers,
};
use crate::config::Environment;
use crate::ui::{Ui, UiOptions};

/// Parses the arguments, runs the command and turns the outcome into an exit code.
pub fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let early = Early::of(arguments.iter().map(|argument| argument.to_string_lossy()));
    panic::install(early);
    let kind = panic::guard(|| parse_and_run(&arguments, early));
    ExitCode::from(kind.code())
}

fn parse_and_run(arguments: &[OsString], early: Early) -> ExitKind {
    let ui = |early: Early| {
        Ui::new(UiOptions { output: early.output, color: early.color, ..UiOptions::default() })
    };
    let parsed = usage::colored(Cli::command(), early.color)
        .try_get_matches_from(arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => return settle(&ui(early), usage::answer(&error, &ui(early))),
    };
    let ui = Ui::new(cli.global.ui_options());
    let environment = Environment::of_process();
    let started = log::start(&environment, &ui);
    let session = Session { flags: cli.global.flags(), environment, ui: ui.clone() };
    settle(&ui, started.and_then(|()| dispatch(cli.command, &session)))
}

/// Commands that talk to servers are wrapped in [`connected`].
fn dispatch(command: Command, session: &Session) -> Result<ExitKind, CommandError> {
    match command {
        Command::Tail(args) => connected(session, async |context| tail::run(*args, context).await),
        Command::Publish(args) => {
            connected(session, async |context| publish::run(*args, context).await)
        }
        Command::Call(args) => connected(session, async |context| call::run(&args, context).await),
        Command::Replay(args) => {
            connected(session, async |context| replay::run(*args, context).await)
        }
        Command::Follow(args) => {
            connected(session, async |context| follow::run(args, context).await)
        }
        Command::Top(args) => connected(session, async |context| top::run(args, context).await),
        Command::Dlq(args) => connected(session, async |context| dlq::run(args, context).await),
        Command::Queue(args) => connected(session, async |context| queue::run(args, context).await),
        Command::Schema(args) => {
            connected(session, async |context| schema::run(args, context).await)
        }
        Command::Bindings(args) => {
            connected(session, async |context| bindings::run(args, context).await)
        }
        Command::Workers(args) => {
            connected(session, async |context| workers::run(&args, context).await)
        }
        Command::Doctor(args) => {
            connected(session, async |context| doctor::run(&args, context).await)
        }
        Command::Generate(args) => {
            connected(session, async |context| generate::run(&args, context).await)
        }
        Command::Sandbox(args) => connected(session, async |context| {
            sandbox::run(args, context.exchange(), &context.ui).await
        }),
        Command::SandboxReaper(args) => sandbox::reap(args),
        Command::Config(args) => config::run(args, session),
        Command::Completions(args) => completions::run(&args, &cli::command(), &session.ui),
        Command::Man(args) => man::run(&args, cli::command(), &session.ui),
        Command::SchemaOf(args) => schema_of::run(&args, &session.ui),
    }
}

/// Resolves the settings and runs `command` on a runtime of its own:
/// `Command::Tail(args) => connected(session, async |context| tail::run(args, context).await)`.
fn connected<F>(session: &Session, command: F) -> Result<ExitKind, CommandError>
where
    F: AsyncFnOnce(&Context) -> Result<ExitKind, CommandError>,
{
    let context = session.context()?;
    // One thread for the connection's frames, one for the command's own work.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CommandError::from_error(ExitKind::Internal, &error))?;
    let outcome = runtime.block_on(command(&context));
    // A read from stdin cannot be cancelled, so that waiting for it could take forever.
    runtime.shutdown_timeout(Duration::from_millis(50));
    outcome
}

/// Says what went wrong, if anything did.
fn settle(ui: &Ui, outcome: Result<ExitKind, CommandError>) -> ExitKind {
    let error = match outcome {
        Ok(kind) => return kind,
        Err(error) => error,
    };
    if error.kind != ExitKind::Done {
        ui.failure(&error.failure());
    }
    error.kind
}
