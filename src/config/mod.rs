//! Settings: files, environment, profiles and flags, merged by a pure function that remembers where
//! each value came from. Plain data only; nothing here connects to anything.

mod settings;

pub use settings::{Origin, Setting, Settings, TlsSettings};
