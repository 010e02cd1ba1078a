//! `celerysalt tail`: watch events as they pass, without touching anybody's queue.

#[cfg(test)]
mod captures;
mod limits;
mod recording;
mod stamp;
mod tally;
mod template;
mod view;
mod watch;

pub use recording::RecordingError;
pub use template::{Template, TemplateError};
