use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::error::ConfigError;
use super::file::{ProjectFile, Trust, UserFile};
use super::layout::{PROJECT_FILE, Places};
use super::state::State;

/// Every file that has a say, read and parsed.
#[derive(Debug, Clone, Default)]
pub struct Files {
    pub project: Option<ProjectFile>,
    pub user: Option<UserFile>,
    pub state: State,
    /// Where the user's files are or would be; without a home there are none.
    pub places: Option<Places>,
}

impl Files {
    /// Reads `named` (`--config`) or else the nearest `celerysalt.toml`, and the user's files.
    ///
    /// # Errors
    /// When a file that exists cannot be read or parsed, or `named` does not exist.
    pub fn read(named: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let project = Self::project(named)?;
        let Ok(places) = Places::new(environment) else {
            return Ok(Self { project, ..Self::default() });
        };
        let user = Self::user(&places)?;
        let state = State::read(&places.state_file)?;
        Ok(Self { project, user, state, places: Some(places) })
    }

    /// `named` (`--config`), or else the nearest `celerysalt.toml` upwards.
    ///
    /// # Errors
    /// As for [`Files::read`].
    pub fn project(named: Option<&Path>) -> Result<Option<ProjectFile>, ConfigError> {
        match named {
            Some(path) => read_named(path).map(Some),
            None => find_project(),
        }
    }

    /// The user's profiles, if there is a file of them.
    ///
    /// # Errors
    /// As for [`Files::read`].
    pub fn user(places: &Places) -> Result<Option<UserFile>, ConfigError> {
        let path = &places.user_file;
        read_if_there(path)?.map(|text| UserFile::parse(path, &text)).transpose()
    }
}

fn read_named(path: &Path) -> Result<ProjectFile, ConfigError> {
    let unreadable = |source| ConfigError::Unreadable { path: path.to_owned(), source };
    let text = fs::read_to_string(path).map_err(unreadable)?;
    let path = std::path::absolute(path).map_err(unreadable)?;
    ProjectFile::parse(&path, &text, Trust::Named)
}

fn find_project() -> Result<Option<ProjectFile>, ConfigError> {
    let folder = std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"));
    for folder in folder.ancestors() {
        let path = folder.join(PROJECT_FILE);
        if let Some(text) = read_if_there(&path)? {
            return ProjectFile::parse(&path, &text, Trust::Found).map(Some);
        }
    }
    Ok(None)
}

fn read_if_there(path: &Path) -> Result<Option<String>, ConfigError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Unreadable { path: path.to_owned(), source }),
    }
}
