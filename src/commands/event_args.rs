//! The flags that `publish` and `call` share: everything about the event but its topic and payload.

use std::str::FromStr;

use clap::Args;
use serde_json::Value;
use thiserror::Error;

use super::validation::Checks;
use crate::event::{DEFAULT_TASK, SchemaVersion};
use crate::wire::encode::MetaMode;

/// `--version`, `--task` and so on.
#[derive(Debug, Clone, Default, Args)]
pub struct EventArgs {
    /// The schema version that the event claims, for example v1
    #[arg(long, value_name = "V")]
    pub version: Option<SchemaVersion>,
    /// A correlation id for tracing, carried inside the event
    #[arg(long, value_name = "ID")]
    pub correlation_id: Option<String>,
    /// The dispatcher task of the services, tchu_tchu.dispatch_event for tchu-tchu
    /// [default: celery_salt.dispatch_event]
    #[arg(long, value_name = "NAME")]
    pub task: Option<String>,
    /// Add a message header; K:=JSON for one that is not text. May be repeated
    #[arg(long = "header", value_name = "K=V")]
    pub headers: Vec<HeaderArg>,
    /// Do not check the payload against the registered schema
    #[arg(long)]
    pub no_validate: bool,
}

impl EventArgs {
    /// The dispatcher task, the default one unless another was given.
    pub fn task(&self) -> &str {
        self.task.as_deref().unwrap_or(DEFAULT_TASK)
    }

    /// Whether the event carries celery-salt's metadata. tchu-tchu sends none, and its handlers would
    /// take it for data; a version or a correlation id has no other place to be.
    pub fn meta_mode(&self) -> MetaMode {
        let is_needed = self.version.is_some() || self.correlation_id.is_some();
        if !is_needed && self.task().starts_with(TCHU_PREFIX) {
            MetaMode::Omitted
        } else {
            MetaMode::Attached
        }
    }

    pub fn checks(&self) -> Checks {
        if self.no_validate { Checks::Off } else { Checks::On }
    }

    /// The headers as the encoder takes them.
    pub fn header_pairs(&self) -> Vec<(String, Value)> {
        self.headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect()
    }
}

/// How the tasks of tchu-tchu begin.
const TCHU_PREFIX: &str = "tchu_tchu.";

/// `K=V` (text) or `K:=JSON`.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaderArg {
    pub name: String,
    pub value: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HeaderError {
    #[error("{0:?} is not a header; write NAME=TEXT or NAME:=JSON")]
    NoValue(String),
    #[error("the value of {0:?} is not JSON; write NAME=TEXT for text")]
    NotJson(String),
    #[error("the header {0:?} is Celery's own")]
    Reserved(String),
}

/// The protocol 2 headers that Celery writes itself (`celery/app/amqp.py`, `as_task_v2`).
const CELERY_HEADERS: [&str; 17] = [
    "lang",
    "task",
    "id",
    "shadow",
    "eta",
    "expires",
    "group",
    "group_index",
    "retries",
    "timelimit",
    "root_id",
    "parent_id",
    "argsrepr",
    "kwargsrepr",
    "origin",
    "ignore_result",
    "compression",
];

impl FromStr for HeaderArg {
    type Err = HeaderError;

    fn from_str(text: &str) -> Result<Self, HeaderError> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| HeaderError::NoValue(text.to_owned()))?;
        let (name, value) = match name.strip_suffix(':') {
            Some(name) => {
                let value = serde_json::from_str(value);
                (name, value.map_err(|_| HeaderError::NotJson(name.to_owned()))?)
            }
            None => (name, Value::String(value.to_owned())),
        };
        if name.is_empty() {
            return Err(HeaderError::NoValue(text.to_owned()));
        }
        if CELERY_HEADERS.contains(&name) {
            return Err(HeaderError::Reserved(name.to_owned()));
        }
        Ok(Self { name: name.to_owned(), value })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tchu_tchu_gets_metadata_only_where_it_was_asked_for() {
        let mode = |task: Option<&str>, version: Option<&str>| {
            let version = version.map(|version| version.parse().unwrap());
            EventArgs { task: task.map(str::to_owned), version, ..EventArgs::default() }.meta_mode()
        };
        assert_eq!(mode(None, None), MetaMode::Attached);
        assert_eq!(mode(Some("tchu_tchu.dispatch_event"), None), MetaMode::Omitted);
        assert_eq!(mode(Some("tchu_tchu.dispatch_event"), Some("v1")), MetaMode::Attached);
        assert_eq!(mode(Some("my.dispatcher"), None), MetaMode::Attached);
    }

    #[test]
    fn a_header_is_text_or_json() {
        let table = [
            ("x-tenant=acme", Ok(("x-tenant", json!("acme")))),
            ("q=a=b", Ok(("q", json!("a=b")))),
            ("empty=", Ok(("empty", json!("")))),
            ("n:=5", Ok(("n", json!(5)))),
            ("deep:={\"a\": [1]}", Ok(("deep", json!({"a": [1]})))),
            ("n:=five", Err(HeaderError::NotJson("n".into()))),
            ("plain", Err(HeaderError::NoValue("plain".into()))),
            ("=x", Err(HeaderError::NoValue("=x".into()))),
            ("eta=now", Err(HeaderError::Reserved("eta".into()))),
        ];
        for (text, expected) in table {
            let parsed = text.parse::<HeaderArg>();
            let expected = expected.map(|(name, value)| HeaderArg { name: name.to_owned(), value });
            assert_eq!(parsed, expected, "{text}");
        }
    }
}
