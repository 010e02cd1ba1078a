//! What registering the documents would break, asked before anything is written.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Zoned;

use super::super::diff::{JudgingArgs, judge_all, locate_lines, subscribers};
use super::super::problem::Problem;
use crate::commands::error::CommandError;
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::extract::{Extracted, Extraction};
use crate::registry::{Listing, RegistryStore};
use crate::schema::judge::{CompatMode, Judge, Scope, TopicChange};
use crate::schema::{Finding, FindingLevel, Place, SchemaDocument, Waiver, rules, waiver};

/// Up to this many topics are asked for one by one.
const MAX_SINGLE_TOPICS: usize = 16;

type Key = (Topic, SchemaVersion);

/// What was found, and what it means for each document.
#[derive(Debug, Default)]
pub struct Rulings {
    pub findings: Vec<Finding>,
    /// Registered documents that could not be read, and so not be compared with.
    pub problems: Vec<Problem>,
    by_document: HashMap<Key, Ruling>,
}

/// What registering one document comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ruling {
    /// The rules that stand against it.
    pub refused_by: BTreeSet<&'static str>,
    /// The version is there with another text of the same meaning.
    pub rewording: Rewording,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rewording {
    #[default]
    None,
    Harmless,
}

impl Rulings {
    pub fn of(&self, document: &SchemaDocument) -> Ruling {
        let key = (document.topic.clone(), document.version.clone());
        self.by_document.get(&key).cloned().unwrap_or_default()
    }

    fn take(&mut self, findings: Vec<Finding>, changed: &BTreeSet<Key>, mode: CompatMode) {
        for finding in &findings {
            let Some(key) = subject(finding, changed) else { continue };
            let ruling = self.by_document.entry(key).or_default();
            let is_rewording = finding.rule.code == rules::VERSION_REWORDED.code;
            // Neither a mode nor a waiver lets one version mean two things.
            let is_same_version = finding.from_version == finding.to_version;
            let is_asked = mode != CompatMode::None && finding.waived.is_none();
            let counts = is_asked || is_same_version;
            match finding.level {
                FindingLevel::Breaking | FindingLevel::Undecided if counts => {
                    ruling.refused_by.insert(finding.rule.code);
                }
                FindingLevel::Info if is_rewording => ruling.rewording = Rewording::Harmless,
                FindingLevel::Breaking
                | FindingLevel::Undecided
                | FindingLevel::Warning
                | FindingLevel::Info => {}
            }
        }
        self.findings = findings;
    }
}

/// The document that is to be registered among the two of a finding: the higher one of two.
fn subject(finding: &Finding, changed: &BTreeSet<Key>) -> Option<Key> {
    let topic: Topic = finding.topic.parse().ok()?;
    let versions = [&finding.to_version, &finding.from_version];
    let keys = versions.into_iter().flatten().filter_map(|text| text.parse().ok());
    keys.map(|version| (topic.clone(), version)).find(|key| changed.contains(key))
}

/// Judges the documents against those that are registered.
pub async fn judge(
    extraction: &Extraction,
    store: &dyn RegistryStore,
    (args, waivers): (&JudgingArgs, &[Waiver]),
) -> Result<Rulings, CommandError> {
    let mut topics: BTreeMap<&Topic, Vec<&SchemaDocument>> = BTreeMap::new();
    for Extracted { document, .. } in &extraction.documents {
        topics.entry(&document.topic).or_default().push(document);
    }
    let listing = registered(&topics, store).await?;
    let mut known: HashMap<&Topic, Vec<&SchemaDocument>> = HashMap::new();
    for document in &listing.documents {
        known.entry(&document.topic).or_default().push(document);
    }
    let nothing = Vec::new();
    let changes: Vec<TopicChange<'_>> = topics
        .iter()
        .map(|(topic, new)| {
            let old = known.get(topic).unwrap_or(&nothing);
            TopicChange { topic, old, new }
        })
        .collect();
    let subscribers = subscribers(extraction.subscriptions.iter());
    let judge = Judge {
        mode: args.mode,
        writer: args.writer.into(),
        scope: Scope::Part,
        subscribers: &subscribers,
    };
    let mut findings = judge_all(&judge, &changes);
    locate(&mut findings, &extraction.documents);
    locate_lines(&mut findings);
    // Which waivers did nothing is not asked here: this is a part of the schemas.
    waiver::apply(&mut findings, waivers, Zoned::now().date());
    let mut rulings = Rulings { problems: Problem::all(&listing.problems), ..Rulings::default() };
    rulings.take(findings, &changed(&changes), args.mode);
    Ok(rulings)
}

/// The registered documents of the topics, and perhaps of others.
async fn registered(
    topics: &BTreeMap<&Topic, Vec<&SchemaDocument>>,
    store: &dyn RegistryStore,
) -> Result<Listing, CommandError> {
    let patterns: Vec<RoutingPattern> = if topics.len() > MAX_SINGLE_TOPICS {
        vec![RoutingPattern::everything()]
    } else {
        // A topic that is no pattern is one that no registry takes either.
        topics.keys().filter_map(|topic| topic.as_str().parse().ok()).collect()
    };
    let mut all = Listing::default();
    for pattern in patterns {
        let listing = store.list(&pattern).await?;
        all.documents.extend(listing.documents);
        all.problems.extend(listing.problems);
    }
    Ok(all)
}

fn changed(changes: &[TopicChange<'_>]) -> BTreeSet<Key> {
    let is_there = |change: &TopicChange<'_>, new: &SchemaDocument| {
        let same = change.old.iter().find(|old| old.version == new.version);
        same.is_some_and(|old| old.contract_differences(new).is_empty())
    };
    let all = changes.iter().flat_map(|change| change.new.iter().map(move |new| (change, *new)));
    all.filter(|(change, new)| !is_there(change, new))
        .map(|(_, new)| (new.topic.clone(), new.version.clone()))
        .collect()
}

fn locate(findings: &mut [Finding], documents: &[Extracted]) {
    for finding in findings {
        let place = documents.iter().find(|Extracted { document, .. }| {
            document.topic.as_str() == finding.topic
                && finding.to_version.as_deref() == Some(document.version.as_str())
        });
        finding.location = place
            .and_then(|found| found.location.as_ref())
            .map(|place| Place { file: place.file.clone(), line: place.line });
    }
}
