//! One message of a queue on its way to the reader: the record that `tail` prints, and what its
//! headers and the result backend tell about its past.

use std::borrow::Cow;
use std::io::Write;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::broker::amqp::RETRIES_HEADER;
use crate::commands::dlq::{Death, History};
use crate::commands::stored_results::StoredResults;
use crate::ui::{EventView, Style, push_event, sanitize};
use crate::wire::json::members;
use crate::wire::record::{Observation, SchemaStatus, write_message};
use crate::wire::{Decoded, Incoming, Kind, TaskFailure};

/// What became of the task of a dead letter, as far as it is known.
#[derive(Debug, Default)]
pub struct Aftermath {
    /// The topic of the event that a handler's task belongs to.
    pub topic: Option<String>,
    pub failure: Option<TaskFailure>,
}

/// The part of a record that only messages of a queue have.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DeadLetter<'a> {
    pub original_queue: Option<&'a str>,
    /// `null` where neither the message nor the result backend tells.
    pub original_topic: Option<&'a str>,
    /// The latest first.
    pub deaths: &'a [Death],
    /// How often `dlq retry` has sent it back.
    pub retries: u32,
    /// The exception of its task, from the result backend.
    pub exception: Option<String>,
    pub traceback: Option<&'a str>,
}

/// A message and everything known about it.
#[derive(Clone, Copy)]
pub struct ShownMessage<'a> {
    /// Counted from 1 at the head of the queue.
    pub position: u64,
    pub decoded: &'a Decoded<'a>,
    pub incoming: &'a Incoming<'a>,
    pub history: &'a History,
    pub aftermath: &'a Aftermath,
}

impl Aftermath {
    /// Looks the message's task up. The task of a handler is `<event id>:<handler>`, and the
    /// dispatcher's report under the event's id names the topic.
    pub async fn look_up(decoded: &Decoded<'_>, results: &mut StoredResults) -> Self {
        let Some(id) = decoded.id.as_deref() else { return Self::default() };
        let own = results.of(id).await;
        let mut aftermath = Self { topic: None, failure: own.and_then(|result| result.failure) };
        if let (Kind::Task, Some((event, _handler))) = (decoded.kind, id.split_once(':')) {
            let report = results.of(event).await.and_then(|result| result.report);
            aftermath.topic = report.map(|report| report.topic);
        }
        aftermath
    }
}

/// The topic that a message was published to; `None` for a task that is no event.
pub fn topic_of<'a>(
    decoded: &'a Decoded<'_>,
    history: &'a History,
    aftermath: &'a Aftermath,
) -> Option<&'a str> {
    match decoded.kind {
        Kind::Event | Kind::RpcRequest => Some(decoded.topic.as_ref()),
        Kind::Task => aftermath.topic.as_deref(),
        Kind::Raw | Kind::Undecodable => match history.is_dead_letter() {
            true => history.original_routing_key(),
            false => Some(decoded.topic.as_ref()),
        },
    }
}

impl ShownMessage<'_> {
    fn dead_letter(&self) -> Option<DeadLetter<'_>> {
        self.history.is_dead_letter().then(|| DeadLetter {
            original_queue: self.history.original_queue(),
            original_topic: topic_of(self.decoded, self.history, self.aftermath),
            deaths: &self.history.deaths,
            retries: self.history.retries,
            exception: self.aftermath.failure.as_ref().map(TaskFailure::summary),
            traceback: self.aftermath.failure.as_ref().and_then(|f| f.traceback.as_deref()),
        })
    }

    /// Appends the record, line end included: that of `tail` and two members more.
    pub fn write_record(&self, out: &mut Vec<u8>, now: Timestamp) {
        let (received_at, schema) = (format!("{now:.3}"), SchemaStatus::default());
        let observation = Observation { received_at: &received_at, schema: &schema };
        write_message(out, self.decoded, self.incoming, &observation);
        out.truncate(out.len() - "}\n".len());
        let dead_letter = serde_json::value::to_raw_value(&self.dead_letter());
        let dead_letter = dead_letter.unwrap_or_else(|_| RawValue::NULL.to_owned());
        // Writing to a Vec cannot fail.
        let _ = writeln!(
            out,
            ",\"position\":{},\"dead_letter\":{}}}",
            self.position,
            dead_letter.get()
        );
    }

    /// Appends the lines for people. The time is that of the last death, where there is one.
    pub fn push_human(&self, out: &mut String, now: Timestamp, style: &Style) {
        let now = format!("{now:.3}");
        let mut decoded = self.decoded.clone();
        decoded.envelope.headers = decoded.envelope.headers.and_then(|json| without_deaths(&json));
        let view = EventView {
            decoded: &decoded,
            redelivered: self.incoming.redelivered,
            received_at: self.history.last_death().unwrap_or(&now),
            body: self.incoming.body,
            schema: &SchemaStatus::default(),
        };
        push_event(out, &view, style);
        let Some(letter) = self.dead_letter() else { return };
        for death in letter.deaths {
            let since = death.time.as_deref().unwrap_or("an unknown time");
            out.push_str(&format!(
                "    {} in {}: {}, first at {}\n",
                style.warning.apply_to("died"),
                sanitize(&death.queue),
                sanitize(&death.cause()),
                sanitize(since),
            ));
        }
        if let Some(topic) = letter.original_topic.filter(|topic| *topic != self.decoded.topic) {
            out.push_str(&format!("    {} {}\n", style.dim.apply_to("topic"), sanitize(topic)));
        }
        if letter.retries > 0 {
            let label = style.dim.apply_to("sent back");
            out.push_str(&format!("    {label} with dlq retry: {}\n", letter.retries));
        }
        if let Some(exception) = &letter.exception {
            let first_line = exception.lines().next().unwrap_or_default();
            let more = if first_line.len() < exception.len() { " …" } else { "" };
            let label = style.bad.apply_to("raised");
            out.push_str(&format!("    {label} {}{more}\n", sanitize(first_line)));
        }
    }
}

/// The unusual headers but those that are shown in words.
fn without_deaths(headers: &str) -> Option<Cow<'static, str>> {
    let is_shown = |name: &str| {
        name == "x-death" || name.starts_with("x-first-death-") || name == RETRIES_HEADER
    };
    let kept: Vec<String> = members(headers)
        .filter(|member| !is_shown(&member.key()))
        .map(|member| format!("{}:{}", Value::from(member.key().into_owned()), member.value))
        .collect();
    (!kept.is_empty()).then(|| Cow::Owned(format!("{{{}}}", kept.join(","))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ui::{Layout, Target};
    use crate::wire::{Decoder, Properties};

    const NOW: &str = "2026-01-02T03:04:05.678Z";

    fn headers() -> Value {
        json!({
            "task": "service.book", "id": "14d4:handler_2", "lang": "py", "tenant": "acme",
            "x-first-death-queue": "orders", "x-first-death-reason": "rejected",
            "x-celerysalt-retries": 2,
            "x-death": [{"queue": "orders\u{1b}[31m", "reason": "rejected", "count": 3,
                         "exchange": "", "routing-keys": ["orders"], "time": 1_767_323_000}],
        })
    }

    fn with_message<T>(headers: &Value, test: impl FnOnce(&ShownMessage<'_>) -> T) -> T {
        let incoming = Incoming {
            exchange: "",
            routing_key: "orders.dead",
            redelivered: false,
            properties: Properties {
                content_type: Some("application/json"),
                content_encoding: Some("utf-8"),
                ..Properties::default()
            },
            headers: headers.as_object().unwrap(),
            body: br#"[[{"order_id":7}],{},{"callbacks":null}]"#,
        };
        let mut decoder = Decoder::default();
        let decoded = decoder.decode(&incoming);
        let aftermath = Aftermath {
            topic: Some("order.created".to_owned()),
            failure: Some(TaskFailure {
                exc_type: Some("ValueError".to_owned()),
                exc_message: RawValue::from_string(r#"["boom\n\u001b[2J"]"#.to_owned()).ok(),
                ..TaskFailure::default()
            }),
        };
        test(&ShownMessage {
            position: 1,
            decoded: &decoded,
            incoming: &incoming,
            history: &History::read(incoming.headers),
            aftermath: &aftermath,
        })
    }

    #[test]
    fn a_dead_letter_is_shown_with_its_past_in_words() {
        let mut text = String::new();
        let layout = Layout { target: Target::Terminal, columns: 80 };
        let style = Style::new(false).with_layout(layout);
        with_message(&headers(), |m| m.push_human(&mut text, NOW.parse().unwrap(), &style));
        insta::assert_snapshot!(text);
    }

    #[test]
    fn the_record_of_a_dead_letter_is_that_of_tail_and_more() {
        let mut record = Vec::new();
        with_message(&headers(), |m| m.write_record(&mut record, NOW.parse().unwrap()));
        let record: Value = serde_json::from_slice(&record).unwrap();
        assert_eq!(record["payload"]["args"][0]["order_id"], 7);
        assert_eq!((&record["position"], &record["id"]), (&json!(1), &json!("14d4:handler_2")));
        insta::assert_snapshot!(serde_json::to_string_pretty(&record["dead_letter"]).unwrap());
    }

    #[test]
    fn what_never_died_has_no_past() {
        let mut record = Vec::new();
        let fresh = json!({"task": "service.book", "id": "1"});
        with_message(&fresh, |m| m.write_record(&mut record, NOW.parse().unwrap()));
        let record: Value = serde_json::from_slice(&record).unwrap();
        assert_eq!(record["dead_letter"], Value::Null);
    }
}
