use std::collections::{BTreeSet, HashMap};

use super::super::finding::{Direction, Finding, SchemaPart};
use super::pairs::Slot;
use crate::event::{RoutingPattern, SchemaVersion, Topic};

/// Which versions a handler asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriberVersion {
    /// Whatever is the highest one when the service starts.
    Latest,
    /// This one, and the events of all higher ones.
    Exact(SchemaVersion),
    /// Its library has no versions, or it is not known.
    Unknown,
}

/// A handler that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// A topic or a routing pattern.
    pub pattern: String,
    pub version: SubscriberVersion,
    /// `billing.handlers.on_order`.
    pub name: String,
}

/// All known handlers, found by topic.
#[derive(Debug, Clone, Default)]
pub struct Subscribers {
    all: Vec<Subscriber>,
    by_topic: HashMap<String, Vec<usize>>,
    wildcards: Vec<(RoutingPattern, usize)>,
}

impl Subscriber {
    /// The name and the version as reports show them.
    pub(super) fn shown(&self) -> String {
        match &self.version {
            SubscriberVersion::Latest => format!("{} (latest)", self.name),
            SubscriberVersion::Exact(version) => format!("{} ({version})", self.name),
            SubscriberVersion::Unknown => self.name.clone(),
        }
    }

    fn is_of(&self, wanted: &SchemaVersion) -> bool {
        match &self.version {
            SubscriberVersion::Exact(version) => version == wanted,
            SubscriberVersion::Latest | SubscriberVersion::Unknown => false,
        }
    }

    fn follows(&self) -> bool {
        match self.version {
            SubscriberVersion::Latest | SubscriberVersion::Unknown => true,
            SubscriberVersion::Exact(_) => false,
        }
    }
}

impl Subscribers {
    pub fn new(all: Vec<Subscriber>) -> Self {
        let mut found = Self { all: Vec::new(), ..Self::default() };
        for (index, subscriber) in all.iter().enumerate() {
            match subscriber.pattern.parse::<RoutingPattern>() {
                Ok(pattern) if pattern.has_wildcard() => found.wildcards.push((pattern, index)),
                Ok(_) | Err(_) => {
                    found.by_topic.entry(subscriber.pattern.clone()).or_default().push(index);
                }
            }
        }
        found.all = all;
        found
    }

    /// Those who get the events of a topic.
    pub(super) fn of(&self, topic: &Topic) -> Vec<&Subscriber> {
        let exact = self.by_topic.get(topic.as_str()).into_iter().flatten().copied();
        let wide = self.wildcards.iter().filter(|(pattern, _)| pattern.matches(topic.as_str()));
        exact.chain(wide.map(|(_, index)| *index)).filter_map(|index| self.all.get(index)).collect()
    }
}

/// The handlers that a finding concerns, and the services that publish the documents.
///
/// | direction of an event | handlers |
/// |---|---|
/// | forward | those of the old version; the `latest` ones too when it is the latest there is |
/// | backward | those of the new version, and the `latest` ones |
/// | none, or an answer | all |
pub(super) fn affected(
    finding: &Finding,
    slots: &[Slot<'_>],
    readers: &[&Subscriber],
) -> Vec<String> {
    let version = |text: &Option<String>| text.as_ref().and_then(|text| text.parse().ok());
    let from: Option<SchemaVersion> = version(&finding.from_version);
    let to: Option<SchemaVersion> = version(&finding.to_version);
    let latest = slots.iter().rev().find(|slot| slot.old.is_some()).map(|slot| &slot.version);
    let concerns = |reader: &&&Subscriber| match (finding.part, finding.direction) {
        (SchemaPart::Request, Some(Direction::Forward)) => from.as_ref().is_some_and(|from| {
            reader.is_of(from) || (reader.follows() && latest.is_none_or(|latest| latest == from))
        }),
        (SchemaPart::Request, Some(Direction::Backward)) => {
            reader.follows() || to.as_ref().is_some_and(|to| reader.is_of(to))
        }
        (SchemaPart::Request, None) | (SchemaPart::Response | SchemaPart::Error, _) => true,
    };
    let handlers: BTreeSet<String> =
        readers.iter().filter(concerns).map(|reader| reader.shown()).collect();
    let of_finding = slots
        .iter()
        .filter(|slot| Some(&slot.version) == from.as_ref() || Some(&slot.version) == to.as_ref());
    let services: BTreeSet<String> = of_finding
        .flat_map(|slot| slot.old.into_iter().chain(slot.new))
        .filter_map(|document| document.publisher.as_ref()?.service.clone())
        .map(|service| format!("{service} (publisher)"))
        .collect();
    handlers.into_iter().chain(services).collect()
}
