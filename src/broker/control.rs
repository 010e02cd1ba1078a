//! Asking Celery workers about themselves, as `celery inspect` does: one broadcast through the
//! workers' mailbox, and their replies to a queue of our own.
//!
//! Source: `kombu/pidbox.py` 5.7, `celery/worker/control.py` 5.7. The replies come over the default
//! exchange, so that nothing but our own queue is ever declared.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::amqp::{Broadcast, Connector, ReplyMessage, ReplyQueue};
use super::error::BrokerError;
use crate::topology::OWN_PREFIX;
use crate::topology::audit::{DeclaredBinding, DeclaredQueue};

/// The workers' mailbox unless their app has another `control_exchange`.
pub const DEFAULT_MAILBOX: &str = "celery.pidbox";

/// What is asked, of whom, and for how long.
#[derive(Debug, Clone)]
pub struct Question {
    /// Fanout exchanges; one that does not exist has no workers.
    pub mailboxes: Vec<String>,
    /// Answering ends early once this many workers told everything; 0 where nobody knows.
    pub expected: usize,
    pub deadline: Duration,
}

/// What one worker told; `None` for what it did not answer in time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WorkerAnswer {
    /// `salt@host`.
    pub node: String,
    /// The names of its tasks, sorted, without Celery's own.
    pub tasks: Option<Vec<String>>,
    /// The queues it reads, by name, as it declared them.
    pub queues: Option<Vec<DeclaredQueue>>,
    pub stats: Option<WorkerStats>,
}

/// Numbers of a worker.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkerStats {
    /// The process id on the worker's machine.
    pub pid: Option<u64>,
    /// In seconds.
    pub uptime: Option<u64>,
    /// How many tasks it runs at a time.
    pub concurrency: Option<u64>,
    /// How many tasks it has started.
    pub processed: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Registered,
    ActiveQueues,
    Stats,
}

impl Method {
    const ALL: [Self; 3] = [Self::Registered, Self::ActiveQueues, Self::Stats];

    fn name(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::ActiveQueues => "active_queues",
            Self::Stats => "stats",
        }
    }
}

/// Asks all workers behind the mailboxes; those that answered, by name.
///
/// # Errors
/// What connecting and publishing report. Silence is no error.
pub async fn ask_workers(
    connector: &Connector,
    question: &Question,
) -> Result<Vec<WorkerAnswer>, BrokerError> {
    // The name begins like those of tails, so that the same small rights are enough for both.
    let name = format!("{OWN_PREFIX}inspect-{}", Uuid::new_v4());
    let mut replies = ReplyQueue::open(connector, &name).await?;
    let tickets = Method::ALL.map(|method| (method, Uuid::new_v4().to_string()));
    let mut asked = 0;
    for mailbox in &question.mailboxes {
        match replies.require_exchange(mailbox).await {
            Ok(()) => {}
            Err(BrokerError::NoExchange { .. }) => continue,
            Err(error) => return Err(error),
        }
        for (method, ticket) in &tickets {
            let body = request(*method, ticket, &name);
            replies.broadcast(&Broadcast { exchange: mailbox, body: body.as_bytes() }).await?;
        }
        asked += 1;
    }
    let mut answers = BTreeMap::new();
    if asked > 0 {
        let deadline = Instant::now() + question.deadline;
        while let Ok(reply) = timeout_at(deadline, replies.next()).await {
            take(&reply?, &tickets, &mut answers);
            let complete = answers.values().filter(|answer| is_complete(answer)).count();
            if question.expected > 0 && complete >= question.expected {
                break;
            }
        }
    }
    replies.close().await;
    Ok(answers.into_values().collect())
}

fn request(method: Method, ticket: &str, reply_queue: &str) -> String {
    json!({
        "method": method.name(),
        "arguments": {},
        "destination": null,
        "pattern": null,
        "matcher": null,
        "ticket": ticket,
        "reply_to": {"exchange": "", "routing_key": reply_queue},
    })
    .to_string()
}

/// Puts a reply, `{"salt@host": …}`, where it belongs; one that cannot be read is passed over.
fn take(
    reply: &ReplyMessage,
    tickets: &[(Method, String)],
    answers: &mut BTreeMap<String, WorkerAnswer>,
) {
    let is_meant = |(_, ticket): &&(Method, String)| Some(ticket) == reply.ticket.as_ref();
    let Some((method, _)) = tickets.iter().find(is_meant) else { return };
    let Ok(Value::Object(told)) = serde_json::from_slice(&reply.body) else { return };
    for (node, value) in told {
        let new = || WorkerAnswer { node: node.clone(), ..WorkerAnswer::default() };
        let answer = answers.entry(node.clone()).or_insert_with(new);
        match method {
            Method::Registered => answer.tasks = tasks(&value),
            Method::ActiveQueues => answer.queues = queues(&value),
            Method::Stats => answer.stats = value.is_object().then(|| stats(&value)),
        }
    }
}

/// A task may be followed by its rate limit: `mail [rate_limit=10/m]`.
fn tasks(list: &Value) -> Option<Vec<String>> {
    let items = list.as_array()?.iter().filter_map(Value::as_str);
    let mut names: Vec<String> =
        items.map(|item| item.split_once(" [").map_or(item, |(name, _)| name).to_owned()).collect();
    names.sort();
    Some(names)
}

fn queues(list: &Value) -> Option<Vec<DeclaredQueue>> {
    let queue = |item: &Value| {
        let name = item["name"].as_str()?.to_owned();
        let listed = item["bindings"].as_array().filter(|bindings| !bindings.is_empty());
        let bindings = match listed {
            Some(bindings) => bindings.iter().filter_map(binding).collect(),
            // Without a list the queue itself says how it is bound.
            None => binding(item).into_iter().collect(),
        };
        Some(DeclaredQueue { name, bindings })
    };
    let mut queues: Vec<DeclaredQueue> = list.as_array()?.iter().filter_map(queue).collect();
    queues.sort_by(|a, b| a.name.cmp(&b.name));
    Some(queues)
}

fn binding(item: &Value) -> Option<DeclaredBinding> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let (exchange, routing_key) = (text(&item["exchange"]["name"])?, text(&item["routing_key"])?);
    Some(DeclaredBinding { exchange, routing_key })
}

fn stats(value: &Value) -> WorkerStats {
    let started = value["total"].as_object();
    WorkerStats {
        pid: value["pid"].as_u64(),
        uptime: value["uptime"].as_u64(),
        concurrency: value["pool"]["max-concurrency"].as_u64(),
        processed: started.map(|total| total.values().filter_map(Value::as_u64).sum()),
    }
}

fn is_complete(answer: &WorkerAnswer) -> bool {
    answer.tasks.is_some() && answer.queues.is_some() && answer.stats.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(name: &str, routing_key: &str) -> DeclaredQueue {
        let (exchange, routing_key) = ("events".to_owned(), routing_key.to_owned());
        let bindings = vec![DeclaredBinding { exchange, routing_key }];
        DeclaredQueue { name: name.to_owned(), bindings }
    }

    fn reply(ticket: &str, body: &str) -> ReplyMessage {
        ReplyMessage {
            correlation_id: None,
            content_type: Some("application/json".into()),
            content_encoding: Some("utf-8".into()),
            compression: None,
            ticket: Some(ticket.into()),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn replies_are_put_together_by_node() {
        let tickets = Method::ALL.map(|method| (method, method.name().to_owned()));
        let mut answers = BTreeMap::new();
        for (ticket, body) in [
            ("registered", r#"{"a@h": ["mail [rate_limit=1/m]", "b.c"]}"#),
            (
                "active_queues",
                r#"{"a@h": [{"name": "q", "exchange": {"name": "direct"}, "routing_key": "q",
                "bindings": [{"exchange": {"name": "events"}, "routing_key": "b.*"}, {}]},
                {"name": "p", "exchange": {"name": "events"}, "routing_key": "p", "bindings": []},
                {"exchange": {}}, 7]}"#,
            ),
            (
                "stats",
                r#"{"a@h": {"pid": 7, "uptime": "?", "total": {"b.c": 2, "mail": 3},
                "pool": {"max-concurrency": 4}}}"#,
            ),
            ("registered", r#"{"b@h": {"error": "no"}}"#),
            ("somebody else's", r#"{"c@h": []}"#),
            ("stats", "not JSON"),
        ] {
            take(&reply(ticket, body), &tickets, &mut answers);
        }
        let stats =
            WorkerStats { pid: Some(7), uptime: None, concurrency: Some(4), processed: Some(5) };
        let first = WorkerAnswer {
            node: "a@h".into(),
            tasks: Some(vec!["b.c".into(), "mail".into()]),
            queues: Some(vec![declared("p", "p"), declared("q", "b.*")]),
            stats: Some(stats),
        };
        assert!(is_complete(&first));
        let second = WorkerAnswer { node: "b@h".into(), ..WorkerAnswer::default() };
        assert_eq!(answers.into_values().collect::<Vec<_>>(), [first, second]);
    }
}
