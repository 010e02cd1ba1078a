//! The only room that prints: reports, tables, progress, prompts, styles.
//!
//! Data goes to stdout, talk goes to stderr. Text that came from a message passes through
//! [`sanitize`] before a terminal sees it.

mod json_tokens;
mod json_view;
mod report;
mod sanitize;
mod screen;

pub use report::{Report, Style};
pub use sanitize::sanitize;
pub use screen::{ColorChoice, Failure, OutputFormat, Ui, UiOptions, Verbosity};
