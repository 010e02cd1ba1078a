//! Settings: files, environment, profiles and flags, merged by a pure function that remembers where
//! each value came from.
//!
//! [`Files::read`] does the reading, [`resolve`] the merging, [`Given::fetch`] follows a reference
//! to a secret when a command needs it. Nothing here connects to anything or knows what a URL
//! means to a server.

mod environment;
mod error;
mod file;
mod files;
mod given;
mod key;
mod layout;
mod reader;
mod resolve;
mod settings;
mod state;
mod suggest;
mod suppressions;
mod waivers;

pub use environment::Environment;
pub use error::{ConfigError, UnknownProfile};
pub use file::{Layer, Profile, ProjectFile, UserFile};
pub use files::Files;
pub use given::{Given, Reference};
pub use key::Key;
pub use layout::Places;
pub use resolve::{Flags, Overshadowed, Resolution, chosen_name, resolve, unknown_profile};
pub use settings::{Origin, Setting, Settings, TlsSettings};
pub use state::{Selection, State};
pub use suggest::closest;
pub use suppressions::SuppressionProblem;
pub use waivers::WaiverProblem;
