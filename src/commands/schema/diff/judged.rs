//! Judging many topics with all processors.

use crate::parallel;
use crate::schema::Finding;
use crate::schema::judge::{Judge, TopicChange};

/// Topics that a thread takes at once: most are not changed and cost next to nothing.
const BATCH: usize = 32;

/// The findings of each topic, in the order of the topics.
pub fn judge_all(judge: &Judge<'_>, changes: &[TopicChange<'_>]) -> Vec<Finding> {
    let findings = parallel::map(changes.len(), BATCH, |place| judge.judge(&changes[place]));
    findings.into_iter().flatten().collect()
}
