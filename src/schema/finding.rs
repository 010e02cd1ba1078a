//! What a comparison of two sets of schemas has found.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::canonical::sha256_hex;
use super::rules::Rule;

/// How bad a finding is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FindingLevel {
    /// Proved: somebody will reject an event.
    Breaking,
    /// Neither proved nor refuted.
    Undecided,
    Warning,
    Info,
}

/// The schema of a document that a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchemaPart {
    /// The payload of a broadcast event, or the request of an RPC.
    Request,
    Response,
    Error,
}

/// Whose events meet whose readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// New readers, old events.
    Backward,
    /// Old readers, new events.
    Forward,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Age {
    Old,
    New,
}

/// An event that one side accepts and the other rejects; an independent validator has confirmed
/// both.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Witness {
    pub instance: Value,
    pub accepted_by: Age,
    pub rejected_by: Age,
    /// What the side that rejects it says.
    pub reason: String,
}

/// Where a finding can be mended: lines start at 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// As the source was named, so relative where that was.
    pub file: String,
    pub line: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The code, `CS001`.
    #[serde(serialize_with = "code")]
    #[schemars(with = "String")]
    pub rule: &'static Rule,
    pub level: FindingLevel,
    pub topic: String,
    /// The version of the old document; null when there is none.
    pub from_version: Option<String>,
    /// The version of the new document; null when there is none.
    pub to_version: Option<String>,
    pub part: SchemaPart,
    pub direction: Option<Direction>,
    /// Where in the event, as in Python: `items[].qty`; empty for the event itself.
    pub path: String,
    /// JSON Pointer into the old schema.
    pub old_pointer: Option<String>,
    /// JSON Pointer into the new schema.
    pub new_pointer: Option<String>,
    /// What stands at the old pointer, where that says more than the whole schema would.
    pub before: Option<Value>,
    pub after: Option<Value>,
    /// One sentence in the user's words: "old handlers reading new events reject `qty: 0`".
    pub message: String,
    pub witness: Option<Witness>,
    pub suggestion: Option<String>,
    /// Handlers and services that are known to be concerned.
    pub affected: Vec<String>,
    pub location: Option<Place>,
    /// The same for the same finding, whatever its words: twelve hexadecimal digits.
    pub fingerprint: String,
    /// Why somebody accepted it; null when nobody did.
    pub waived: Option<String>,
}

fn code<S: serde::Serializer>(rule: &&'static Rule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(rule.code)
}

impl Finding {
    /// Over rule, topic, versions, part, direction, path and pointers.
    pub fn compute_fingerprint(&self) -> String {
        let identity = serde_json::json!([
            self.rule.code,
            self.topic,
            self.from_version,
            self.to_version,
            self.part,
            self.direction,
            self.path,
            self.old_pointer,
            self.new_pointer,
        ]);
        sha256_hex(&identity.to_string())[..12].to_owned()
    }
}
