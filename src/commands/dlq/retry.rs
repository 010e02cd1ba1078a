//! `dlq retry`: dead letters back to the queue they died in, or to their topic.

use std::collections::BTreeSet;

use clap::Args;

use super::history::History;
use super::list::gather;
use crate::broker::Messages;
use crate::broker::amqp::AmqpTarget;
use crate::commands::Context;
use crate::commands::connect::{connector, management};
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::queue::{
    Counting, Leave, Plan, Route, Selector, ShownMessage, Transfer, Verdict, check_kind, topic_of,
};
use crate::commands::rate::Rate;
use crate::commands::stored_results::StoredResults;
use crate::wire::Kind;

const EXAMPLES: &str = "\
Examples:
  celerysalt dlq retry service_queue.dead --dry-run
  celerysalt dlq retry service_queue.dead --rate 10/s
  celerysalt dlq retry service_queue.dead --filter '.dead_letter.exception | test(\"Timeout\")'
  celerysalt dlq retry service_queue.dead --to-topic -n 1     To every subscriber again";

/// Send dead letters back
///
/// Each message goes to the queue it died in first, and to no other subscriber, with its body,
/// properties and headers (without CC and BCC, by which more queues would get it). Only what is in
/// the queue at the beginning is sent, so a message that dies again at once is not sent twice.
///
/// Which queue a message died in is told by its headers, which a publisher can forge. So a queue that
/// does not dead-letter to this one, as `dlq list` sees it, is not believed without --trust-headers.
///
/// A message is acknowledged only after the broker has confirmed it in its new queue: nothing is
/// lost, whatever happens in between, but up to 64 messages (1 with --rate) may then be in both
/// queues. They are named, unless the process itself was killed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct RetryArgs {
    /// The dead-letter queue
    #[arg(value_name = "QUEUE")]
    pub queue: String,
    /// Publish to the topic again instead, so that every subscriber receives it once more
    #[arg(long)]
    pub to_topic: bool,
    /// Send at most N messages
    #[arg(short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// Only messages whose record (see `dlq show`) makes this jq expression true
    #[arg(long, value_name = "JQ")]
    pub filter: Option<String>,
    /// Send at most so many messages a second, for example 10/s
    #[arg(long, value_name = "N/s")]
    pub rate: Option<Rate>,
    /// Leave messages that this command has sent back N times already
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub max_retries: u32,
    /// Leave messages that have died N times in their original queue, as the broker counts
    #[arg(long, value_name = "N")]
    pub max_deaths: Option<u64>,
    /// Also send RPC requests, although nobody waits for the answers
    #[arg(long)]
    pub include_rpc: bool,
    /// Believe the headers about the original queue; needs no management API
    #[arg(long)]
    pub trust_headers: bool,
    /// Count what would be sent where; send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Read a quorum queue too, which counts what stays in it as a failed delivery
    #[arg(long)]
    pub count_delivery: bool,
}

pub async fn run(args: RetryArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let selector = Selector::new(args.filter.as_deref())?;
    let connector = connector(context, "dlq retry")?;
    let counting = if args.count_delivery { Counting::Accepted } else { Counting::Refused };
    check_kind(context, (&connector.target, &args.queue), counting).await?;
    // The backend is worth asking only where its answer decides something.
    let results = match selector.is_choosy() || args.to_topic {
        true => StoredResults::open(context, &connector).await?,
        false => StoredResults::none("nothing depends on the results"),
    };
    let origins = match args.trust_headers || args.to_topic {
        true => Origins::Any,
        false => known_origins(context, (&connector.target, &args.queue)).await?,
    };
    let exchange = if args.to_topic { context.exchange() } else { "" };
    let transfer = Transfer {
        exchange: exchange.to_owned(),
        plan: plan(&args, origins),
        queue: args.queue,
        selector,
        results,
        limit: args.count,
        rate: args.rate,
        dry_run: args.dry_run,
        doing: "retrying",
    };
    transfer.run((context, &connector)).await
}

/// The queues that messages may be sent back to.
enum Origins {
    Any,
    Known {
        /// Those that dead-letter to the queue that is read.
        here: BTreeSet<String>,
        /// All there are.
        existing: BTreeSet<String>,
    },
}

async fn known_origins(
    context: &Context,
    (target, queue): (&AmqpTarget, &str),
) -> Result<Origins, CommandError> {
    let management = management(context, target)?;
    let of_vhost = (target.first().vhost.as_str(), Messages::NotCounted);
    let letters = gather(&management, of_vhost).await.map_err(|error| {
        error.hint("without the management API the headers must be believed: --trust-headers")
    })?;
    Ok(Origins::Known { here: letters.origins_of(queue), existing: letters.existing })
}

/// What is sent where.
///
/// | | to its queue | `--to-topic` |
/// |---|---|---|
/// | retried or died too often | left | left |
/// | RPC request | left, or sent with `--include-rpc` | left, or sent |
/// | event, raw message | sent | sent |
/// | task of a handler or any other, unreadable | sent | left: others would receive it too |
/// | no original queue, one that is gone, or one that does not dead-letter here | left | sent |
fn plan(args: &RetryArgs, origins: Origins) -> Plan {
    let (max_retries, max_deaths) = (args.max_retries, args.max_deaths);
    let (to_topic, include_rpc) = (args.to_topic, args.include_rpc);
    Box::new(move |message| {
        let history = message.history;
        if is_looping(history, max_retries, max_deaths) {
            return Verdict::Leave(Leave::Looping);
        }
        if message.decoded.kind == Kind::RpcRequest && !include_rpc {
            return Verdict::Leave(Leave::RpcRequest);
        }
        let route = if to_topic { topic_route(message) } else { queue_route(history, &origins) };
        match route {
            Ok(route) => Verdict::Send { route, retries: Some(history.retries.saturating_add(1)) },
            Err(reason) => Verdict::Leave(reason),
        }
    })
}

fn is_looping(history: &History, max_retries: u32, max_deaths: Option<u64>) -> bool {
    history.retries >= max_retries
        || max_deaths.is_some_and(|max| history.deaths_at_origin() >= max)
}

fn queue_route(history: &History, origins: &Origins) -> Result<Route, Leave> {
    let queue = history.original_queue().ok_or(Leave::NoOrigin)?;
    match origins {
        Origins::Known { existing, .. } if !existing.contains(queue) => Err(Leave::Unroutable),
        Origins::Known { here, .. } if !here.contains(queue) => Err(Leave::ForeignOrigin),
        Origins::Known { .. } | Origins::Any => Ok(Route::Queue(queue.to_owned())),
    }
}

fn topic_route(message: &ShownMessage<'_>) -> Result<Route, Leave> {
    let is_event = match message.decoded.kind {
        Kind::Event | Kind::RpcRequest | Kind::Raw => true,
        Kind::Task | Kind::Undecodable => false,
    };
    let topic = topic_of(message.decoded, message.history, message.aftermath);
    match topic.filter(|topic| is_event && !topic.is_empty()) {
        Some(topic) => Ok(Route::Topic(topic.to_owned())),
        None => Err(Leave::NoTopic),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::commands::queue::Aftermath;
    use crate::wire::{Decoder, Incoming, Properties};

    fn args(to_topic: bool, include_rpc: bool) -> RetryArgs {
        RetryArgs {
            queue: "dead".to_owned(),
            to_topic,
            count: None,
            filter: None,
            rate: None,
            max_retries: 3,
            max_deaths: Some(5),
            include_rpc,
            trust_headers: false,
            dry_run: false,
            count_delivery: false,
        }
    }

    fn verdict(args: &RetryArgs, headers: &Value, body: &str) -> String {
        let incoming = Incoming {
            exchange: "",
            routing_key: "dead",
            redelivered: false,
            properties: Properties {
                content_type: Some("application/json"),
                ..Properties::default()
            },
            headers: headers.as_object().unwrap(),
            body: body.as_bytes(),
        };
        let mut decoder = Decoder::default();
        let decoded = decoder.decode(&incoming);
        let shown = ShownMessage {
            position: 1,
            decoded: &decoded,
            incoming: &incoming,
            history: &History::read(incoming.headers),
            aftermath: &Aftermath::default(),
        };
        let existing = ["orders", "payments"].map(str::to_owned);
        let here = BTreeSet::from([existing[0].clone()]);
        let known = Origins::Known { here, existing: BTreeSet::from(existing) };
        let origins = if args.to_topic { Origins::Any } else { known };
        match plan(args, origins)(&shown) {
            Verdict::Send { route: Route::Queue(queue), retries } => format!("{queue} {retries:?}"),
            Verdict::Send { route: Route::Topic(topic), retries } => {
                format!("{topic}! {retries:?}")
            }
            Verdict::Leave(reason) => format!("{reason:?}"),
        }
    }

    #[test]
    fn the_plan_follows_the_table() {
        let death = |queue: &str, count: u64| {
            json!({"x-death": [{"queue": queue, "reason": "rejected", "count": count,
                                "routing-keys": ["user.created"]}]})
        };
        let with = |mut headers: Value, name: &str, value: Value| {
            headers[name] = value;
            headers
        };
        let dispatch = |meta: &str| {
            let event = format!(r#"{{"a":1,"_tchu_meta":{{{meta}}}}}"#);
            json!([[event], {"routing_key": "user.created"}, {"callbacks": null}]).to_string()
        };
        let (event, rpc) = (dispatch(""), dispatch(r#""is_rpc":true"#));
        let task = r#"[[1],{},{"callbacks":null}]"#;
        let name = |headers: Value, name: &str| with(headers, "task", json!(name));
        let died = || name(death("orders", 1), "celery_salt.dispatch_event");
        let cases = [
            ("event", died(), event.as_str()),
            ("rpc", died(), rpc.as_str()),
            ("task", name(death("orders", 1), "service.book"), task),
            ("raw", death("orders", 1), "[1]"),
            ("unreadable", death("orders", 1), "{"),
            ("no origin", name(json!({}), "celery_salt.dispatch_event"), event.as_str()),
            ("forged", with(died(), "x-first-death-queue", json!("payments")), event.as_str()),
            ("queue gone", name(death("gone", 1), "service.book"), task),
            ("retried", with(died(), "x-celerysalt-retries", json!(2)), event.as_str()),
            ("retried too often", with(died(), "x-celerysalt-retries", json!(3)), event.as_str()),
            ("died too often", death("orders", 5), "[1]"),
        ];
        let mut table = String::new();
        for (what, headers, body) in &cases {
            let line = [args(false, false), args(false, true), args(true, false)]
                .map(|args| verdict(&args, headers, body));
            table.push_str(&format!("{what}: {}\n", line.join(" | ")));
        }
        insta::assert_snapshot!(table);
    }
}
