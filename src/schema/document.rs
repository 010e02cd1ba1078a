use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::canonical::canonical_json;
use super::contract::Contract;
use super::json_text::JsonText;
use crate::event::{SchemaVersion, Topic};

/// Whether an event is told to everybody or answered by one handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Broadcast,
    Rpc,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Broadcast => "broadcast",
            Self::Rpc => "rpc",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an event class lives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Publisher {
    pub module: Option<String>,
    pub class: Option<String>,
    pub service: Option<String>,
    /// The Python that the schema was extracted with: another one may write it differently.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pydantic: Option<String>,
    /// Members that this version of the tool does not know, kept as they were.
    #[serde(flatten)]
    pub unknown: Map<String, Value>,
}

/// That a version should no longer be used, and why where somebody said so. `true` or the reason
/// in JSON; `false` and `null` mean that it is not deprecated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprecation {
    pub reason: Option<String>,
}

/// What leaves the sender where it is not what the reader's schema says (serialisation mode of
/// Pydantic, field names instead of aliases). Absent where both are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SerializationSchemas {
    pub request: Option<JsonText>,
    pub response: Option<JsonText>,
    pub error: Option<JsonText>,
}

/// One version of one event's schema: a file of a `file:` registry, a row of another store.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaDocument {
    pub topic: Topic,
    pub version: SchemaVersion,
    pub mode: Mode,
    pub description: String,
    /// The payload, or the request of an RPC topic, as `model_json_schema()` gave it.
    pub schema: JsonText,
    pub response_schema: Option<JsonText>,
    pub error_schema: Option<JsonText>,
    pub serialization: SerializationSchemas,
    pub publisher: Option<Publisher>,
    pub owner: Option<String>,
    pub deprecated: Option<Deprecation>,
    pub annotations: Map<String, Value>,
    /// Members that this version of the tool does not know, kept as they were.
    pub unknown: Map<String, Value>,
}

/// The parts that make two documents the same contract or different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractPart {
    Mode,
    Schema,
    ResponseSchema,
    ErrorSchema,
}

impl ContractPart {
    /// The member of the document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Schema => "schema",
            Self::ResponseSchema => "response_schema",
            Self::ErrorSchema => "error_schema",
        }
    }
}

impl Publisher {
    fn keep_edits_of(&mut self, kept: &Self) {
        if self.service.is_none() {
            self.service.clone_from(&kept.service);
        }
        keep_members(&mut self.unknown, &kept.unknown);
    }
}

/// Adds the members that only `kept` has, in its order.
fn keep_members(members: &mut Map<String, Value>, kept: &Map<String, Value>) {
    let mut all = kept.clone();
    all.extend(std::mem::take(members));
    *members = all;
}

impl SchemaDocument {
    /// A broadcast document with a schema and nothing else.
    pub fn new(topic: Topic, version: SchemaVersion, schema: JsonText) -> Self {
        Self {
            topic,
            version,
            mode: Mode::default(),
            description: String::new(),
            schema,
            response_schema: None,
            error_schema: None,
            serialization: SerializationSchemas::default(),
            publisher: None,
            owner: None,
            deprecated: None,
            annotations: Map::new(),
            unknown: Map::new(),
        }
    }

    /// The file: two spaces per level, members in a fixed order, schemas in their own, a final
    /// line feed. The same document always gives the same bytes.
    pub fn to_pretty_json(&self) -> String {
        let mut text =
            serde_json::to_string_pretty(self).expect("string keys and finite numbers only");
        text.push('\n');
        text
    }

    /// [`Contract::hash`], for those who need nothing else of the contract.
    pub fn contract_hash(&self) -> String {
        Contract::of(self).hash()
    }

    /// Takes over what people wrote into `kept` and code does not know: owner, deprecation,
    /// annotations, the service's name and unknown members. What the schema was extracted with is
    /// kept as long as the contract is the same, so that an upgrade alone changes no file.
    pub fn keep_edits_of(&mut self, kept: &Self) {
        if self.owner.is_none() {
            self.owner.clone_from(&kept.owner);
        }
        if self.deprecated.is_none() {
            self.deprecated.clone_from(&kept.deprecated);
        }
        let is_same_contract = self.contract_differences(kept).is_empty();
        if let (Some(publisher), Some(kept)) = (&mut self.publisher, &kept.publisher) {
            publisher.keep_edits_of(kept);
            if is_same_contract {
                publisher.python.clone_from(&kept.python);
                publisher.pydantic.clone_from(&kept.pydantic);
            }
        }
        keep_members(&mut self.annotations, &kept.annotations);
        keep_members(&mut self.unknown, &kept.unknown);
    }

    /// The parts in which the two documents mean different things. Empty when they are the same
    /// contract; the order of members and white space do not count.
    pub fn contract_differences(&self, other: &Self) -> Vec<ContractPart> {
        let mut parts = Vec::new();
        if self.mode != other.mode {
            parts.push(ContractPart::Mode);
        }
        if !is_same_schema(&self.schema, &other.schema) {
            parts.push(ContractPart::Schema);
        }
        for (mine, theirs, part) in [
            (&self.response_schema, &other.response_schema, ContractPart::ResponseSchema),
            (&self.error_schema, &other.error_schema, ContractPart::ErrorSchema),
        ] {
            let same = match (mine, theirs) {
                (None, None) => true,
                (Some(mine), Some(theirs)) => is_same_schema(mine, theirs),
                (Some(_), None) | (None, Some(_)) => false,
            };
            if !same {
                parts.push(part);
            }
        }
        parts
    }
}

fn is_same_schema(a: &JsonText, b: &JsonText) -> bool {
    a == b || canonical_json(&a.value()) == canonical_json(&b.value())
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "broadcast" => Ok(Self::Broadcast),
            "rpc" => Ok(Self::Rpc),
            other => Err(format!("{other:?} is not a mode")),
        }
    }
}

impl Serialize for Deprecation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.reason {
            Some(reason) => serializer.serialize_str(reason),
            None => serializer.serialize_bool(true),
        }
    }
}

impl Serialize for SchemaDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("topic", self.topic.as_str())?;
        map.serialize_entry("version", self.version.as_str())?;
        map.serialize_entry("mode", &self.mode)?;
        map.serialize_entry("description", &self.description)?;
        map.serialize_entry("schema", &self.schema)?;
        map.serialize_entry("response_schema", &self.response_schema)?;
        map.serialize_entry("error_schema", &self.error_schema)?;
        for (name, schema) in [
            ("serialization_schema", &self.serialization.request),
            ("response_serialization_schema", &self.serialization.response),
            ("error_serialization_schema", &self.serialization.error),
        ] {
            if let Some(schema) = schema {
                map.serialize_entry(name, schema)?;
            }
        }
        map.serialize_entry("publisher", &self.publisher)?;
        map.serialize_entry("owner", &self.owner)?;
        match &self.deprecated {
            Some(deprecation) => map.serialize_entry("deprecated", deprecation)?,
            None => map.serialize_entry("deprecated", &false)?,
        }
        map.serialize_entry("annotations", &self.annotations)?;
        for (name, value) in &self.unknown {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}
