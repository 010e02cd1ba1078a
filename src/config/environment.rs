use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use super::error::ConfigError;

/// The environment variables as a value. A variable that is set to nothing counts as unset.
///
/// No `Debug`: variables hold passwords.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<OsString, OsString>);

impl Environment {
    pub fn of_process() -> Self {
        Self(std::env::vars_os().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The variable's text.
    ///
    /// # Errors
    /// When the variable is not UTF-8: ignoring it would silently take another server.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ConfigError> {
        let Some(value) = self.0.get(&OsString::from(name)) else { return Ok(None) };
        match value.to_str() {
            Some(text) => Ok(Some(text)),
            None => Err(ConfigError::VariableNotText { name: name.to_owned() }),
        }
    }

    /// A folder named by a variable; relative ones do not count (XDG Base Directory, "Basics").
    pub fn folder(&self, name: &str) -> Option<PathBuf> {
        self.0.get(&OsString::from(name)).map(PathBuf::from).filter(|path| path.is_absolute())
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(variables: [(&str, &str); N]) -> Self {
        let set = variables.into_iter().filter(|(_, value)| !value.is_empty());
        Self(set.map(|(name, value)| (name.into(), value.into())).collect())
    }
}
