//! `celerysalt call`: send a request, wait for the answer of the handler.

mod answer;
mod explain;
mod fan_out;
mod measure;
mod request;
mod serve;

use std::time::{Duration, Instant};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::answer::{CallEnd, CallReport};
use self::explain::{Request, explain};
use self::fan_out::FanOutCheck;
use self::measure::Measurements;
use self::request::{Caller, RequestTemplate};
use self::serve::ServeArgs;
use super::connect::{backend_options, backend_target, connector};
use super::context::Context;
use super::error::{CommandError, ExitKind};
use super::event_args::EventArgs;
use super::interrupt::Interrupt;
use super::payload::{JsonObject, PayloadArg, read_payload};
use super::unroutable::with_nearest;
use super::validation::{Admission, Claim, Gate, in_short, name_of};
use super::{duration, sender};
use crate::broker::amqp::{Connector, Publisher};
use crate::broker::backend::{BackendTarget, ResultBackend};
use crate::event::{SchemaVersion, Topic};
use crate::schema::SchemaPart;
use crate::ui::{OutputFormat, Ui, Work};
use crate::wire::record::{SchemaOutcome, SchemaStatus};

/// A call goes on with the answer; the confirm of its request may come later.
const CONFIRM_WINDOW: usize = 16;

const EXAMPLES: &str = "\
Examples:
  celerysalt call rpc.calculator.add '{\"a\": 1, \"b\": 2}'
  celerysalt call rpc.calculator.add @request.json --timeout 5s
  celerysalt call rpc.calculator.add '{}' -o json | jq .outcome";

/// Call an RPC handler and print its answer
///
/// A request that does not fit the schema registered for the topic is refused. `schema` of the JSON
/// answer says whether the answer fits its response or error schema.
#[derive(Debug, Args)]
#[command(disable_version_flag = true, after_help = EXAMPLES)]
pub struct CallArgs {
    /// The topic of the request, for example rpc.calculator.add
    #[arg(value_name = "TOPIC", required_unless_present = "serve")]
    pub topic: Option<Topic>,
    /// The request as JSON, @FILE, or - for standard input
    #[arg(value_name = "JSON | @FILE | -")]
    pub payload: Option<PayloadArg>,
    /// How long to wait for the answer; workers drop the request after that
    #[arg(long, value_name = "DURATION", default_value = "30s", value_parser = timeout)]
    pub timeout: Duration,
    /// From 0 to 9, higher is sooner, in queues that have priorities
    #[arg(long, value_name = "N", default_value_t = 9)]
    pub priority: u8,
    /// Call so many times, one after the other, and report how long round trips took
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: Option<u32>,
    #[command(flatten)]
    pub event: EventArgs,
    #[command(flatten)]
    pub serve: ServeArgs,
}

fn timeout(text: &str) -> Result<Duration, String> {
    match duration::parse(text) {
        Ok(Duration::ZERO) => Err("an answer takes at least some time".to_owned()),
        Ok(timeout) => Ok(timeout),
        Err(error) => Err(error.to_string()),
    }
}

/// What `call` prints, depending on what was asked.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum CallOutput {
    Once(CallReport),
    Repeated(measure::RepeatReport),
    Served(serve::Answered),
}

pub async fn run(args: &CallArgs, context: &Context) -> Result<ExitKind, CommandError> {
    match &args.topic {
        Some(topic) => request(topic, args, context).await,
        // The parser asks for --serve where there is no topic.
        None => serve::serve(&args.serve, context).await,
    }
}

async fn request(
    topic: &Topic,
    args: &CallArgs,
    context: &Context,
) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let payload = read_payload(args.payload.as_ref())?;
    let gate = checked(topic, &payload, (args, context)).await?;
    let target = backend_target(context)?;
    let template = RequestTemplate {
        topic: topic.as_str().to_owned(),
        payload,
        event: args.event.clone(),
        priority: args.priority,
        timeout: args.timeout,
        origin: sender::origin(),
    };
    let connector = connector(context, "call")?;
    let fan_out = FanOutCheck::start(context, &connector.target, topic.as_str());
    let opened = tokio::select! {
        opened = open(&target, connector, context) => opened?,
        kind = interrupt.received() => return Err(interrupted(kind, None)),
    };
    let mut calling = Calling {
        caller: Caller::new(opened, template),
        gate,
        interrupt,
        context,
        target: &target,
    };
    let kind = match args.repeat {
        None => calling.call_once(args).await,
        Some(times) => calling.call_often(times).await,
    };
    calling.gate.close().await;
    // The answer is out by now, so that this keeps nobody waiting for it.
    if let Some(check) = fan_out
        && let Some(warning) = check.warning().await
    {
        context.ui.warn(&warning);
    }
    kind
}

/// Nothing is published before both are there.
async fn open(
    target: &BackendTarget,
    connector: Connector,
    context: &Context,
) -> Result<(ResultBackend, Publisher), CommandError> {
    let options = backend_options(context);
    let backend = async {
        ResultBackend::open(target, &options, &connector).await.map_err(CommandError::from)
    };
    let publisher = async {
        Publisher::open(connector.clone(), context.exchange(), CONFIRM_WINDOW)
            .await
            .map_err(CommandError::from)
    };
    tokio::try_join!(backend, publisher)
}

/// A caller with everything around it.
struct Calling<'c> {
    caller: Caller,
    gate: Gate,
    interrupt: Interrupt,
    context: &'c Context,
    target: &'c BackendTarget,
}

impl Calling<'_> {
    async fn call_once(&mut self, args: &CallArgs) -> Result<ExitKind, CommandError> {
        let (context, ui) = (self.context, &self.context.ui);
        let id = sender::new_id();
        let (end, elapsed) = tokio::select! {
            end = self.caller.call(&id, ui) => end?,
            kind = self.interrupt.received() => return Err(interrupted(kind, Some(&id))),
        };
        note_other_handlers(&end, context);
        let version = args.event.version.as_ref().map(SchemaVersion::as_str);
        let schema = self.judge(&end, version).await;
        let report =
            CallReport::new((id, self.caller.topic().to_owned()), (&end, elapsed), &schema);
        ui.report(&report)?;
        warn_of_misfit(&report.topic, &schema, ui);
        let request = Request {
            topic: &report.topic,
            exchange: context.exchange(),
            task: args.event.task(),
            version,
            timeout: args.timeout,
            backend: self.target.endpoint(),
        };
        match (explain(&end, &request), ui.output()) {
            (Some(error), OutputFormat::Human) if matches!(end, CallEnd::Unroutable) => {
                Err(with_nearest(error, &report.topic, context).await)
            }
            (Some(error), OutputFormat::Human) => Err(error),
            // The report on stdout says it all.
            (Some(_) | None, _) => Ok(report.outcome.exit_kind()),
        }
    }

    /// What the registry says about the answer. It is too late to fail over that.
    async fn judge(&mut self, end: &CallEnd, version: Option<&str>) -> SchemaStatus {
        let unchecked =
            || SchemaStatus { version: version.map(str::to_owned), ..SchemaStatus::default() };
        let Some((part, value)) = end.returned() else { return unchecked() };
        let topic = self.caller.topic();
        let judged = self.gate.judge(Claim { topic, version, part, payload: value.get() }).await;
        self.gate.speak(&self.context.ui);
        match judged {
            Ok(status) if status.status != SchemaOutcome::Unchecked => status,
            Ok(_) => unchecked(),
            Err(error) => {
                self.context.ui.warn(&format!("{error}; the answer is not checked"));
                unchecked()
            }
        }
    }

    async fn call_often(&mut self, times: u32) -> Result<ExitKind, CommandError> {
        let ui = &self.context.ui;
        let work = Work { doing: "calling", unit: "calls", total: Some(times.into()) };
        let mut progress = ui.progress(work);
        let mut measurements = Measurements::default();
        let started = Instant::now();
        let mut signal = None;
        while signal.is_none() && measurements.calls() < times.into() {
            let id = sender::new_id();
            tokio::select! {
                end = self.caller.call(&id, ui) => {
                    let (end, elapsed) = end?;
                    measurements.add(end.outcome(), elapsed);
                }
                kind = self.interrupt.received() => signal = Some(kind),
            }
            progress.set(measurements.calls());
        }
        progress.finish();
        let report = measurements.into_report(self.caller.topic().to_owned(), started.elapsed());
        ui.report(&report)?;
        Ok(signal.unwrap_or(report.exit_kind()))
    }
}

/// Refuses a request that does not fit its schema, before anybody is connected to.
async fn checked(
    topic: &Topic,
    payload: &JsonObject,
    (args, context): (&CallArgs, &Context),
) -> Result<Gate, CommandError> {
    let mut gate = Gate::open(args.event.checks(), context).await?;
    let version = args.event.version.as_ref().map(SchemaVersion::as_str);
    let (topic, part, payload) = (topic.as_str(), SchemaPart::Request, payload.as_str());
    let admission = gate.admit(Claim { topic, version, part, payload }).await?;
    gate.speak(&context.ui);
    match admission {
        Admission::Admitted => Ok(gate),
        Admission::Refused(refusal) => Err(refusal.into_error("request")),
    }
}

fn warn_of_misfit(topic: &str, schema: &SchemaStatus, ui: &Ui) {
    if schema.status == SchemaOutcome::Invalid && ui.output() == OutputFormat::Human {
        let name = name_of(topic, schema.version.as_deref());
        ui.warn(&format!("the answer does not fit {name}: {}", in_short(schema)));
    }
}

fn note_other_handlers(end: &CallEnd, context: &Context) {
    if let CallEnd::Answered(reply) = end
        && reply.handlers > 1
    {
        let first = reply.handler.as_deref().unwrap_or_default();
        context.ui.note(&format!(
            "{} handlers of the service ran; this is the answer of the first, {first:?}",
            reply.handlers
        ));
    }
}

fn interrupted(kind: ExitKind, id: Option<&str>) -> CommandError {
    match id {
        None => CommandError::new(kind, "interrupted before anything was sent"),
        Some(id) => CommandError::new(kind, "interrupted while waiting for the answer")
            .hint(format!("the request {id} may still be handled")),
    }
}
