use std::io::Write;
use std::pin::pin;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::TopArgs;
use super::queues::QueueWatch;
use super::view::TopFrame;
use super::watch::Watch;
use crate::broker::amqp::{Connector, Drops, Tail, TailOptions};
use crate::broker::backend::{BackendTarget, Heard, ResultWatch};
use crate::commands::connect::{backend_options, backend_target, connector, management};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::validation::{OnFailure, Validation};
use crate::commands::{Context, Interrupt};
use crate::ui::Live;

/// Events that are counted before anything else gets a look again.
const BURST: usize = 1024;

/// `celerysalt top`.
pub async fn run(args: TopArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let mut session = tokio::select! {
        kind = interrupt.received() => return Ok(kind),
        opened = Session::open(&args, context) => opened?,
    };
    let ended = session.watch_all(&args, &mut interrupt).await;
    // Nobody waits for our goodbye to the broker after a second signal.
    let _last_drops = tokio::select! {
        drops = session.tail.close() => drops,
        _ = interrupt.received() => Drops::default(),
    };
    match ended {
        Err(error) if error.kind == ExitKind::Done => Ok(ExitKind::Done),
        ended => ended,
    }
}

struct Session<'c> {
    context: &'c Context,
    tail: Tail,
    results: Results,
    queues: Result<QueueWatch, String>,
    watch: Watch,
    live: Option<Live>,
    frames: u64,
    last_frame: Instant,
    last_events: u64,
}

/// Where results are heard, or why they are not.
enum Results {
    Heard(Box<ResultWatch>),
    Lost(Box<ResultWatch>),
    Not(String),
}

impl<'c> Session<'c> {
    async fn open(args: &TopArgs, context: &'c Context) -> Result<Self, CommandError> {
        let connector = connector(context, "top")?;
        let validation = match args.no_validate {
            true => None,
            false => Validation::open(context, OnFailure::Remark).await.unwrap_or_else(|error| {
                context.ui.note(&format!("{error}; events are not checked"));
                None
            }),
        };
        // Listened to before the requests are, so that no answer comes too early.
        let results = Results::open(context).await?;
        let options = TailOptions::new(context.exchange(), args.patterns.clone());
        let tail = Tail::open(connector.clone(), options).await?;
        if !tail.drops_are_counted() {
            context.ui.note(
                "events that come faster than they are read are dropped without being counted: \
                 this user may not write to amq.default",
            );
        }
        Ok(Self {
            context,
            tail,
            results,
            queues: queues(context, &connector, args.pace()),
            watch: Watch::new(validation),
            live: context.ui.live(),
            frames: 0,
            last_frame: Instant::now(),
            last_events: 0,
        })
    }

    async fn watch_all(
        &mut self,
        args: &TopArgs,
        interrupt: &mut Interrupt,
    ) -> Result<ExitKind, CommandError> {
        let end = args.total.map(|total| Instant::now() + total);
        let mut ticks = tokio::time::interval(args.pace());
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        ticks.tick().await;
        if self.live.is_some() {
            // Nobody should look at nothing until the first frame is due.
            self.frame(args.rows)?;
            self.frames = 0;
        }
        let mut unread = pin!(self.context.ui.stdout_closed());
        loop {
            tokio::select! {
                biased;
                kind = interrupt.received() => {
                    self.frame(args.rows)?;
                    return Ok(kind);
                }
                () = &mut unread => return Ok(ExitKind::Done),
                _ = ticks.tick() => {
                    self.frame(args.rows)?;
                    if args.count.is_some_and(|count| self.frames >= count) {
                        return Ok(ExitKind::Done);
                    }
                }
                () = until(end) => {
                    self.frame(args.rows)?;
                    return Ok(ExitKind::Done);
                }
                heard = self.results.next() => self.watch.result(&heard),
                event = self.tail.next() => {
                    let Some(event) = event else { return Ok(ExitKind::Done) };
                    self.watch.event(event).await?;
                    self.burst().await?;
                }
            }
        }
    }

    /// Counts what is there already.
    async fn burst(&mut self) -> Result<(), CommandError> {
        for _ in 0..BURST {
            let Some(event) = self.tail.try_next() else { break };
            self.watch.event(event).await?;
        }
        Ok(())
    }

    fn frame(&mut self, rows: usize) -> Result<(), CommandError> {
        let elapsed = self.last_frame.elapsed();
        self.last_frame = Instant::now();
        let mut frame = self.measure(elapsed);
        frame.cut(rows);
        self.frames += 1;
        if let Some(live) = &mut self.live {
            live.draw(&frame.text(self.context.ui.style()))?;
            return Ok(());
        }
        let mut out = self.context.ui.stdout();
        serde_json::to_writer(&mut out, &frame).map_err(std::io::Error::from)?;
        out.write_all(b"\n")?;
        out.flush()?;
        Ok(())
    }

    fn measure(&mut self, elapsed: Duration) -> TopFrame {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let rounded = |number: f64| (number * 10.0).round() / 10.0;
        let watch = &mut self.watch;
        let recent = watch.events - std::mem::replace(&mut self.last_events, watch.events);
        let mut remarks: Vec<String> = Vec::new();
        remarks.extend(watch.outage.as_ref().map(|cause| format!("connecting again: {cause}")));
        remarks.extend(self.results.remark());
        remarks.extend(watch.validation.as_mut().map(Validation::take_remarks).unwrap_or_default());
        let mut frame = TopFrame {
            kind: "frame",
            at: format!("{:.3}", Timestamp::now()),
            interval_seconds: (seconds * 1000.0).round() / 1000.0,
            events: watch.events,
            rate: rounded(recent as f64 / seconds),
            topics: watch.tally.frame(elapsed),
            topics_left_out: 0,
            events_of_other_topics: watch.tally.other_events,
            queues: None,
            queues_left_out: 0,
            dropped: watch.dropped,
            gaps: watch.gaps,
            requests_not_followed: watch.pending.unfollowed,
            remarks,
        };
        let queues = self.queues.as_ref().map(QueueWatch::latest);
        frame.take_queues(queues.unwrap_or_else(|reason| Err(reason.clone())));
        frame
    }
}

impl Results {
    /// Fails only where a setting cannot be read.
    async fn open(context: &Context) -> Result<Self, CommandError> {
        if context.backend_url()?.is_none() {
            return Ok(Self::Not("no result backend is configured (--backend)".to_owned()));
        }
        Ok(match backend_target(context) {
            Ok(BackendTarget::Redis(target)) => {
                match ResultWatch::open(&target, &backend_options(context)).await {
                    Ok(watch) => Self::Heard(Box::new(watch)),
                    Err(error) => Self::Not(error.to_string()),
                }
            }
            Ok(BackendTarget::Rpc) => Self::Not("results of rpc:// go to whoever asked".to_owned()),
            Err(error) => Self::Not(error.to_string()),
        })
    }

    /// The next result; never where none is heard.
    async fn next(&mut self) -> Heard {
        let heard = match self {
            Self::Heard(watch) | Self::Lost(watch) => watch.next().await,
            Self::Not(_) => std::future::pending().await,
        };
        match (std::mem::replace(self, Self::Not(String::new())), &heard) {
            (Self::Heard(watch) | Self::Lost(watch), Heard::Lost) => *self = Self::Lost(watch),
            (Self::Heard(watch) | Self::Lost(watch), Heard::Restored) => *self = Self::Heard(watch),
            (unchanged, _) => *self = unchanged,
        }
        heard
    }

    fn remark(&self) -> Option<String> {
        match self {
            Self::Heard(_) => None,
            Self::Lost(_) => Some("no RPC latency: the result backend is away".to_owned()),
            Self::Not(reason) => Some(format!("no RPC latency: {reason}")),
        }
    }
}

fn queues(
    context: &Context,
    connector: &Connector,
    interval: Duration,
) -> Result<QueueWatch, String> {
    let management = management(context, &connector.target).map_err(|error| error.to_string())?;
    let vhost = connector.target.first().vhost.clone();
    Ok(QueueWatch::start(management, vhost, interval.max(Duration::from_secs(1))))
}

/// Waits for `deadline`, for ever where there is none.
async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
