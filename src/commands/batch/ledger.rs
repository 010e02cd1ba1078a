//! What became of every line of a batch: counts, what is in doubt, and from where to resume.

use std::collections::VecDeque;

use crate::broker::amqp::Settled;

/// How one line ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Confirmed by the broker and routed to at least one queue.
    Published,
    /// Confirmed by the broker, but no queue is bound to the topic.
    Unroutable,
    /// Not an event, or one that does not fit its schema; never sent.
    Invalid,
    /// The broker refused it.
    Failed,
    /// Sent, but the connection was lost before the confirm: it may or may not be published.
    InDoubt,
    /// Nothing to publish: a `gap` or `dropped` line of a recording.
    Remark,
}

impl From<&Settled> for Fate {
    fn from(settled: &Settled) -> Self {
        match settled {
            Settled::Confirmed => Self::Published,
            Settled::Unroutable { .. } => Self::Unroutable,
            Settled::Nacked => Self::Failed,
            Settled::InDoubt => Self::InDoubt,
        }
    }
}

/// The bookkeeping of a batch. Lines begin in order and end in any order.
#[derive(Debug, Default)]
pub struct Ledger {
    pub published: u64,
    pub unroutable: u64,
    pub invalid: u64,
    pub failed: u64,
    pub remarks: u64,
    pub in_doubt: LineRanges,
    /// Lines that have begun and are not known to be settled up to, with their fates.
    open: VecDeque<(u64, Option<Fate>)>,
    /// All lines up to this one have ended, and it ended for certain.
    settled: u64,
}

impl Ledger {
    /// A batch that starts behind `skipped` lines.
    pub fn new(skipped: u64) -> Self {
        Self { settled: skipped, ..Self::default() }
    }

    /// A line is sent; its fate comes later.
    pub fn begin(&mut self, line: u64) {
        self.open.push_back((line, None));
    }

    /// The fate of a line that has begun.
    pub fn end(&mut self, line: u64, fate: Fate) {
        if let Ok(index) = self.open.binary_search_by_key(&line, |(open, _)| *open) {
            self.open[index].1 = Some(fate);
        }
        self.count(line, fate);
        while let Some((line, Some(fate))) = self.open.front() {
            // Lines in doubt at the very end are done only once a later one is.
            if *fate != Fate::InDoubt {
                self.settled = *line;
            }
            self.open.pop_front();
        }
    }

    /// A line that ends as soon as it begins.
    pub fn pass(&mut self, line: u64, fate: Fate) {
        self.begin(line);
        self.end(line, fate);
    }

    /// Whatever has begun without an end is in doubt.
    pub fn give_up(&mut self) {
        let open = self.open.iter().filter(|(_, fate)| fate.is_none()).map(|(line, _)| *line);
        for line in open.collect::<Vec<_>>() {
            self.end(line, Fate::InDoubt);
        }
    }

    /// How many lines from the start of the input are behind us: what `--skip` takes to go on. Lines
    /// in doubt among them are not sent again that way, since everything after them would be, too.
    pub fn resume_after(&self) -> u64 {
        self.settled
    }

    fn count(&mut self, line: u64, fate: Fate) {
        match fate {
            Fate::Published => self.published += 1,
            Fate::Unroutable => self.unroutable += 1,
            Fate::Invalid => self.invalid += 1,
            Fate::Failed => self.failed += 1,
            Fate::Remark => self.remarks += 1,
            Fate::InDoubt => self.in_doubt.add(line),
        }
    }
}

/// A set of line numbers as ranges, small however many lines it holds in a row.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct LineRanges {
    /// First and last line of each, in order, without neighbours.
    ranges: Vec<(u64, u64)>,
}

impl LineRanges {
    pub fn add(&mut self, line: u64) {
        let next = self.ranges.partition_point(|(_, last)| last + 1 < line);
        match self.ranges.get_mut(next) {
            Some((first, last)) if *first <= line + 1 => {
                *first = line.min(*first);
                *last = line.max(*last);
            }
            _ => self.ranges.insert(next, (line, line)),
        }
        self.join(next);
    }

    fn join(&mut self, index: usize) {
        let Some(&(next_first, next_last)) = self.ranges.get(index + 1) else { return };
        if self.ranges[index].1 + 1 >= next_first {
            self.ranges[index].1 = next_last;
            self.ranges.remove(index + 1);
        }
    }

    pub fn count(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    pub fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.ranges.iter().copied()
    }
}

impl std::fmt::Display for LineRanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (first, last)) in self.ranges.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            match first == last {
                true => write!(f, "{comma}{first}")?,
                false => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_batch_resumes_behind_the_last_line_before_which_all_is_settled() {
        let mut ledger = Ledger::new(10);
        assert_eq!(ledger.resume_after(), 10);
        for line in [11, 12, 14] {
            ledger.begin(line);
        }
        ledger.end(12, Fate::Published);
        assert_eq!(ledger.resume_after(), 10);
        ledger.end(11, Fate::Unroutable);
        assert_eq!(ledger.resume_after(), 12);
        ledger.pass(15, Fate::Invalid);
        assert_eq!(ledger.resume_after(), 12);
        ledger.end(14, Fate::Published);
        assert_eq!(ledger.resume_after(), 15);
        assert_eq!((ledger.published, ledger.unroutable, ledger.invalid), (2, 1, 1));
    }

    #[test]
    fn lines_in_doubt_are_behind_us_once_a_later_line_is_certain() {
        let mut ledger = Ledger::new(0);
        for line in 1..=4 {
            ledger.begin(line);
        }
        ledger.end(1, Fate::Published);
        ledger.end(2, Fate::InDoubt);
        ledger.end(3, Fate::InDoubt);
        assert_eq!(ledger.resume_after(), 1);
        ledger.end(4, Fate::Published);
        assert_eq!(ledger.resume_after(), 4);
        assert_eq!(ledger.in_doubt.to_string(), "2-3");
        assert_eq!(ledger.in_doubt.count(), 2);
    }

    proptest! {
        #[test]
        fn ranges_hold_what_was_added(lines in prop::collection::vec(1_u64..40, 0..40)) {
            let mut ranges = LineRanges::default();
            lines.iter().for_each(|line| ranges.add(*line));
            let expected: BTreeSet<u64> = lines.into_iter().collect();
            let held: Vec<u64> = ranges.iter().flat_map(|(first, last)| first..=last).collect();
            prop_assert_eq!(&held, &expected.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(ranges.count(), expected.len() as u64);
            let apart = ranges.ranges.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0);
            prop_assert!(apart, "{:?}", ranges);
        }
    }
}
