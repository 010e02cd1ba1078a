//! Publishes lines when they are due, with many confirms in flight.

use std::fs::File;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::conductor::{Conductor, Stop};
use super::misfits::Misfits;
use super::run::ReplayError;
use super::selection::{Decision, Skipped};
use crate::broker::BrokerError;
use crate::broker::amqp::{Connector, Notice, Publisher, Settled};
use crate::commands::publish::ledger::{Fate, Ledger};
use crate::commands::publish::lines::{Line, read_ahead};
use crate::commands::publish::problems::Problems;
use crate::commands::{Interrupt, sender};
use crate::event::Topic;
use crate::ui::{Progress, Ui, Work};
use crate::wire::Outgoing;
use crate::wire::encode::{EncodeError, Resend};
use crate::wire::record::Record;

/// Messages that may wait for their confirms.
const WINDOW: usize = 1000;

/// How long an interrupted replay waits for the confirms of what is sent.
const LAST_CONFIRMS: Duration = Duration::from_secs(5);

/// How often waiting looks at the confirms and at the progress bar.
const TICK: Duration = Duration::from_millis(100);

/// What is fixed for a whole replay.
#[derive(Debug)]
pub(super) struct Program {
    /// The recording, for messages.
    pub path: PathBuf,
    /// Lines that are passed over.
    pub skip: u64,
    /// Everything goes to this topic.
    pub to: Option<Topic>,
    pub work: Work,
    pub misfits: Misfits,
}

/// A replay under way.
pub(super) struct Player<'c> {
    path: PathBuf,
    skip: u64,
    to: Option<Topic>,
    ui: &'c Ui,
    publisher: Publisher,
    notices: Option<mpsc::Receiver<Notice>>,
    progress: Progress,
    problems: Problems<'c>,
    ledger: Ledger,
    skipped: Skipped,
    misfits: Misfits,
    origin: String,
}

/// How a replay went.
pub(super) struct Played {
    pub ledger: Ledger,
    pub skipped: Skipped,
    pub misfits: Misfits,
    pub elapsed: Duration,
    /// `None` for a replay that reached its end.
    pub stopped: Option<Stop>,
}

impl<'c> Player<'c> {
    pub async fn open(
        connector: Connector,
        exchange: &str,
        (program, ui): (Program, &'c Ui),
    ) -> Result<Self, BrokerError> {
        let mut publisher = Publisher::open(connector, exchange, WINDOW).await?;
        Ok(Self {
            notices: publisher.notices(),
            publisher,
            progress: ui.progress(program.work),
            problems: Problems::new(ui),
            ledger: Ledger::new(program.skip),
            skipped: Skipped::default(),
            misfits: program.misfits,
            origin: sender::origin(),
            path: program.path,
            skip: program.skip,
            to: program.to,
            ui,
        })
    }

    /// Plays the whole file, or until a signal or a fatal error.
    pub async fn play(
        mut self,
        file: File,
        mut conductor: Conductor,
        interrupt: &mut Interrupt,
    ) -> Played {
        let mut stopped = self.play_lines(file, &mut conductor, interrupt).await.err();
        self.drain(&mut stopped, interrupt).await;
        self.progress.finish();
        self.problems.summarise();
        let elapsed = conductor.elapsed();
        self.misfits.close().await;
        self.publisher.close().await;
        let (ledger, skipped, misfits) = (self.ledger, self.skipped, self.misfits);
        Played { ledger, skipped, misfits, elapsed, stopped }
    }

    async fn play_lines(
        &mut self,
        file: File,
        conductor: &mut Conductor,
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        let mut input = read_ahead(file);
        loop {
            let piece = tokio::select! {
                biased;
                kind = interrupt.received() => return Err(Stop::Signal(kind)),
                piece = input.next() => piece,
            };
            let Some(piece) = piece else { return Ok(()) };
            let piece = piece.map_err(|source| {
                let path = self.path.clone();
                Stop::Failed(ReplayError::Unreadable { path, source }.into())
            })?;
            let skip = self.skip;
            for (number, line) in piece.lines().filter(|(number, _)| *number > skip) {
                self.line((number, line), conductor, interrupt).await?;
                self.progress.set(number);
            }
        }
    }

    async fn line(
        &mut self,
        (number, line): (u64, Line<'_>),
        conductor: &mut Conductor,
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        let decision = match line {
            Line::TooLong => Decision::Broken("it is longer than a message can be".to_owned()),
            Line::Text(bytes) => match str::from_utf8(bytes) {
                Ok(text) => conductor.selection.decide(text)?,
                Err(_) => Decision::Broken("it is not UTF-8".to_owned()),
            },
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
                    self.note_misfit(number, &record).await?;
                    self.wait_until(conductor.due(&record), interrupt).await?;
                    self.submit((number, message), interrupt).await?;
                }
            },
        }
        self.settle();
        Ok(())
    }

    async fn note_misfit(&mut self, line: u64, record: &Record) -> Result<(), Stop> {
        let misfit = self.misfits.look_at(record, self.to.as_ref()).await;
        for remark in self.misfits.take_remarks() {
            self.progress.suspend(|| self.ui.warn(&remark));
        }
        if let Some(why) = misfit.map_err(Stop::Failed)? {
            self.complain(line, &why);
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
        while due > Instant::now() {
            let tick = due.min(Instant::now() + TICK);
            tokio::select! {
                kind = interrupt.received() => return Err(Stop::Signal(kind)),
                notice = next_notice(&mut self.notices) => {
                    self.problems.show_notice(&notice, &self.progress);
                }
                () = tokio::time::sleep_until(tick) => self.progress.tick(),
            }
            self.settle();
        }
        Ok(())
    }

    /// Sends one message; waits for room in the window, or for the broker to come back.
    async fn submit(
        &mut self,
        (number, message): (u64, Outgoing),
        interrupt: &mut Interrupt,
    ) -> Result<(), Stop> {
        let sent = {
            let mut submitting = pin!(self.publisher.submit(number, message));
            loop {
                tokio::select! {
                    biased;
                    sent = &mut submitting => break sent,
                    notice = next_notice(&mut self.notices) => {
                        self.problems.show_notice(&notice, &self.progress);
                    }
                    kind = interrupt.received() => return Err(Stop::Signal(kind)),
                }
            }
        };
        match sent {
            Ok(()) => self.ledger.begin(number),
            Err(error @ BrokerError::BadMessage { .. }) => self.broken(number, &error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// Waits for the last confirms. After a signal or an error not for long; what is open then is in
    /// doubt.
    async fn drain(&mut self, stopped: &mut Option<Stop>, interrupt: &mut Interrupt) {
        let mut deadline = stopped.as_ref().map(|_| Instant::now() + LAST_CONFIRMS);
        while self.publisher.in_flight() > 0 {
            tokio::select! {
                settled = self.publisher.wait_settled() => self.note_fates(settled),
                () = until(deadline) => break,
                kind = interrupt.received() => {
                    // The second signal does not wait at all.
                    if stopped.is_some() {
                        break;
                    }
                    *stopped = Some(Stop::Signal(kind));
                    deadline = Some(Instant::now() + LAST_CONFIRMS);
                }
            }
        }
        self.settle();
        self.ledger.give_up();
    }

    fn settle(&mut self) {
        let settled = self.publisher.settled();
        self.note_fates(settled);
    }

    fn note_fates(&mut self, settled: Vec<(u64, Settled)>) {
        for (line, outcome) in settled {
            let fate = match outcome {
                Settled::Confirmed => Fate::Published,
                Settled::Unroutable { .. } => Fate::Unroutable,
                Settled::Nacked => Fate::Failed,
                Settled::InDoubt => Fate::InDoubt,
            };
            self.ledger.end(line, fate);
            match fate {
                Fate::Unroutable => self.complain(line, "no queue is bound to its topic"),
                Fate::Failed => self.complain(line, "the broker could not keep it"),
                Fate::Published | Fate::Invalid | Fate::InDoubt | Fate::Remark => {}
            }
        }
    }

    fn broken(&mut self, line: u64, why: &str) {
        self.complain(line, why);
        self.ledger.pass(line, Fate::Invalid);
    }

    fn complain(&mut self, line: u64, why: &str) {
        self.problems.show(&self.progress, &format!("line {line}: {why}"));
    }
}

/// Never, once there are no more notices to come.
async fn next_notice(notices: &mut Option<mpsc::Receiver<Notice>>) -> Notice {
    if let Some(receiver) = notices {
        match receiver.recv().await {
            Some(notice) => return notice,
            None => *notices = None,
        }
    }
    std::future::pending().await
}

/// Waits for `deadline`, for ever where there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
