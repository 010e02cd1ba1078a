use std::collections::BTreeMap;

use super::super::document::SchemaDocument;
use super::TopicChange;
use super::mode::Reach;
use crate::event::SchemaVersion;

/// One version of a topic on both sides.
#[derive(Debug, Clone)]
pub(super) struct Slot<'a> {
    pub(super) version: SchemaVersion,
    pub(super) old: Option<&'a SchemaDocument>,
    pub(super) new: Option<&'a SchemaDocument>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// On the old side only, or the same on both.
    Settled,
    Added,
    Changed,
}

/// Two documents that meet: the lower version is the old one. Of one version, `from` is the old
/// side's document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) from: &'a SchemaDocument,
    pub(super) to: &'a SchemaDocument,
}

impl<'a> Slot<'a> {
    fn new(
        version: SchemaVersion,
        old: Option<&'a SchemaDocument>,
        new: Option<&'a SchemaDocument>,
    ) -> Self {
        let state = match (old, new) {
            (None, Some(_)) => State::Added,
            (Some(old), Some(new)) if is_changed(old, new) => State::Changed,
            (Some(_), _) | (None, None) => State::Settled,
        };
        Self { version, old, new, state }
    }

    /// Whether the new side has something here that the old side does not have.
    pub(super) fn is_changed(&self) -> bool {
        self.state != State::Settled
    }

    pub(super) fn is_added(&self) -> bool {
        self.state == State::Added
    }

    /// What handlers and publishers of this version have today, or will have.
    fn standing(&self) -> Option<&'a SchemaDocument> {
        self.old.or(self.new)
    }
}

/// What is sent counts, too: it may change while what is read stays.
fn is_changed(old: &SchemaDocument, new: &SchemaDocument) -> bool {
    !old.contract_differences(new).is_empty() || old.serialization != new.serialization
}

/// The versions of both sides, the oldest first.
pub(super) fn slots<'a>(change: &TopicChange<'a>) -> Vec<Slot<'a>> {
    type Sides<'a> = (Option<&'a SchemaDocument>, Option<&'a SchemaDocument>);
    let mut versions: BTreeMap<&SchemaVersion, Sides<'a>> = BTreeMap::new();
    for document in change.old {
        versions.entry(&document.version).or_default().0.get_or_insert(document);
    }
    for document in change.new {
        versions.entry(&document.version).or_default().1.get_or_insert(document);
    }
    versions.into_iter().map(|(version, (old, new))| Slot::new(version.clone(), old, new)).collect()
}

/// The pairs that a changed version is judged in: with its own old text, with the versions below
/// it, and with the settled versions above it. Changed versions above find it themselves.
pub(super) fn pairs<'a>(slots: &[Slot<'a>], changed: &Slot<'a>, reach: Reach) -> Vec<Pair<'a>> {
    let Some(new) = changed.new else { return Vec::new() };
    let count = match reach {
        Reach::Nearest => 1,
        Reach::Every => usize::MAX,
    };
    let same = changed.old.map(|old| Pair { from: old, to: new });
    let below = slots
        .iter()
        .rev()
        .filter(|slot| slot.version < changed.version)
        .filter_map(Slot::standing)
        .take(count)
        .map(|from| Pair { from, to: new });
    let above = slots
        .iter()
        .filter(|slot| slot.version > changed.version)
        .take(count)
        .filter(|slot| !slot.is_changed())
        .filter_map(Slot::standing)
        .map(|to| Pair { from: new, to });
    same.into_iter().chain(below).chain(above).collect()
}

/// What a changed version replaces: its own old text, else the version below it.
pub(super) fn previous<'a>(slots: &[Slot<'a>], changed: &Slot<'a>) -> Option<Pair<'a>> {
    let to = changed.new?;
    let below = || {
        let below = slots.iter().rev().filter(|slot| slot.version < changed.version);
        below.filter_map(Slot::standing).next()
    };
    changed.old.or_else(below).map(|from| Pair { from, to })
}
