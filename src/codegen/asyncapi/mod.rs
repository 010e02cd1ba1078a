//! An AsyncAPI 3.0 document: a channel per topic, a message per version, RPC as request and reply,
//! with AMQP bindings.
//!
//! One JSON file, which every AsyncAPI tool reads as it reads YAML. The document describes the whole
//! exchange, so it holds both sides of every topic: `send` operations for those who publish or
//! call, `receive` operations for those who subscribe or answer.

mod channel;
mod keyword;
mod message;
mod pattern;
mod payload;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use self::channel::Traffic;
use self::payload::Components;
use super::keys::Keys;
use super::target::{GeneratedFile, HEADER, Loss, Options, Output};
use super::topics::{self, TopicVersions};
use crate::schema::{Mode, SchemaDocument, SchemaPart, sha256_hex};

/// The AsyncAPI document of `documents`, as `asyncapi.json`.
pub fn files(documents: &[SchemaDocument], options: &Options) -> Output {
    let topics = topics::by_topic(documents);
    let mut draft = Draft::of(options);
    for topic in &topics {
        draft.add(topic);
    }
    let mut text = serde_json::to_string_pretty(&draft.document(&topics))
        .expect("string keys and numbers that were read from JSON");
    text.push('\n');
    let file = GeneratedFile { path: "asyncapi.json".to_owned(), text };
    Output::of(vec![file], draft.losses)
}

/// The parts of the document while topics are added.
struct Draft<'o> {
    options: &'o Options,
    keys: Keys,
    message_keys: Keys,
    components: Components,
    channels: Map<String, Value>,
    operations: Map<String, Value>,
    messages: Map<String, Value>,
    losses: Vec<Loss>,
}

impl<'o> Draft<'o> {
    fn of(options: &'o Options) -> Self {
        Self {
            options,
            keys: Keys::default(),
            message_keys: Keys::default(),
            components: Components::default(),
            channels: Map::new(),
            operations: Map::new(),
            messages: Map::new(),
            losses: Vec::new(),
        }
    }

    fn add(&mut self, topic: &TopicVersions<'_>) {
        let name = topic.topic.as_str();
        let mut traffic = Traffic {
            channel: self.keys.key(name, name),
            reply_channel: self.keys.key(&format!("{name}.reply"), &format!("{name} reply")),
            subscribers: channel::subscribers(&topic.versions),
            ..Traffic::default()
        };
        let mut messages = Map::new();
        let mut replies = Map::new();
        for document in &topic.versions {
            self.add_version(document, &mut traffic, (&mut messages, &mut replies));
        }
        if !channel::is_plain_address(topic.topic) {
            let message = "AsyncAPI cannot write this topic as the address of a channel";
            self.losses.push(Loss::about(topic.latest(), message.to_owned()));
        }
        let description = &topic.latest().description;
        self.operations.extend(channel::operations(topic.topic, &traffic));
        self.channels.insert(
            traffic.channel,
            channel::channel(topic.topic, description, &messages, self.options),
        );
        if !replies.is_empty() {
            let channel = channel::reply_channel(topic.topic, &replies);
            self.channels.insert(traffic.reply_channel, channel);
        }
    }

    fn add_version(
        &mut self,
        document: &SchemaDocument,
        traffic: &mut Traffic,
        (messages, replies): (&mut Map<String, Value>, &mut Map<String, Value>),
    ) {
        let version = document.version.as_str();
        let mut parts = topics::parts(document);
        let has_response = parts.iter().any(|part| part.kind == SchemaPart::Response);
        if document.mode == Mode::Rpc && !has_response {
            let schema = Value::Bool(true);
            parts.push(topics::Part { kind: SchemaPart::Response, schema });
        }
        for part in parts {
            let (suffix, names, references) = match (part.kind, document.mode) {
                (SchemaPart::Request, Mode::Broadcast) => ("", &mut traffic.events, &mut *messages),
                (SchemaPart::Request, Mode::Rpc) => ("", &mut traffic.requests, &mut *messages),
                (SchemaPart::Response, _) => (".response", &mut traffic.replies, &mut *replies),
                (SchemaPart::Error, _) => (".error", &mut traffic.replies, &mut *replies),
            };
            let name = format!("{version}{suffix}");
            let full_name = format!("{}.{name}", document.topic);
            let identity = format!("{} {name}", document.topic);
            let key = self.message_keys.key(&full_name, &identity);
            let (payload, lost) = self.components.add((&full_name, &identity), &part.schema);
            self.losses.extend(lost.into_iter().map(|message| Loss::about(document, message)));
            self.messages.insert(key.clone(), message::message(document, part.kind, &payload));
            let reference = json!({"$ref": format!("#/components/messages/{key}")});
            references.insert(name.clone(), reference);
            names.push(name);
        }
    }

    fn document(&self, topics: &[TopicVersions<'_>]) -> Value {
        json!({
            "asyncapi": "3.0.0",
            "x-generated": HEADER,
            "x-update": self.options.update_command,
            "info": {
                "title": format!("Events on {}", self.options.exchange),
                "version": version(topics),
                "description": "Events of Celery services: the topic is the routing key. Every \
                    payload travels inside a task message of Celery, see the message trait.",
            },
            "defaultContentType": "application/json",
            "channels": self.channels,
            "operations": self.operations,
            "components": {
                "messages": self.messages,
                "schemas": self.components.schemas,
                "messageTraits": message::traits(self.options),
            },
        })
    }
}

/// A version that changes when a contract does, and only then.
fn version(topics: &[TopicVersions<'_>]) -> String {
    let versions = topics.iter().flat_map(|topic| &topic.versions);
    let hashes: Vec<String> = versions.map(|document| document.contract_hash()).collect();
    format!("0.0.0+sha256.{}", &sha256_hex(&hashes.join("\n"))[..12])
}
