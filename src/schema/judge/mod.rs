//! What a change of documents does to those who publish and read the events: findings, with a
//! proof where there is one.
//!
//! Values in, findings out. Whether two schemas fit is [`compat`](super::compat)'s answer; this room
//! knows who reads whose events, and the rules that no comparison of schemas sees. Where documents
//! come from, which findings are accepted, and who is stopped by them is for others.

mod age;
mod document;
mod draft;
mod evolution;
mod fields;
mod inclusion;
mod mode;
mod noted;
mod pairs;
mod reuse;
mod subscriber;
#[cfg(test)]
mod tests;
mod versions;
mod words;

use super::compat::Writer;
use super::document::SchemaDocument;
use super::finding::Finding;
use crate::event::Topic;

pub use mode::CompatMode;
pub use noted::{SUBSCRIBERS, subscribers};
pub use subscriber::{Subscriber, SubscriberVersion, Subscribers};

/// How much of a topic the new side shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything: what is not there is gone.
    Whole,
    /// What one project defines: the rest is somebody else's, or older than the code.
    Part,
}

/// The versions of one topic on both sides, each in any order.
#[derive(Debug, Clone, Copy)]
pub struct TopicChange<'a> {
    pub topic: &'a Topic,
    pub old: &'a [&'a SchemaDocument],
    pub new: &'a [&'a SchemaDocument],
}

/// Everything that decides what a change means.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    pub mode: CompatMode,
    pub writer: Writer,
    pub scope: Scope,
    pub subscribers: &'a Subscribers,
}

impl Judge<'_> {
    /// What the change of one topic does, the worst first.
    ///
    /// A document that both sides have is not looked at again: the cost is that of comparing two
    /// texts.
    pub fn judge(&self, change: &TopicChange<'_>) -> Vec<Finding> {
        let slots = pairs::slots(change);
        let noted = noted::noted(change);
        let mut readers = self.subscribers.of(change.topic);
        readers.extend(&noted);
        let mut findings = Vec::new();
        if slots.iter().any(pairs::Slot::is_changed) {
            self.judge_documents(&slots, &readers, &mut findings);
        }
        let versions = versions::Versions { topic: change.topic, slots: &slots, readers: &readers };
        versions.judge(self.scope, &mut findings);
        for finding in &mut findings {
            finding.affected = subscriber::affected(finding, &slots, &readers);
            finding.fingerprint = finding.compute_fingerprint();
        }
        sort(&mut findings);
        findings
    }

    fn judge_documents(
        &self,
        slots: &[pairs::Slot<'_>],
        readers: &[&Subscriber],
        findings: &mut Vec<Finding>,
    ) {
        let asked = self.mode.asked(readers);
        for slot in slots.iter().filter(|slot| slot.is_changed()) {
            let Some(new) = slot.new else { continue };
            if let Some(old) = slot.old
                && reuse::judge(old, new, findings) == reuse::Meaning::Same
            {
                continue;
            }
            for pair in pairs::pairs(slots, slot, asked.reach) {
                inclusion::judge(&pair, &asked, self.writer, findings);
            }
            let previous = pairs::previous(slots, slot);
            if let Some(pair) = &previous {
                evolution::judge(pair, &asked, findings);
            }
            document::judge(new, previous.map(|pair| pair.from), findings);
        }
    }
}

/// The worst first, then by version, part, direction and place.
fn sort(findings: &mut [Finding]) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| (finding.level, finding.part, finding.direction);
        (key(a), &a.path, a.rule.code).cmp(&(key(b), &b.path, b.rule.code))
    });
}
