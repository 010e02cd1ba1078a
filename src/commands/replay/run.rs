use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::ReplayArgs;
use super::player::{Pacing, Played, Player};
use super::rehearsal::rehearse;
use super::selection::{RpcRequests, Selection};
use super::timeline::Timeline;
use crate::commands::connect::connector;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::rate::Pace;
use crate::commands::{Context, Interrupt};
use crate::filter::Filter;
use crate::ui::{OutputFormat, Work};

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
    if args.dry_run {
        return rehearse(&args, file, &mut selection, &context.ui);
    }
    let lines = count_lines(&args.file)?;
    let mut interrupt = Interrupt::listen()?;
    let connector = connector(context, "replay")?;
    let exchange = &context.settings.exchange.value;
    let endpoint = connector.target.endpoint();
    let player = Player::open(connector, exchange, &context.ui);
    let mut player = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = player => opened?,
    };
    if context.ui.output() == OutputFormat::Human {
        let file = args.file.display();
        context.ui.note(&format!("replaying {file} to {exchange} on {endpoint}"));
    }
    player.show_progress(Work { doing: "replaying", unit: "lines", total: Some(lines) });
    player.skip_lines(args.skip);
    player.redirect(args.to.clone());
    let pacing = match args.rate {
        Some(rate) => Pacing::Even(Pace::new(rate)),
        None => Pacing::Recorded(Timeline::new(args.speed)),
    };
    let played = player.play(file, (&mut selection, pacing), &mut interrupt).await;
    finish(&args.file, played, context)
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
fn finish(path: &Path, played: Played, context: &Context) -> Result<ExitKind, CommandError> {
    let ui = &context.ui;
    if let Some(text) = played.skipped.explanation() {
        ui.note(&text);
    }
    if !played.in_doubt.is_empty() {
        let lines = &played.in_doubt;
        ui.warn(&format!("the broker never confirmed lines {lines}: they may be published or not"));
    }
    ui.report(&played.report)?;
    let (path, resume) = (path.display(), played.resume_after);
    match played.ended {
        Ok(None) => Ok(played.report.outcome()),
        Ok(Some(kind)) => {
            ui.note(&format!("resume with: celerysalt replay {path} --skip {resume}"));
            Ok(kind)
        }
        Err(error) => {
            Err(error.hint(format!("resume with: celerysalt replay {path} --skip {resume}")))
        }
    }
}
