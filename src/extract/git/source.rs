use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// `git:REV[:DIR]`: a directory as it is in a revision. The directory is a path as on any command
/// line: relative to the working directory, or absolute and inside the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitSource {
    pub revision: String,
    pub directory: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GitSourceError {
    #[error("it begins with git: and names no revision")]
    NoRevision,
    #[error("{0:?} cannot be a revision")]
    BadRevision(String),
}

impl FromStr for GitSource {
    type Err = GitSourceError;

    fn from_str(text: &str) -> Result<Self, GitSourceError> {
        let text = text.strip_prefix("git:").unwrap_or(text);
        let (revision, directory) = match text.split_once(':') {
            Some((revision, directory)) => (revision, Some(directory)),
            None => (text, None),
        };
        if revision.is_empty() {
            return Err(GitSourceError::NoRevision);
        }
        // What begins with a dash would be an option to git.
        if revision.starts_with('-') || revision.chars().any(char::is_control) {
            return Err(GitSourceError::BadRevision(revision.to_owned()));
        }
        let directory = directory.filter(|directory| !directory.is_empty()).map(PathBuf::from);
        Ok(Self { revision: revision.to_owned(), directory })
    }
}

impl fmt::Display for GitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.directory {
            Some(directory) => write!(f, "git:{}:{}", self.revision, directory.display()),
            None => write!(f, "git:{}", self.revision),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_git_source_is_a_revision_and_maybe_a_directory() {
        for (text, revision, directory) in [
            ("git:HEAD", "HEAD", None),
            ("git:origin/main", "origin/main", None),
            ("git:v1.2:", "v1.2", None),
            ("git:HEAD~2:api/schemas", "HEAD~2", Some("api/schemas")),
        ] {
            let source: GitSource = text.parse().unwrap();
            assert_eq!(source.revision, revision, "{text}");
            assert_eq!(source.directory.as_deref(), directory.map(Path::new), "{text}");
        }
        assert_eq!("git:".parse::<GitSource>(), Err(GitSourceError::NoRevision));
        assert_eq!("git::schemas".parse::<GitSource>(), Err(GitSourceError::NoRevision));
        for bad in ["git:--output=x", "git:a\nb"] {
            assert!(matches!(bad.parse::<GitSource>(), Err(GitSourceError::BadRevision(_))));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_git_source_or_an_error(text in ".*") {
            if let Ok(source) = text.parse::<GitSource>() {
                prop_assert!(!source.revision.starts_with('-'));
            }
        }
    }
}
