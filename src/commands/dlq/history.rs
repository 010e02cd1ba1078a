//! How a message came into a dead-letter queue, from the headers the broker gave it.
//!
//! Source: RabbitMQ's `rabbit_dead_letter.erl`. `x-death` holds one entry for each pair of queue and
//! reason, the latest death first. With each death RabbitMQ 3.10 turns the rest of the list round, so
//! that only the first entry tells its place: the original death is named by `x-first-death-queue` and
//! `x-first-death-reason`, and those between are in the order of their times, which are whole seconds.

use std::cmp::Reverse;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::broker::amqp::RETRIES_HEADER;
use crate::wire::{HeaderValue, Headers};

/// Deaths and routing keys that are read at most. Headers can be forged.
const MAX_ENTRIES: usize = 64;

/// One entry of `x-death`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Death {
    /// The queue it died in.
    pub queue: String,
    /// `rejected`, `expired`, `maxlen` or `delivery_limit`.
    pub reason: String,
    /// How often it died there for this reason.
    pub count: u64,
    /// The exchange it had been published to.
    pub exchange: String,
    pub routing_keys: Vec<String>,
    /// The first time, RFC 3339.
    pub time: Option<String>,
}

/// What the headers of a message say about its past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The latest first, the original one last unless it is the latest as well.
    pub deaths: Vec<Death>,
    first_queue: Option<String>,
    first_reason: Option<String>,
    /// How often `dlq retry` has sent it back.
    pub retries: u32,
}

impl History {
    pub fn read(headers: &dyn Headers) -> Self {
        let mut history = Self::default();
        headers.visit(&mut |name, value| match (name, value) {
            ("x-death", HeaderValue::List(entries)) => entries.visit(&mut |entry| {
                if let HeaderValue::Table(table) = entry
                    && history.deaths.len() < MAX_ENTRIES
                {
                    history.deaths.push(Death::read(table));
                }
            }),
            ("x-first-death-queue", HeaderValue::Text(queue)) => {
                history.first_queue = Some(queue.to_owned());
            }
            ("x-first-death-reason", HeaderValue::Text(reason)) => {
                history.first_reason = Some(reason.to_owned());
            }
            (RETRIES_HEADER, HeaderValue::Int(retries)) => {
                history.retries = u32::try_from(retries).unwrap_or(u32::MAX);
            }
            (RETRIES_HEADER, _) => history.retries = u32::MAX,
            _ => {}
        });
        history.put_in_order();
        history
    }

    fn put_in_order(&mut self) {
        let mut deaths = std::mem::take(&mut self.deaths);
        if let [_latest, earlier @ ..] = deaths.as_mut_slice() {
            earlier.sort_by_cached_key(|death| (self.is_first(death), Reverse(death.time.clone())));
        }
        self.deaths = deaths;
    }

    fn is_first(&self, death: &Death) -> bool {
        self.first_queue.as_ref() == Some(&death.queue)
            && self.first_reason.as_ref().is_none_or(|reason| *reason == death.reason)
    }

    fn original(&self) -> Option<&Death> {
        self.deaths.iter().find(|death| self.is_first(death)).or(self.deaths.last())
    }

    /// Whether a broker has dead-lettered the message at all.
    pub fn is_dead_letter(&self) -> bool {
        !self.deaths.is_empty()
    }

    /// The queue the message died in first.
    pub fn original_queue(&self) -> Option<&str> {
        let original = || self.original().map(|death| death.queue.as_str());
        self.first_queue.as_deref().or_else(original).filter(|queue| !queue.is_empty())
    }

    /// The routing key it was published with, before it died the first time.
    pub fn original_routing_key(&self) -> Option<&str> {
        self.original()?.routing_keys.first().map(String::as_str)
    }

    /// How often it died in its original queue.
    pub fn deaths_at_origin(&self) -> u64 {
        let origin = self.original_queue();
        let there = self.deaths.iter().filter(|death| Some(death.queue.as_str()) == origin);
        there.fold(0, |sum, death| sum.saturating_add(death.count))
    }

    /// When the broker saw it die last for the first time, RFC 3339.
    pub fn last_death(&self) -> Option<&str> {
        self.deaths.first()?.time.as_deref()
    }
}

impl Death {
    fn read(entry: &dyn Headers) -> Self {
        let mut death = Self::default();
        entry.visit(&mut |name, value| match (name, value) {
            ("queue", HeaderValue::Text(text)) => death.queue = text.to_owned(),
            ("reason", HeaderValue::Text(text)) => death.reason = text.to_owned(),
            ("exchange", HeaderValue::Text(text)) => death.exchange = text.to_owned(),
            ("count", HeaderValue::Int(count)) => death.count = u64::try_from(count).unwrap_or(0),
            ("count", HeaderValue::UInt(count)) => death.count = count,
            ("time", HeaderValue::Timestamp(seconds)) => death.time = time(seconds),
            ("time", HeaderValue::Int(seconds)) => {
                death.time = u64::try_from(seconds).ok().and_then(time);
            }
            ("routing-keys", HeaderValue::List(keys)) => keys.visit(&mut |key| {
                if let HeaderValue::Text(key) = key
                    && death.routing_keys.len() < MAX_ENTRIES
                {
                    death.routing_keys.push(key.to_owned());
                }
            }),
            _ => {}
        });
        death
    }

    /// `rejected twice`, `expired`.
    pub fn cause(&self) -> String {
        match self.count {
            0 | 1 => self.reason.clone(),
            2 => format!("{} twice", self.reason),
            count => format!("{} {count} times", self.reason),
        }
    }
}

fn time(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok()?;
    Timestamp::from_second(seconds).ok().map(|time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn history(headers: &Value) -> History {
        History::read(headers.as_object().unwrap())
    }

    fn death(queue: &str, reason: &str, count: i64) -> Value {
        json!({"queue": queue, "reason": reason, "count": count, "exchange": "tchu_events",
               "routing-keys": ["user.created"], "time": 1_767_323_045})
    }

    #[test]
    fn the_first_death_tells_where_a_message_belongs() {
        let headers = json!({
            "x-death": [death("parked", "expired", 1), death("orders", "rejected", 2),
                        death("orders", "expired", 1)],
            "x-first-death-queue": "orders", "x-celerysalt-retries": 2,
        });
        let history = history(&headers);
        assert!(history.is_dead_letter());
        assert_eq!(history.original_queue(), Some("orders"));
        assert_eq!(history.original_routing_key(), Some("user.created"));
        assert_eq!((history.deaths_at_origin(), history.retries), (3, 2));
        assert_eq!(history.last_death(), Some("2026-01-02T03:04:05.000Z"));
        let causes: Vec<String> = history.deaths.iter().map(Death::cause).collect();
        assert_eq!(causes, ["expired", "rejected twice", "expired"]);
    }

    #[test]
    fn the_order_of_the_deaths_is_mended() {
        let at = |queue: &str, time: u64| {
            let mut death = death(queue, "expired", 1);
            death["time"] = json!(time);
            death["routing-keys"] = json!([format!("key of {queue}")]);
            death
        };
        // As RabbitMQ 3.10 leaves it: the latest, and the others turned round with each death.
        let deaths = json!([at("d", 40), at("b", 20), at("a", 10), at("c", 30)]);
        let told = json!({"x-death": deaths, "x-first-death-queue": "a",
                          "x-first-death-reason": "expired"});
        let untold = json!({"x-death": deaths});
        for headers in [told, untold] {
            let history = history(&headers);
            let queues: Vec<&str> = history.deaths.iter().map(|d| d.queue.as_str()).collect();
            assert_eq!(queues, ["d", "c", "b", "a"]);
            assert_eq!(history.original_queue(), Some("a"));
            assert_eq!(history.original_routing_key(), Some("key of a"));
        }
        // It came back to where it died first: that is the latest death and the original one.
        let round = json!({"x-death": [at("a", 10), at("b", 20)], "x-first-death-queue": "a"});
        assert_eq!(history(&round).original_routing_key(), Some("key of a"));
        assert_eq!(history(&round).deaths[0].queue, "a");
    }

    #[test]
    fn the_oldest_entry_stands_in_where_the_first_death_is_not_named() {
        let headers = json!({"x-death": [death("b", "expired", 1), death("a", "rejected", 1)]});
        assert_eq!(history(&headers).original_queue(), Some("a"));
    }

    #[test]
    fn forged_headers_are_bounded_and_never_make_a_message_look_fresh() {
        let table = [
            (json!({}), None, 0),
            (json!({"x-death": "text", "x-first-death-queue": ""}), None, 0),
            (json!({"x-death": [1, [], {"queue": 5, "count": -3, "routing-keys": "a"}]}), None, 0),
            (json!({"x-celerysalt-retries": -1}), None, u32::MAX),
            (json!({"x-celerysalt-retries": "0"}), None, u32::MAX),
            (json!({"x-death": vec![death("a", "rejected", i64::MAX); 200]}), Some("a"), 0),
        ];
        for (headers, queue, retries) in table {
            let history = history(&headers);
            assert_eq!((history.original_queue(), history.retries), (queue, retries), "{headers}");
            assert!(history.deaths.len() <= MAX_ENTRIES);
        }
        let many = json!({"x-death": vec![death("a", "rejected", i64::MAX); 200]});
        assert_eq!(history(&many).deaths_at_origin(), u64::MAX);
    }
}
