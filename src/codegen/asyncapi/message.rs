//! Messages: one per version of an event, one per answer to a call.

use serde_json::{Map, Value, json};

use super::keyword::is_unspeakable;
use crate::codegen::target::Options;
use crate::schema::{Publisher, SchemaDocument, SchemaPart};

/// The version of the AMQP bindings that is written.
pub(super) const BINDING_VERSION: &str = "0.3.0";
const CELERY_TASK: &str = "celeryTask";

/// The message of one part of a document, whose payload `payload` refers to.
pub(super) fn message(document: &SchemaDocument, part: SchemaPart, payload: &Value) -> Value {
    let class = document.publisher.as_ref().and_then(|publisher| publisher.class.as_deref());
    let name = class.unwrap_or(document.topic.as_str());
    let mut message = Map::new();
    let mut put = |member: &str, value: Value| message.insert(member.to_owned(), value);
    put("name", json!(format!("{name}{}", suffix(part))));
    put("title", json!(title(document, part)));
    if part == SchemaPart::Request {
        if !document.description.is_empty() {
            put("description", json!(document.description));
        }
        if document.deprecated.is_some() {
            put("deprecated", json!(true));
        }
    } else {
        put("description", json!(ANSWER));
    }
    put("contentType", json!("application/json"));
    put("payload", payload.clone());
    if part == SchemaPart::Request {
        put("traits", json!([{"$ref": format!("#/components/messageTraits/{CELERY_TASK}")}]));
        put("tags", json!([{"name": document.version.as_str()}, {"name": document.mode.as_str()}]));
        if let Some(examples) = examples(document) {
            put("examples", examples);
        }
        for (member, value) in extensions(document) {
            put(member, value);
        }
    }
    Value::Object(message)
}

const ANSWER: &str = "Stands in Celery's result document, at `result.results[0].result`.";

fn suffix(part: SchemaPart) -> &'static str {
    match part {
        SchemaPart::Request => "",
        SchemaPart::Response => "Response",
        SchemaPart::Error => "Error",
    }
}

fn title(document: &SchemaDocument, part: SchemaPart) -> String {
    let what = match part {
        SchemaPart::Request => "",
        SchemaPart::Response => ": response",
        SchemaPart::Error => ": error",
    };
    format!("{} {}{what}", document.topic, document.version)
}

/// The examples that the schema itself gives.
fn examples(document: &SchemaDocument) -> Option<Value> {
    let schema = document.schema.value();
    let given = schema.get("examples")?.as_array()?;
    let usable = given.iter().filter(|example| example.is_object() && !is_unspeakable(example));
    let examples: Vec<Value> = usable.map(|example| json!({"payload": example})).collect();
    (!examples.is_empty()).then_some(Value::Array(examples))
}

/// What AsyncAPI has no member for.
fn extensions(document: &SchemaDocument) -> Vec<(&'static str, Value)> {
    let mut extensions = vec![
        ("x-version", json!(document.version.as_str())),
        ("x-contract", json!(format!("sha256:{}", document.contract_hash()))),
    ];
    if let Some(publisher) = &document.publisher {
        extensions.push(("x-publisher", publisher_of(publisher)));
    }
    if let Some(owner) = &document.owner {
        extensions.push(("x-owner", json!(owner)));
    }
    if let Some(reason) = document.deprecated.as_ref().and_then(|known| known.reason.as_ref()) {
        extensions.push(("x-deprecation-reason", json!(reason)));
    }
    let annotations = Value::Object(document.annotations.clone());
    if !document.annotations.is_empty() && !is_unspeakable(&annotations) {
        extensions.push(("x-annotations", annotations));
    }
    extensions
}

fn publisher_of(publisher: &Publisher) -> Value {
    let members = [
        ("service", &publisher.service),
        ("module", &publisher.module),
        ("class", &publisher.class),
    ];
    let known = members.into_iter().filter_map(|(name, value)| {
        value.as_ref().map(|value| (name.to_owned(), Value::from(value.as_str())))
    });
    Value::Object(known.collect())
}

/// What every event has in common on the wire.
pub(super) fn traits(options: &Options) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    let maybe = |description: &str| json!({"type": ["string", "null"], "description": description});
    let headers = json!({
        "type": "object",
        "required": ["task", "id"],
        "properties": {
            "task": {"const": options.task, "description": "The task that dispatches the event."},
            "id": text("The id of the task, and of the result of a call."),
            "root_id": text("The first task of the chain that led to this one."),
            "parent_id": maybe("The task that published this one."),
            "lang": {"const": "py"},
            "origin": text("The process and host that published it."),
            "retries": {"type": "integer", "minimum": 0},
            "eta": maybe("When the task may run, in ISO 8601."),
            "expires": maybe("When nobody waits any longer, in ISO 8601."),
            "argsrepr": text("The arguments as Python shows them."),
            "kwargsrepr": text("The keyword arguments as Python shows them."),
        },
    });
    json!({CELERY_TASK: {
        "description": "A task message of Celery, protocol 2. The body on the wire is \
            `[[PAYLOAD], {\"routing_key\": TOPIC}, {\"callbacks\": null, \"errbacks\": null, \
            \"chain\": null, \"chord\": null}]`, where PAYLOAD is the payload as JSON text with a \
            member `_tchu_meta` (`is_rpc`, `version`, `correlation_id`) beside its own.",
        "headers": headers,
        "correlationId": {
            "location": "$message.header#/id",
            "description": "The AMQP property `correlation_id` holds the same id.",
        },
        "bindings": {"amqp": {"contentEncoding": "utf-8", "bindingVersion": BINDING_VERSION}},
    }})
}
