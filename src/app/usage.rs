//! What the argument parser has to say: help, the version, and wrong command lines.

use clap::error::ErrorKind;

use crate::commands::error::{CommandError, ExitKind};
use crate::secret::mask_urls_in;
use crate::ui::{ColorChoice, OutputFormat, Ui};

/// `--color` for the parser's own texts; it follows `NO_COLOR` by itself.
pub fn colored(tree: clap::Command, color: ColorChoice) -> clap::Command {
    tree.color(match color {
        ColorChoice::Auto => clap::ColorChoice::Auto,
        ColorChoice::Always => clap::ColorChoice::Always,
        ColorChoice::Never => clap::ColorChoice::Never,
    })
}

/// Prints help and version; a wrong command line in the parser's words, or as JSON when asked.
pub fn answer(error: &clap::Error, ui: &Ui) -> Result<ExitKind, CommandError> {
    if !error.use_stderr() {
        error.print()?;
        return Ok(ExitKind::Done);
    }
    let text = error.render().to_string();
    let masked = mask_urls_in(&text);
    match ui.output() {
        // The parser quotes what was typed, in colours, which only a password has to lose.
        OutputFormat::Human if masked == text || is_help(error.kind()) => {
            let _ = error.print();
            Ok(ExitKind::Usage)
        }
        OutputFormat::Human => {
            ui.usage(&masked);
            Ok(ExitKind::Usage)
        }
        OutputFormat::Json | OutputFormat::Jsonl => Err(as_failure(error.kind(), &masked)),
    }
}

/// The parser's text taken apart: the statement, its tips, and where help is.
fn as_failure(kind: ErrorKind, text: &str) -> CommandError {
    if is_help(kind) || kind == ErrorKind::MissingSubcommand {
        return CommandError::new(ExitKind::Usage, "a command is missing")
            .hint("For more information, try '--help'.");
    }
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut paragraphs = text.split("\n\n").map(one_line).filter(|text| !text.is_empty());
    let statement = paragraphs.next().unwrap_or_default();
    let mut failure =
        CommandError::new(ExitKind::Usage, statement.trim_start_matches("error: ").to_owned());
    for paragraph in paragraphs.filter(|paragraph| !paragraph.starts_with("Usage: ")) {
        failure = failure.hint(paragraph.trim_start_matches("tip: "));
    }
    failure
}

/// The help page that answers a command line without a command.
fn is_help(kind: ErrorKind) -> bool {
    kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
}
