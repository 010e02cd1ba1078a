use std::rc::Rc;

use serde_json::Value;

use super::clause::StringAtom;
use super::{Atom, Solver, State};
use crate::schema::compat::format;
use crate::schema::compat::goal::{Doubt, Outcome};
use crate::schema::compat::node::{Body, NodeId};
use crate::schema::compat::regex::{Found, Lengths, Machine, Member, PatternId, find};

/// Texts asked of the automata before a format or an unsupported pattern is given up on.
const MAX_TRIES: usize = 12;

/// A set of texts, as the intersection of sets and complements.
#[derive(Debug)]
struct Problem {
    lengths: Lengths,
    patterns: Vec<(PatternId, Member)>,
    formats: Vec<(Rc<str>, Member)>,
    excluded: Vec<String>,
    node: Option<NodeId>,
}

/// Which readings of the patterns a text has to satisfy.
#[derive(Debug, Clone, Copy)]
enum Reading {
    Both,
    Rust,
    Ecma,
}

/// What a pattern costs beside an alternative that is weighed.
const PATTERN_EFFORT: usize = 50;

impl Solver {
    pub(super) fn settle_string(&mut self, state: &State) -> Outcome {
        let problem = self.string_problem(state);
        self.effort += PATTERN_EFFORT * problem.patterns.len();
        if problem.lengths.max.is_some_and(|max| max < problem.lengths.min)
            || has_both(&problem.patterns)
            || has_both(&problem.formats)
            || problem.is_in_and_out_of_a_format()
        {
            return Outcome::Empty;
        }
        for text in self.guesses(&problem) {
            if self.fits(&problem, text) == Some(true) {
                return Outcome::of(Value::String(text.to_owned()));
            }
        }
        self.ask_automata(problem)
    }

    fn string_problem(&self, state: &State) -> Problem {
        let mut problem = Problem {
            lengths: Lengths { min: 0, max: None },
            patterns: Vec::new(),
            formats: Vec::new(),
            excluded: Vec::new(),
            node: None,
        };
        for atom in &state.atoms {
            match atom {
                Atom::Rules(node) => {
                    problem.node.get_or_insert(*node);
                    let Body::Rules(rules) = &self.store.arena.node(*node).body else { continue };
                    problem.longer(rules.string.min);
                    rules.string.max.iter().for_each(|max| problem.shorter(*max));
                    problem.patterns.extend(rules.string.patterns.iter().copied());
                    problem.formats.extend(
                        rules.string.formats.iter().map(|name| (Rc::clone(name), Member::In)),
                    );
                }
                Atom::String(atom) => match atom {
                    StringAtom::MinLength(min) => problem.longer(*min),
                    StringAtom::MaxLength(max) => problem.shorter(*max),
                    StringAtom::Pattern(id, member) => problem.patterns.push((*id, *member)),
                    StringAtom::Format(name, member) => {
                        problem.formats.push((Rc::clone(name), *member));
                    }
                },
                Atom::NotIn(values) => problem
                    .excluded
                    .extend(values.iter().filter_map(Value::as_str).map(str::to_owned)),
                Atom::Number(_) | Atom::Array(_) | Atom::Object(_) | Atom::Unmodelled { .. } => {}
            }
        }
        problem
    }

    /// Texts worth trying before anything is built.
    fn guesses(&self, problem: &Problem) -> Vec<&'static str> {
        let mut texts: Vec<&'static str> = Vec::new();
        for (name, member) in &problem.formats {
            if *member == Member::In {
                texts.extend(format::samples(name));
            }
        }
        if texts.is_empty() && problem.formats.is_empty() && problem.patterns.is_empty() {
            return if problem.excluded.is_empty() { vec!["", "a"] } else { Vec::new() };
        }
        texts.extend(["", "a", "0", "-", "@", " ", "[", "\\", "/~", "%", "{", "a b", "-->", "://"]);
        texts
    }

    /// Whether the text is in the set; unknown where a format or pattern is.
    fn fits(&self, problem: &Problem, text: &str) -> Option<bool> {
        let length = text.chars().count() as u64;
        let in_length = length >= problem.lengths.min
            && problem.lengths.max.is_none_or(|max| length <= max)
            && !problem.excluded.iter().any(|excluded| excluded == text);
        let patterns = problem.patterns.iter().map(|(id, member)| {
            let matched = self.judge.matches(&self.store, *id, text);
            matched.map(|matched| matched == (*member == Member::In))
        });
        let formats = problem.formats.iter().map(|(name, member)| match member {
            Member::In => self.judge.formats.borrow_mut().can_be(name, text),
            Member::Out => self.judge.has_format(name, text).map(|has| !has),
        });
        super::super::evaluate::all([Some(in_length)].into_iter().chain(patterns).chain(formats))
    }

    fn ask_automata(&self, mut problem: Problem) -> Outcome {
        let is_exact = problem.formats.is_empty()
            && problem.patterns.iter().all(|(id, _)| self.store.patterns.get(*id).is_some());
        for attempt in 0..MAX_TRIES {
            match self.find_text(&problem, Reading::Both) {
                Found::Text(text) => {
                    if is_exact || self.fits(&problem, &text) == Some(true) {
                        return Outcome::of(Value::String(text));
                    }
                    problem.excluded.push(text);
                }
                Found::Nothing if attempt == 0 && self.is_empty(&problem) => return Outcome::Empty,
                Found::Nothing | Found::TooLarge => break,
            }
        }
        self.string_doubt(&problem)
    }

    /// Proves that no text fits, whichever way the patterns are read.
    fn is_empty(&self, problem: &Problem) -> bool {
        let has_readings = problem.patterns.iter().any(|(id, _)| {
            self.store.patterns.get(*id).is_some_and(|pattern| pattern.ecma.is_some())
        });
        !has_readings
            || [Reading::Rust, Reading::Ecma]
                .into_iter()
                .all(|reading| self.find_text(problem, reading) == Found::Nothing)
    }

    /// Sets that are not regular are left out when something must be in them is all they say, or
    /// replaced by a regular set around them: nothing found is a proof, a text found is a guess.
    fn find_text(&self, problem: &Problem, reading: Reading) -> Found {
        let excluded = match &*problem.excluded {
            [] => None,
            texts => match Machine::of_texts(texts.iter().map(String::as_str)) {
                Some(machine) => Some(machine),
                None => return Found::TooLarge,
            },
        };
        let shapes: Vec<Rc<Machine>> = problem
            .formats
            .iter()
            .filter(|(_, member)| *member == Member::In)
            .filter_map(|(name, _)| self.judge.formats.borrow_mut().shape(name))
            .collect();
        let mut machines: Vec<(&Machine, Member)> = Vec::new();
        for (id, member) in &problem.patterns {
            let Some(pattern) = self.store.patterns.get(*id) else { continue };
            let ecma = pattern.ecma.as_ref();
            match reading {
                Reading::Rust => machines.push((&pattern.rust, *member)),
                Reading::Ecma => machines.push((ecma.unwrap_or(&pattern.rust), *member)),
                Reading::Both => {
                    machines.push((&pattern.rust, *member));
                    machines.extend(ecma.map(|machine| (machine, *member)));
                }
            }
        }
        machines.extend(excluded.iter().map(|machine| (machine, Member::Out)));
        machines.extend(shapes.iter().map(|machine| (&**machine, Member::In)));
        find(&machines, problem.lengths)
    }

    fn string_doubt(&self, problem: &Problem) -> Outcome {
        let keyword = if problem.formats.iter().any(|(_, member)| *member == Member::Out) {
            "format"
        } else if !problem.patterns.is_empty() {
            "pattern"
        } else if problem.formats.is_empty() {
            "minLength"
        } else {
            "format"
        };
        Outcome::Doubt(Doubt { keyword: keyword.to_owned(), node: problem.node })
    }
}

impl Problem {
    fn longer(&mut self, min: u64) {
        self.lengths.min = self.lengths.min.max(min);
    }

    fn shorter(&mut self, max: u64) {
        self.lengths.max = Some(self.lengths.max.map_or(max, |known| known.min(max)));
    }
}

impl Problem {
    /// One format contains another.
    fn is_in_and_out_of_a_format(&self) -> bool {
        let of = |wanted: Member| {
            self.formats.iter().filter(move |(_, member)| *member == wanted).map(|(name, _)| name)
        };
        of(Member::In).any(|inner| of(Member::Out).any(|outer| format::is_within(inner, outer)))
    }
}

/// Something is asked to be in and out of one set.
fn has_both<T: PartialEq>(members: &[(T, Member)]) -> bool {
    members.iter().any(|(set, member)| {
        *member == Member::In
            && members.iter().any(|(other, out)| *out == Member::Out && other == set)
    })
}
