use std::collections::{BTreeSet, HashMap};

use super::machine::{Machine, Position};

/// Products larger than this are given up on.
const MAX_POSITIONS: usize = 12_000;
const MAX_STEPS: usize = 400_000;
const MAX_EXACT_LENGTH: u64 = 2_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema::compat) enum Member {
    In,
    Out,
}

/// How many characters a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::schema::compat) struct Lengths {
    pub(in crate::schema::compat) min: u64,
    pub(in crate::schema::compat) max: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::schema::compat) enum Found {
    Text(String),
    Nothing,
    TooLarge,
}

/// A shortest text within `lengths` that every machine accepts (`In`) or refuses (`Out`).
pub(in crate::schema::compat) fn find(machines: &[(&Machine, Member)], lengths: Lengths) -> Found {
    if lengths.max.is_some_and(|max| max < lengths.min) {
        return Found::Nothing;
    }
    let exact = if machines.is_empty() { 100_000 } else { MAX_EXACT_LENGTH };
    if lengths.min > exact {
        return Found::TooLarge;
    }
    let letters = alphabet(machines);
    Product { machines, letters, positions: Vec::new(), ids: HashMap::new(), steps: 0 }.run(lengths)
}

struct Product<'m> {
    machines: &'m [(&'m Machine, Member)],
    letters: Vec<char>,
    positions: Vec<Vec<Position>>,
    ids: HashMap<Vec<Position>, usize>,
    steps: usize,
}

/// How a position was reached: from where, by which letter.
type Reached = HashMap<usize, (usize, char)>;

impl Product<'_> {
    fn run(mut self, lengths: Lengths) -> Found {
        let start = self.machines.iter().map(|(machine, _)| machine.initial()).collect();
        let start = self.intern(start);
        let mut levels: Vec<Reached> = vec![HashMap::from([(start, (start, '\0'))])];
        for _ in 0..lengths.min {
            let Some(level) = self.next_level(levels.last().into_iter().flatten()) else {
                return Found::TooLarge;
            };
            if level.is_empty() {
                return Found::Nothing;
            }
            levels.push(level);
        }
        self.extend(levels, lengths)
    }

    /// Breadth-first from the last exact level until a position is accepted.
    fn extend(&mut self, mut levels: Vec<Reached>, lengths: Lengths) -> Found {
        let mut seen: BTreeSet<usize> = levels.last().into_iter().flatten().map(|(id, _)| *id).collect();
        loop {
            let Some(level) = levels.last() else { return Found::Nothing };
            let mut accepted: Vec<usize> =
                level.keys().copied().filter(|id| self.is_accepted(*id)).collect();
            accepted.sort_unstable();
            if let Some(found) = accepted.first() {
                return Found::Text(spell(&levels, *found));
            }
            if lengths.max.is_some_and(|max| levels.len() as u64 > max) {
                return Found::Nothing;
            }
            let Some(mut level) = self.next_level(level) else {
                return Found::TooLarge;
            };
            level.retain(|id, _| seen.insert(*id));
            if level.is_empty() {
                return Found::Nothing;
            }
            levels.push(level);
        }
    }

    /// Positions one letter further; `None` when the limits are used up.
    fn next_level<'l>(
        &mut self,
        level: impl IntoIterator<Item = (&'l usize, &'l (usize, char))>,
    ) -> Option<Reached> {
        let mut from: Vec<usize> = level.into_iter().map(|(id, _)| *id).collect();
        from.sort_unstable();
        let mut next = Reached::new();
        for id in from {
            for at in 0..self.letters.len() {
                self.steps += 1;
                if self.steps > MAX_STEPS || self.positions.len() > MAX_POSITIONS {
                    return None;
                }
                let letter = self.letters[at];
                let moved: Vec<Position> = self
                    .machines
                    .iter()
                    .zip(&self.positions[id])
                    .map(|((machine, _), position)| machine.step(position, letter))
                    .collect();
                if self.is_hopeless(&moved) {
                    continue;
                }
                let target = self.intern(moved);
                next.entry(target).or_insert((id, letter));
            }
        }
        Some(next)
    }

    fn is_hopeless(&self, positions: &[Position]) -> bool {
        self.machines.iter().zip(positions).any(|((_, member), position)| match member {
            Member::In => position.is_dead(),
            Member::Out => position.is_final(),
        })
    }

    fn is_accepted(&self, id: usize) -> bool {
        self.machines.iter().zip(&self.positions[id]).all(|((_, member), position)| match member {
            Member::In => position.is_accepting,
            Member::Out => !position.is_accepting,
        })
    }

    fn intern(&mut self, positions: Vec<Position>) -> usize {
        if let Some(id) = self.ids.get(&positions) {
            return *id;
        }
        let id = self.positions.len();
        self.positions.push(positions.clone());
        self.ids.insert(positions, id);
        id
    }
}

fn spell(levels: &[Reached], last: usize) -> String {
    let mut letters = Vec::new();
    let mut at = last;
    for level in levels.iter().skip(1).rev() {
        let Some((from, letter)) = level.get(&at) else { break };
        letters.push(*letter);
        at = *from;
    }
    letters.iter().rev().collect()
}

/// One character out of each class that no machine tells apart, the most readable one first.
fn alphabet(machines: &[(&Machine, Member)]) -> Vec<char> {
    const READABLE: [(char, char); 5] = [('a', 'z'), ('0', '9'), ('A', 'Z'), ('-', '~'), (' ', '~')];
    let mut starts = BTreeSet::from(['\0']);
    for (machine, _) in machines {
        machine.boundaries(&mut starts);
    }
    let starts: Vec<char> = starts.into_iter().collect();
    let mut letters: Vec<(usize, char)> = starts
        .iter()
        .enumerate()
        .map(|(at, first)| {
            let is_inside = |letter: char| {
                letter >= *first && starts.get(at + 1).is_none_or(|next| letter < *next)
            };
            READABLE
                .iter()
                .enumerate()
                .find_map(|(rank, (low, high))| {
                    let letter = (*low).max(*first);
                    (letter <= *high && is_inside(letter)).then_some((rank, letter))
                })
                .unwrap_or((READABLE.len(), *first))
        })
        .collect();
    letters.sort_unstable();
    letters.into_iter().map(|(_, letter)| letter).collect()
}
