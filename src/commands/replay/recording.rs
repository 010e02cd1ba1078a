//! Replaying a recording.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::conductor::Conductor;
use super::misfits::Misfits;
use super::player::{Played, Player, Program, Turn};
use super::rehearsal::Rehearsal;
use super::report::Replayed;
use super::selection::{Decision, Selection};
use super::timeline::Speed;
use super::{ReplayArgs, Target};
use crate::commands::batch::{BatchPublished, LineBooks, Stop};
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::publish::lines::{Line, read_ahead};
use crate::commands::{Context, Interrupt};
use crate::quantity::counted;
use crate::ui::{OutputFormat, Ui, Work};

/// Why a recording cannot be read.
#[derive(Debug, Error)]
pub enum ReplayError {
    #[error("there is no recording {}", path.display())]
    Missing { path: PathBuf },
    #[error("cannot read the recording {}", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
}

pub(super) async fn replay(
    args: &ReplayArgs,
    (path, selection): (&Path, Selection),
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let file = open(path)?;
    let misfits = Misfits::open(args, context).await?;
    let speed = args.speed.unwrap_or(Speed::ORIGINAL);
    if args.dry_run {
        let rehearsal = Rehearsal::new((args, speed), misfits, &context.ui);
        return rehearse(file, (rehearsal, selection), args).await;
    }
    let total = Some(count_lines(path)?);
    let program = Program {
        connector: connector(context, "replay")?,
        conductor: Conductor::new((args.rate, speed), selection),
        books: books(args),
        work: Work { doing: "replaying", unit: "lines", total },
        misfits,
        to: args.to.clone(),
        limit: args.count,
    };
    let target = Target::name(args.to.as_ref(), context.exchange());
    let target = format!("{target} on {}", program.connector.target.endpoint());
    let mut player = match Player::open(program, Interrupt::listen()?, context).await {
        Ok(player) => player,
        Err(Stop::Signal(kind)) => return Ok(kind),
        Err(Stop::Failed(error)) => return Err(error),
    };
    if context.ui.output() == OutputFormat::Human {
        context.ui.note(&format!("replaying {} to {target}", path.display()));
    }
    let stopped = play(&mut player, file, (path, args.skip)).await.err();
    finish(args, player.finish(stopped).await, &context.ui)
}

/// The books of lines, or of messages where the unit is changed.
pub(super) fn books(args: &ReplayArgs) -> LineBooks {
    let books = LineBooks::new(args.skip);
    match args.to {
        Some(Target::Queue(_)) => {
            LineBooks { nobody: "the queue that it is sent to does not exist", ..books }
        }
        Some(Target::Topic(_)) | None => books,
    }
}

/// Plays the whole file, or until a signal or a fatal error.
async fn play(player: &mut Player<'_>, file: File, (path, skip): (&Path, u64)) -> Result<(), Stop> {
    let mut input = read_ahead(file);
    while let Some(piece) = player.flight.wait_for(input.next(), &mut player.books).await? {
        let piece =
            piece.map_err(|source| ReplayError::Unreadable { path: path.to_owned(), source })?;
        for (number, line) in piece.lines().filter(|(number, _)| *number > skip) {
            if !player.wants_more() {
                return Ok(());
            }
            let decision = match line {
                Line::TooLong => Decision::Broken("it is longer than a message can be".to_owned()),
                Line::Text(bytes) => decide(bytes, &mut player.conductor.selection)?,
            };
            player.perform(Turn { number, decision, retries: None }).await?;
            player.flight.problems.progress.set(number);
        }
    }
    Ok(())
}

fn decide(line: &[u8], selection: &mut Selection) -> Result<Decision, CommandError> {
    match str::from_utf8(line) {
        Ok(text) => Ok(selection.decide(text)?),
        Err(_) => Ok(Decision::Broken("it is not UTF-8".to_owned())),
    }
}

/// Reads the whole file and publishes nothing.
async fn rehearse(
    file: File,
    (mut rehearsal, mut selection): (Rehearsal<'_>, Selection),
    args: &ReplayArgs,
) -> Result<ExitKind, CommandError> {
    for (number, line) in (1..).zip(BufReader::new(file).split(b'\n')) {
        let line = line?;
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if number <= args.skip {
            rehearsal.pass_over();
            continue;
        }
        if !rehearsal.wants_more() {
            break;
        }
        let decision = decide(line, &mut selection)?;
        rehearsal.perform(number, decision).await?;
    }
    rehearsal.finish().await
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
    let mut published = BatchPublished::of(&played.ledger, args.skip);
    published.batch = published.batch.after(played.elapsed);
    let report = Replayed { published, queue: None };
    ui.report(&report)?;
    if report.published.batch.in_doubt > 0 {
        let lines = &played.ledger.in_doubt;
        ui.warn(&format!("sent but not confirmed, so published or not: lines {lines}"));
    }
    let (path, done) = (args.source.display(), report.published.lines_done);
    let go_on = format!("go on with: celerysalt replay {path} --skip {done}");
    match played.stopped {
        None => Ok(report.outcome()),
        Some(Stop::Signal(kind)) => {
            ui.note(&format!("interrupted after {}; {go_on}", counted(done, "line")));
            Ok(kind)
        }
        Some(Stop::Failed(error)) => Err(error.hint(go_on)),
    }
}
