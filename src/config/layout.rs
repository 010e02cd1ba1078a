use std::path::PathBuf;

use super::environment::Environment;
use super::error::ConfigError;

/// The name of a project's settings file.
pub const PROJECT_FILE: &str = "celerysalt.toml";

/// Where our files are, by the XDG Base Directory specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The user's profiles: `$XDG_CONFIG_HOME/celerysalt/config.toml`.
    pub user_file: PathBuf,
    /// What `config use` remembers: `$XDG_STATE_HOME/celerysalt/state.toml`.
    pub state_file: PathBuf,
}

impl Places {
    /// # Errors
    /// When neither the XDG variables nor `HOME` say where the user's files are.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let place = |variable: &str, below_home: &str, file: &str| {
            environment
                .folder(variable)
                .or_else(|| Some(environment.folder("HOME")?.join(below_home)))
                .map(|folder| folder.join("celerysalt").join(file))
                .ok_or(ConfigError::NoHome)
        };
        Ok(Self {
            user_file: place("XDG_CONFIG_HOME", ".config", "config.toml")?,
            state_file: place("XDG_STATE_HOME", ".local/state", "state.toml")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_where_xdg_says() {
        let table = [
            (
                Environment::from([("HOME", "/h"), ("XDG_CONFIG_HOME", "/c")]),
                ("/c/celerysalt/config.toml", "/h/.local/state/celerysalt/state.toml"),
            ),
            (
                Environment::from([("HOME", "/h"), ("XDG_STATE_HOME", "relative")]),
                ("/h/.config/celerysalt/config.toml", "/h/.local/state/celerysalt/state.toml"),
            ),
        ];
        for (environment, (user, state)) in table {
            let places = Places::new(&environment).unwrap();
            assert_eq!((places.user_file, places.state_file), (user.into(), state.into()));
        }
        assert!(matches!(Places::new(&Environment::default()), Err(ConfigError::NoHome)));
    }
}
