//! `celerysalt tail`: watch events as they pass, without touching anybody's queue.

mod limits;
mod recording;
mod tally;
mod template;

pub use recording::RecordingError;
pub use template::{Template, TemplateError};
