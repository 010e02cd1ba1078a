//! Rules about the versions of a topic as a whole.

use super::super::finding::{Finding, FindingLevel, SchemaPart};
use super::super::rules;
use super::Scope;
use super::draft::Draft;
use super::pairs::Slot;
use super::subscriber::{Subscriber, SubscriberVersion};
use crate::event::{SchemaVersion, Topic};

pub(super) struct Versions<'a> {
    pub(super) topic: &'a Topic,
    pub(super) slots: &'a [Slot<'a>],
    pub(super) readers: &'a [&'a Subscriber],
}

impl Versions<'_> {
    pub(super) fn judge(&self, scope: Scope, findings: &mut Vec<Finding>) {
        match scope {
            Scope::Whole => self.removed(findings),
            Scope::Part => {}
        }
        self.order(findings);
        self.gap(findings);
    }

    fn draft(&self, from: Option<&SchemaVersion>, to: Option<&SchemaVersion>) -> Draft {
        Draft {
            topic: self.topic.to_string(),
            from_version: from.map(ToString::to_string),
            to_version: to.map(ToString::to_string),
            part: SchemaPart::Request,
            direction: None,
        }
    }

    fn removed(&self, findings: &mut Vec<Finding>) {
        let gone = self.slots.iter().filter(|slot| slot.old.is_some() && slot.new.is_none());
        let is_whole_topic = self.slots.iter().all(|slot| slot.new.is_none());
        for slot in gone {
            let needed = self.readers.iter().any(|reader| match &reader.version {
                SubscriberVersion::Exact(version) => *version == slot.version,
                SubscriberVersion::Latest | SubscriberVersion::Unknown => is_whole_topic,
            });
            let level = if needed { FindingLevel::Breaking } else { FindingLevel::Warning };
            let what = if is_whole_topic { "the topic is gone with" } else { "the topic lost" };
            let known = if needed { ", which known handlers subscribe to" } else { "" };
            let message = format!("{what} {}{known}", slot.version);
            let draft = self.draft(Some(&slot.version), None);
            findings.push(draft.finding(&rules::VERSION_REMOVED, level, message));
        }
    }

    fn order(&self, findings: &mut Vec<Finding>) {
        let latest = self.slots.iter().rev().find(|slot| slot.old.is_some());
        let Some(latest) = latest.map(|slot| &slot.version) else { return };
        for slot in self.slots.iter().filter(|slot| slot.is_added() && slot.version < *latest) {
            let message = format!("{} is new and below {latest}, the latest one", slot.version);
            let draft = self.draft(Some(latest), Some(&slot.version));
            findings.push(draft.finding(&rules::VERSION_ORDER, FindingLevel::Warning, message));
        }
    }

    /// A wildcard handler or one of `latest` gets everything.
    fn gap(&self, findings: &mut Vec<Finding>) {
        let mut lowest: Option<&SchemaVersion> = None;
        for reader in self.readers {
            match &reader.version {
                SubscriberVersion::Exact(version) => {
                    lowest = Some(lowest.map_or(version, |lowest| lowest.min(version)));
                }
                SubscriberVersion::Latest | SubscriberVersion::Unknown => return,
            }
        }
        let Some(lowest) = lowest else { return };
        for slot in self.slots.iter().filter(|slot| slot.version < *lowest) {
            if slot.new.is_none_or(|document| document.deprecated.is_some()) {
                continue;
            }
            let message = format!(
                "{} is still published, but every known handler starts at {lowest}: its events \
                 are dropped",
                slot.version
            );
            let draft = self.draft(None, Some(&slot.version));
            let suggestion = format!(
                "publish {lowest} instead, or deprecate {} when nobody sends it",
                slot.version
            );
            findings.push(Finding {
                suggestion: Some(suggestion),
                ..draft.finding(&rules::VERSION_GAP, FindingLevel::Warning, message)
            });
        }
    }
}
