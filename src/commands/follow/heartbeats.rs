//! The beats of Celery's workers, by which we know that a worker has no more to say.
//!
//! A worker sends its task events and its heartbeat from one loop over one channel, so a busy or
//! starved worker is late with both: the beat is a clock that slows down with what it measures.
//!
//! Source: `celery/worker/consumer/events.py`, `celery/worker/heartbeat.py` 5.7: task events wait for
//! the next turn of the loop; workers without `-E` send heartbeats too, unless started with
//! `--without-heartbeat`.

use std::collections::HashMap;
use std::time::Instant;

use serde::Deserialize;

/// Workers that are remembered at most.
const MAX_WORKERS: usize = 10_000;

/// The last two beats of each worker.
#[derive(Debug, Default)]
pub struct Heartbeats(HashMap<String, [Option<Instant>; 2]>);

#[derive(Deserialize)]
struct Written {
    #[serde(rename = "type")]
    kind: String,
    hostname: String,
}

impl Heartbeats {
    /// Takes the body of a worker's event; says whether it is a beat.
    pub fn take(&mut self, json: &str, now: Instant) -> bool {
        let Ok(event) = serde_json::from_str::<Written>(json) else { return false };
        if event.kind != "worker-heartbeat" {
            return false;
        }
        if self.0.len() < MAX_WORKERS || self.0.contains_key(&event.hostname) {
            let beats = self.0.entry(event.hostname).or_default();
            *beats = [beats[1], Some(now)];
        }
        true
    }

    /// Those of `workers` that have not beaten twice after `moment`.
    pub fn without_a_beat_since<'w>(&self, moment: Instant, workers: &'w [String]) -> Vec<&'w str> {
        let is_late =
            |worker: &&String| !self.0.get(*worker).is_some_and(|beats| is_past(beats, moment));
        workers.iter().filter(is_late).map(String::as_str).collect()
    }

    /// Whether all of `workers` have beaten twice after `moment`: once for what was under way, once
    /// for what it left to say. Where none are named, all that ever beat count.
    pub fn have_passed(&self, moment: Instant, workers: &[String]) -> bool {
        match workers {
            [] => !self.0.is_empty() && self.0.values().all(|beats| is_past(beats, moment)),
            named => self.without_a_beat_since(moment, named).is_empty(),
        }
    }
}

fn is_past([earlier, _]: &[Option<Instant>; 2], moment: Instant) -> bool {
    earlier.is_some_and(|at| at > moment)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_worker_is_done_when_it_has_beaten_twice_since() {
        let start = Instant::now();
        let later = |seconds| start + Duration::from_secs(seconds);
        let beat = |worker: &str| format!(r#"{{"type":"worker-heartbeat","hostname":"{worker}"}}"#);
        let workers = ["a@h".to_owned(), "b@h".to_owned()];
        let mut beats = Heartbeats::default();
        for seconds in [0, 2, 4] {
            assert!(beats.take(&beat("a@h"), later(seconds)));
        }
        assert!(!beats.have_passed(later(1), &workers), "b@h has said nothing");
        assert!(beats.have_passed(later(1), &workers[..1]));
        assert!(!beats.have_passed(later(3), &workers[..1]), "one beat is not enough");
        assert!(beats.have_passed(later(1), &[]) && !beats.have_passed(later(3), &[]));
        assert!(!Heartbeats::default().have_passed(start, &[]));
        for json in ["", "{", r#"{"type":"worker-online","hostname":"a@h"}"#, "[]"] {
            assert!(!beats.take(json, start), "{json}");
        }
    }
}
