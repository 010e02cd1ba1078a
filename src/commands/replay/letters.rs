//! Replaying what is in a queue: dead letters, or messages that were parked.
//!
//! Messages are taken and not acknowledged, so they are back in the queue when the replay ends, where
//! `--remove` does not say otherwise. Each is sent as its record would be: a new message with a fresh
//! envelope, and one more retry in its count.

use jiff::Timestamp;

use super::ReplayArgs;
use super::conductor::Conductor;
use super::misfits::Misfits;
use super::player::{Performed, Played, Player, Program, Turn};
use super::recording::books;
use super::rehearsal::Rehearsal;
use super::report::{LeftOut, Replayed, ReplayedQueue};
use super::selection::{Decision, Reason, Selection};
use super::source::Target;
use super::timeline::Speed;
use crate::broker::amqp::{Connector, HeldMessage, HeldQueue};
use crate::commands::batch::{BatchPublished, Fate, Flight, LineBooks, Stop};
use crate::commands::connect::connector;
use crate::commands::dlq::History;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::queue::{
    Aftermath, Counting, Custody, ShownMessage, UNDER_WAY, check_kind, topic_of,
};
use crate::commands::{Context, Interrupt};
use crate::quantity::counted;
use crate::ui::{OutputFormat, Ui, Work};
use crate::wire::record::{Record, RecordLine};
use crate::wire::{Decoder, Kind};

pub(super) async fn replay(
    args: &ReplayArgs,
    (queue, selection): (&str, Selection),
    context: &Context,
) -> Result<ExitKind, CommandError> {
    if args.to.as_ref().and_then(Target::queue) == Some(queue) {
        let message = format!("{queue:?} cannot be replayed into itself");
        return Err(CommandError::new(ExitKind::Usage, message).hint("name two different queues"));
    }
    let connector = connector(context, "replay")?;
    let mut interrupt = Interrupt::listen()?;
    let held = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = open(args, queue, (context, &connector)) => opened?,
    };
    let misfits = Misfits::open(args, context).await?;
    let letters = Letters::new(args, (queue, held));
    if letters.report.ready == 0 && context.ui.output() == OutputFormat::Human {
        context.ui.note(&letters.why_empty());
    }
    let speed = args.speed.unwrap_or(Speed::Max);
    let work = Work { doing: "replaying", unit: "messages", total: Some(letters.report.ready) };
    if args.dry_run {
        let rehearsal = Rehearsal::new((args, speed), misfits, &context.ui);
        let flight = Flight::rehearsal(interrupt, work, &context.ui);
        return letters.rehearse(rehearsal, (flight, selection)).await;
    }
    let program = Program {
        connector,
        conductor: Conductor::new((args.rate, speed), selection),
        books: LineBooks { unit: "message", fates: args.remove.then(Vec::new), ..books(args) },
        work,
        misfits,
        to: args.to.clone(),
        limit: args.count,
    };
    let target = Target::name(args.to.as_ref(), context.exchange());
    let target = format!("{target} on {}", program.connector.target.endpoint());
    let player = match Player::open(program, interrupt, context).await {
        Ok(player) => player,
        Err(Stop::Signal(kind)) => return Ok(kind),
        Err(Stop::Failed(error)) => return Err(error),
    };
    if context.ui.output() == OutputFormat::Human {
        context.ui.note(&format!("replaying the queue {queue} to {target}"));
    }
    letters.play(player, (args, &context.ui)).await
}

async fn open(
    args: &ReplayArgs,
    queue: &str,
    (context, connector): (&Context, &Connector),
) -> Result<HeldQueue, CommandError> {
    let counting = if args.count_delivery { Counting::Accepted } else { Counting::Refused };
    let opening = async {
        check_kind(context, (&connector.target, queue), counting).await?;
        Ok::<_, CommandError>(HeldQueue::open(connector, queue).await?)
    };
    let is_bare = args.source.to_str() == Some(queue);
    opening.await.map_err(|error| match is_bare && error.kind == ExitKind::Unreachable {
        true => error.hint(format!("there is no file {queue}, so it was taken for a queue")),
        false => error,
    })
}

/// What happens to a message once it is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Original {
    Kept,
    Removed,
}

/// The messages of a queue, on their way to a player.
struct Letters {
    custody: Custody,
    original: Original,
    max_retries: u32,
    skip: u64,
    has_target: HasTarget,
    consumers: u32,
    decoder: Decoder,
    line: Vec<u8>,
    report: ReplayedQueue,
}

/// Whether messages without a topic have somewhere to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HasTarget {
    Yes,
    No,
}

impl Letters {
    fn new(args: &ReplayArgs, (name, queue): (&str, HeldQueue)) -> Self {
        let ready = u64::from(queue.ready());
        // With a rate or in its own time each message is on its own, so that a crash leaves one
        // duplicate at most.
        let is_paced = args.rate.is_some() || args.speed.is_some_and(|speed| speed != Speed::Max);
        Self {
            consumers: queue.consumers(),
            custody: Custody::new(queue, if is_paced { 1 } else { UNDER_WAY }),
            original: if args.remove { Original::Removed } else { Original::Kept },
            max_retries: args.max_retries.unwrap_or(super::MAX_RETRIES),
            skip: args.skip,
            has_target: if args.to.is_some() { HasTarget::Yes } else { HasTarget::No },
            decoder: Decoder::default(),
            line: Vec::new(),
            report: ReplayedQueue { name: name.to_owned(), ready, ..ReplayedQueue::default() },
        }
    }

    fn why_empty(&self) -> String {
        let name = &self.report.name;
        match self.consumers {
            0 => format!("{name} has no messages waiting, so there is nothing to replay"),
            count => format!(
                "{name} has no messages waiting, so there is nothing to replay; what its {} \
                 received and did not acknowledge cannot be read",
                counted(count, "consumer")
            ),
        }
    }

    /// Replays what is there at the beginning and reports, also when an error ends it.
    async fn play(
        mut self,
        mut player: Player<'_>,
        (args, ui): (&ReplayArgs, &Ui),
    ) -> Result<ExitKind, CommandError> {
        let stopped = self.play_all(&mut player).await.err();
        let stopped = self.settle(&mut player, stopped).await.err();
        player.flight.problems.finish();
        for name in self.custody.close().await {
            self.report.removed = self.report.removed.saturating_sub(1);
            self.report.duplicates.add(name);
        }
        let played = player.finish(stopped).await;
        self.report.left_out = LeftOut::from(&played.skipped);
        finish((self.report, args), played, ui)
    }

    async fn play_all(&mut self, player: &mut Player<'_>) -> Result<(), Stop> {
        while self.report.read < self.report.ready && player.wants_more() {
            let taking = self.custody.take();
            let taken = player.flight.wait_for(taking, &mut player.books).await??;
            let Some(message) = taken else { break };
            self.report.read += 1;
            if self.report.read <= self.skip {
                continue;
            }
            let (turn, id) = self.read(&message, &mut player.conductor.selection)?;
            let performed = player.perform(turn).await?;
            if (performed, self.original) == (Performed::Sent, Original::Removed) {
                self.custody.sent(self.report.read, &message, id.as_deref());
                if self.custody.is_full() {
                    self.settle(player, None).await?;
                }
            }
            player.flight.problems.progress.set(self.report.read);
        }
        Ok(())
    }

    /// Waits for every confirm, and removes what is published. Once stopped, not for long.
    async fn settle(
        &mut self,
        player: &mut Player<'_>,
        mut stopped: Option<Stop>,
    ) -> Result<(), Stop> {
        player.flight.drain(&mut stopped, &mut player.books).await;
        let fates = player.books.fates.as_mut().map(std::mem::take).unwrap_or_default();
        for (position, fate) in fates {
            match fate {
                Fate::Published => {
                    // Should this fail, closing names the message and takes it off again.
                    self.report.removed += 1;
                    if let Err(error) = self.custody.confirmed(position).await {
                        stopped = Some(error.into());
                    }
                }
                Fate::InDoubt => {
                    let name = self.custody.stays(position);
                    name.into_iter().for_each(|name| self.report.duplicates.add(name));
                }
                Fate::Unroutable | Fate::Failed | Fate::Invalid | Fate::Remark => {
                    self.custody.stays(position);
                }
            }
        }
        self.custody.give_up().into_iter().for_each(|name| self.report.duplicates.add(name));
        stopped.map_or(Ok(()), Err)
    }

    /// Shows what would be published. Takes the messages, which go back when it ends.
    async fn rehearse(
        mut self,
        mut rehearsal: Rehearsal<'_>,
        (mut flight, mut selection): (Flight<'_>, Selection),
    ) -> Result<ExitKind, CommandError> {
        rehearsal.unit = "message";
        let mut stopped = None;
        while self.report.read < self.report.ready && rehearsal.wants_more() {
            let taken = match flight.wait_for(self.custody.take(), &mut Vec::new()).await {
                Ok(taken) => taken?,
                Err(stop) => {
                    stopped = Some(stop);
                    break;
                }
            };
            let Some(message) = taken else { break };
            self.report.read += 1;
            if self.report.read <= self.skip {
                rehearsal.pass_over();
                continue;
            }
            let (turn, _) = self.read(&message, &mut selection)?;
            flight.problems.finish();
            rehearsal.perform(turn.number, turn.decision).await?;
        }
        flight.close().await;
        self.custody.close().await;
        let outcome = rehearsal.finish().await?;
        match stopped {
            Some(Stop::Signal(kind)) => Ok(kind),
            Some(Stop::Failed(error)) => Err(error),
            None => Ok(outcome),
        }
    }

    /// What becomes of a message, and its id.
    fn read(
        &mut self,
        message: &HeldMessage,
        selection: &mut Selection,
    ) -> Result<(Turn, Option<String>), CommandError> {
        let incoming = message.incoming();
        let decoded = self.decoder.decode(&incoming);
        let history = History::read(incoming.headers);
        let shown = ShownMessage {
            position: self.report.read,
            decoded: &decoded,
            incoming: &incoming,
            history: &history,
            aftermath: &Aftermath::default(),
        };
        self.line.clear();
        shown.write_record(&mut self.line, Timestamp::now());
        let decision = match str::from_utf8(&self.line).map(|line| (line, RecordLine::parse(line)))
        {
            Ok((line, Ok(RecordLine::Message(record)))) => {
                let record = Record {
                    topic: topic(&shown).unwrap_or_default().to_owned(),
                    ..in_its_time(record, &history)
                };
                if !message.is_faithful() {
                    // Its topic or metadata may be more than what can be read of it.
                    return Ok((self.turn(Decision::Skip(Reason::Undecodable), &history), None));
                }
                let is_lost = record.topic.is_empty() && self.has_target == HasTarget::No;
                match selection.choose(record, line)? {
                    Decision::Publish(_) if history.retries >= self.max_retries => {
                        Decision::Skip(Reason::Looping)
                    }
                    Decision::Publish(_) if is_lost => Decision::Skip(Reason::NoTopic),
                    decision => decision,
                }
            }
            Ok((_, Ok(RecordLine::Gap { .. } | RecordLine::Dropped { .. }))) | Err(_) => {
                Decision::Broken("it cannot be written as a record".to_owned())
            }
            Ok((_, Err(error))) => Decision::Broken(error.to_string()),
        };
        let id = decoded.id.map(std::borrow::Cow::into_owned);
        Ok((self.turn(decision, &history), id))
    }

    fn turn(&self, decision: Decision, history: &History) -> Turn {
        let retries = Some(history.retries.saturating_add(1));
        Turn { number: self.report.read, decision, retries }
    }
}

/// The time of a message in a queue is that of its last death.
fn in_its_time(mut record: Record, history: &History) -> Record {
    record.delivery.received_at = history.last_death().map(str::to_owned);
    record
}

/// The topic that a message was published to. What was sent straight to a queue had none, and the
/// routing key of a message that nobody has dead-lettered may be any queue's name.
fn topic<'a>(shown: &ShownMessage<'a>) -> Option<&'a str> {
    let is_the_routing_key = match shown.decoded.kind {
        Kind::Event | Kind::RpcRequest | Kind::Task => false,
        Kind::Raw | Kind::Undecodable => true,
    };
    let exchange = match shown.history.deaths.last() {
        Some(first_death) => first_death.exchange.as_str(),
        None => shown.incoming.exchange,
    };
    if is_the_routing_key && exchange.is_empty() {
        return None;
    }
    topic_of(shown.decoded, shown.history, shown.aftermath)
}

/// The report, also of a replay that did not reach its end.
fn finish(
    (queue, args): (ReplayedQueue, &ReplayArgs),
    played: Played,
    ui: &Ui,
) -> Result<ExitKind, CommandError> {
    if let Some(text) = played.skipped.explanation() {
        ui.note(&text);
    }
    played.misfits.summarise("sent as they are", ui);
    let mut published = BatchPublished::of(&played.ledger, args.skip.min(queue.ready));
    published.batch = published.batch.after(played.elapsed);
    let done = published.lines_done;
    let source = args.source.display();
    let go_on = match args.remove {
        true => format!("go on with the same command: what is published is not in {source}"),
        false => format!("go on with --skip {done}, as long as nobody else reads {source}"),
    };
    let report = Replayed { published, queue: Some(queue) };
    ui.report(&report)?;
    if report.published.batch.in_doubt > 0 {
        let positions = &played.ledger.in_doubt;
        ui.warn(&format!("sent but not confirmed, so published or not: messages {positions}"));
    }
    match played.stopped {
        None => Ok(report.outcome()),
        Some(Stop::Signal(kind)) => {
            ui.note(&format!("interrupted after {}; {go_on}", counted(done, "message")));
            Ok(kind)
        }
        Some(Stop::Failed(error)) => Err(error.hint(go_on)),
    }
}
