//! A stream of events: many in flight, every line accounted for.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::build::{EventTemplate, NewMessage};
use super::ledger::{Fate, Ledger};
use super::lines::{Input, Piece};
use super::problems::Problems;
use super::report::BatchPublished;
use super::{Plan, Unroutable};
use crate::broker::BrokerError;
use crate::broker::amqp::{Notice, Publisher, Settled};
use crate::commands::batch::BatchReport;
use crate::commands::connect::connector;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::interrupt::Interrupt;
use crate::commands::payload::PayloadError;
use crate::commands::rate::Pace;
use crate::commands::validation::{Admission, Gate};
use crate::ui::{Progress, Ui, Work};

/// Messages that wait for their confirm at a time.
const WINDOW: usize = 4096;
/// How many settled lines are looked at together.
const SETTLE_EVERY: u32 = 512;
/// How long the confirms of what was sent are waited for after Ctrl-C.
const LAST_CONFIRMS: Duration = Duration::from_secs(3);

/// Publishes every line of `input` and reports what became of them.
pub async fn publish(
    input: Input,
    (template, plan): (&EventTemplate, Plan),
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let gate = Gate::open(template.event.checks(), context).await?;
    let mut interrupt = Interrupt::listen()?;
    let opening = Publisher::open(connector(context, "publish")?, exchange(context), WINDOW);
    let mut publisher = tokio::select! {
        publisher = opening => publisher?,
        kind = interrupt.received() => {
            return Err(CommandError::new(kind, "interrupted before anything was published")
                .hint("start again when ready"));
        }
    };
    let notices = publisher.notices();
    let work = Work { doing: "publishing", unit: "events", total: None };
    let mut batch = Batch {
        publisher,
        notices,
        interrupt,
        ledger: Ledger::new(plan.skip),
        gate,
        ui: &context.ui,
        problems: Problems::new(&context.ui),
        progress: context.ui.progress(work),
        pace: plan.rate.map(Pace::new),
        plan,
        since_settled: 0,
    };
    let started = Instant::now();
    let mut stop = batch.run(input, template).await;
    batch.drain(&mut stop).await;
    batch.gate.close().await;
    batch.report(started.elapsed(), stop, &context.ui)
}

fn exchange(context: &Context) -> &str {
    &context.settings.exchange.value
}

struct Batch<'u> {
    publisher: Publisher,
    notices: Option<mpsc::Receiver<Notice>>,
    interrupt: Interrupt,
    ledger: Ledger,
    gate: Gate,
    ui: &'u Ui,
    problems: Problems<'u>,
    progress: Progress,
    pace: Option<Pace>,
    plan: Plan,
    since_settled: u32,
}

/// Why a batch ends.
enum Stop {
    EndOfInput,
    Signal(ExitKind),
    Failure(CommandError),
}

impl Batch<'_> {
    async fn run(&mut self, mut input: Input, template: &EventTemplate) -> Stop {
        loop {
            let piece = tokio::select! {
                piece = input.next() => piece,
                settled = self.publisher.wait_settled(), if self.publisher.in_flight() > 0 => {
                    self.settle(settled);
                    continue;
                }
                notice = next_notice(&mut self.notices) => {
                    self.problems.show_notice(&notice, &self.progress);
                    continue;
                }
                kind = self.interrupt.received() => return Stop::Signal(kind),
            };
            let piece = match piece {
                Some(Ok(piece)) => piece,
                Some(Err(source)) => {
                    let error = PayloadError::Unreadable { path: "the input".into(), source };
                    return Stop::Failure(error.into());
                }
                None => return Stop::EndOfInput,
            };
            if let Err(stop) = self.publish_piece(&piece, template).await {
                return stop;
            }
        }
    }

    async fn publish_piece(&mut self, piece: &Piece, template: &EventTemplate) -> Result<(), Stop> {
        let skip = self.plan.skip;
        for (number, line) in piece.lines().filter(|(number, _)| *number > skip) {
            match template.build_line(line) {
                Ok(Some(message)) => {
                    if self.is_admitted(number, &message).await? {
                        self.submit(number, message).await?;
                    }
                }
                Ok(None) => self.ledger.pass(number, Fate::Remark),
                Err(error) => {
                    self.ledger.pass(number, Fate::Invalid);
                    self.problems.show(&self.progress, &format!("line {number}: {error}"));
                }
            }
        }
        Ok(())
    }

    async fn is_admitted(&mut self, line: u64, message: &NewMessage) -> Result<bool, Stop> {
        let Some(claim) = message.claim() else { return Ok(true) };
        let admission = self.gate.admit(claim).await.map_err(Stop::Failure)?;
        if self.gate.has_news() {
            self.progress.suspend(|| self.gate.speak(self.ui));
        }
        match admission {
            Admission::Admitted => Ok(true),
            Admission::Refused(refusal) => {
                self.ledger.pass(line, Fate::Invalid);
                let text = format!("line {line} {}", refusal.in_short());
                self.problems.show(&self.progress, &text);
                Ok(false)
            }
        }
    }

    /// Sends one message; waits for its turn, for room in the window, or for the broker to come back.
    async fn submit(&mut self, line: u64, new: NewMessage) -> Result<(), Stop> {
        self.wait_for_turn().await?;
        let sent = {
            let mut submitting = pin!(self.publisher.submit(line, new.message));
            loop {
                tokio::select! {
                    biased;
                    sent = &mut submitting => break sent,
                    notice = next_notice(&mut self.notices) => {
                        self.problems.show_notice(&notice, &self.progress);
                    }
                    kind = self.interrupt.received() => return Err(Stop::Signal(kind)),
                }
            }
        };
        match sent {
            Ok(()) => self.ledger.begin(line),
            Err(error @ BrokerError::BadMessage { .. }) => {
                self.ledger.pass(line, Fate::Failed);
                self.problems.show(&self.progress, &format!("line {line}: {error}"));
            }
            Err(error) => return Err(Stop::Failure(error.into())),
        }
        self.since_settled += 1;
        if self.since_settled >= SETTLE_EVERY {
            self.since_settled = 0;
            let settled = self.publisher.settled();
            self.settle(settled);
        }
        Ok(())
    }

    async fn wait_for_turn(&mut self) -> Result<(), Stop> {
        let Some(pace) = &mut self.pace else { return Ok(()) };
        let turn = pace.take_slot(Instant::now());
        loop {
            tokio::select! {
                biased;
                () = sleep_until(turn) => return Ok(()),
                settled = self.publisher.wait_settled(), if self.publisher.in_flight() > 0 => {
                    self.settle(settled);
                }
                kind = self.interrupt.received() => return Err(Stop::Signal(kind)),
            }
        }
    }

    fn settle(&mut self, settled: Vec<(u64, Settled)>) {
        for (line, outcome) in settled {
            let fate = match outcome {
                Settled::Confirmed => Fate::Published,
                Settled::Unroutable { .. } => Fate::Unroutable,
                Settled::Nacked => Fate::Failed,
                Settled::InDoubt => Fate::InDoubt,
            };
            self.ledger.end(line, fate);
            match fate {
                Fate::Unroutable if self.plan.unroutable == Unroutable::Fails => self
                    .problems
                    .show(&self.progress, &format!("line {line}: no queue is bound to its topic")),
                Fate::Failed => self
                    .problems
                    .show(&self.progress, &format!("line {line}: the broker could not keep it")),
                Fate::Published
                | Fate::Unroutable
                | Fate::Invalid
                | Fate::InDoubt
                | Fate::Remark => {}
            }
        }
        self.progress.set(self.ledger.published);
    }

    /// Waits for the last confirms. After a signal not for long; what is then still open is in doubt.
    async fn drain(&mut self, stop: &mut Stop) {
        let mut deadline = stop.deadline();
        while self.publisher.in_flight() > 0 {
            tokio::select! {
                settled = self.publisher.wait_settled() => self.settle(settled),
                notice = next_notice(&mut self.notices) => self.problems.show_notice(&notice, &self.progress),
                () = passed(deadline) => break,
                kind = self.interrupt.received() => match stop {
                    // The second Ctrl-C.
                    Stop::Signal(_) => break,
                    Stop::EndOfInput | Stop::Failure(_) => {
                        *stop = Stop::Signal(kind);
                        deadline = stop.deadline();
                    }
                },
            }
        }
        let settled = self.publisher.settled();
        self.settle(settled);
        self.ledger.give_up();
    }

    /// Reports what became of the lines.
    fn report(&self, elapsed: Duration, stop: Stop, ui: &Ui) -> Result<ExitKind, CommandError> {
        self.progress.finish();
        self.problems.summarise();
        let mut report = BatchPublished::of(&self.ledger, self.plan.skip);
        report.batch = report.batch.after(elapsed);
        ui.report(&report)?;
        if report.batch.in_doubt > 0 {
            ui.warn(&format!(
                "sent but not confirmed, so published or not: lines {}",
                self.ledger.in_doubt
            ));
        }
        if report.batch.unroutable > 0 && self.plan.unroutable == Unroutable::Fails {
            ui.note(
                "unroutable events reached nobody; compare their topics with what is published: \
                 `celerysalt tail '#'`",
            );
        }
        let go_on = format!("go on with --skip {}", report.lines_done);
        match stop {
            Stop::EndOfInput => Ok(self.outcome(&report)),
            Stop::Signal(kind) => {
                ui.note(&format!("interrupted after {} lines; {go_on}", report.lines_done));
                Ok(kind)
            }
            Stop::Failure(error) => Err(error.hint(go_on)),
        }
    }

    fn outcome(&self, report: &BatchPublished) -> ExitKind {
        match self.plan.unroutable {
            Unroutable::Fails => report.batch.outcome(),
            Unroutable::IsFine => BatchReport { unroutable: 0, ..report.batch.clone() }.outcome(),
        }
    }
}

impl Stop {
    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::EndOfInput => None,
            Self::Signal(_) | Self::Failure(_) => Some(Instant::now() + LAST_CONFIRMS),
        }
    }
}

/// Never, where there is no deadline.
async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
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
