//! The queues of a frame, asked for beside the events so that a slow answer delays nothing.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::JoinHandle;

use crate::broker::{Management, QueueState};
use crate::topology::{Queue, is_plumbing_queue};

/// One queue in a frame.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct QueueRow {
    pub queue: String,
    /// Messages that nobody holds; up to five seconds old, like the other numbers.
    pub ready: Option<u64>,
    pub unacknowledged: Option<u64>,
    pub consumers: Option<u64>,
    /// Messages that came in, a second.
    pub rate_in: f64,
    /// Messages that were handed out, a second.
    pub rate_out: f64,
}

/// The latest answer of the management API, or why there is none.
pub type QueueRows = Result<Vec<QueueRow>, String>;

/// Asks again and again. Ends when it is dropped.
pub struct QueueWatch {
    latest: Arc<Mutex<QueueRows>>,
    asking: JoinHandle<()>,
}

impl QueueWatch {
    pub fn start(management: Management, vhost: String, interval: Duration) -> Self {
        let latest = Arc::new(Mutex::new(Err("no answer yet".to_owned())));
        let answer = Arc::clone(&latest);
        let asking = tokio::spawn(async move {
            loop {
                let rows = management.queue_states(&vhost).await;
                let rows = rows.map(|states| rows_of(&states)).map_err(|error| error.to_string());
                *answer.lock().unwrap_or_else(PoisonError::into_inner) = rows;
                tokio::time::sleep(interval).await;
            }
        });
        Self { latest, asking }
    }

    pub fn latest(&self) -> QueueRows {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for QueueWatch {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

/// The fullest first, then the busiest, without what Celery and this tool need for themselves.
fn rows_of(states: &[QueueState]) -> Vec<QueueRow> {
    let mut rows: Vec<QueueRow> = states
        .iter()
        .filter(|state| !is_of_one_connection(&state.queue))
        .map(|state| QueueRow {
            queue: state.queue.name.clone(),
            ready: state.queue.messages_ready,
            unacknowledged: state.queue.messages_unacknowledged,
            consumers: state.queue.consumers,
            rate_in: state.rate_in(),
            rate_out: state.rate_out(),
        })
        .collect();
    let rate = |row: &QueueRow| row.rate_in + row.rate_out;
    rows.sort_by(|a, b| {
        let by_depth = b.ready.cmp(&a.ready);
        by_depth.then_with(|| rate(b).total_cmp(&rate(a))).then_with(|| a.queue.cmp(&b.queue))
    });
    rows
}

/// Queues of one connection: replies, worker remote control, worker events, our own.
fn is_of_one_connection(queue: &Queue) -> bool {
    queue.exclusive || is_plumbing_queue(&queue.name) || queue.name.starts_with("amq.gen")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_queue_comes_first_and_plumbing_is_left_out() {
        let states: Vec<QueueState> = serde_json::from_value(serde_json::json!([
            {"name": "a", "messages_ready": 1},
            {"name": "b", "messages_ready": 7},
            {"name": "c"},
            {"name": "idle", "messages_ready": 0},
            {"name": "rushing", "messages_ready": 0,
             "message_stats": {"publish_details": {"rate": 5.0}}},
            {"name": "celery@host.celery.pidbox", "messages_ready": 9},
            {"name": "celeryev.1-2", "messages_ready": 9},
            {"name": "celerysalt.tail.x", "messages_ready": 9},
            {"name": "reply", "exclusive": true, "messages_ready": 9},
        ]))
        .unwrap();
        let names: Vec<String> = rows_of(&states).into_iter().map(|row| row.queue).collect();
        assert_eq!(names, ["b", "a", "rushing", "idle", "c"]);
    }
}
