//! Regular expressions as sets of texts: matching, inclusion and shortest members.
//!
//! Two readings of a pattern are kept, because `\d`, `\w`, `\s` and `.` mean different things to
//! Rust (which Pydantic uses) and to ECMA-262 (which JSON Schema names). An answer is given only
//! when both readings agree on it.

mod dialect;
mod machine;
mod search;

use super::hash::HashMap;

pub(super) use machine::Machine;
pub(super) use search::{Found, Lengths, Member, find};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PatternId(u32);

/// One pattern under both readings.
#[derive(Debug)]
pub(super) struct Pattern {
    /// As Rust reads it.
    pub(super) rust: Machine,
    /// As ECMA-262 reads it; `None` when that is the same.
    pub(super) ecma: Option<Machine>,
}

impl Pattern {
    /// `None` when the two readings disagree about this text.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        let rust = self.rust.accepts(text);
        match &self.ecma {
            Some(ecma) if ecma.accepts(text) != rust => None,
            _ => Some(rust),
        }
    }
}

/// Every pattern that either schema names, compiled once.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    ids: HashMap<String, PatternId>,
    list: Vec<(String, Option<Pattern>)>,
}

impl Patterns {
    /// A pattern is split into what must match and what must not: leading look-aheads are
    /// patterns of their own.
    pub(super) fn intern(&mut self, text: &str) -> PatternId {
        if let Some(id) = self.ids.get(text) {
            return *id;
        }
        let id = PatternId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.ids.insert(text.to_owned(), id);
        self.list.push((text.to_owned(), dialect::compile(text)));
        id
    }

    /// `None` when the pattern is beyond what a finite automaton can say.
    pub(super) fn get(&self, id: PatternId) -> Option<&Pattern> {
        self.list.get(id.0 as usize).and_then(|(_, pattern)| pattern.as_ref())
    }

    pub(super) fn text(&self, id: PatternId) -> &str {
        self.list.get(id.0 as usize).map_or("", |(text, _)| text)
    }
}
