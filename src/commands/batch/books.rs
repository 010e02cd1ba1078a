//! The account of a batch whose lines are numbered.

use super::flight::Outcomes;
use super::ledger::{Fate, Ledger};
use super::problems::Problems;
use crate::broker::amqp::Settled;

/// Whether an event that no queue receives counts as a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unroutable {
    Fails,
    IsFine,
}

/// What moves the progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progressing {
    /// Every published line.
    WithConfirms,
    /// Whoever reads the lines.
    Elsewhere,
}

/// Counts the fates of lines and names those that went wrong.
#[derive(Debug)]
pub struct LineBooks {
    pub ledger: Ledger,
    /// What is numbered: `line`, or `message` of a queue.
    pub unit: &'static str,
    pub unroutable: Unroutable,
    /// Why a message is unroutable.
    pub nobody: &'static str,
    pub progressing: Progressing,
    /// The fates of what was sent, where somebody waits for them.
    pub fates: Option<Vec<(u64, Fate)>>,
}

impl LineBooks {
    /// A batch that passes over `skipped` lines first. Unroutable lines count as failures.
    pub fn new(skipped: u64) -> Self {
        Self {
            ledger: Ledger::new(skipped),
            unit: "line",
            unroutable: Unroutable::Fails,
            nobody: "no queue is bound to its topic",
            progressing: Progressing::Elsewhere,
            fates: None,
        }
    }

    /// A line that is not sent, or could not be, and why.
    pub fn pass(&mut self, (line, fate): (u64, Fate), why: &str, problems: &mut Problems<'_>) {
        self.complain((line, why), problems);
        self.ledger.pass(line, fate);
    }

    /// Something is wrong with a line, whatever becomes of it.
    pub fn complain(&self, (line, why): (u64, &str), problems: &mut Problems<'_>) {
        problems.show(&format!("{} {line}: {why}", self.unit));
    }
}

impl Outcomes for LineBooks {
    fn note(&mut self, settled: Vec<(u64, Settled)>, problems: &mut Problems<'_>) {
        for (line, outcome) in settled {
            let fate = Fate::from(&outcome);
            self.ledger.end(line, fate);
            if let Some(fates) = &mut self.fates {
                fates.push((line, fate));
            }
            match fate {
                Fate::Unroutable if self.unroutable == Unroutable::Fails => {
                    self.complain((line, self.nobody), problems);
                }
                Fate::Failed => self.complain((line, "the broker could not keep it"), problems),
                Fate::Published
                | Fate::Unroutable
                | Fate::Invalid
                | Fate::InDoubt
                | Fate::Remark => {}
            }
        }
        if self.progressing == Progressing::WithConfirms {
            problems.progress.set(self.ledger.published);
        }
    }
}
