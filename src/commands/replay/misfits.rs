//! Recorded events that do not fit their schemas: named and counted, never held back.

use super::ReplayArgs;
use crate::commands::Context;
use crate::commands::error::CommandError;
use crate::commands::validation::{Claim, OnFailure, Validation, in_short, name_of};
use crate::event::Topic;
use crate::schema::SchemaPart;
use crate::ui::Ui;
use crate::wire::Kind;
use crate::wire::record::{Record, SchemaOutcome};

/// The registry, and how many events did not fit.
#[derive(Debug, Default)]
pub(super) struct Misfits {
    validation: Option<Validation>,
    count: u64,
}

impl Misfits {
    /// A registry that cannot be opened is no reason not to replay.
    pub async fn open(args: &ReplayArgs, context: &Context) -> Result<Self, CommandError> {
        if args.no_validate {
            return Ok(Self::default());
        }
        let opened = Validation::open(context, OnFailure::Remark).await;
        let validation = opened.unwrap_or_else(|error| {
            context.ui.warn(&format!("{error}; events are not checked against schemas"));
            None
        });
        Ok(Self { validation, count: 0 })
    }

    /// What is wrong with a record that is about to be sent, to `to` where that is given; `None`
    /// where nothing is, or nobody knows.
    pub async fn look_at(
        &mut self,
        record: &Record,
        to: Option<&Topic>,
    ) -> Result<Option<String>, CommandError> {
        let is_event = match record.kind {
            Kind::Event | Kind::RpcRequest | Kind::Raw => true,
            Kind::Task | Kind::Undecodable => false,
        };
        let (Some(validation), Some(payload), true) =
            (&mut self.validation, record.payload.as_deref(), is_event)
        else {
            return Ok(None);
        };
        let topic = to.map_or(record.topic.as_str(), Topic::as_str);
        let (version, part) = (record.meta.version.as_deref(), SchemaPart::Request);
        let status = validation.judge(Claim { topic, version, part, payload }).await?;
        if status.status != SchemaOutcome::Invalid {
            return Ok(None);
        }
        self.count += 1;
        let schema = name_of(topic, status.version.as_deref());
        Ok(Some(format!("it does not fit {schema}: {}", in_short(&status))))
    }

    pub async fn close(&self) {
        if let Some(validation) = &self.validation {
            validation.close().await;
        }
    }

    /// Problems with the registry itself, since the last time.
    pub fn take_remarks(&mut self) -> Vec<String> {
        self.validation.as_mut().map(Validation::take_remarks).unwrap_or_default()
    }

    /// The count, at the end. `sent` says what became of them.
    pub fn summarise(&self, sent: &str, ui: &Ui) {
        if self.count > 0 {
            ui.warn(&format!("events that do not fit their schemas: {}, {sent}", self.count));
        }
    }
}
