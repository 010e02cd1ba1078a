//! `celerysalt sandbox`: a throw-away RabbitMQ and Redis, and a command that runs against them.

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
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::task::spawn_blocking;

use super::Interrupt;
use super::error::{CommandError, ExitKind};
use crate::sandbox::{DataChoice, RedisChoice, Sandbox, SandboxError, SandboxOptions, run_reaper};
use crate::secret::Secret;
use crate::ui::{OutputFormat, Report, Style, Ui};

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
    match args.command.split_first() {
        Some((program, arguments)) => {
            let mut command = tokio::process::Command::new(program);
            command.args(arguments);
            run_command(command, &mut sandbox, &mut interrupt).await
        }
        None => serve(&mut sandbox, &mut interrupt).await,
    }
}

fn options(args: &SandboxArgs, exchange: &str) -> Result<SandboxOptions, CommandError> {
    let celerysalt = std::env::current_exe()?;
    let mut options = SandboxOptions::new(celerysalt);
    options.data = data_choice(args.keep);
    options.redis = if args.no_redis { RedisChoice::Skip } else { RedisChoice::Start };
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

/// The sandbox's variables and who runs it.
fn variables(sandbox: &Sandbox) -> Vec<(&'static str, Secret)> {
    let mut variables = sandbox.environment();
    variables.push(("CELERYSALT_SANDBOX_PID", Secret::new(std::process::id().to_string())));
    variables.push((
        "CELERYSALT_SANDBOX_DIRECTORY",
        Secret::new(sandbox.directory().display().to_string()),
    ));
    variables
}

/// What a sandbox offers. The passwords are shown: they are why the report is asked for, and they
/// end with the sandbox.
#[derive(Debug, Serialize)]
struct SandboxReport {
    broker_url: String,
    management_url: String,
    backend_url: Option<String>,
    exchange: String,
    directory: String,
    kept: bool,
    pid: u32,
    environment: Map<String, Value>,
}

impl SandboxReport {
    fn new(sandbox: &Sandbox, data: DataChoice) -> Self {
        let environment = variables(sandbox)
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.expose().into()))
            .collect();
        Self {
            broker_url: sandbox.broker_url().expose().to_owned(),
            management_url: sandbox.management_url().expose().to_owned(),
            backend_url: sandbox.redis_url().map(|url| url.expose().to_owned()),
            exchange: sandbox.endpoints().exchange.clone(),
            directory: sandbox.directory().display().to_string(),
            kept: data == DataChoice::Keep,
            pid: std::process::id(),
            environment,
        }
    }

    /// One `export NAME='value'` line for each variable.
    fn exports(&self) -> String {
        self.environment
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?)))
            .map(|(name, value)| format!("export {name}={}\n", shell_quoted(value)))
            .collect()
    }
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl Report for SandboxReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut row = |name: &str, value: &str| {
            writeln!(out, "{} {value}", style.heading.apply_to(format!("{name:<11}")))
        };
        row("RabbitMQ", &self.broker_url)?;
        row("Management", &self.management_url)?;
        row("Redis", self.backend_url.as_deref().unwrap_or("not started"))?;
        row("Exchange", &self.exchange)?;
        row("Directory", &self.directory)?;
        writeln!(out, "\nIn another shell:")?;
        for variable in ["CELERYSALT_BROKER_URL", "CELERYSALT_BACKEND_URL"] {
            if let Some(value) = self.environment.get(variable).and_then(Value::as_str) {
                writeln!(out, "  export {variable}={}", shell_quoted(value))?;
            }
        }
        let removal = if self.kept { "the directory stays" } else { "everything is removed" };
        writeln!(out, "\nCtrl-C ends the sandbox; {removal}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(kept: bool) -> SandboxReport {
        let variables = [
            ("CELERYSALT_BROKER_URL", "amqp://sandbox:pw@127.0.0.1:20001/%2F"),
            ("CELERYSALT_BACKEND_URL", "redis://:pw@127.0.0.1:20003/0"),
            ("CELERYSALT_EXCHANGE", "it's"),
        ];
        SandboxReport {
            broker_url: "amqp://sandbox:pw@127.0.0.1:20001/%2F".to_owned(),
            management_url: "http://sandbox:pw@127.0.0.1:20002".to_owned(),
            backend_url: Some("redis://:pw@127.0.0.1:20003/0".to_owned()),
            exchange: "it's".to_owned(),
            directory: "/tmp/celerysalt-sandbox-x".to_owned(),
            kept,
            pid: 4711,
            environment: variables
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn the_summary_says_where_everything_is_and_how_to_use_it() {
        let mut text = Vec::new();
        report(false).write_human(&mut text, &Style::new(false)).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @"
        RabbitMQ    amqp://sandbox:pw@127.0.0.1:20001/%2F
        Management  http://sandbox:pw@127.0.0.1:20002
        Redis       redis://:pw@127.0.0.1:20003/0
        Exchange    it's
        Directory   /tmp/celerysalt-sandbox-x

        In another shell:
          export CELERYSALT_BROKER_URL='amqp://sandbox:pw@127.0.0.1:20001/%2F'
          export CELERYSALT_BACKEND_URL='redis://:pw@127.0.0.1:20003/0'

        Ctrl-C ends the sandbox; everything is removed.
        ");
    }

    #[test]
    fn the_exports_are_safe_to_evaluate() {
        insta::assert_snapshot!(report(false).exports(), @r"
        export CELERYSALT_BROKER_URL='amqp://sandbox:pw@127.0.0.1:20001/%2F'
        export CELERYSALT_BACKEND_URL='redis://:pw@127.0.0.1:20003/0'
        export CELERYSALT_EXCHANGE='it'\''s'
        ");
    }

    #[test]
    fn the_json_holds_every_variable() {
        insta::assert_json_snapshot!(report(true), @r#"
        {
          "broker_url": "amqp://sandbox:pw@127.0.0.1:20001/%2F",
          "management_url": "http://sandbox:pw@127.0.0.1:20002",
          "backend_url": "redis://:pw@127.0.0.1:20003/0",
          "exchange": "it's",
          "directory": "/tmp/celerysalt-sandbox-x",
          "kept": true,
          "pid": 4711,
          "environment": {
            "CELERYSALT_BROKER_URL": "amqp://sandbox:pw@127.0.0.1:20001/%2F",
            "CELERYSALT_BACKEND_URL": "redis://:pw@127.0.0.1:20003/0",
            "CELERYSALT_EXCHANGE": "it's"
          }
        }
        "#);
    }

    #[test]
    fn a_command_ends_the_sandbox_as_a_shell_would_report_it() {
        assert_eq!(exit_code(ExitStatus::from_raw(0)), 0);
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(exit_code(ExitStatus::from_raw(9)), 137);
    }
}
