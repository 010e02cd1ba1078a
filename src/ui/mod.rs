//! The only room that prints: reports, tables, progress, prompts, styles.
//!
//! Data goes to stdout, talk goes to stderr. Text that came from a message passes through
//! [`sanitize`] before a terminal sees it.

mod closed;
mod difference;
mod event_notes;
mod event_view;
mod json_tokens;
mod json_view;
mod layout;
mod live;
mod progress;
mod prompt;
mod report;
mod sanitize;
mod screen;
mod table;

pub use difference::Difference;
pub use event_view::{EventView, push_dropped, push_event, push_gap, size};
pub use json_view::push_whole;
pub use layout::{Layout, Target};
pub use live::Live;
pub use progress::{Progress, Work};
pub use prompt::{PromptError, Question};
pub use report::{Report, Style};
pub use sanitize::sanitize;
pub use screen::{ColorChoice, Failure, OutputFormat, Ui, UiOptions, Verbosity};
pub use table::Table;
