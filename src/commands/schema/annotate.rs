use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::edit::{self, EditedDocument, Versions};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::schema::{Publisher, SchemaDocument, SchemaReference};
use crate::ui::{Report, Style};

/// Write an owner, a service, a description or notes of your own into a schema's document
///
/// The schema itself is never touched. Doing it again changes nothing. The note `subscribers` lists
/// handlers whose code is elsewhere, as NAME@VERSION or NAME@latest: `schema diff` names those that a
/// change concerns.
#[derive(Debug, Args)]
#[command(override_usage = "celerysalt schema annotate [OPTIONS] <TOPIC[@VERSION]> [KEY=VALUE]...")]
#[command(after_help = "Examples:\n  \
    celerysalt schema annotate order.placed --owner billing\n  \
    celerysalt schema annotate order.placed@v2 pii=true 'runbook=https://wiki.example/orders'\n  \
    celerysalt schema annotate order.placed 'subscribers=[\"billing@v1\", \"mail@latest\"]'\n  \
    celerysalt schema annotate order.placed --remove pii")]
pub struct AnnotateArgs {
    /// The latest version unless told otherwise
    #[arg(value_name = "TOPIC[@VERSION]")]
    reference: SchemaReference,
    #[command(flatten)]
    changes: Changes,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Changes {
    /// Notes; a value is JSON where it can be read as such, otherwise text
    #[arg(value_name = "KEY=VALUE", value_parser = Assignment::parse)]
    notes: Vec<Assignment>,
    /// The team that answers for the event; an empty name removes it
    #[arg(long, value_name = "TEAM")]
    owner: Option<String>,
    /// The service that publishes the event; an empty name removes it
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// When the event is published
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Remove a note; may be given several times
    #[arg(long, value_name = "KEY")]
    remove: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct Assignment {
    key: String,
    value: Value,
}

/// The document as it is now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaAnnotate {
    registry: String,
    documents: Vec<EditedDocument>,
}

pub(super) async fn run(args: &AnnotateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let store = edit::open(context).await?;
    let change = |document: &mut SchemaDocument| args.changes.apply(document);
    let documents = edit::edit(&*store, &args.reference, Versions::One, change).await?;
    store.close().await;
    context.ui.report(&SchemaAnnotate { registry: store.name().to_owned(), documents })?;
    Ok(ExitKind::Done)
}

impl Assignment {
    fn parse(text: &str) -> Result<Self, String> {
        let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
            return Err("write KEY=VALUE".to_owned());
        };
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        Ok(Self { key: key.to_owned(), value })
    }
}

impl Changes {
    fn apply(&self, document: &mut SchemaDocument) {
        for Assignment { key, value } in &self.notes {
            document.annotations.insert(key.clone(), value.clone());
        }
        for key in &self.remove {
            document.annotations.shift_remove(key);
        }
        if let Some(description) = &self.description {
            document.description.clone_from(description);
        }
        if let Some(owner) = &self.owner {
            document.owner = named(owner);
        }
        if let Some(service) = &self.service {
            let service = named(service);
            if service.is_some() || document.publisher.is_some() {
                document.publisher.get_or_insert_with(Publisher::default).service = service;
            }
        }
    }
}

fn named(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

impl Report for SchemaAnnotate {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        self.documents.iter().try_for_each(|document| document.write_human(out, style))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_json_where_it_can_be() {
        for (text, key, value) in [
            ("pii=true", "pii", json!(true)),
            ("tags=[1,\"a\"]", "tags", json!([1, "a"])),
            ("team=billing", "team", json!("billing")),
            ("url=https://x?a=b", "url", json!("https://x?a=b")),
            ("empty=", "empty", json!("")),
        ] {
            let expected = Assignment { key: key.to_owned(), value };
            assert_eq!(Assignment::parse(text), Ok(expected), "{text}");
        }
        assert!(Assignment::parse("pii").is_err());
        assert!(Assignment::parse("=x").is_err());
    }
}
