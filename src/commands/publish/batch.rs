//! A stream of events: many in flight, every line accounted for.

use std::time::Duration;

use tokio::time::Instant;

use super::Plan;
use super::build::{EventTemplate, NewMessage};
use super::lines::{Input, Piece};
use crate::commands::Interrupt;
use crate::commands::batch::{
    BatchPublished, BatchReport, Fate, Flight, LineBooks, Opening, Parcel, Progressing, Sent, Stop,
    Unroutable,
};
use crate::commands::connect::connector;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::payload::PayloadError;
use crate::commands::rate::Pace;
use crate::commands::validation::{Admission, Gate};
use crate::quantity::counted;
use crate::ui::{Ui, Work};

/// Messages that wait for their confirm at a time.
const WINDOW: usize = 4096;
/// How many settled lines are looked at together.
const SETTLE_EVERY: u32 = 512;

/// Publishes every line of `input` and reports what became of them.
pub async fn publish(
    input: Input,
    (template, plan): (&EventTemplate, Plan),
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let gate = Gate::open(template.event.checks(), context).await?;
    let opening = Opening {
        connector: connector(context, "publish")?,
        exchange: context.exchange(),
        window: WINDOW,
        work: Work { doing: "publishing", unit: "events", total: None },
    };
    let flight = match Flight::open(Interrupt::listen()?, opening, &context.ui).await {
        Ok(flight) => flight,
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Signal(kind)) => {
            return Err(CommandError::new(kind, "interrupted before anything was published")
                .hint("start again when ready"));
        }
    };
    let mut batch = Batch {
        flight,
        books: LineBooks {
            unroutable: plan.unroutable,
            progressing: Progressing::WithConfirms,
            ..LineBooks::new(plan.skip)
        },
        gate,
        pace: plan.rate.map(Pace::new),
        plan,
        since_settled: 0,
    };
    let started = Instant::now();
    let mut stopped = batch.run(input, template).await.err();
    let Batch { mut flight, mut books, gate, .. } = batch;
    flight.drain(&mut stopped, &mut books).await;
    books.ledger.give_up();
    gate.close().await;
    flight.close().await;
    report((&books, plan), (started.elapsed(), stopped), &context.ui)
}

struct Batch<'u> {
    flight: Flight<'u>,
    books: LineBooks,
    gate: Gate,
    pace: Option<Pace>,
    plan: Plan,
    since_settled: u32,
}

impl Batch<'_> {
    async fn run(&mut self, mut input: Input, template: &EventTemplate) -> Result<(), Stop> {
        while let Some(piece) = self.flight.wait_for(input.next(), &mut self.books).await? {
            let piece = piece
                .map_err(|source| PayloadError::Unreadable { path: "the input".into(), source })?;
            self.publish_piece(&piece, template).await?;
        }
        Ok(())
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
                Ok(None) => self.books.ledger.pass(number, Fate::Remark),
                Err(error) => self.pass((number, Fate::Invalid), &error.to_string()),
            }
        }
        Ok(())
    }

    async fn is_admitted(&mut self, line: u64, message: &NewMessage) -> Result<bool, Stop> {
        let Some(claim) = message.claim() else { return Ok(true) };
        let admission = self.gate.admit(claim).await?;
        if self.gate.has_news() {
            self.flight.problems.speak(|ui| self.gate.speak(ui));
        }
        match admission {
            Admission::Admitted => Ok(true),
            Admission::Refused(refusal) => {
                self.books.ledger.pass(line, Fate::Invalid);
                self.flight.problems.show(&format!("line {line} {}", refusal.in_short()));
                Ok(false)
            }
        }
    }

    async fn submit(&mut self, line: u64, new: NewMessage) -> Result<(), Stop> {
        if let Some(pace) = &mut self.pace {
            let due = pace.take_slot(Instant::now());
            self.flight.wait_until(due, &mut self.books).await?;
        }
        match self.flight.submit(line, Parcel::Event(new.message)).await? {
            Sent::Away => self.books.ledger.begin(line),
            Sent::Unsendable(error) => self.pass((line, Fate::Failed), &error.to_string()),
        }
        self.since_settled += 1;
        if self.since_settled >= SETTLE_EVERY {
            self.since_settled = 0;
            self.flight.settle(&mut self.books);
        }
        Ok(())
    }

    fn pass(&mut self, (line, fate): (u64, Fate), why: &str) {
        self.books.pass((line, fate), why, &mut self.flight.problems);
    }
}

/// Reports what became of the lines.
fn report(
    (books, plan): (&LineBooks, Plan),
    (elapsed, stopped): (Duration, Option<Stop>),
    ui: &Ui,
) -> Result<ExitKind, CommandError> {
    let mut report = BatchPublished::of(&books.ledger, plan.skip);
    report.batch = report.batch.after(elapsed);
    ui.report(&report)?;
    if report.batch.in_doubt > 0 {
        ui.warn(&format!(
            "sent but not confirmed, so published or not: lines {}",
            books.ledger.in_doubt
        ));
    }
    if report.batch.unroutable > 0 && plan.unroutable == Unroutable::Fails {
        ui.note(
            "unroutable events reached nobody; compare their topics with what is published: \
             `celerysalt tail '#'`",
        );
    }
    let go_on = format!("go on with --skip {}", report.lines_done);
    match stopped {
        None => Ok(outcome(&report, plan.unroutable)),
        Some(Stop::Signal(kind)) => {
            ui.note(&format!("interrupted after {}; {go_on}", counted(report.lines_done, "line")));
            Ok(kind)
        }
        Some(Stop::Failed(error)) => Err(error.hint(go_on)),
    }
}

fn outcome(report: &BatchPublished, unroutable: Unroutable) -> ExitKind {
    match unroutable {
        Unroutable::Fails => report.batch.outcome(),
        Unroutable::IsFine => BatchReport { unroutable: 0, ..report.batch.clone() }.outcome(),
    }
}
