//! `celerysalt follow`: what became of one event.

mod facts;
mod heartbeats;
mod human;
mod queues;
mod report;
mod run;
mod session;
mod story;
mod task_run;
mod worker_event;

use std::str::FromStr;
use std::time::Duration;

use clap::{Args, value_parser};
use thiserror::Error;
use uuid::Uuid;

use super::duration;
use crate::event::{PatternError, RoutingPattern};

pub use report::FollowReport;
pub use run::run;

const EXAMPLES: &str = "\
Examples:
  celerysalt follow user.created                     The next event on the topic
  celerysalt follow 'order.#' -n 3 --for 5m
  celerysalt follow 6834878d-5679-4bc1-8e3d-a467b83fcbcb
  celerysalt follow rpc.calculator.add -o json | jq '.exchanges[0].reply'";

/// Follow one event from its publisher to its results
///
/// Shows when the event was published and to which queues it went, the dispatcher and every handler
/// that it started, retries, exceptions and results, each with its time, joined by task id and
/// correlation id. A request and its reply are shown as a pair. Events that a handler publishes in
/// turn belong to the story.
///
/// Three sources are read, and nothing is touched but queues of our own: the events as they pass, the
/// events of Celery's workers (which run with `-E` to send them), and the result backend. The time of
/// a task is that of its worker's clock. An event that has passed already leaves only its results.
///
/// Ends with exit code 1 when a task failed, 7 when nobody received the event, 5 when the time was
/// over before everything was finished.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct FollowArgs {
    /// A topic (`*` stands for one word, `#` for any number), or the id of an event, a task or a
    /// correlation
    #[arg(value_name = "TOPIC|ID")]
    pub subject: Subject,
    /// Follow N events of the topic, each to its own end
    #[arg(short = 'n', value_name = "N", default_value_t = 1)]
    #[arg(value_parser = value_parser!(u64).range(1..=100))]
    pub count: u64,
    /// Wait at most so long
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse)]
    #[arg(default_value = "60s")]
    pub total: Duration,
    /// Take the argument for an id, although it does not look like one
    #[arg(long)]
    pub id: bool,
}

/// What is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Topic(RoutingPattern),
    Id(String),
}

/// Why an argument is neither a topic nor an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubjectError {
    #[error("a topic or an id is needed")]
    Empty,
    #[error(transparent)]
    Pattern(#[from] PatternError),
}

impl FromStr for Subject {
    type Err = SubjectError;

    fn from_str(text: &str) -> Result<Self, SubjectError> {
        // The task of a handler is named after its event.
        let event = text.split_once(':').map_or(text, |(event, _handler)| event);
        if Uuid::try_parse(event).is_ok() {
            return Ok(Self::Id(event.to_owned()));
        }
        if text.is_empty() {
            return Err(SubjectError::Empty);
        }
        Ok(Self::Topic(text.parse()?))
    }
}

impl FollowArgs {
    /// [`Self::subject`], with `--id`.
    fn resolved(&self) -> Subject {
        match (&self.subject, self.id) {
            (Subject::Topic(text), true) => Subject::Id(text.as_str().to_owned()),
            (subject, _) => subject.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_topics() {
        let id = "6834878d-5679-4bc1-8e3d-a467b83fcbcb";
        assert_eq!(id.parse(), Ok(Subject::Id(id.to_owned())));
        assert_eq!(format!("{id}:handler_2").parse(), Ok(Subject::Id(id.to_owned())));
        for topic in ["user.created", "order.#", "6834878d", "a:b"] {
            assert_eq!(topic.parse(), Ok(Subject::Topic(topic.parse().unwrap())), "{topic}");
        }
        assert_eq!("".parse::<Subject>(), Err(SubjectError::Empty));
        assert!("a b".parse::<Subject>().is_err());
    }
}
