//! Messages on their way to the broker, until it has confirmed them.

use std::pin::pin;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use super::problems::Problems;
use crate::broker::BrokerError;
use crate::broker::amqp::{Connector, Forward, HeldMessage, Notice, Publisher, Settled};
use crate::commands::Interrupt;
use crate::commands::error::{CommandError, ExitKind};
use crate::ui::{Ui, Work};
use crate::wire::Outgoing;

/// How long the confirms of what was sent are waited for after a signal or an error.
const LAST_CONFIRMS: Duration = Duration::from_secs(5);
/// How often a progress bar moves while nothing happens.
const TICK: Duration = Duration::from_millis(100);

/// A window of unconfirmed messages, the signals that end it, and what is said meanwhile.
///
/// Every wait goes through it, so that confirms are taken, notices shown and signals heard whatever
/// a batch waits for.
pub struct Flight<'u> {
    /// `None` for a rehearsal.
    publisher: Option<Publisher>,
    notices: Option<mpsc::Receiver<Notice>>,
    interrupt: Interrupt,
    pub problems: Problems<'u>,
}

/// What a flight needs.
#[derive(Debug)]
pub struct Opening<'a> {
    pub connector: Connector,
    pub exchange: &'a str,
    /// Messages that wait for their confirms at a time.
    pub window: usize,
    pub work: Work,
}

/// One message, and where it goes.
#[derive(Debug)]
pub enum Parcel<'m> {
    /// To the exchange, under its routing key.
    Event(Outgoing),
    /// To the queue of this name and to no other.
    ToQueue(&'m str, Outgoing),
    /// As it was taken from a queue.
    Held(&'m HeldMessage, Forward<'m>),
}

/// What became of one message so far.
#[derive(Debug)]
pub enum Sent {
    /// Its outcome will come.
    Away,
    /// It cannot be sent at all; why.
    Unsendable(BrokerError),
}

/// Why a batch ends before its input does.
#[derive(Debug)]
pub enum Stop {
    Signal(ExitKind),
    Failed(CommandError),
}

impl<E: Into<CommandError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// Takes what became of the messages, by their tags.
pub trait Outcomes {
    fn note(&mut self, settled: Vec<(u64, Settled)>, problems: &mut Problems<'_>);
}

/// Keeps the outcomes for later.
impl Outcomes for Vec<(u64, Settled)> {
    fn note(&mut self, settled: Vec<(u64, Settled)>, _problems: &mut Problems<'_>) {
        self.extend(settled);
    }
}

impl<'u> Flight<'u> {
    /// Connects, unless a signal comes first.
    ///
    /// # Errors
    /// Those of [`Publisher::open`].
    pub async fn open(
        mut interrupt: Interrupt,
        opening: Opening<'_>,
        ui: &'u Ui,
    ) -> Result<Self, Stop> {
        let Opening { connector, exchange, window, work } = opening;
        let mut publisher = tokio::select! {
            kind = interrupt.received() => return Err(Stop::Signal(kind)),
            publisher = Publisher::open(connector, exchange, window) => publisher?,
        };
        let notices = publisher.notices();
        Ok(Self {
            publisher: Some(publisher),
            notices,
            interrupt,
            problems: Problems::new(ui, work),
        })
    }

    /// A flight that sends nothing and only waits.
    pub fn rehearsal(interrupt: Interrupt, work: Work, ui: &'u Ui) -> Self {
        Self { publisher: None, notices: None, interrupt, problems: Problems::new(ui, work) }
    }

    /// Waits for something else than the broker's confirms. `future` is dropped at a signal.
    ///
    /// # Errors
    /// [`Stop::Signal`].
    pub async fn wait_for<T>(
        &mut self,
        future: impl Future<Output = T>,
        books: &mut impl Outcomes,
    ) -> Result<T, Stop> {
        let mut future = pin!(future);
        loop {
            tokio::select! {
                biased;
                kind = self.interrupt.received() => return Err(Stop::Signal(kind)),
                value = &mut future => return Ok(value),
                settled = next_settled(&mut self.publisher) => {
                    books.note(settled, &mut self.problems);
                }
                notice = next_notice(&mut self.notices) => self.problems.show_notice(&notice),
            }
        }
    }

    /// Waits until it is time.
    ///
    /// # Errors
    /// [`Stop::Signal`].
    pub async fn wait_until(
        &mut self,
        due: Instant,
        books: &mut impl Outcomes,
    ) -> Result<(), Stop> {
        while due > Instant::now() {
            let tick = due.min(Instant::now() + TICK);
            self.wait_for(sleep_until(tick), books).await?;
            self.problems.progress.tick();
        }
        Ok(())
    }

    /// Sends one message; waits for room in the window, or for the broker to come back. It waits only
    /// before it sends, so at a signal nothing is under way that was not before.
    ///
    /// # Errors
    /// [`Stop::Signal`], and the errors of [`Publisher::submit`] that concern more than the message.
    pub async fn submit(&mut self, tag: u64, parcel: Parcel<'_>) -> Result<Sent, Stop> {
        let Some(publisher) = &mut self.publisher else { return Ok(Sent::Away) };
        let mut submitting = pin!(parcel.submit(tag, publisher));
        loop {
            tokio::select! {
                biased;
                sent = &mut submitting => return match sent {
                    Ok(()) => Ok(Sent::Away),
                    Err(error @ BrokerError::BadMessage { .. }) => Ok(Sent::Unsendable(error)),
                    Err(error) => Err(error.into()),
                },
                notice = next_notice(&mut self.notices) => self.problems.show_notice(&notice),
                kind = self.interrupt.received() => return Err(Stop::Signal(kind)),
            }
        }
    }

    /// Takes the outcomes that are known by now.
    pub fn settle(&mut self, books: &mut impl Outcomes) {
        if let Some(publisher) = &mut self.publisher {
            books.note(publisher.settled(), &mut self.problems);
        }
    }

    /// Waits until everything that was sent is confirmed; once stopped, not for long. What is still
    /// open then is in doubt. A signal after the first stop ends the waiting at once. A refusal that
    /// nobody has heard of yet becomes the reason to stop.
    pub async fn drain(&mut self, stopped: &mut Option<Stop>, books: &mut impl Outcomes) {
        let mut deadline = stopped.as_ref().map(|_| Instant::now() + LAST_CONFIRMS);
        while self.in_flight() > 0 {
            tokio::select! {
                settled = next_settled(&mut self.publisher) => {
                    books.note(settled, &mut self.problems);
                }
                notice = next_notice(&mut self.notices) => self.problems.show_notice(&notice),
                () = passed(deadline) => break,
                kind = self.interrupt.received() => {
                    if stopped.is_some() {
                        break;
                    }
                    *stopped = Some(Stop::Signal(kind));
                    deadline = Some(Instant::now() + LAST_CONFIRMS);
                }
            }
        }
        self.settle(books);
        let failure = self.publisher.as_mut().and_then(Publisher::take_failure);
        if let (None, Some(error)) = (&stopped, failure) {
            *stopped = Some(error.into());
        }
    }

    /// How many messages wait for their confirms.
    pub fn in_flight(&self) -> usize {
        self.publisher.as_ref().map_or(0, Publisher::in_flight)
    }

    /// Ends the progress bar and the connection.
    pub async fn close(self) {
        self.problems.finish();
        if let Some(publisher) = self.publisher {
            publisher.close().await;
        }
    }
}

impl Parcel<'_> {
    async fn submit(self, tag: u64, publisher: &mut Publisher) -> Result<(), BrokerError> {
        match self {
            Self::Event(message) => publisher.submit(tag, message).await,
            Self::ToQueue(queue, message) => publisher.submit_to_queue(tag, queue, message).await,
            Self::Held(message, forward) => publisher.forward(tag, message, &forward).await,
        }
    }
}

/// Never, where nothing is in flight.
async fn next_settled(publisher: &mut Option<Publisher>) -> Vec<(u64, Settled)> {
    match publisher {
        Some(publisher) if publisher.in_flight() > 0 => publisher.wait_settled().await,
        Some(_) | None => std::future::pending().await,
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
async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
