use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use super::layout::Layout;
use super::progress::{Drawing, Progress, Work};
use super::report::{Report, Style};
use super::sanitize::sanitize;

/// `-o, --output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutputFormat {
    /// Text for people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// One JSON document a line
    Jsonl,
}

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Even into a pipe
    Always,
    /// Plain text
    Never,
}

/// `-q` and `-v`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    Quiet,
    #[default]
    Normal,
    Verbose,
}

#[derive(Debug, Clone, Default)]
pub struct UiOptions {
    pub output: OutputFormat,
    pub color: ColorChoice,
    pub verbosity: Verbosity,
}

/// The printer: every byte that leaves the process goes through it.
#[derive(Debug, Clone)]
pub struct Ui {
    options: UiOptions,
    stdout_style: Style,
    stderr_style: Style,
    talk_colored: bool,
}

/// What [`Ui::failure`] shows: an error's kind, message, causes and hints.
#[derive(Debug, Serialize)]
pub struct Failure<'a> {
    pub kind: &'a str,
    pub message: &'a str,
    pub causes: &'a [String],
    pub hints: &'a [String],
    pub exit_code: u8,
}

impl Ui {
    pub fn new(options: UiOptions) -> Self {
        let colored = |terminal: bool| match options.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => environment_color().unwrap_or(terminal),
        };
        let stdout_style =
            Style::new(colored(io::stdout().is_terminal())).with_layout(Layout::of_stdout());
        let talk_colored = colored(io::stderr().is_terminal());
        let stderr_style = Style::new(talk_colored);
        Self { options, stdout_style, stderr_style, talk_colored }
    }

    pub fn output(&self) -> OutputFormat {
        self.options.output
    }

    pub fn style(&self) -> &Style {
        &self.stdout_style
    }

    pub fn is_verbose(&self) -> bool {
        self.options.verbosity == Verbosity::Verbose
    }

    /// A bar for a long piece of work: on a terminal, in human output, without `--quiet`.
    pub fn progress(&self, work: Work) -> Progress {
        let is_wanted = self.options.output == OutputFormat::Human
            && self.options.verbosity != Verbosity::Quiet
            && io::stderr().is_terminal();
        Progress::new(work, if is_wanted { Drawing::Allowed } else { Drawing::Never })
    }

    pub(super) fn is_talk_colored(&self) -> bool {
        self.talk_colored
    }

    /// Stdout for a stream of data; flush it when there is nothing more to write for now.
    pub fn stdout(&self) -> BufWriter<io::StdoutLock<'static>> {
        BufWriter::with_capacity(64 * 1024, io::stdout().lock())
    }

    /// Prints a command's answer to stdout, as text or as JSON.
    pub fn report<R: Report>(&self, report: &R) -> io::Result<()> {
        let mut out = self.stdout();
        match self.options.output {
            OutputFormat::Human => report.write_human(&mut out, &self.stdout_style)?,
            OutputFormat::Json => {
                serde_json::to_writer_pretty(&mut out, report)?;
                out.write_all(b"\n")?;
            }
            OutputFormat::Jsonl => {
                serde_json::to_writer(&mut out, report)?;
                out.write_all(b"\n")?;
            }
        }
        out.flush()
    }

    /// A remark on stderr; silent with `--quiet`.
    pub fn note(&self, text: &str) {
        if self.options.verbosity != Verbosity::Quiet {
            self.line(&format!("{} {}", self.stderr_style.dim.apply_to("note:"), sanitize(text)));
        }
    }

    /// Something the user should look at, on stderr; shown even with `--quiet`.
    pub fn warn(&self, text: &str) {
        self.line(&format!(
            "{} {}",
            self.stderr_style.warning.apply_to("warning:"),
            sanitize(text)
        ));
    }

    /// The argument parser's text about a wrong command line, on stderr as it is.
    pub fn usage(&self, text: &str) {
        self.line(text.trim_end());
    }

    /// Why the command failed, on stderr: text, or one JSON object with `--output json`.
    pub fn failure(&self, failure: &Failure<'_>) {
        match self.options.output {
            OutputFormat::Human => self.line(self.failure_text(failure).trim_end()),
            OutputFormat::Json | OutputFormat::Jsonl => {
                if let Ok(json) = serde_json::to_string(failure) {
                    self.line(&json);
                }
            }
        }
    }

    fn failure_text(&self, failure: &Failure<'_>) -> String {
        let style = &self.stderr_style;
        let mut text = format!("{} {}\n", style.bad.apply_to("error:"), sanitize(failure.message));
        for cause in failure.causes {
            text += &format!("  {} {}\n", style.dim.apply_to("caused by:"), sanitize(cause));
        }
        if !failure.hints.is_empty() {
            text.push('\n');
        }
        for hint in failure.hints {
            text += &format!("{} {}\n", style.good.apply_to("hint:"), sanitize(hint));
        }
        text
    }

    /// One line to stderr. If stderr is gone there is nobody left to tell.
    fn line(&self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

fn environment_color() -> Option<bool> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if is_set("NO_COLOR") {
        Some(false)
    } else if is_set("CLICOLOR_FORCE") {
        Some(true)
    } else {
        None
    }
}
