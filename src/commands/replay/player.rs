//! Publishes lines when they are due, with many confirms in flight.

use std::collections::BTreeSet;
use std::fs::File;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::selection::{Decision, Selection, Skipped};
use super::timeline::Timeline;
use crate::broker::BrokerError;
use crate::broker::amqp::{Connector, Notice, Publisher, Settled};
use crate::commands::batch::BatchReport;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::publish::ledger::{Fate, Ledger};
use crate::commands::publish::lines::{Piece, read_ahead};
use crate::commands::rate::Pace;
use crate::commands::{Interrupt, duration, sender};
use crate::event::Topic;
use crate::ui::{Progress, Ui, Work};
use crate::wire::Outgoing;
use crate::wire::encode::{EncodeError, Resend};
use crate::wire::record::Record;

/// Messages that may wait for their confirms.
const WINDOW: usize = 1000;

/// How long an interrupted replay waits for the confirms of what is sent.
const LAST_CONFIRMS: Duration = Duration::from_secs(5);

/// Complaints about single lines before only their number is told.
const LOUD_PROBLEMS: u64 = 10;

/// How often waiting looks at the clock, for the progress bar.
const TICK: Duration = Duration::from_millis(100);

/// When events are due.
#[derive(Debug)]
pub(super) enum Pacing {
    Recorded(Timeline),
    Even(Pace),
}

/// Why playing stopped early.
enum Stop {
    Signal(ExitKind),
    Failed(CommandError),
}

impl<E: Into<CommandError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What chooses the lines and sets their times.
struct Conductor<'s> {
    selection: &'s mut Selection,
    pacing: Pacing,
    started: Instant,
}

impl Conductor<'_> {
    /// When an event is to be sent.
    fn due(&mut self, record: &Record) -> Instant {
        match &mut self.pacing {
            Pacing::Even(pace) => pace.take_slot(Instant::now()),
            Pacing::Recorded(timeline) => {
                let due = timeline.due(record.delivery.received_at.as_deref());
                self.started.checked_add(due).unwrap_or_else(|| self.started + FAR_FUTURE)
            }
        }
    }
}

/// Later than anybody waits: a century.
const FAR_FUTURE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// How a replay went.
pub(super) struct Played {
    pub report: BatchReport,
    pub skipped: Skipped,
    /// `None` for a replay that reached its end, else what stopped it.
    pub ended: Result<Option<ExitKind>, CommandError>,
    /// The lines in doubt, as `3-5, 9`; empty where there are none.
    pub in_doubt: String,
    /// What `--skip` takes to go on.
    pub resume_after: u64,
}

/// A replay under way.
pub(super) struct Player<'c> {
    publisher: Publisher,
    notices: Option<mpsc::Receiver<Notice>>,
    ui: &'c Ui,
    progress: Option<Progress>,
    ledger: Ledger,
    skip: u64,
    to: Option<Topic>,
    origin: String,
    in_flight: BTreeSet<u64>,
    skipped: Skipped,
    problems: u64,
}

impl<'c> Player<'c> {
    pub async fn open(
        connector: Connector,
        exchange: &str,
        ui: &'c Ui,
    ) -> Result<Self, BrokerError> {
        let mut publisher = Publisher::open(connector, exchange, WINDOW).await?;
        Ok(Self {
            notices: publisher.notices(),
            publisher,
            ui,
            progress: None,
            ledger: Ledger::new(0),
            skip: 0,
            to: None,
            origin: sender::origin(),
            in_flight: BTreeSet::new(),
            skipped: Skipped::default(),
            problems: 0,
        })
    }

    pub fn show_progress(&mut self, work: Work) {
        self.progress = Some(self.ui.progress(work));
    }

    pub fn skip_lines(&mut self, lines: u64) {
        self.skip = lines;
        self.ledger = Ledger::new(lines);
    }

    /// Sends everything to another topic.
    pub fn redirect(&mut self, topic: Option<Topic>) {
        self.to = topic;
    }

    /// Plays the whole file, or until a signal or a fatal error.
    pub async fn play(
        mut self,
        file: File,
        (selection, pacing): (&mut Selection, Pacing),
        interrupt: &mut Interrupt,
    ) -> Played {
        let started = Instant::now();
        let mut conductor = Conductor { selection, pacing, started };
        let stopped = self.play_lines(file, &mut conductor, interrupt).await.err();
        let ended = match self.last_confirms(stopped, interrupt).await {
            None => Ok(None),
            Some(Stop::Signal(kind)) => Ok(Some(kind)),
            Some(Stop::Failed(error)) => Err(error),
        };
        self.progress = None;
        if self.problems > LOUD_PROBLEMS {
            let more = self.problems - LOUD_PROBLEMS;
            self.ui.warn(&format!("{more} more lines with problems"));
        }
        let played = Played {
            report: self.report(started.elapsed()),
            skipped: self.skipped,
            ended,
            in_doubt: self.ledger.in_doubt.to_string(),
            resume_after: self.ledger.resume_after(),
        };
        self.publisher.close().await;
        played
    }

    async fn play_lines(
        &mut self,
        file: File,
        conductor: &mut Conductor<'_>,
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        let mut pieces = read_ahead(file);
        loop {
            let piece = tokio::select! {
                biased;
                kind = interrupt.received() => return Err(Stop::Signal(kind)),
                piece = pieces.recv() => piece,
            };
            match piece {
                None => return Ok(()),
                Some(Piece::Lines(lines)) => {
                    for (number, line) in lines.iter() {
                        self.line((number, line), conductor, interrupt).await?;
                    }
                }
                Some(Piece::Document(text)) => {
                    self.line((1, &text), conductor, interrupt).await?;
                }
                Some(Piece::TooLong { line }) => {
                    self.broken(line, "it is longer than a message can be");
                }
                Some(Piece::Unreadable(source)) => return Err(Stop::Failed(source.into())),
            }
        }
    }

    async fn line(
        &mut self,
        (number, line): (u64, &[u8]),
        conductor: &mut Conductor<'_>,
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        if number <= self.skip {
            return Ok(());
        }
        let decision = match str::from_utf8(line) {
            Ok(text) => conductor.selection.decide(text)?,
            Err(_) => Decision::Broken("it is not UTF-8".to_owned()),
        };
        match decision {
            Decision::Broken(why) => self.broken(number, &why),
            Decision::Skip(reason) => {
                self.skipped.add(reason);
                self.ledger.pass(number, Fate::Remark);
            }
            Decision::Publish(record) => match self.encode(&record) {
                Err(error) => self.broken(number, &error.to_string()),
                Ok(message) => {
                    self.wait_until(conductor.due(&record), interrupt).await?;
                    self.submit(number, message, interrupt).await?;
                }
            },
        }
        self.settle();
        if let Some(progress) = &mut self.progress {
            progress.set(number);
        }
        Ok(())
    }

    fn encode(&self, record: &Record) -> Result<Outgoing, EncodeError> {
        let id = sender::new_id();
        let resend = Resend {
            topic: self.to.as_ref().map(Topic::as_str),
            origin: Some(&self.origin),
            ..Resend::new(record, &id)
        };
        resend.encode()
    }

    /// Waits, taking confirms meanwhile, so that a slow replay's books are never behind.
    async fn wait_until(&mut self, due: Instant, interrupt: &mut Interrupt) -> Result<(), Stop> {
        loop {
            let now = Instant::now();
            if due <= now {
                return Ok(());
            }
            let tick = due.min(now + TICK);
            tokio::select! {
                kind = interrupt.received() => return Err(Stop::Signal(kind)),
                () = tokio::time::sleep_until(tick) => {}
            }
            self.settle();
            self.hear_notices();
            if let Some(progress) = &mut self.progress {
                progress.tick();
            }
        }
    }

    async fn submit(
        &mut self,
        number: u64,
        message: Outgoing,
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        self.hear_notices();
        let outcome = {
            let mut submitting = pin!(self.publisher.submit(number, message));
            loop {
                tokio::select! {
                    biased;
                    outcome = &mut submitting => break outcome,
                    kind = interrupt.received() => return Err(Stop::Signal(kind)),
                    Some(notice) = next(&mut self.notices) => tell(self.ui, &notice),
                }
            }
        };
        match outcome {
            Ok(()) => {
                self.ledger.begin(number);
                self.in_flight.insert(number);
            }
            Err(error @ BrokerError::BadMessage { .. }) => self.broken(number, &error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Waits for the confirms that are still out: for as long as it takes at the end of the file,
    /// for a moment after a signal or an error. What is still out then is in doubt.
    async fn last_confirms(
        &mut self,
        stopped: Option<Stop>,
        interrupt: &mut Interrupt,
    ) -> Option<Stop> {
        let patience = if stopped.is_some() { LAST_CONFIRMS } else { FAR_FUTURE };
        let mut stopped = stopped;
        let settled = tokio::select! {
            settled = self.publisher.drain() => settled,
            kind = interrupt.received() => {
                stopped = Some(Stop::Signal(kind));
                self.publisher.settled()
            }
            () = tokio::time::sleep(patience) => Vec::new(),
        };
        self.note_fates(settled);
        self.hear_notices();
        for line in std::mem::take(&mut self.in_flight) {
            self.ledger.end(line, Fate::InDoubt);
        }
        stopped
    }

    fn settle(&mut self) {
        let settled = self.publisher.settled();
        self.note_fates(settled);
    }

    fn note_fates(&mut self, settled: Vec<(u64, Settled)>) {
        for (line, outcome) in settled {
            self.in_flight.remove(&line);
            let fate = match outcome {
                Settled::Confirmed => Fate::Published,
                Settled::Unroutable { .. } => {
                    self.complain(line, "no queue is bound to its topic");
                    Fate::Unroutable
                }
                Settled::Nacked => {
                    self.complain(line, "the broker refused it");
                    Fate::Failed
                }
                Settled::InDoubt => Fate::InDoubt,
            };
            self.ledger.end(line, fate);
        }
    }

    fn broken(&mut self, line: u64, why: &str) {
        self.complain(line, why);
        self.ledger.pass(line, Fate::Invalid);
    }

    fn complain(&mut self, line: u64, why: &str) {
        self.problems += 1;
        if self.problems <= LOUD_PROBLEMS {
            let warn = || self.ui.warn(&format!("line {line}: {why}"));
            self.progress.as_ref().map_or_else(warn, |progress| progress.suspend(warn));
        }
    }

    fn hear_notices(&mut self) {
        let Some(notices) = &mut self.notices else { return };
        while let Ok(notice) = notices.try_recv() {
            tell(self.ui, &notice);
        }
    }

    fn report(&self, elapsed: Duration) -> BatchReport {
        let report = BatchReport {
            published: self.ledger.published,
            unroutable: self.ledger.unroutable,
            invalid: self.ledger.invalid,
            failed: self.ledger.failed,
            in_doubt: self.ledger.in_doubt.count(),
            skipped: self.skipped.total(),
            ..BatchReport::default()
        };
        report.after(elapsed)
    }
}

async fn next(notices: &mut Option<mpsc::Receiver<Notice>>) -> Option<Notice> {
    match notices {
        Some(notices) => notices.recv().await,
        None => None,
    }
}

fn tell(ui: &Ui, notice: &Notice) {
    match notice {
        Notice::Blocked { reason } => {
            ui.warn(&format!("the broker has stopped reading what we publish: {reason}"));
        }
        Notice::Unblocked => ui.note("the broker reads again"),
        Notice::Lost { cause } => ui.warn(cause),
        Notice::Retrying { attempt, wait } => {
            let wait = duration::show(*wait);
            ui.note(&format!("connecting again in {wait} (attempt {attempt})"));
        }
        Notice::Reconnected => ui.note("connected again"),
    }
}
