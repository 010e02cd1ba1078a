//! What a publisher can send, as opposed to what a schema accepts.
//!
//! The libraries publish `model_dump()`: declared fields only. So every schema that lists
//! `properties` and is silent about other names is closed. Parts that speak about one object
//! together (`$ref` beside `properties`, the members of `allOf`, …) are closed as one: closed one
//! by one they would shut each other's names out and nothing would be left to send. `not`, `if` and
//! `contains` keep their meaning: closing them would open what they exclude. So does a `oneOf` of
//! which a value may fit two branches: publishers validate what they send, and such a value that
//! fits one closed branch only is no event.

mod apart;
mod closing;
mod parts;
mod whole;

use serde_json::Value;

/// What a publisher is known to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Writer {
    /// Declared fields only; optional ones may be absent.
    #[default]
    Closed,
    /// Anything that the schema accepts.
    Open,
    /// Declared fields only, and all of them.
    Dump,
}

/// A member of rewritten schemas that says where in the original they come from.
pub(super) const ORIGIN: &str = "\u{1}origin";

/// A member of rewritten schemas that says: another demand beside this `oneOf` sees to it that no
/// two of its branches hold.
pub(super) const EXCLUSIVE: &str = "\u{1}exclusive";

/// The schema of what is sent.
#[derive(Debug)]
pub(super) struct Emission {
    pub(super) schema: Value,
    /// Where closing goes beyond what can be told apart: keyword and JSON Pointer.
    pub(super) doubts: Vec<(&'static str, String)>,
    /// Schemas (by JSON Pointer) that closing might leave without any value.
    pub(super) suspects: Vec<String>,
}

pub(super) fn emitted(schema: &Value, writer: Writer) -> Emission {
    match writer {
        Writer::Open => {
            Emission { schema: schema.clone(), doubts: Vec::new(), suspects: Vec::new() }
        }
        Writer::Closed | Writer::Dump => closing::close_document(schema, writer),
    }
}
