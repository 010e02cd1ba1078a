use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use thiserror::Error;

/// Where schemas come from: `python:module[,module…]`, or a file or directory of JSON files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Python(Vec<String>),
    Path(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SourceError {
    #[error("a source cannot be empty")]
    Empty,
    #[error("{0:?} is not the name of a Python module")]
    NotAModule(String),
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        if let Some(names) = text.strip_prefix("python:") {
            return names.split(',').map(module).collect::<Result<_, _>>().map(Self::Python);
        }
        let path = text.strip_prefix("file:").unwrap_or(text);
        if path.is_empty() { Err(SourceError::Empty) } else { Ok(Self::Path(path.into())) }
    }
}

fn module(name: &str) -> Result<String, SourceError> {
    let name = name.trim();
    let is_identifier = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
            && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    if name.split('.').all(is_identifier) {
        Ok(name.to_owned())
    } else {
        Err(SourceError::NotAModule(name.to_owned()))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Python(modules) => write!(f, "python:{}", modules.join(",")),
            Self::Path(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_python_modules_or_a_path() {
        for (text, shown) in [
            ("python:shop.events", "python:shop.events"),
            ("python:a, b.c_1,_d", "python:a,b.c_1,_d"),
            ("schemas", "schemas"),
            ("file:schemas/a", "schemas/a"),
        ] {
            assert_eq!(text.parse::<Source>().unwrap().to_string(), shown);
        }
        for bad in ["python:", "python:a,", "python:shop/events.py", "python:1a", "python:a..b"] {
            assert!(matches!(bad.parse::<Source>(), Err(SourceError::NotAModule(_))), "{bad}");
        }
        assert_eq!("".parse::<Source>(), Err(SourceError::Empty));
    }
}
