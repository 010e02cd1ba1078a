//! `call --serve`: a stand-in for a service, for tests and for trying out callers.
//!
//! Requests are read from a queue of our own, so a real service that is bound to the same topic
//! receives them too; answers go the way a worker's would, through the result backend.

mod reply;

use std::io::{self, Write};
use std::time::Instant;

use clap::Args;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

use self::reply::Replier;
use super::answer::{Outcome, milliseconds};
use crate::broker::amqp::{ReceivedMessage, Tail, TailEvent, TailOptions};
use crate::broker::backend::{AnsweredTask, ResultBackend};
use crate::commands::connect::{backend_options, backend_target, connector};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::interrupt::Interrupt;
use crate::commands::sender;
use crate::event::RoutingPattern;
use crate::ui::{Report, Style, sanitize};
use crate::wire::{Decoded, Decoder, Kind, NewResult, encode_result};

/// The name of our handler in the answers.
const HANDLER: &str = "celerysalt";
const TCHU_TASK: &str = "tchu_tchu.dispatch_event";

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Stand-in")]
pub struct ServeArgs {
    /// Answer requests instead of sending one; wildcards are allowed
    #[arg(long, value_name = "TOPIC", num_args = 1.., conflicts_with_all = ["topic", "payload", "repeat"])]
    pub serve: Vec<RoutingPattern>,
    /// The answer, a jq expression over the record, for example '{sum: (.payload.a + .payload.b)}'
    #[arg(long, value_name = "JQ", requires = "serve", conflicts_with = "topic")]
    pub reply: Option<String>,
    /// A shell command that reads the payload on standard input and prints the answer as JSON; when
    /// it fails, the handler fails
    #[arg(long, value_name = "COMMAND", requires = "serve", conflicts_with_all = ["topic", "reply"])]
    pub exec: Option<String>,
    /// Stop after so many answers
    #[arg(short = 'n', value_name = "N", requires = "serve", conflicts_with = "topic", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
}

/// Answers requests until `-n` is reached or somebody stops it.
pub async fn serve(args: &ServeArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let replier = Replier::new(args)?;
    let target = backend_target(context)?;
    let connector = connector(context, "call --serve")?;
    let exchange = context.settings.exchange.value.as_str();
    let options = TailOptions::new(exchange, args.serve.clone());
    let backend_options = backend_options(context);
    let opening = async {
        let backend = ResultBackend::open(&target, &backend_options, &connector).await?;
        let requests = Tail::open(connector.clone(), options).await?;
        Ok::<_, CommandError>((backend, requests))
    };
    let (backend, mut requests) = tokio::select! {
        opened = opening => opened?,
        kind = interrupt.received() => return Ok(kind),
    };
    context.ui.note(&format!(
        "answering {} on the exchange {exchange:?}; a service bound to the same topic still receives \
         the requests too",
        patterns(&args.serve)
    ));
    let mut responder = Responder { backend, replier, decoder: Decoder::default() };
    let mut left = args.count;
    while left != Some(0) {
        let event = tokio::select! {
            event = requests.next() => event,
            kind = interrupt.received() => return Ok(kind),
        };
        let message = match event {
            Some(TailEvent::Message(message)) => message,
            Some(TailEvent::Fatal(error)) => return Err(error.into()),
            Some(TailEvent::Lost { cause }) => {
                context.ui.note(&cause);
                continue;
            }
            Some(TailEvent::Gap { .. }) => {
                context.ui.note("connected again");
                continue;
            }
            Some(TailEvent::Dropped(_) | TailEvent::Retrying { .. }) => continue,
            None => break,
        };
        let answered = tokio::select! {
            answered = responder.answer(&message) => answered?,
            kind = interrupt.received() => return Ok(kind),
        };
        if let Some(answered) = answered {
            context.ui.report(&answered)?;
            left = left.map(|left| left - 1);
        }
    }
    requests.close().await;
    Ok(ExitKind::Done)
}

fn patterns(patterns: &[RoutingPattern]) -> String {
    patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

struct Responder {
    backend: ResultBackend,
    replier: Replier,
    decoder: Decoder,
}

/// One answer that was given.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answered {
    id: String,
    topic: String,
    outcome: Outcome,
    #[schemars(with = "Option<serde_json::Value>")]
    result: Option<Box<RawValue>>,
    error: Option<String>,
    elapsed_ms: f64,
}

impl Report for Answered {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let answer = match (&self.result, &self.error) {
            (Some(result), _) => result.get(),
            (None, Some(error)) => error.as_str(),
            (None, None) => "",
        };
        writeln!(
            out,
            "{} {} {} {}",
            style.good.apply_to("answered"),
            sanitize(&self.topic),
            style.dim.apply_to(sanitize(&self.id)),
            sanitize(answer)
        )
    }
}

impl Responder {
    /// Answers one message; `None` where nobody waits for an answer.
    async fn answer(
        &mut self,
        message: &ReceivedMessage,
    ) -> Result<Option<Answered>, CommandError> {
        let started = Instant::now();
        let incoming = message.incoming();
        let decoded = self.decoder.decode(&incoming);
        let Some(id) = decoded.id.as_deref().filter(|_| wants_answer(&decoded)) else {
            return Ok(None);
        };
        let now = Timestamp::now();
        let outcome = self.replier.reply(&incoming, &decoded, now).await?;
        let date_done = sender::instant(now, started.elapsed());
        let document = encode_result(&NewResult {
            task_id: id,
            routing_key: &decoded.topic,
            handler: HANDLER,
            date_done: &date_done,
            outcome: outcome.as_deref().map_err(String::as_str),
        });
        let document =
            document.map_err(|error| CommandError::from_error(ExitKind::Internal, &error))?;
        let task = AnsweredTask {
            id,
            reply_to: decoded.envelope.reply_to.as_deref(),
            correlation_id: decoded.envelope.correlation_id.as_deref(),
            document: &document,
        };
        self.backend.store(&task).await?;
        let (result, error) = match outcome {
            Ok(result) => (Some(result), None),
            Err(error) => (None, Some(error)),
        };
        Ok(Some(Answered {
            id: id.to_owned(),
            topic: decoded.topic.to_string(),
            outcome: if error.is_none() { Outcome::Success } else { Outcome::HandlerError },
            result,
            error,
            elapsed_ms: milliseconds(started.elapsed()),
        }))
    }
}

/// tchu-tchu marks no request as one; its consumers answer everything.
fn wants_answer(decoded: &Decoded<'_>) -> bool {
    match decoded.kind {
        Kind::RpcRequest => true,
        Kind::Event => decoded.envelope.task.as_deref() == Some(TCHU_TASK),
        Kind::Task | Kind::Raw | Kind::Undecodable => false,
    }
}
