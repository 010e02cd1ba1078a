//! Whether events fit the schemas of the registry, for the commands that show and send them.
//!
//! What follows from a misfit (a line on the screen, a refusal) is the command's own business.

mod gate;
mod known;
mod remarks;
mod wording;

use serde_json::Value;

use self::known::{Found, KnownSchemas};
use self::remarks::Remarks;
use super::context::Context;
use super::error::CommandError;
use crate::config::Origin;
use crate::registry::{self, Access, RegistryError, RegistryStore};
use crate::schema::{Misfit, SchemaDocument, SchemaPart, SchemaReference, VersionSelector};
use crate::wire::record::{SchemaOutcome, SchemaStatus, SchemaViolation};

pub use gate::{Admission, Checks, Gate, Refusal};
pub use wording::{in_short, name_of};

/// The member of a payload that the library adds before it sends and removes before it validates.
const TRANSPORT_MEMBER: &str = "_tchu_meta";

/// A payload and what it claims to be.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub topic: &'a str,
    /// The latest registered version where the event names none.
    pub version: Option<&'a str>,
    pub part: SchemaPart,
    /// JSON text.
    pub payload: &'a str,
}

/// What a registry that cannot be read means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Events that cannot be checked are not sent.
    Fail,
    /// One remark, and events go on unchecked.
    Remark,
}

/// A registry, and what is known of it.
#[derive(Debug)]
pub struct Validation {
    store: Box<dyn RegistryStore>,
    known: KnownSchemas,
    on_failure: OnFailure,
    remarks: Remarks,
    has_failed: bool,
}

impl Validation {
    /// Opens the registry of the settings. `None` where nobody chose one and the default does not
    /// exist: a project without schemas.
    pub async fn open(
        context: &Context,
        on_failure: OnFailure,
    ) -> Result<Option<Self>, CommandError> {
        match registry::open(&context.registry_url()?, Access::Read).await {
            Ok(store) => Ok(Some(Self::over(store, on_failure))),
            Err(RegistryError::Missing { .. })
                if context.settings.registry.origin == Origin::Default =>
            {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub fn over(store: Box<dyn RegistryStore>, on_failure: OnFailure) -> Self {
        Self {
            store,
            known: KnownSchemas::default(),
            on_failure,
            remarks: Remarks::default(),
            has_failed: false,
        }
    }

    /// What the registry says about a payload.
    ///
    /// # Errors
    /// A registry that cannot be read, where that is to be a failure.
    pub async fn judge(&mut self, claim: Claim<'_>) -> Result<SchemaStatus, CommandError> {
        let selector = match claim.version.map(str::parse::<VersionSelector>) {
            None => VersionSelector::Latest,
            Some(Ok(selector)) => selector,
            Some(Err(_)) => return Ok(status(SchemaOutcome::Unknown)),
        };
        let found =
            self.known.find(&*self.store, (claim.topic, &selector), &mut self.remarks).await;
        let found = match (found, self.on_failure) {
            (Ok(found), _) => found,
            (Err(error), OnFailure::Fail) => return Err(error.into()),
            (Err(error), OnFailure::Remark) => {
                self.remark_failure(&error);
                return Ok(status(SchemaOutcome::Unchecked));
            }
        };
        Ok(match found {
            Found::Schema(schema) => match (schema.validator(claim.part), payload_of(&claim)) {
                (Some(Ok(validator)), Some(payload)) => {
                    judged(schema.version().to_string(), &validator.misfits(&payload))
                }
                (Some(Ok(_)), None) | (Some(Err(_)), _) => status(SchemaOutcome::Unchecked),
                (None, _) => status(SchemaOutcome::Unknown),
            },
            Found::Nothing => status(SchemaOutcome::Unknown),
            Found::Unusable => status(SchemaOutcome::Unchecked),
        })
    }

    /// One document, where it is registered.
    pub async fn document(
        &self,
        reference: &SchemaReference,
    ) -> Result<Option<SchemaDocument>, CommandError> {
        Ok(self.store.get(&reference.topic, &reference.version).await?)
    }

    pub async fn close(&self) {
        self.store.close().await;
    }

    /// What a person should hear about the registry; each thing is said once.
    pub fn take_remarks(&mut self) -> Vec<String> {
        self.remarks.take()
    }

    pub fn has_remarks(&self) -> bool {
        !self.remarks.is_empty()
    }

    fn remark_failure(&mut self, error: &RegistryError) {
        if !self.has_failed {
            self.has_failed = true;
            let text = wording::with_causes(error);
            self.remarks.push(format!("{text}; events are not checked while that is so"));
        }
    }
}

fn status(status: SchemaOutcome) -> SchemaStatus {
    SchemaStatus { status, ..SchemaStatus::default() }
}

fn judged(version: String, misfits: &[Misfit]) -> SchemaStatus {
    let violation = |misfit: &Misfit| SchemaViolation {
        path: misfit.path.clone(),
        message: misfit.message.clone(),
    };
    let status = if misfits.is_empty() { SchemaOutcome::Valid } else { SchemaOutcome::Invalid };
    SchemaStatus { status, version: Some(version), errors: misfits.iter().map(violation).collect() }
}

/// The payload as handlers validate it; `None` where it is nested too deeply to be read.
fn payload_of(claim: &Claim<'_>) -> Option<Value> {
    let payload = serde_json::from_str(claim.payload).ok()?;
    Some(as_validated(payload, claim.part))
}

/// A payload without what the library puts in for the way.
pub fn as_validated(mut payload: Value, part: SchemaPart) -> Value {
    if let (Value::Object(members), SchemaPart::Request) = (&mut payload, part) {
        members.shift_remove(TRANSPORT_MEMBER);
    }
    payload
}

#[cfg(test)]
mod tests;
