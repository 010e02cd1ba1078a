//! What a replay came to, for people and for scripts.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::selection::Skipped;
use crate::commands::batch::BatchPublished;
use crate::commands::error::ExitKind;
use crate::commands::queue::PossibleDuplicates;
use crate::quantity::counted;
use crate::ui::{Report, Style, sanitize};

/// What `replay` prints. Of a queue the lines are its messages, counted from 1 at its head.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Replayed {
    #[serde(flatten)]
    pub published: BatchPublished,
    /// Only of a queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<ReplayedQueue>,
}

/// What a replay means to the queue it read.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct ReplayedQueue {
    pub name: String,
    /// Messages that waited in the queue at the beginning.
    pub ready: u64,
    /// Messages that were looked at.
    pub read: u64,
    /// Published and removed from the queue; 0 without `--remove`.
    pub removed: u64,
    pub left_out: LeftOut,
    /// Only with `--remove`.
    #[serde(flatten)]
    pub duplicates: PossibleDuplicates,
}

/// Messages of a queue that were not to be published, by the reason.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
pub struct LeftOut {
    /// The filter did not choose them.
    pub filtered: u64,
    /// Their topics match no `--topic`.
    pub other_topics: u64,
    /// RPC requests, whose callers have gone.
    pub rpc_requests: u64,
    pub undecodable: u64,
    /// Sent again too often already.
    pub looping: u64,
    /// Tasks and others that belong to no topic.
    pub no_topic: u64,
}

impl From<&Skipped> for LeftOut {
    fn from(skipped: &Skipped) -> Self {
        Self {
            filtered: skipped.by_filter,
            other_topics: skipped.by_topic,
            rpc_requests: skipped.rpc_requests,
            undecodable: skipped.undecodable,
            looping: skipped.looping,
            no_topic: skipped.no_topic,
        }
    }
}

impl Replayed {
    /// What the replay as a whole means: as for a batch, and partly done where messages of a queue
    /// were left against the will.
    pub fn outcome(&self) -> ExitKind {
        let left = self.queue.as_ref().map_or(0, |queue| {
            let LeftOut { looping, no_topic, .. } = queue.left_out;
            looping + no_topic + queue.duplicates.count
        });
        match left {
            0 => self.published.batch.outcome(),
            _ => ExitKind::Partial,
        }
    }
}

impl Report for Replayed {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        self.published.write_human(out, style)?;
        let Some(queue) = &self.queue else { return Ok(()) };
        let name = sanitize(&queue.name);
        let messages = counted(queue.ready, "message");
        match (queue.ready, queue.removed) {
            (0, _) => writeln!(out, "no messages waited in {name}")?,
            (_, 0) => writeln!(out, "none of {messages} in {name} removed")?,
            (_, removed) => writeln!(out, "{removed} of {messages} removed from {name}")?,
        }
        queue.duplicates.write(out, style, &format!("in {name} and published"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::batch::Ledger;

    fn replayed(queue: Option<ReplayedQueue>) -> Replayed {
        let mut published = BatchPublished::of(&Ledger::new(0), 0);
        published.batch.published = 2;
        Replayed { published, queue }
    }

    #[test]
    fn what_is_left_against_the_will_makes_it_partly_done() {
        let queue = |looping, no_topic, in_doubt| ReplayedQueue {
            left_out: LeftOut { looping, no_topic, filtered: 9, ..LeftOut::default() },
            duplicates: PossibleDuplicates { count: in_doubt, ..Default::default() },
            ..ReplayedQueue::default()
        };
        let table = [
            (None, ExitKind::Done),
            (Some(queue(0, 0, 0)), ExitKind::Done),
            (Some(queue(1, 0, 0)), ExitKind::Partial),
            (Some(queue(0, 1, 0)), ExitKind::Partial),
            (Some(queue(0, 0, 1)), ExitKind::Partial),
        ];
        for (queue, outcome) in table {
            let report = replayed(queue);
            assert_eq!(report.outcome(), outcome, "{report:?}");
        }
    }

    #[test]
    fn a_queue_is_told_what_was_removed_and_what_may_be_there_twice() {
        let mut queue = ReplayedQueue {
            name: "orders.dead".to_owned(),
            ready: 5,
            read: 5,
            removed: 2,
            ..ReplayedQueue::default()
        };
        queue.duplicates.add("14d4\u{1b}[31m".to_owned());
        let report = replayed(Some(queue));
        let mut human = Vec::new();
        report.write_human(&mut human, &Style::new(false)).unwrap();
        insta::assert_snapshot!(String::from_utf8(human).unwrap());
    }
}
