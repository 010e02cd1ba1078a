//! Whether everything that a writer on one schema sends is accepted by a reader on another.
//!
//! Three answers: *compatible* with a proof, *breaking* with witnesses that an independent validator
//! has confirmed on both sides, and *undecided* with the keyword that stood in the way.

mod confirm;
mod direction;
mod evaluate;
mod format;
mod goal;
mod hash;
mod json;
mod node;
pub(super) mod number;
mod parse;
mod probe;
mod regex;
mod solve;
#[cfg(test)]
mod tests;
mod traits;
mod unchanged;
mod writer;

use serde_json::Value;

pub use writer::Writer;

/// Whether `format` is an assertion or an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Formats {
    #[default]
    Assert,
    Annotate,
}

/// How two schemas are to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    pub writer: Writer,
    pub formats: Formats,
}

/// One JSON Schema, as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    document: Value,
}

impl Schema {
    /// Any JSON value is taken; what cannot be understood shows up as an undecided answer.
    pub fn parse(document: &Value) -> Self {
        Self { document: document.clone() }
    }

    pub fn document(&self) -> &Value {
        &self.document
    }
}

/// Both directions between an old and a new schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// New readers, old events.
    pub backward: Verdict,
    /// Old readers, new events.
    pub forward: Verdict,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Proved.
    Compatible,
    /// Every break, each with a confirmed witness.
    Breaking { breaks: Vec<Break> },
    /// Neither proved nor refuted.
    Undecided { reasons: Vec<Reason> },
}

/// One way in which a reader rejects what a writer can send.
#[derive(Debug, Clone, PartialEq)]
pub struct Break {
    /// The keyword of the reader's schema that rejects.
    pub keyword: String,
    /// JSON Pointer into the writer's schema.
    pub writer_pointer: String,
    /// JSON Pointer into the reader's schema.
    pub reader_pointer: String,
    /// Where in the event, as `items[].qty`; empty for the event itself.
    pub path: String,
    /// An event that the writer can send and the reader rejects.
    pub witness: Value,
    /// What the reader says to the witness.
    pub reason: String,
}

/// What stood in the way of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub keyword: String,
    /// JSON Pointer into the schema that `side` names.
    pub pointer: String,
    pub side: Side,
}

/// Whose schema is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Writer,
    Reader,
}

/// Whether everything that a writer on `writer` sends is accepted by a reader on `reader`.
pub fn reads(writer: &Schema, reader: &Schema, options: Options) -> Verdict {
    direction::judge(writer, reader, options)
}

/// Compares two versions of a schema in both directions.
pub fn compare(old: &Schema, new: &Schema, options: Options) -> Comparison {
    Comparison {
        backward: direction::judge(old, new, options),
        forward: direction::judge(new, old, options),
    }
}
