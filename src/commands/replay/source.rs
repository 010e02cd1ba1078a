//! What is replayed, and to where.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;

use crate::event::{Topic, TopicError};

/// What says that a name is a queue's.
const QUEUE: &str = "queue:";
/// Endings of files that a recording may have, and hardly a queue.
const FILES: [&str; 6] = ["jsonl", "ndjson", "json", "txt", "log", "gz"];

/// Where the messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Recording(PathBuf),
    Queue(String),
}

impl Source {
    /// | argument | source |
    /// |---|---|
    /// | `queue:NAME` | the queue |
    /// | a file that exists | the recording |
    /// | a path, or a name that ends like a file's | a recording that is missing |
    /// | any other name | the queue |
    pub fn of(argument: &Path) -> Self {
        let recording = || Self::Recording(argument.to_owned());
        let Some(name) = argument.to_str() else { return recording() };
        if let Some(queue) = name.strip_prefix(QUEUE) {
            return Self::Queue(queue.to_owned());
        }
        let ending = argument.extension().and_then(|ending| ending.to_str());
        let is_like_a_file = argument.components().count() != 1
            || name.contains(std::path::is_separator)
            || ending.is_some_and(|ending| FILES.contains(&ending));
        match is_like_a_file || argument.exists() {
            true => recording(),
            false => Self::Queue(name.to_owned()),
        }
    }
}

/// `--to`: where everything goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    Topic(Topic),
    /// This queue and no other.
    Queue(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    #[error(transparent)]
    Topic(#[from] TopicError),
    #[error("{QUEUE} lacks the name of the queue")]
    NoName,
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        match text.strip_prefix(QUEUE) {
            Some("") => Err(TargetError::NoName),
            Some(queue) => Ok(Self::Queue(queue.to_owned())),
            None => Ok(Self::Topic(text.parse()?)),
        }
    }
}

impl Target {
    /// The topic that events get instead of their own.
    pub fn topic(&self) -> Option<&Topic> {
        match self {
            Self::Topic(topic) => Some(topic),
            Self::Queue(_) => None,
        }
    }

    /// What people are told that a replay goes to.
    pub fn name(target: Option<&Self>, exchange: &str) -> String {
        match target.and_then(Self::queue) {
            Some(queue) => format!("the queue {queue}"),
            None => exchange.to_owned(),
        }
    }

    /// The only queue that receives the events.
    pub fn queue(&self) -> Option<&str> {
        match self {
            Self::Topic(_) => None,
            Self::Queue(queue) => Some(queue),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_source_follows_the_table() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders");
        std::fs::write(&file, "").unwrap();
        let queue = |name: &str| Source::Queue(name.to_owned());
        let recording = |path: &str| Source::Recording(path.into());
        let there = file.to_str().unwrap();
        let table = [
            ("service_queue", queue("service_queue")),
            ("mail.service.dead", queue("mail.service.dead")),
            ("queue:a.jsonl", queue("a.jsonl")),
            ("queue:a/b", queue("a/b")),
            ("missing.jsonl", recording("missing.jsonl")),
            ("./missing", recording("./missing")),
            ("folder/missing", recording("folder/missing")),
            (".", recording(".")),
            (there, recording(there)),
        ];
        for (argument, source) in table {
            assert_eq!(Source::of(Path::new(argument)), source, "{argument}");
        }
    }

    #[test]
    fn everything_goes_to_a_topic_or_to_one_queue() {
        let table = [
            ("user.created", Ok(Target::Topic("user.created".parse().unwrap()))),
            ("queue:orders", Ok(Target::Queue("orders".to_owned()))),
            ("queue:", Err("queue: lacks the name of the queue".to_owned())),
            ("", Err("a topic cannot be empty".to_owned())),
        ];
        for (text, target) in table {
            let parsed = text.parse::<Target>().map_err(|error| error.to_string());
            assert_eq!(parsed, target, "{text:?}");
        }
    }
}
