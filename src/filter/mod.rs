//! jq expressions over records: which to keep (`--filter`), what to answer (`call --reply`).
//!
//! The language is jq's, as jaq implements it; its value model keeps the digits of numbers. This is
//! the only room that names the jaq crates. It does no I/O; what a record is, is the caller's
//! business.
//!
//! An expression runs on a thread of its own with a deadline for each record, because the language
//! has endless loops: [`Filter`] then reports [`FilterError::TooSlow`], and the caller should end.
//! Only the first output of an expression is asked for, so `repeat(.)` is no loop at all. What the
//! deadline cannot bound: memory taken within it, and the stack of an expression that calls itself
//! without end (`def f: 1 + f; f`), which ends the process.

mod compile;
mod error;
mod worker;

pub use error::FilterError;
pub use worker::Filter;
