use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::ConfigError;

/// What `celerysalt config use` remembers between runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The profile in use, if any.
    pub current: Option<String>,
    /// The one before, for `config use -`.
    pub previous: Option<String>,
}

/// What `config use` is asked to select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    Profile(String),
    Previous,
    None,
}

impl State {
    /// # Errors
    /// When the file cannot be read or is not one of ours. No file is an empty state.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => return Err(ConfigError::Unreadable { path: path.to_owned(), source }),
        };
        toml::from_str(&text).map_err(|error| ConfigError::Syntax {
            path: path.to_owned(),
            line: text[..error.span().unwrap_or_default().start].matches('\n').count() + 1,
            reason: error.message().to_owned(),
        })
    }

    /// Replaces the file in one step, so that a reader never sees half of it.
    ///
    /// # Errors
    /// When the folder or the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), ConfigError> {
        let unwritable = |source| ConfigError::Unwritable { path: path.to_owned(), source };
        let text = toml::to_string(self).map_err(|error| unwritable(io::Error::other(error)))?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let draft = path.with_extension(format!("{}.tmp", std::process::id()));
        fs::write(&draft, text).and_then(|()| fs::rename(&draft, path)).map_err(unwritable)
    }

    /// The state after `selection`.
    ///
    /// # Errors
    /// When there is no previous profile to go back to.
    pub fn select(self, selection: Selection) -> Result<Self, ConfigError> {
        let current = match selection {
            Selection::Profile(name) => Some(name),
            Selection::Previous => Some(self.previous.ok_or(ConfigError::NoPreviousProfile)?),
            Selection::None => None,
        };
        Ok(Self { current, previous: self.current })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selecting_twice_and_going_back_swaps() {
        let staging = || Selection::Profile("staging".into());
        let state = State::default().select(Selection::Profile("dev".into())).unwrap();
        let state = state.select(staging()).unwrap();
        assert_eq!(state.current.as_deref(), Some("staging"));
        let state = state.select(Selection::Previous).unwrap();
        assert_eq!(
            (state.current.as_deref(), state.previous.as_deref()),
            (Some("dev"), Some("staging"))
        );
        let state = state.select(Selection::None).unwrap();
        assert_eq!((state.current, state.previous.as_deref()), (None, Some("dev")));
        assert!(matches!(
            State::default().select(Selection::Previous),
            Err(ConfigError::NoPreviousProfile)
        ));
    }
}
