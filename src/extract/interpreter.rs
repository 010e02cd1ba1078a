use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::error::ExtractError;

/// What decides which interpreter is used.
#[derive(Debug, Clone, Default)]
pub(super) struct Clues {
    /// `--python`.
    pub given: Option<PathBuf>,
    pub working_directory: PathBuf,
    /// `$VIRTUAL_ENV`.
    pub virtual_env: Option<OsString>,
    /// `$PATH`.
    pub path: Option<OsString>,
}

/// The user's interpreter.
///
/// | first that exists |
/// |---|
/// | `--python`: an interpreter, or the folder of a virtual environment |
/// | `$VIRTUAL_ENV/bin/python` |
/// | `.venv/bin/python`, `venv/bin/python` in the working directory or above |
/// | `python3`, `python` on `$PATH` |
pub(super) fn find(clues: &Clues) -> Result<PathBuf, ExtractError> {
    if let Some(given) = &clues.given {
        let inside = in_environment(given);
        return Ok(if inside.is_file() { inside } else { given.clone() });
    }
    let active = clues.virtual_env.as_ref().map(|folder| in_environment(Path::new(folder)));
    let project = clues
        .working_directory
        .ancestors()
        .flat_map(|folder| [".venv", "venv"].map(|name| in_environment(&folder.join(name))));
    let path = clues.path.clone().unwrap_or_default();
    let installed: Vec<PathBuf> = ["python3", "python"]
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .collect();
    active
        .into_iter()
        .chain(project)
        .chain(installed)
        .find(|candidate| candidate.is_file())
        .ok_or(ExtractError::NoInterpreter)
}

fn in_environment(folder: &Path) -> PathBuf {
    folder.join("bin").join("python")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_interpreter_is_the_one_the_user_works_with() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        for file in ["active/bin/python", "project/.venv/bin/python", "usr/bin/python3"] {
            fs::create_dir_all(path(file).parent().unwrap()).unwrap();
            fs::write(path(file), "").unwrap();
        }
        let clues = Clues {
            given: None,
            working_directory: path("project/src/deep"),
            virtual_env: Some(path("active").into()),
            path: Some(path("usr/bin").into()),
        };
        let table = [
            (clues.clone(), "active/bin/python"),
            (
                Clues { virtual_env: Some(path("gone").into()), ..clues.clone() },
                "project/.venv/bin/python",
            ),
            (Clues { virtual_env: None, ..clues.clone() }, "project/.venv/bin/python"),
            (
                Clues { virtual_env: None, working_directory: path("else"), ..clues.clone() },
                "usr/bin/python3",
            ),
            (Clues { given: Some(path("active")), ..clues.clone() }, "active/bin/python"),
            (Clues { given: Some(path("typed/python")), ..clues.clone() }, "typed/python"),
        ];
        for (clues, expected) in table {
            assert_eq!(find(&clues).unwrap(), path(expected), "{clues:?}");
        }
        let nothing = Clues { working_directory: path("else"), ..Clues::default() };
        assert!(matches!(find(&nothing), Err(ExtractError::NoInterpreter)));
    }
}
