use std::cmp::Ordering;
use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind, Look};

/// Machines larger than this are not built: the question is then left undecided.
const MAX_STATES: usize = 6_000;

type StateId = usize;

#[derive(Debug, Clone)]
enum State {
    /// Consumes one character out of these ranges.
    Ranges(Vec<(char, char)>, StateId),
    Split(Vec<StateId>),
    AtStart(StateId),
    AtEnd(StateId),
    Matched,
}

/// A non-deterministic automaton over characters that accepts the whole texts in which a pattern
/// finds a match.
#[derive(Debug, Clone)]
pub(in crate::schema::compat) struct Machine {
    states: Vec<State>,
    start: StateId,
}

/// A set of states between two characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Position {
    states: Vec<StateId>,
    pub(super) is_accepting: bool,
    is_final: bool,
}

impl Position {
    /// Every continuation is accepted.
    pub(super) fn is_final(&self) -> bool {
        self.is_final
    }

    /// No continuation can be accepted.
    pub(super) fn is_dead(&self) -> bool {
        self.states.is_empty() && !self.is_accepting
    }
}

impl Machine {
    /// `None` for constructs or sizes that are beyond this form.
    pub(in crate::schema::compat) fn from_hir(hir: &Hir) -> Option<Self> {
        let mut machine = Self { states: vec![State::Matched], start: 0 };
        let body = machine.build(hir, 0)?;
        let restart = machine.push(State::Split(vec![body]))?;
        let skip = machine.push(State::Ranges(vec![('\0', char::MAX)], restart))?;
        machine.states[restart] = State::Split(vec![body, skip]);
        machine.start = restart;
        Some(machine)
    }

    /// Accepts exactly these texts.
    pub(in crate::schema::compat) fn of_texts<'a>(
        texts: impl IntoIterator<Item = &'a str>,
    ) -> Option<Self> {
        let mut machine = Self { states: vec![State::Matched], start: 0 };
        let end = machine.push(State::AtEnd(0))?;
        let mut starts = Vec::new();
        for text in texts {
            let mut next = end;
            for letter in text.chars().rev() {
                next = machine.push(State::Ranges(vec![(letter, letter)], next))?;
            }
            starts.push(next);
        }
        machine.start = machine.push(State::Split(starts))?;
        Some(machine)
    }

    fn push(&mut self, state: State) -> Option<StateId> {
        if self.states.len() >= MAX_STATES {
            return None;
        }
        self.states.push(state);
        Some(self.states.len() - 1)
    }

    /// Builds backwards: the state from which `hir` and then `next` is read.
    fn build(&mut self, hir: &Hir, next: StateId) -> Option<StateId> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => {
                let text = std::str::from_utf8(&literal.0).ok()?;
                text.chars().rev().try_fold(next, |next, letter| {
                    self.push(State::Ranges(vec![(letter, letter)], next))
                })
            }
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.iter().map(|range| (range.start(), range.end())).collect();
                self.push(State::Ranges(ranges, next))
            }
            HirKind::Class(Class::Bytes(class)) => {
                let ranges = class
                    .iter()
                    .map(|range| (char::from(range.start()), char::from(range.end())))
                    .collect::<Vec<_>>();
                let is_ascii = ranges.iter().all(|(_, last)| last.is_ascii());
                if is_ascii { self.push(State::Ranges(ranges, next)) } else { None }
            }
            HirKind::Look(Look::Start) => self.push(State::AtStart(next)),
            HirKind::Look(Look::End) => self.push(State::AtEnd(next)),
            HirKind::Look(_) => None,
            HirKind::Repetition(repetition) => {
                self.repeat(&repetition.sub, (repetition.min, repetition.max), next)
            }
            HirKind::Capture(capture) => self.build(&capture.sub, next),
            HirKind::Concat(parts) => {
                parts.iter().rev().try_fold(next, |next, part| self.build(part, next))
            }
            HirKind::Alternation(branches) => {
                let starts = branches
                    .iter()
                    .map(|branch| self.build(branch, next))
                    .collect::<Option<Vec<_>>>()?;
                self.push(State::Split(starts))
            }
        }
    }

    fn repeat(
        &mut self,
        sub: &Hir,
        (min, max): (u32, Option<u32>),
        next: StateId,
    ) -> Option<StateId> {
        let mut at = next;
        match max {
            None => {
                let again = self.push(State::Split(vec![next]))?;
                let body = self.build(sub, again)?;
                self.states[again] = State::Split(vec![body, next]);
                at = again;
            }
            Some(max) => {
                for _ in min..max {
                    let body = self.build(sub, at)?;
                    at = self.push(State::Split(vec![body, next]))?;
                }
            }
        }
        for _ in 0..min {
            at = self.build(sub, at)?;
        }
        Some(at)
    }

    pub(super) fn initial(&self) -> Position {
        self.close([self.start], Place::Start)
    }

    pub(super) fn step(&self, from: &Position, letter: char) -> Position {
        let moved = from.states.iter().filter_map(|id| match &self.states[*id] {
            State::Ranges(ranges, next) => in_ranges(ranges, letter).then_some(*next),
            State::Matched => Some(*id),
            State::Split(_) | State::AtStart(_) | State::AtEnd(_) => None,
        });
        self.close(moved, Place::Inside)
    }

    fn close(&self, from: impl IntoIterator<Item = StateId>, place: Place) -> Position {
        let mut seen = vec![false; self.states.len()];
        let mut kept = Vec::new();
        let mut ends = Vec::new();
        let mut work: Vec<StateId> = from.into_iter().collect();
        while let Some(id) = work.pop() {
            if std::mem::replace(&mut seen[id], true) {
                continue;
            }
            match &self.states[id] {
                State::Ranges(..) => kept.push(id),
                // A match was found: whatever follows is accepted, nothing else matters.
                State::Matched => {
                    return Position { states: vec![id], is_accepting: true, is_final: true };
                }
                State::Split(branches) => work.extend(branches),
                State::AtStart(next) => work.extend((place == Place::Start).then_some(*next)),
                State::AtEnd(next) => ends.push(*next),
            }
        }
        kept.sort_unstable();
        Position { is_accepting: self.ends_matched(ends, place), states: kept, is_final: false }
    }

    /// Whether a match is completed by the text ending here.
    fn ends_matched(&self, mut work: Vec<StateId>, place: Place) -> bool {
        let mut seen = BTreeSet::new();
        while let Some(id) = work.pop() {
            if !seen.insert(id) {
                continue;
            }
            match &self.states[id] {
                State::Ranges(..) => {}
                State::Matched => return true,
                State::Split(branches) => work.extend(branches),
                State::AtStart(next) => work.extend((place == Place::Start).then_some(*next)),
                State::AtEnd(next) => work.push(*next),
            }
        }
        false
    }

    pub(in crate::schema::compat) fn accepts(&self, text: &str) -> bool {
        text.chars()
            .fold(self.initial(), |position, letter| self.step(&position, letter))
            .is_accepting
    }

    /// The sets of characters that the machine tells apart.
    pub(super) fn range_sets(&self) -> impl Iterator<Item = &[(char, char)]> {
        self.states.iter().filter_map(|state| match state {
            State::Ranges(ranges, _) => Some(ranges.as_slice()),
            State::Split(_) | State::AtStart(_) | State::AtEnd(_) | State::Matched => None,
        })
    }
}

/// Whether the character lies in one of the ranges, which are in order.
pub(super) fn in_ranges(ranges: &[(char, char)], letter: char) -> bool {
    let found = ranges.binary_search_by(|(first, last)| {
        if *last < letter {
            Ordering::Less
        } else if *first > letter {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    });
    found.is_ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    Inside,
}
