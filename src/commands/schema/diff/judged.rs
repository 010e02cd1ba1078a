//! Judging many topics with all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::schema::Finding;
use crate::schema::judge::{Judge, TopicChange};

/// Topics that a thread takes at once: most are not changed and cost next to nothing.
const BATCH: usize = 32;

/// The findings of each topic, in the order of the topics.
pub fn judge_all(judge: &Judge<'_>, changes: &[TopicChange<'_>]) -> Vec<Finding> {
    let batches: Vec<&[TopicChange<'_>]> = changes.chunks(BATCH).collect();
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(batches.len().max(1));
    let mut found = thread::scope(|scope| {
        let work = || {
            let mut found = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(batch) = batches.get(index) else { return found };
                let findings: Vec<Finding> =
                    batch.iter().flat_map(|change| judge.judge(change)).collect();
                found.push((index, findings));
            }
        };
        let helpers: Vec<_> = (1..workers).map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for helper in helpers {
            all.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        all
    });
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().flat_map(|(_, findings)| findings).collect()
}
