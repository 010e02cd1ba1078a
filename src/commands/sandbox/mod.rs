//! `celerysalt sandbox`: a throw-away RabbitMQ and Redis, and a command that runs against them.

mod report;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use clap::Args;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, dup2_stdout, getpgrp, tcgetpgrp};
use tokio::task::spawn_blocking;

use super::Interrupt;
use super::error::{CommandError, ExitKind};
use crate::sandbox::{
    DataChoice, RedisChoice, Sandbox, SandboxError, SandboxOptions, TlsChoice, run_reaper,
};
use crate::ui::{OutputFormat, Ui};

use report::variables;

pub use report::SandboxReport;

const HEALTH_CHECK: Duration = Duration::from_secs(1);

const EXAMPLES: &str = "\
Examples:
  celerysalt sandbox                 Run until Ctrl-C and show the addresses
  celerysalt sandbox -- pytest       Run the tests against fresh servers, exit as pytest does
  celerysalt sandbox -- bash         A shell in which everything points at the sandbox
  eval \"$(celerysalt sandbox --print-env &)\"; …; kill $CELERYSALT_SANDBOX_PID

The servers listen on free ports of 127.0.0.1 and share nothing with a broker that already runs on
this machine. They and their data are gone when the sandbox ends, however it ends.";

/// Start a throw-away RabbitMQ and Redis, optionally for one command
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SandboxArgs {
    /// Print `export` lines for the shell when the servers are ready, then keep running
    #[arg(long)]
    print_env: bool,
    /// Start RabbitMQ only; results come over rpc://
    #[arg(long)]
    no_redis: bool,
    /// Also listen with TLS, with certificates made for the occasion
    #[arg(long)]
    tls: bool,
    /// Leave data and logs behind at the end
    #[arg(long)]
    keep: bool,
    /// How long the servers may take to start, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    start_timeout: u64,
    /// The rabbitmq-server program
    #[arg(long, value_name = "PATH", env = "RABBITMQ_SERVER", hide_env_values = true)]
    rabbitmq_server: Option<PathBuf>,
    /// The redis-server program
    #[arg(long, value_name = "PATH", env = "REDIS_SERVER", hide_env_values = true)]
    redis_server: Option<PathBuf>,
    /// Run this command with the sandbox in its environment and end with its exit code
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The process that clears up after a killed sandbox; started by the sandbox itself.
#[derive(Debug, Args)]
pub struct ReaperArgs {
    directory: PathBuf,
    #[arg(long)]
    keep: bool,
}

pub fn reap(args: ReaperArgs) -> Result<ExitKind, CommandError> {
    run_reaper(args.directory, data_choice(args.keep))?;
    Ok(ExitKind::Done)
}

/// `exchange` exists from the start in the default virtual host.
pub async fn run(args: SandboxArgs, exchange: &str, ui: &Ui) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let options = options(&args, exchange)?;
    let began = Instant::now();
    ui.note("starting the servers");
    let mut sandbox = match start(options, &mut interrupt).await? {
        Start::Ready(sandbox) => sandbox,
        Start::Interrupted(kind) => return Ok(kind),
    };
    ui.note(&format!("ready after {:.1} s", began.elapsed().as_secs_f64()));
    if args.print_env || args.command.is_empty() {
        announce(&args, &sandbox, ui)?;
    }
    let outcome = match args.command.split_first() {
        Some((program, arguments)) => {
            let mut command = tokio::process::Command::new(program);
            command.args(arguments);
            run_command(command, &mut sandbox, &mut interrupt).await
        }
        None => serve(&mut sandbox, &mut interrupt).await,
    };
    if args.keep {
        ui.note(&format!("data and logs are in {}", sandbox.directory().display()));
    }
    outcome
}

fn options(args: &SandboxArgs, exchange: &str) -> Result<SandboxOptions, CommandError> {
    let celerysalt = std::env::current_exe()?;
    let mut options = SandboxOptions::new(celerysalt);
    options.data = data_choice(args.keep);
    options.redis = if args.no_redis { RedisChoice::Skip } else { RedisChoice::Start };
    options.tls = if args.tls { TlsChoice::PlainAndTls } else { TlsChoice::Plain };
    options.exchange = exchange.to_owned();
    options.rabbitmq_server = args.rabbitmq_server.clone();
    options.redis_server = args.redis_server.clone();
    options.deadline = Duration::from_secs(args.start_timeout);
    Ok(options)
}

fn data_choice(keep: bool) -> DataChoice {
    if keep { DataChoice::Keep } else { DataChoice::Remove }
}

enum Start {
    Ready(Box<Sandbox>),
    Interrupted(ExitKind),
}

async fn start(options: SandboxOptions, interrupt: &mut Interrupt) -> Result<Start, CommandError> {
    let stop = options.stop.clone();
    let mut starting = spawn_blocking(move || Sandbox::start(&options));
    let (joined, interrupted) = tokio::select! {
        joined = &mut starting => (joined, None),
        kind = interrupt.received() => {
            stop.raise();
            (starting.await, Some(kind))
        }
    };
    let started = joined.map_err(|e| CommandError::from_error(ExitKind::Internal, &e))?;
    match (started, interrupted) {
        (Ok(_) | Err(SandboxError::Stopped), Some(kind)) => Ok(Start::Interrupted(kind)),
        (Ok(sandbox), None) => Ok(Start::Ready(Box::new(sandbox))),
        (Err(error), _) => Err(error.into()),
    }
}

fn announce(args: &SandboxArgs, sandbox: &Sandbox, ui: &Ui) -> Result<(), CommandError> {
    let report = SandboxReport::new(sandbox, data_choice(args.keep));
    if args.print_env && ui.output() == OutputFormat::Human {
        let mut out = ui.stdout();
        out.write_all(report.exports().as_bytes())?;
        out.flush()?;
    } else {
        ui.report(&report)?;
    }
    if args.print_env && args.command.is_empty() {
        close_stdout()?;
    }
    Ok(())
}

/// Lets `$(celerysalt sandbox --print-env &)` return while we go on.
fn close_stdout() -> io::Result<()> {
    let nowhere = File::options().write(true).open("/dev/null")?;
    dup2_stdout(nowhere).map_err(io::Error::from)
}

/// Waits for a signal; a server that ends by itself is an error.
async fn serve(sandbox: &mut Sandbox, interrupt: &mut Interrupt) -> Result<ExitKind, CommandError> {
    let mut health_check = tokio::time::interval(HEALTH_CHECK);
    loop {
        tokio::select! {
            kind = interrupt.received() => return Ok(kind),
            _ = health_check.tick() => {
                if let Some((server, log)) = sandbox.dead_server() {
                    return Err(SandboxError::Died { server, log }.into());
                }
            }
        }
    }
}

/// Runs the user's command to its end, passing signals on.
async fn run_command(
    mut command: tokio::process::Command,
    sandbox: &mut Sandbox,
    interrupt: &mut Interrupt,
) -> Result<ExitKind, CommandError> {
    command.envs(variables(sandbox).iter().map(|(name, value)| (name, value.expose())));
    sandbox.expect_command();
    let mut child = command.spawn().map_err(|error| {
        let program = command.as_std().get_program().to_string_lossy().into_owned();
        CommandError::from_error(ExitKind::Usage, &error)
            .hint(format!("check that {program:?} is on the search path"))
    })?;
    if let Some(process_id) = child.id() {
        sandbox.watch_command(process_id);
    }
    loop {
        tokio::select! {
            status = child.wait() => return Ok(ExitKind::Command(exit_code(status?))),
            kind = interrupt.received() => forward(kind, child.id()),
        }
    }
}

/// Passes a signal on, except a Ctrl-C that the terminal has sent to the command as well: many
/// programs, Celery's worker among them, take a second one as an order to drop everything.
fn forward(kind: ExitKind, process_id: Option<u32>) {
    let Some(process_id) = process_id else { return };
    let signal = if kind == ExitKind::Interrupted { Signal::SIGINT } else { Signal::SIGTERM };
    if signal == Signal::SIGINT && owns_terminal() {
        return;
    }
    // The command may have ended in this very moment.
    let _ = kill(Pid::from_raw(process_id.cast_signed()), signal);
}

fn owns_terminal() -> bool {
    File::open("/dev/tty").is_ok_and(|terminal| tcgetpgrp(&terminal) == Ok(getpgrp()))
}

/// What a shell would report: the code, or 128 and the number of the signal.
fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_the_sandbox_as_a_shell_would_report_it() {
        assert_eq!(exit_code(ExitStatus::from_raw(0)), 0);
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(exit_code(ExitStatus::from_raw(9)), 137);
    }
}
