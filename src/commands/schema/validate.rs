use std::fs::File;
use std::io::{self, IsTerminal, Write};

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::part::PartArg;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::payload::{PayloadArg, PayloadError, excerpt};
use crate::commands::publish::lines::{Input, Line, read_ahead};
use crate::commands::validation::as_validated;
use crate::schema::{EventValidator, Misfit, SchemaDocument, SchemaPart, SchemaReference};
use crate::ui::{OutputFormat, Report, Style, Ui, sanitize};
use crate::wire::json;

const EXAMPLES: &str = "\
Examples:
  celerysalt schema validate user.signup.completed '{\"user_id\": 1}'
  celerysalt schema validate user.signup.completed@v1 @event.json -o json
  celerysalt tail --payload-only user.signup.completed | \\
    celerysalt schema validate user.signup.completed -";

/// Check payloads against a registered schema, without sending anything
///
/// Formats such as email and uuid count, as they do for the services' own models. `_tchu_meta` is
/// left out of the check, because the library takes it out before it validates. Exit code 1 when
/// anything does not fit.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ValidateArgs {
    #[arg(value_name = "TOPIC[@VERSION]")]
    reference: SchemaReference,
    /// One payload as JSON, a file with one payload or with JSON Lines, or - for JSON Lines on
    /// standard input
    #[arg(value_name = "JSON | @FILE | -")]
    payload: Option<PayloadArg>,
    /// Which schema of the document
    #[arg(long, value_name = "PART", default_value = "request")]
    part: PartArg,
}

/// Whether one payload fits. JSON Lines input gives one such line for each.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaValidate {
    /// Of the input, counted from 1; absent for a single payload.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    topic: String,
    version: String,
    part: SchemaPart,
    valid: bool,
    errors: Vec<ValidationError>,
}

/// One way in which a payload does not fit.
#[derive(Debug, Serialize, JsonSchema)]
struct ValidationError {
    /// Where in the payload, as `items[0].qty`; empty for the payload itself.
    path: String,
    /// JSON Pointer to the keyword of the schema; empty where the input is not JSON.
    pointer: String,
    keyword: String,
    message: String,
}

/// The schema to check against.
struct Check {
    document: SchemaDocument,
    part: SchemaPart,
    validator: EventValidator,
}

pub(super) async fn run(args: ValidateArgs, context: &Context) -> Result<ExitKind, CommandError> {
    let document = super::document(&args.reference, context).await?;
    let schema = args.part.of(&document)?.value();
    let validator = EventValidator::compile(&schema).map_err(|error| {
        CommandError::from_error(ExitKind::Config, &error)
            .hint(format!("`celerysalt schema show {}` shows it", args.reference))
    })?;
    let check = Check { document, part: args.part.part(), validator };
    let ui = &context.ui;
    match args.payload {
        Some(PayloadArg::Inline(text)) => check.one(text.as_bytes(), ui),
        Some(PayloadArg::File(path)) => {
            let file = File::open(&path)
                .map_err(|source| PayloadError::Unreadable { path: path.clone(), source })?;
            let mut input = read_ahead(file);
            match input.take_only_line().await {
                Some(text) => check.one(&text, ui),
                None => check.lines(input, ui).await,
            }
        }
        None if io::stdin().is_terminal() => Err(PayloadError::Missing.into()),
        Some(PayloadArg::Stdin) | None => check.lines(read_ahead(io::stdin()), ui).await,
    }
}

impl Check {
    /// The only payload, which has to be JSON.
    fn one(&self, text: &[u8], ui: &Ui) -> Result<ExitKind, CommandError> {
        let payload = parse(text).map_err(|source| match source {
            NotJson::Syntax(source) => {
                PayloadError::NotJson { shown: excerpt(text), source }.into()
            }
            NotJson::TooDeep => CommandError::new(ExitKind::Usage, TOO_DEEP)
                .hint("no schema describes events like that"),
        })?;
        let report = self.report(None, self.errors_of(payload));
        ui.report(&report)?;
        Ok(if report.valid { ExitKind::Done } else { ExitKind::No })
    }

    /// Every line gives a result, also one that is not JSON.
    async fn lines(&self, mut input: Input, ui: &Ui) -> Result<ExitKind, CommandError> {
        let (mut seen, mut misfits) = (0_u64, 0_u64);
        let mut out = ui.stdout();
        while let Some(piece) = input.next().await {
            let piece = piece
                .map_err(|source| PayloadError::Unreadable { path: "the input".into(), source })?;
            for (number, line) in piece.lines() {
                let errors = match line {
                    Line::Text(text) => match parse(text) {
                        Ok(payload) => self.errors_of(payload),
                        Err(NotJson::Syntax(error)) => vec![no_json(&format!("not JSON: {error}"))],
                        Err(NotJson::TooDeep) => vec![no_json(TOO_DEEP)],
                    },
                    Line::TooLong => vec![no_json("the line is longer than a message can be")],
                };
                let report = self.report(Some(number), errors);
                seen += 1;
                misfits += u64::from(!report.valid);
                write(&mut out, &report, ui)?;
            }
            out.flush()?;
        }
        if seen == 0 {
            return Err(PayloadError::EmptyInput.into());
        }
        if ui.output() == OutputFormat::Human {
            ui.note(&format!("{seen} payloads checked, {misfits} do not fit"));
        }
        Ok(if misfits == 0 { ExitKind::Done } else { ExitKind::No })
    }

    fn errors_of(&self, payload: Value) -> Vec<ValidationError> {
        let payload = as_validated(payload, self.part);
        self.validator.misfits(&payload).into_iter().map(ValidationError::from).collect()
    }

    fn report(&self, line: Option<u64>, errors: Vec<ValidationError>) -> SchemaValidate {
        SchemaValidate {
            line,
            topic: self.document.topic.to_string(),
            version: self.document.version.to_string(),
            part: self.part,
            valid: errors.is_empty(),
            errors,
        }
    }
}

const TOO_DEEP: &str = "the payload is nested more than 127 levels deep";

/// Why a text is no payload.
enum NotJson {
    Syntax(json::JsonError),
    TooDeep,
}

fn parse(text: &[u8]) -> Result<Value, NotJson> {
    let compact = json::compact(text, json::DEFAULT_MAX_DEPTH).map_err(NotJson::Syntax)?;
    serde_json::from_str(&compact).map_err(|_| NotJson::TooDeep)
}

fn no_json(message: &str) -> ValidationError {
    ValidationError {
        path: String::new(),
        pointer: String::new(),
        keyword: String::new(),
        message: message.to_owned(),
    }
}

fn write(out: &mut dyn Write, report: &SchemaValidate, ui: &Ui) -> io::Result<()> {
    match ui.output() {
        OutputFormat::Human => report.write_human(out, ui.style()),
        OutputFormat::Json | OutputFormat::Jsonl => {
            serde_json::to_writer(&mut *out, report)?;
            writeln!(out)
        }
    }
}

impl From<Misfit> for ValidationError {
    fn from(misfit: Misfit) -> Self {
        Self {
            path: misfit.path,
            pointer: misfit.schema_pointer,
            keyword: misfit.keyword,
            message: misfit.message,
        }
    }
}

impl Report for SchemaValidate {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let verdict = match self.valid {
            true => style.good.apply_to("valid"),
            false => style.bad.apply_to("invalid"),
        };
        match self.line {
            Some(line) => writeln!(out, "line {line}: {verdict}")?,
            None => writeln!(out, "{verdict} {}@{}", sanitize(&self.topic), self.version)?,
        }
        for error in &self.errors {
            let place = if error.path.is_empty() { "the payload" } else { &error.path };
            write!(out, "  {}: {}", sanitize(place), sanitize(&error.message))?;
            match error.pointer.is_empty() {
                true => writeln!(out)?,
                false => writeln!(out, "  {}", style.dim.apply_to(sanitize(&error.pointer)))?,
            }
        }
        Ok(())
    }
}
