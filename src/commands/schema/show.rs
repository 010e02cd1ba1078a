use std::io::{self, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::schema::{JsonText, SchemaDocument, SchemaReference};
use crate::ui::{Report, Style, push_whole, sanitize};

/// Show one schema, the latest version unless told otherwise
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt schema show user.signup.completed\n  \
    celerysalt schema show user.signup.completed@v1 -o json | jq .schema")]
pub struct ShowArgs {
    #[arg(value_name = "TOPIC[@VERSION]")]
    reference: SchemaReference,
}

/// The document, as a `file:` registry keeps it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SchemaShow(#[schemars(with = "Value")] SchemaDocument);

pub(super) async fn run(args: &ShowArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let document = super::document(&args.reference, context).await?;
    context.ui.report(&SchemaShow(document))?;
    Ok(ExitKind::Done)
}

impl Report for SchemaShow {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let document = &self.0;
        let title = format!("{}@{}", document.topic, document.version);
        writeln!(out, "{}  {}", style.heading.apply_to(sanitize(&title)), document.mode)?;
        for (name, text) in facts(document) {
            writeln!(out, "  {:<12} {}", style.dim.apply_to(name), sanitize(&text))?;
        }
        write_schema(out, style, ("schema", Some(&document.schema)))?;
        write_schema(out, style, ("response", document.response_schema.as_ref()))?;
        write_schema(out, style, ("error", document.error_schema.as_ref()))?;
        write_schema(out, style, ("sent", document.serialization.request.as_ref()))?;
        write_schema(out, style, ("sent response", document.serialization.response.as_ref()))?;
        write_schema(out, style, ("sent error", document.serialization.error.as_ref()))
    }
}

fn facts(document: &SchemaDocument) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if !document.description.is_empty() {
        facts.push(("description", document.description.clone()));
    }
    if let Some(publisher) = &document.publisher {
        let class =
            [&publisher.module, &publisher.class].map(|part| part.as_deref().unwrap_or("?"));
        let service = publisher.service.as_ref().map(|name| format!(" ({name})"));
        facts.push(("publisher", class.join(".") + &service.unwrap_or_default()));
    }
    if let Some(owner) = &document.owner {
        facts.push(("owner", owner.clone()));
    }
    if let Some(deprecation) = &document.deprecated {
        facts.push(("deprecated", deprecation.reason.clone().unwrap_or("yes".to_owned())));
    }
    facts.push(("hash", format!("sha256:{}", document.contract_hash())));
    facts
}

fn write_schema(
    out: &mut dyn Write,
    style: &Style,
    (name, schema): (&str, Option<&JsonText>),
) -> io::Result<()> {
    let Some(schema) = schema else { return Ok(()) };
    let mut text = String::new();
    push_whole(&mut text, schema.as_str(), style);
    write!(out, "\n{}\n{text}", style.heading.apply_to(name))
}
