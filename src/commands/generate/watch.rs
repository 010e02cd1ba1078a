//! `--watch`: generates again when the registry is no longer what it was.
//!
//! The registry is looked at again and again instead of being watched by the kernel: that works the
//! same on network file systems, where nobody hears of another machine's writes, for databases,
//! whose writes go to a log beside the file, and for registries with more folders than a user may
//! watch. A look asks the file system for names, sizes and times only.

use std::collections::{BTreeSet, HashSet};
use std::pin::pin;
use std::time::{Duration, Instant};

use super::report::{Changes, GenerateReport};
use super::run::Job;
use super::selection::Selected;
use crate::codegen;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::interrupt::Interrupt;
use crate::registry::{self, Revision};
use crate::schema::SchemaDocument;

/// Between two looks, at least. A change has to be there for as long before it counts, so that a
/// burst of writes is one change.
const PAUSE: Duration = Duration::from_millis(250);
/// Before what failed as a whole is tried again; it may have been the disk, or a lock.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(3);
/// Looking takes no more than this part of the time.
const PART_OF_TIME: u32 = 20;
/// A burst that does not end is no reason to wait any longer.
const LONGEST_BURST: Duration = Duration::from_secs(5);

/// Generates, and again after every change, until it is interrupted.
pub async fn run(job: &Job<'_>, context: &Context) -> Result<ExitKind, CommandError> {
    let mut interrupt = Interrupt::listen()?;
    let mut watch = Watch::start(job, context).await?;
    let mut unread = pin!(context.ui.stdout_closed());
    loop {
        tokio::select! {
            biased;
            kind = interrupt.received() => return Ok(kind),
            () = &mut unread => return Ok(ExitKind::Done),
            () = tokio::time::sleep(watch.pause) => watch.look().await?,
        }
    }
}

struct Watch<'a> {
    job: &'a Job<'a>,
    context: &'a Context,
    /// What was generated from; none after a failure.
    revision: Option<Revision>,
    burst: Option<Burst>,
    pause: Duration,
    /// The documents as they were last read, of those that can no longer be read too.
    known: Vec<SchemaDocument>,
    /// Those that were to be generated.
    selected: Vec<SchemaDocument>,
    /// Those that were.
    good: Vec<SchemaDocument>,
    /// Documents that cannot be read, and those that nothing can be generated from.
    problems: Vec<String>,
    failures: Vec<String>,
    /// What is wrong and was said already.
    said: BTreeSet<String>,
}

/// A change that may go on.
struct Burst {
    revision: Revision,
    since: Instant,
}

impl<'a> Watch<'a> {
    async fn start(job: &'a Job<'a>, context: &'a Context) -> Result<Self, CommandError> {
        let mut watch = Self {
            job,
            context,
            revision: Some(registry::revision(&job.registry)?),
            burst: None,
            pause: PAUSE,
            known: Vec::new(),
            selected: Vec::new(),
            good: Vec::new(),
            problems: Vec::new(),
            failures: Vec::new(),
            said: BTreeSet::new(),
        };
        let all = watch.read().await?;
        let registry = all.registry.clone();
        let selection = &job.args.selection;
        let selected = selection.advised(selection.wanted(all), &job.registry).await?;
        let report = watch.generate(selected)?;
        context.ui.report(&report)?;
        watch.said = watch.remarks();
        context.ui.note(&format!("watching {registry}; Ctrl-C ends"));
        Ok(watch)
    }

    /// Generates when there is a change and it has come to rest. What is wrong is said, and waited
    /// for; only a stdout that cannot be written to is an error.
    async fn look(&mut self) -> Result<(), CommandError> {
        let start = Instant::now();
        let seen = registry::revision(&self.job.registry);
        self.pause = PAUSE.max(start.elapsed() * PART_OF_TIME);
        let revision = match seen {
            Ok(revision) => revision,
            Err(error) => {
                self.revision = None;
                self.complain(&error.into());
                return Ok(());
            }
        };
        if self.revision == Some(revision) {
            self.burst = None;
            return Ok(());
        }
        let since = self.burst.as_ref().map_or(start, |burst| burst.since);
        let is_over = self.burst.as_ref().is_some_and(|burst| burst.revision == revision);
        if !is_over && since.elapsed() < LONGEST_BURST {
            self.burst = Some(Burst { revision, since });
            return Ok(());
        }
        self.burst = None;
        self.revision = Some(revision);
        match self.changed().await {
            Ok(report) => {
                report.iter().try_for_each(|report| self.context.ui.report(report))?;
                self.say();
            }
            Err(error) => {
                self.complain(&error);
                self.revision = None;
                self.pause = PAUSE_AFTER_FAILURE;
            }
        }
        Ok(())
    }

    /// Generates if what is selected has changed.
    async fn changed(&mut self) -> Result<Option<GenerateReport>, CommandError> {
        let all = self.read().await?;
        let selected = self.job.args.selection.wanted(all)?;
        let because = Changes::between(&self.selected, &selected.documents);
        if because.is_empty() {
            return Ok(None);
        }
        let report = self.generate(selected)?;
        Ok(Some(GenerateReport { because: Some(because), ..report }))
    }

    /// Every document; what can no longer be read is as it was when it could be.
    async fn read(&mut self) -> Result<Selected, CommandError> {
        let mut all = self.job.args.selection.read_all(&self.job.registry).await?;
        if !all.problems.is_empty() {
            let read: HashSet<Key<'_>> = all.documents.iter().map(key).collect();
            let is_gone = |known: &&SchemaDocument| !read.contains(&key(known));
            let kept: Vec<SchemaDocument> = self.known.iter().filter(is_gone).cloned().collect();
            all.documents.extend(kept);
            all.documents.sort_by(|a, b| (&a.topic, &a.version).cmp(&(&b.topic, &b.version)));
        }
        self.known.clone_from(&all.documents);
        self.problems = all.problems.iter().map(|problem| problem.text().to_owned()).collect();
        Ok(all)
    }

    /// Writes the files; those of a document that nothing can be generated from stay as they are.
    fn generate(&mut self, selected: Selected) -> Result<GenerateReport, CommandError> {
        let mut documents = selected.documents.clone();
        let mut output = self.job.write(&documents);
        let failures = std::mem::take(&mut output.failures);
        if self.restore(&mut documents, &failures) {
            output = self.job.write(&documents);
        }
        self.failures = failures
            .iter()
            .map(|failure| format!("{}@{}: {}", failure.topic, failure.version, failure.error))
            .collect();
        output.failures = failures;
        let report = self.job.deliver(output, selected.problems)?;
        self.good = documents;
        self.selected = selected.documents;
        Ok(report)
    }

    /// Puts what could be generated last in the place of what cannot; whether there was any.
    fn restore(&self, documents: &mut [SchemaDocument], failures: &[codegen::Failure]) -> bool {
        let failed: HashSet<Key<'_>> = failures
            .iter()
            .map(|failure| (failure.topic.as_str(), failure.version.as_str()))
            .collect();
        let mut has_any = false;
        for document in documents.iter_mut().filter(|document| failed.contains(&key(document))) {
            if let Some(good) = self.good.iter().find(|good| key(good) == key(document)) {
                document.clone_from(good);
                has_any = true;
            }
        }
        has_any
    }

    fn remarks(&self) -> BTreeSet<String> {
        self.problems.iter().chain(&self.failures).cloned().collect()
    }

    /// What is wrong and was not the time before.
    fn say(&mut self) {
        let remarks = self.remarks();
        for remark in remarks.difference(&self.said) {
            self.context.ui.warn(&format!("{remark}; what was generated before stays"));
        }
        self.said = remarks;
    }

    fn complain(&mut self, error: &CommandError) {
        if self.said.insert(error.message.clone()) {
            self.context.ui.failure(&error.failure());
        }
    }
}

type Key<'d> = (&'d str, &'d str);

fn key(document: &SchemaDocument) -> Key<'_> {
    (document.topic.as_str(), document.version.as_str())
}
