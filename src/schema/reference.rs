use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::event::{SchemaVersion, Topic, TopicError, VersionError};

/// Which version of a topic is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum VersionSelector {
    /// The highest version, whenever it was registered.
    #[default]
    Latest,
    Exact(SchemaVersion),
}

/// `TOPIC` or `TOPIC@VERSION`, where the version may be `latest`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaReference {
    pub topic: Topic,
    pub version: VersionSelector,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReferenceError {
    #[error(transparent)]
    Topic(#[from] TopicError),
    #[error(transparent)]
    Version(#[from] VersionError),
}

impl FromStr for VersionSelector {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        match text {
            "latest" => Ok(Self::Latest),
            version => version.parse().map(Self::Exact),
        }
    }
}

impl FromStr for SchemaReference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        match text.rsplit_once('@') {
            Some((topic, version)) => Ok(Self { topic: topic.parse()?, version: version.parse()? }),
            None => Ok(Self { topic: text.parse()?, version: VersionSelector::Latest }),
        }
    }
}

impl fmt::Display for VersionSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Exact(version) => version.fmt(f),
        }
    }
}

impl fmt::Display for SchemaReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.topic, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_topic_and_maybe_a_version() {
        for (text, full) in [
            ("a.b", "a.b@latest"),
            ("a.b@latest", "a.b@latest"),
            ("a.b@v1.10", "a.b@v1.10"),
            ("a@b@2", "a@b@2"),
        ] {
            assert_eq!(text.parse::<SchemaReference>().unwrap().to_string(), full);
        }
        assert!(matches!("a@newest".parse::<SchemaReference>(), Err(ReferenceError::Version(_))));
        assert!(matches!("@v1".parse::<SchemaReference>(), Err(ReferenceError::Topic(_))));
    }
}
