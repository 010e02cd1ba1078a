//! Event schemas: what a JSON Schema accepts, and whether two of them can live together.
//!
//! Pure functions over `serde_json::Value`. Where schemas come from (files, databases, Python code)
//! and how answers are shown is the business of other rooms.

pub mod compat;
mod rejection;
mod validate;

pub use validate::{EventValidator, Misfit, UnusableSchema, ValidatorCache};
