//! Publishes events when they are due, with many confirms in flight.

use std::time::Duration;

use serde_json::Value;

use super::conductor::Conductor;
use super::misfits::Misfits;
use super::selection::{Decision, Skipped};
use super::source::Target;
use crate::broker::amqp::{Connector, RETRIES_HEADER};
use crate::commands::batch::{Fate, Flight, Ledger, LineBooks, Opening, Parcel, Sent, Stop};
use crate::commands::{Context, Interrupt, sender};
use crate::event::Topic;
use crate::ui::Work;
use crate::wire::Outgoing;
use crate::wire::encode::{EncodeError, Resend};
use crate::wire::record::Record;

/// Messages that may wait for their confirms.
const WINDOW: usize = 1000;

/// What is fixed for a whole replay.
pub(super) struct Program {
    pub connector: Connector,
    pub conductor: Conductor,
    pub books: LineBooks,
    pub work: Work,
    pub misfits: Misfits,
    /// Everything goes there.
    pub to: Option<Target>,
    /// Events to publish at most.
    pub limit: Option<u64>,
}

/// One line of a recording, or one message of a queue.
pub(super) struct Turn {
    /// Counted from 1.
    pub number: u64,
    pub decision: Decision,
    /// What its count of retries becomes; `None` for a message that has none.
    pub retries: Option<u32>,
}

/// What became of a turn so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Performed {
    /// Its confirm will come.
    Sent,
    /// It has its end in the books.
    Passed,
}

/// A replay under way.
pub(super) struct Player<'c> {
    pub flight: Flight<'c>,
    pub books: LineBooks,
    pub conductor: Conductor,
    skipped: Skipped,
    misfits: Misfits,
    to: Option<Target>,
    left_to_send: u64,
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
        program: Program,
        interrupt: Interrupt,
        context: &'c Context,
    ) -> Result<Self, Stop> {
        let Program { connector, conductor, books, work, misfits, to, limit } = program;
        let exchange = match to.as_ref().and_then(Target::queue) {
            // Through the default exchange, so none of our own is needed.
            Some(_) => "",
            None => context.exchange(),
        };
        let opening = Opening { connector, exchange, window: WINDOW, work };
        Ok(Self {
            flight: Flight::open(interrupt, opening, &context.ui).await?,
            books,
            conductor,
            skipped: Skipped::default(),
            misfits,
            to,
            left_to_send: limit.unwrap_or(u64::MAX),
            origin: sender::origin(),
        })
    }

    /// Whether fewer events than asked for were sent.
    pub fn wants_more(&self) -> bool {
        self.left_to_send > 0
    }

    /// Sends what is to be sent, when it is due, and takes the outcomes of what was sent before.
    pub async fn perform(&mut self, turn: Turn) -> Result<Performed, Stop> {
        let Turn { number, decision, retries } = turn;
        let performed = match decision {
            Decision::Broken(why) => self.pass(number, &why),
            Decision::Skip(reason) => {
                self.skipped.add(reason);
                self.books.ledger.pass(number, Fate::Remark);
                Performed::Passed
            }
            Decision::Publish(record) => match self.encode(&record, retries) {
                Err(error) => self.pass(number, &error.to_string()),
                Ok(message) => {
                    self.note_misfit(number, &record).await?;
                    let due = self.conductor.due(&record);
                    self.flight.wait_until(due, &mut self.books).await?;
                    self.submit(number, message).await?
                }
            },
        };
        self.flight.settle(&mut self.books);
        Ok(performed)
    }

    /// Waits for the last confirms and ends the connection.
    pub async fn finish(mut self, mut stopped: Option<Stop>) -> Played {
        self.flight.drain(&mut stopped, &mut self.books).await;
        self.books.ledger.give_up();
        let elapsed = self.conductor.elapsed();
        self.misfits.close().await;
        self.flight.close().await;
        let (ledger, skipped, misfits) = (self.books.ledger, self.skipped, self.misfits);
        Played { ledger, skipped, misfits, elapsed, stopped }
    }

    async fn note_misfit(&mut self, number: u64, record: &Record) -> Result<(), Stop> {
        let topic = self.to.as_ref().and_then(Target::topic);
        let misfit = self.misfits.look_at(record, topic).await;
        for remark in self.misfits.take_remarks() {
            self.flight.problems.speak(|ui| ui.warn(&remark));
        }
        if let Some(why) = misfit? {
            self.books.complain((number, &why), &mut self.flight.problems);
        }
        Ok(())
    }

    fn encode(&self, record: &Record, retries: Option<u32>) -> Result<Outgoing, EncodeError> {
        let id = sender::new_id();
        let topic = self.to.as_ref().and_then(Target::topic);
        let resend = Resend {
            topic: topic.map(Topic::as_str),
            origin: Some(&self.origin),
            ..Resend::new(record, &id)
        };
        let mut message = resend.encode()?;
        if let Some(retries) = retries {
            message.headers.retain(|(name, _)| name != RETRIES_HEADER);
            message.headers.push((RETRIES_HEADER.to_owned(), Value::from(retries)));
        }
        Ok(message)
    }

    async fn submit(&mut self, number: u64, message: Outgoing) -> Result<Performed, Stop> {
        let parcel = match self.to.as_ref().and_then(Target::queue) {
            Some(queue) => Parcel::ToQueue(queue, message),
            None => Parcel::Event(message),
        };
        Ok(match self.flight.submit(number, parcel).await? {
            Sent::Away => {
                self.books.ledger.begin(number);
                self.left_to_send -= 1;
                Performed::Sent
            }
            Sent::Unsendable(error) => self.pass(number, &error.to_string()),
        })
    }

    fn pass(&mut self, number: u64, why: &str) -> Performed {
        self.books.pass((number, Fate::Invalid), why, &mut self.flight.problems);
        Performed::Passed
    }
}
