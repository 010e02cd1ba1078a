use std::collections::HashSet;

use super::wording::{in_short, line_of, name_of};
use super::{Claim, OnFailure, Validation};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::ui::Ui;
use crate::wire::record::{SchemaOutcome, SchemaStatus};

/// Topics without a schema that are named; a stream may have any number of them.
const NOTED: usize = 5;

/// Whether payloads are checked before they are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checks {
    On,
    /// `--no-validate`: no registry is opened.
    Off,
}

/// What stands between an event and the broker.
#[derive(Debug, Default)]
pub struct Gate {
    validation: Option<Validation>,
    notes: Vec<String>,
    noted: HashSet<String>,
}

/// Whether an event may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It fits, or nobody can tell.
    Admitted,
    Refused(Refusal),
}

/// A payload that does not fit its schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    topic: String,
    /// The version that the event names.
    claimed: Option<String>,
    status: SchemaStatus,
}

/// How to send without the registry.
const GO_ON: &str = "--no-validate sends without looking at schemas";

impl Gate {
    /// Opens the registry, where there is one.
    pub async fn open(checks: Checks, context: &Context) -> Result<Self, CommandError> {
        let validation = match checks {
            Checks::Off => None,
            Checks::On => Validation::open(context, OnFailure::Fail)
                .await
                .map_err(|error| error.hint(GO_ON))?,
        };
        Ok(Self { validation, ..Self::default() })
    }

    pub async fn admit(&mut self, claim: Claim<'_>) -> Result<Admission, CommandError> {
        let status = self.judge(claim).await?;
        match status.status {
            SchemaOutcome::Invalid => {
                let topic = claim.topic.to_owned();
                let claimed = claim.version.map(str::to_owned);
                return Ok(Admission::Refused(Refusal { topic, claimed, status }));
            }
            SchemaOutcome::Unknown => self.note(&name_of(claim.topic, claim.version)),
            SchemaOutcome::Unchecked | SchemaOutcome::Valid => {}
        }
        Ok(Admission::Admitted)
    }

    /// What the registry says about a payload; nothing where there is no registry.
    pub async fn judge(&mut self, claim: Claim<'_>) -> Result<SchemaStatus, CommandError> {
        match &mut self.validation {
            None => Ok(SchemaStatus::default()),
            Some(validation) => validation.judge(claim).await.map_err(|error| error.hint(GO_ON)),
        }
    }

    pub async fn close(&self) {
        if let Some(validation) = &self.validation {
            validation.close().await;
        }
    }

    /// Says what came up since the last time.
    pub fn speak(&mut self, ui: &Ui) {
        for note in self.notes.drain(..) {
            ui.note(&note);
        }
        for remark in self.validation.iter_mut().flat_map(Validation::take_remarks) {
            ui.warn(&remark);
        }
    }

    /// Whether [`Gate::speak`] would say something.
    pub fn has_news(&self) -> bool {
        !self.notes.is_empty() || self.validation.as_ref().is_some_and(Validation::has_remarks)
    }

    fn note(&mut self, name: &str) {
        if self.noted.len() >= NOTED || !self.noted.insert(name.to_owned()) {
            return;
        }
        let more = match self.noted.len() {
            NOTED => "; further ones are not named",
            _ => "",
        };
        self.notes.push(format!("no schema of {name} is registered, so it is not checked{more}"));
    }
}

impl Refusal {
    /// `order.placed@v1`.
    pub fn schema(&self) -> String {
        name_of(&self.topic, self.status.version.as_deref())
    }

    /// One line, for one of many events.
    pub fn in_short(&self) -> String {
        format!("does not fit {}: {}", self.schema(), in_short(&self.status))
    }

    /// Every misfit, for the only event of a command. `what` is the payload or the request.
    pub fn into_error(self, what: &str) -> CommandError {
        let schema = self.schema();
        let error = CommandError {
            causes: self.status.errors.iter().map(line_of).collect(),
            ..CommandError::new(ExitKind::No, format!("the {what} does not fit {schema}"))
        }
        .hint(format!("`celerysalt schema show {schema}` shows what fits"));
        let error = match self.claimed {
            Some(_) => error,
            None => error.hint("that is the latest version; --version names another one"),
        };
        error.hint("nothing was sent; --no-validate sends it all the same")
    }
}
