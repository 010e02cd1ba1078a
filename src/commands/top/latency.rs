//! How long requests wait for their results, by topic.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

/// Requests that wait for a result at most; more are not followed.
const MAX_PENDING: usize = 10_000;
/// A request that is older will not be answered any more.
const FORGOTTEN: Duration = Duration::from_secs(600);
/// Results without a request that are remembered, because a fast handler can be done before we have
/// read the request.
const MAX_EARLY: usize = 1_000;
const EARLY: Duration = Duration::from_secs(5);
/// The latest answers of a topic that percentiles are taken from.
const KEPT: usize = 1_000;

/// Pairs requests with their results.
#[derive(Debug, Default)]
pub struct Pending {
    requests: HashMap<String, (String, Instant)>,
    early: VecDeque<(String, Instant)>,
    /// Requests that were not followed because too many waited.
    pub unfollowed: u64,
}

impl Pending {
    /// A request came at `now`. Gives its answer where that was seen before.
    pub fn request(&mut self, id: &str, topic: &str, now: Instant) -> Option<Answer> {
        if let Some(position) = self.early.iter().position(|(early, _)| early == id) {
            let (_, seen) = self.early.remove(position)?;
            return Some(Answer { latency: seen.checked_duration_since(now) });
        }
        if self.requests.len() >= MAX_PENDING {
            self.requests.retain(|_, (_, sent)| now.saturating_duration_since(*sent) < FORGOTTEN);
        }
        if self.requests.len() >= MAX_PENDING {
            self.unfollowed += 1;
            return None;
        }
        self.requests.insert(id.to_owned(), (topic.to_owned(), now));
        None
    }

    /// A final result was seen. Gives the topic of its request.
    pub fn result(&mut self, id: &str, now: Instant) -> Option<(String, Answer)> {
        if let Some((topic, sent)) = self.requests.remove(id) {
            return Some((topic, Answer { latency: now.checked_duration_since(sent) }));
        }
        while self.early.len() >= MAX_EARLY
            || self.early.front().is_some_and(|(_, seen)| now.duration_since(*seen) > EARLY)
        {
            self.early.pop_front();
        }
        self.early.push_back((id.to_owned(), now));
        None
    }
}

/// The answer to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// From the moment that the request came here; `None` where the answer came here first, so that
    /// nobody can tell.
    pub latency: Option<Duration>,
}

/// The latest latencies of one topic.
#[derive(Debug, Clone, Default)]
pub struct Latencies {
    latest: VecDeque<Duration>,
    pub answered: u64,
}

impl Latencies {
    /// An answer without a latency is counted, but no percentile knows of it.
    pub fn add(&mut self, answer: Answer) {
        self.answered += 1;
        let Some(latency) = answer.latency else { return };
        if self.latest.len() >= KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(latency);
    }

    /// The latencies that half and 99 of 100 answers do not exceed (nearest rank), in milliseconds.
    pub fn percentiles(&self) -> Option<(f64, f64)> {
        let mut sorted: Vec<Duration> = self.latest.iter().copied().collect();
        sorted.sort();
        let rank = |percent: usize| {
            let rank = (sorted.len() * percent).div_ceil(100).max(1);
            let latency = sorted.get(rank - 1)?;
            Some((latency.as_secs_f64() * 10_000.0).round() / 10.0)
        };
        Some((rank(50)?, rank(99)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn after(milliseconds: u64) -> Answer {
        Answer { latency: Some(ms(milliseconds)) }
    }

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_result_is_paired_with_its_request_whichever_was_seen_first() {
        let (mut pending, start) = (Pending::default(), Instant::now());
        assert_eq!(pending.request("a", "rpc.add", start), None);
        let answered = pending.result("a", start + ms(30));
        assert_eq!(answered, Some(("rpc.add".to_owned(), after(30))));
        assert_eq!(pending.result("a", start + ms(40)), None, "a second service answers as well");
        assert_eq!(pending.result("b", start + ms(50)), None);
        let read_late = pending.request("b", "rpc.add", start + ms(45));
        assert_eq!(read_late, Some(after(5)), "it came first and was read later");
        assert_eq!(pending.result("c", start + ms(50)), None);
        let unknown = Some(Answer { latency: None });
        assert_eq!(pending.request("c", "rpc.add", start + ms(60)), unknown);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let (mut pending, start) = (Pending::default(), Instant::now());
        for number in 0..MAX_PENDING + 5 {
            pending.request(&number.to_string(), "t", start);
            pending.result(&format!("early {number}"), start);
        }
        assert_eq!((pending.requests.len(), pending.unfollowed), (MAX_PENDING, 5));
        assert_eq!(pending.early.len(), MAX_EARLY);
        pending.request("late", "t", start + FORGOTTEN);
        assert_eq!(pending.requests.len(), 1);
        pending.result("x", start + EARLY + ms(1));
        assert_eq!(pending.early.len(), 1);
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.percentiles(), None);
        latencies.add(Answer { latency: None });
        assert_eq!((latencies.percentiles(), latencies.answered), (None, 1), "not 0 ms");
        latencies.add(after(7));
        assert_eq!(latencies.percentiles(), Some((7.0, 7.0)));
        let mut many = Latencies::default();
        (1..=200).rev().for_each(|n| many.add(after(n)));
        assert_eq!(many.percentiles(), Some((100.0, 198.0)));
        (0..KEPT).for_each(|_| many.add(after(1)));
        assert_eq!((many.percentiles(), many.answered), (Some((1.0, 1.0)), 1_200));
    }
}
