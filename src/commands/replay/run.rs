use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::ReplayArgs;
use super::conductor::{Conductor, Stop};
use super::misfits::Misfits;
use super::player::{Played, Player, Program};
use super::rehearsal::rehearse;
use super::selection::{RpcRequests, Selection};
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::publish::report::BatchPublished;
use crate::commands::{Context, Interrupt};
use crate::filter::Filter;
use crate::ui::{OutputFormat, Ui, Work};

/// Why a recording cannot be read.
#[derive(Debug, Error)]
pub enum ReplayError {
    #[error("there is no recording {}", path.display())]
    Missing { path: PathBuf },
    #[error("cannot read the recording {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

/// `celerysalt replay`.
pub async fn run(args: ReplayArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let mut selection = selection(&args)?;
    let file = open(&args.file)?;
    let misfits = Misfits::open(&args, context).await?;
    if args.dry_run {
        return rehearse(&args, file, (&mut selection, misfits), &context.ui).await;
    }
    let total = Some(count_lines(&args.file)?);
    let work = Work { doing: "replaying", unit: "lines", total };
    let (path, to) = (args.file.clone(), args.to.clone());
    let program = Program { path, skip: args.skip, to, work, misfits };
    let mut interrupt = Interrupt::listen()?;
    let connector = connector(context, "replay")?;
    let target = format!("{} on {}", context.exchange(), connector.target.endpoint());
    let player = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = Player::open(connector, context.exchange(), (program, &context.ui)) => opened?,
    };
    if context.ui.output() == OutputFormat::Human {
        context.ui.note(&format!("replaying {} to {target}", args.file.display()));
    }
    let played = player.play(file, Conductor::new(&args, selection), &mut interrupt).await;
    finish(&args, played, &context.ui)
}

fn selection(args: &ReplayArgs) -> Result<Selection, CommandError> {
    let filter = args.filter.as_deref().map(Filter::compile).transpose()?;
    let rpc = if args.include_rpc { RpcRequests::Publish } else { RpcRequests::Skip };
    Ok(Selection { topics: args.topic.clone(), filter, rpc })
}

fn open(path: &Path) -> Result<File, ReplayError> {
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    });
    opened.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ReplayError::Missing { path: path.to_owned() },
        _ => ReplayError::Unreadable { path: path.to_owned(), source },
    })
}

fn count_lines(path: &Path) -> Result<u64, ReplayError> {
    let mut reader = BufReader::with_capacity(256 * 1024, open(path)?);
    let mut lines = 0;
    loop {
        let failed = |source| ReplayError::Unreadable { path: path.to_owned(), source };
        let chunk = reader.fill_buf().map_err(failed)?;
        if chunk.is_empty() {
            return Ok(lines);
        }
        lines += chunk.iter().filter(|byte| **byte == b'\n').count() as u64;
        let length = chunk.len();
        reader.consume(length);
    }
}

/// The report, also of a replay that did not reach its end.
fn finish(args: &ReplayArgs, played: Played, ui: &Ui) -> Result<ExitKind, CommandError> {
    if let Some(text) = played.skipped.explanation() {
        ui.note(&text);
    }
    played.misfits.summarise("sent as they were recorded", ui);
    let mut report = BatchPublished::of(&played.ledger, args.skip);
    report.batch = report.batch.after(played.elapsed);
    ui.report(&report)?;
    if report.batch.in_doubt > 0 {
        let lines = &played.ledger.in_doubt;
        ui.warn(&format!("sent but not confirmed, so published or not: lines {lines}"));
    }
    let (path, done) = (args.file.display(), report.lines_done);
    let go_on = format!("go on with: celerysalt replay {path} --skip {done}");
    match played.stopped {
        None => Ok(report.batch.outcome()),
        Some(Stop::Signal(kind)) => {
            ui.note(&format!("interrupted after {done} lines; {go_on}"));
            Ok(kind)
        }
        Some(Stop::Failed(error)) => Err(error.hint(go_on)),
    }
}
