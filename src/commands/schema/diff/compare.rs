//! Two sides in, one report out.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use super::judged::judge_all;
use super::options::{FailOn, JudgeArgs, subscribers};
use super::report::{SchemaDiff, SchemaDifference, Summary, WaiverReport};
use super::side::Read;
use crate::event::{SchemaVersion, Topic};
use crate::extract::{Extracted, Location};
use crate::schema::judge::{CompatMode, Judge, Scope, TopicChange};
use crate::schema::{Finding, Place, SchemaDocument};

pub struct Comparing<'a> {
    pub judge: &'a JudgeArgs,
    pub fail_on: FailOn,
    pub scope: Scope,
}

impl Comparing<'_> {
    pub fn compare(&self, old: Read, new: Read) -> SchemaDiff {
        let topics = self.topics(&old.documents, &new.documents);
        let changes: Vec<TopicChange<'_>> =
            topics.iter().map(|(topic, (old, new))| TopicChange { topic, old, new }).collect();
        let known = subscribers(old.subscriptions.iter().chain(&new.subscriptions));
        let judge = Judge {
            mode: self.judge.mode,
            writer: self.judge.writer.into(),
            scope: self.scope,
            subscribers: &known,
        };
        let mut findings = judge_all(&judge, &changes);
        locate(&mut findings, &old.documents, &new.documents);
        let mut report = SchemaDiff {
            compatible: true,
            summary: Summary::of(&findings),
            changes: findings,
            from: old.name,
            to: new.name,
            mode: self.judge.mode.as_str().to_owned(),
            topics: topics.len(),
            unchanged: unchanged(&changes),
            added: Vec::new(),
            removed: Vec::new(),
            waivers: WaiverReport::default(),
            failures: old.failures.into_iter().chain(new.failures).collect(),
            problems: old.problems.into_iter().chain(new.problems).collect(),
            folder: PathBuf::new(),
            schema_differences: Vec::new(),
        };
        report.list_versions(&changes, self.scope);
        report.schema_differences = differences(&report.changes, &topics);
        report.compatible = self.is_compatible(&report.summary);
        report
    }

    /// Documents by topic. What only the old side has is no concern of a part.
    fn topics<'d>(
        &self,
        old: &'d [Extracted],
        new: &'d [Extracted],
    ) -> BTreeMap<&'d Topic, (Vec<&'d SchemaDocument>, Vec<&'d SchemaDocument>)> {
        let mut topics: BTreeMap<_, (Vec<_>, Vec<_>)> = BTreeMap::new();
        for Extracted { document, .. } in new {
            topics.entry(&document.topic).or_default().1.push(document);
        }
        for Extracted { document, .. } in old {
            match self.scope {
                Scope::Whole => topics.entry(&document.topic).or_default().0.push(document),
                Scope::Part => {
                    if let Some(sides) = topics.get_mut(&document.topic) {
                        sides.0.push(document);
                    }
                }
            }
        }
        topics
    }

    /// Whether nothing is left that `--fail-on` asks for.
    pub fn is_compatible(&self, summary: &Summary) -> bool {
        let worse = match self.fail_on {
            FailOn::Breaking => summary.breaking,
            FailOn::Undecided => summary.breaking + summary.undecided,
            FailOn::Warning => summary.breaking + summary.undecided + summary.warning,
        };
        worse == 0 || self.judge.mode == CompatMode::None
    }
}

/// How many versions are the same on both sides.
fn unchanged(changes: &[TopicChange<'_>]) -> usize {
    let is_same = |old: &SchemaDocument, new: &SchemaDocument| {
        old.version == new.version && old.contract_differences(new).is_empty()
    };
    let pairs = changes.iter().flat_map(|change| change.new.iter().map(move |new| (change, new)));
    pairs.filter(|(change, new)| change.old.iter().any(|old| is_same(old, new))).count()
}

impl SchemaDiff {
    fn list_versions(&mut self, changes: &[TopicChange<'_>], scope: Scope) {
        let missing_in = |mine: &[&SchemaDocument], theirs: &[&SchemaDocument]| -> Vec<String> {
            let is_missing = |document: &&&SchemaDocument| {
                !theirs.iter().any(|other| other.version == document.version)
            };
            let missing = mine.iter().filter(is_missing);
            missing.map(|document| format!("{}@{}", document.topic, document.version)).collect()
        };
        for change in changes {
            self.added.extend(missing_in(change.new, change.old));
            match scope {
                Scope::Whole => self.removed.extend(missing_in(change.old, change.new)),
                Scope::Part => {}
            }
        }
    }
}

/// Points every finding to the document that can be mended: the new side's where it has one.
fn locate(findings: &mut [Finding], old: &[Extracted], new: &[Extracted]) {
    if findings.is_empty() {
        return;
    }
    let mut places: HashMap<(&str, &SchemaVersion), &Location> = HashMap::new();
    for Extracted { document, location } in old.iter().chain(new) {
        if let Some(location) = location {
            places.insert((document.topic.as_str(), &document.version), location);
        }
    }
    for finding in findings {
        let version = finding.to_version.as_ref().or(finding.from_version.as_ref());
        let Some(version) = version.and_then(|text| text.parse::<SchemaVersion>().ok()) else {
            continue;
        };
        finding.location = places
            .get(&(finding.topic.as_str(), &version))
            .map(|place| Place { file: place.file.clone(), line: place.line });
    }
}

type Topics<'d> = BTreeMap<&'d Topic, (Vec<&'d SchemaDocument>, Vec<&'d SchemaDocument>)>;

/// The texts of the two documents of each pair that something was found about.
fn differences(findings: &[Finding], topics: &Topics<'_>) -> Vec<SchemaDifference> {
    let mut found: Vec<SchemaDifference> = Vec::new();
    for finding in findings {
        let (Some(from), Some(to)) = (&finding.from_version, &finding.to_version) else { continue };
        let is_known = |known: &SchemaDifference| {
            known.topic == finding.topic && known.from_version == *from && known.to_version == *to
        };
        if found.iter().rev().take(64).any(is_known) {
            continue;
        }
        let Ok(topic) = finding.topic.parse::<Topic>() else { continue };
        let Some((old, new)) = topics.get(&topic) else { continue };
        let of = |documents: &[&SchemaDocument], version: &str| {
            let wanted = version.parse::<SchemaVersion>().ok();
            let found =
                documents.iter().find(|document| Some(&document.version) == wanted.as_ref());
            found.map(|document| contract_text(document))
        };
        let before = of(old, from).or_else(|| of(new, from));
        let after = of(new, to).or_else(|| of(old, to));
        if let (Some(old), Some(new)) = (before, after) {
            found.push(SchemaDifference {
                topic: finding.topic.clone(),
                from_version: from.clone(),
                to_version: to.clone(),
                old,
                new,
            });
        }
    }
    found
}

/// The document without what people wrote beside the contract.
fn contract_text(document: &SchemaDocument) -> String {
    let mut contract = SchemaDocument::new(
        document.topic.clone(),
        document.version.clone(),
        document.schema.clone(),
    );
    contract.mode = document.mode;
    contract.response_schema.clone_from(&document.response_schema);
    contract.error_schema.clone_from(&document.error_schema);
    contract.serialization.clone_from(&document.serialization);
    contract.to_pretty_json()
}
