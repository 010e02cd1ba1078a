use std::collections::BTreeSet;

use super::machine::{Machine, Position, in_ranges};
use crate::schema::compat::hash::{HashMap, HashSet};

/// Products larger than this are given up on.
const MAX_POSITIONS: usize = 12_000;
const MAX_STEPS: usize = 400_000;
const MAX_EXACT_LENGTH: u64 = 2_000;
const MAX_PLAIN_LENGTH: u64 = 100_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    let exact = if machines.is_empty() { MAX_PLAIN_LENGTH } else { MAX_EXACT_LENGTH };
    if lengths.min > exact {
        return Found::TooLarge;
    }
    if machines.is_empty() {
        return Found::Text("a".repeat(usize::try_from(lengths.min).unwrap_or(usize::MAX)));
    }
    let letters = alphabet(machines);
    let walks = machines.iter().map(|(machine, member)| Walk::new(machine, *member)).collect();
    Product { walks, letters, positions: Vec::new(), ids: HashMap::default(), steps: 0 }
        .run(lengths)
}

/// One machine made deterministic as far as it is walked.
struct Walk<'m> {
    machine: &'m Machine,
    member: Member,
    positions: Vec<Position>,
    ids: HashMap<Position, u32>,
    /// By position, then by letter.
    next: HashMap<(u32, usize), u32>,
}

impl<'m> Walk<'m> {
    fn new(machine: &'m Machine, member: Member) -> Self {
        let mut walk = Self {
            machine,
            member,
            positions: Vec::new(),
            ids: HashMap::default(),
            next: HashMap::default(),
        };
        walk.intern(machine.initial());
        walk
    }

    fn intern(&mut self, position: Position) -> u32 {
        if let Some(id) = self.ids.get(&position) {
            return *id;
        }
        let id = u32::try_from(self.positions.len()).unwrap_or(u32::MAX);
        self.positions.push(position.clone());
        self.ids.insert(position, id);
        id
    }

    fn step(&mut self, from: u32, index: usize, letter: char) -> u32 {
        if let Some(known) = self.next.get(&(from, index)) {
            return *known;
        }
        let position = self.machine.step(&self.positions[from as usize], letter);
        let id = self.intern(position);
        self.next.insert((from, index), id);
        id
    }

    fn is_hopeless(&self, id: u32) -> bool {
        let position = &self.positions[id as usize];
        match self.member {
            Member::In => position.is_dead(),
            Member::Out => position.is_final(),
        }
    }

    fn is_accepted(&self, id: u32) -> bool {
        self.positions[id as usize].is_accepting == (self.member == Member::In)
    }
}

struct Product<'m> {
    walks: Vec<Walk<'m>>,
    letters: Vec<char>,
    positions: Vec<Vec<u32>>,
    ids: HashMap<Vec<u32>, usize>,
    steps: usize,
}

/// How a position was reached: from where, by which letter.
type Reached = HashMap<usize, (usize, char)>;

impl Product<'_> {
    fn run(mut self, lengths: Lengths) -> Found {
        let start = self.intern(vec![0; self.walks.len()]);
        let mut levels: Vec<Reached> = vec![HashMap::from_iter([(start, (start, '\0'))])];
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
        let mut seen: BTreeSet<usize> =
            levels.last().into_iter().flatten().map(|(id, _)| *id).collect();
        loop {
            let Some(level) = levels.last() else { return Found::Nothing };
            let accepted = level.keys().copied().filter(|id| self.is_accepted(*id)).min();
            if let Some(found) = accepted {
                return Found::Text(spell(&levels, found));
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
        let mut next = Reached::default();
        for id in from {
            for index in 0..self.letters.len() {
                self.steps += 1;
                if self.steps > MAX_STEPS || self.positions.len() > MAX_POSITIONS {
                    return None;
                }
                let letter = self.letters[index];
                let at = self.positions[id].clone();
                let moved: Vec<u32> = self
                    .walks
                    .iter_mut()
                    .zip(at)
                    .map(|(walk, position)| walk.step(position, index, letter))
                    .collect();
                if self.walks.iter().zip(&moved).any(|(walk, id)| walk.is_hopeless(*id)) {
                    continue;
                }
                let target = self.intern(moved);
                next.entry(target).or_insert((id, letter));
            }
        }
        Some(next)
    }

    fn is_accepted(&self, id: usize) -> bool {
        self.walks.iter().zip(&self.positions[id]).all(|(walk, id)| walk.is_accepted(*id))
    }

    fn intern(&mut self, positions: Vec<u32>) -> usize {
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
    const READABLE: [(char, char); 5] =
        [('a', 'z'), ('0', '9'), ('A', 'Z'), ('-', '~'), (' ', '~')];
    let sets: HashSet<&[(char, char)]> =
        machines.iter().flat_map(|(machine, _)| machine.range_sets()).collect();
    let sets: Vec<&[(char, char)]> = sets.into_iter().collect();
    let mut starts = BTreeSet::from(['\0']);
    for (low, high) in READABLE {
        starts.extend(low..=high);
    }
    for (first, last) in sets.iter().copied().flatten() {
        starts.insert(*first);
        starts.extend((*last..=char::MAX).nth(1));
    }
    let rank = |letter: char| {
        let readable = READABLE.iter().position(|(low, high)| (*low..=*high).contains(&letter));
        (readable.unwrap_or(READABLE.len()), letter)
    };
    let mut best: HashMap<Vec<bool>, (usize, char)> = HashMap::default();
    for letter in starts {
        let signature = sets.iter().map(|set| in_ranges(set, letter)).collect();
        let ranked = rank(letter);
        best.entry(signature).and_modify(|known| *known = (*known).min(ranked)).or_insert(ranked);
    }
    let mut letters: Vec<(usize, char)> = best.into_values().collect();
    letters.sort_unstable();
    letters.into_iter().map(|(_, letter)| letter).collect()
}
