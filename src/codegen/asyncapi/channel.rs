//! Channels, which are topics, and the operations on them.

use serde_json::{Map, Value, json};

use super::message::BINDING_VERSION;
use crate::codegen::target::Options;
use crate::event::Topic;
use crate::schema::SchemaDocument;
use crate::schema::judge::{self, SubscriberVersion};

/// The channel of a topic, with references to its messages by their names in the channel.
pub(super) fn channel(
    topic: &Topic,
    description: &str,
    messages: &Map<String, Value>,
    options: &Options,
) -> Value {
    let mut channel = Map::new();
    let mut put = |member: &str, value: Value| channel.insert(member.to_owned(), value);
    let is_plain = is_plain_address(topic);
    put("address", if is_plain { json!(topic.as_str()) } else { Value::Null });
    put("title", json!(topic.as_str()));
    if !description.is_empty() {
        put("description", json!(description));
    }
    put("messages", Value::Object(messages.clone()));
    put("bindings", bindings(options));
    if !is_plain {
        put("x-routing-key", json!(topic.as_str()));
    }
    Value::Object(channel)
}

/// AsyncAPI reads braces in an address as parameters, and a query or a fragment is not allowed.
pub(super) fn is_plain_address(topic: &Topic) -> bool {
    !topic.as_str().contains(['{', '}', '?', '#'])
}

fn bindings(options: &Options) -> Value {
    json!({"amqp": {
        "is": "routingKey",
        "exchange": {
            "name": options.exchange,
            "type": "topic",
            "durable": true,
            "autoDelete": false,
        },
        "bindingVersion": BINDING_VERSION,
    }})
}

/// Where the answers to calls come back. It has no address: every caller names its own.
pub(super) fn reply_channel(topic: &Topic, messages: &Map<String, Value>) -> Value {
    json!({
        "address": null,
        "title": format!("{topic}: answers"),
        "description": "The result backend of the caller: a reply queue, or a key of Redis or a \
            row of a database under the id of the task.",
        "messages": messages,
    })
}

/// The channels and messages that the operations on a topic speak of.
#[derive(Debug, Default)]
pub(super) struct Traffic {
    pub(super) channel: String,
    /// Names of messages in the channel, of broadcast events and of requests.
    pub(super) events: Vec<String>,
    pub(super) requests: Vec<String>,
    pub(super) reply_channel: String,
    pub(super) replies: Vec<String>,
    /// Those who receive, as far as the documents say.
    pub(super) subscribers: Vec<Value>,
}

/// Names and operations: what publishers and callers do, and what those do who subscribe.
pub(super) fn operations(topic: &Topic, traffic: &Traffic) -> Vec<(String, Value)> {
    let key = &traffic.channel;
    let mut operations = Vec::new();
    if !traffic.events.is_empty() {
        let delivery = json!({"deliveryMode": 2, "bindingVersion": BINDING_VERSION});
        let messages = &traffic.events;
        operations.push((
            format!("{key}.publish"),
            operation(traffic, "send", &format!("Publish {topic}"), (messages, delivery)),
        ));
        operations.push((
            format!("{key}.subscribe"),
            operation(traffic, "receive", &format!("Receive {topic}"), (messages, acknowledged())),
        ));
    }
    if !traffic.requests.is_empty() {
        let delivery = json!({"deliveryMode": 2, "priority": 9, "bindingVersion": BINDING_VERSION});
        let messages = &traffic.requests;
        for (name, action, title, binding) in [
            ("call", "send", format!("Call {topic}"), delivery),
            ("answer", "receive", format!("Answer {topic}"), acknowledged()),
        ] {
            let mut operation = operation(traffic, action, &title, (messages, binding));
            operation["reply"] = reply(traffic);
            operations.push((format!("{key}.{name}"), operation));
        }
    }
    operations
}

fn acknowledged() -> Value {
    json!({"ack": true, "bindingVersion": BINDING_VERSION})
}

fn operation(
    traffic: &Traffic,
    action: &str,
    title: &str,
    (messages, binding): (&[String], Value),
) -> Value {
    let mut operation = json!({
        "action": action,
        "channel": {"$ref": format!("#/channels/{}", traffic.channel)},
        "title": title,
        "messages": references(&traffic.channel, messages),
        "bindings": {"amqp": binding},
    });
    if action == "receive" && !traffic.subscribers.is_empty() {
        operation["x-subscribers"] = Value::from(traffic.subscribers.clone());
    }
    operation
}

/// The handlers that somebody noted; `version` is what they ask for, where that is known.
pub(super) fn subscribers(documents: &[&SchemaDocument]) -> Vec<Value> {
    let noted = judge::subscribers(documents.iter().copied()).into_iter();
    let shown = noted.map(|subscriber| match subscriber.version {
        SubscriberVersion::Latest => json!({"name": subscriber.name, "version": "latest"}),
        SubscriberVersion::Exact(version) => {
            json!({"name": subscriber.name, "version": version.as_str()})
        }
        SubscriberVersion::Unknown => json!({"name": subscriber.name}),
    });
    shown.collect()
}

fn reply(traffic: &Traffic) -> Value {
    json!({
        "address": {
            "location": "$message.header#/reply_to",
            "description": "The AMQP property `reply_to` names the caller's reply queue. With \
                another result backend the id of the task says where the answer is.",
        },
        "channel": {"$ref": format!("#/channels/{}", traffic.reply_channel)},
        "messages": references(&traffic.reply_channel, &traffic.replies),
    })
}

fn references(channel: &str, messages: &[String]) -> Value {
    let reference =
        |name: &String| json!({"$ref": format!("#/channels/{channel}/messages/{name}")});
    messages.iter().map(reference).collect()
}
