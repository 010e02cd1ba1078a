use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use thiserror::Error;

/// The version of an event schema: `v1`, `v2`, `v1.10`, `v1.2.0`.
///
/// Compared part by part as integers, missing parts counting as zero, exactly as the libraries do:
/// `v1.10` is newer than `v1.2`, and `v1` equals `v1.0`. The text is kept as it was written.
#[derive(Debug, Clone)]
pub struct SchemaVersion {
    text: String,
    parts: Vec<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not a version")]
pub struct VersionError(pub String);

impl SchemaVersion {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text that equal versions share, whatever their spelling: `1.10` for `v1.10` and
    /// `V1.10.0`.
    pub fn canonical(&self) -> String {
        let parts: Vec<String> = self.significant_parts().iter().map(u64::to_string).collect();
        if parts.is_empty() { "0".to_owned() } else { parts.join(".") }
    }

    fn significant_parts(&self) -> &[u64] {
        let end = self.parts.iter().rposition(|part| *part != 0).map_or(0, |last| last + 1);
        &self.parts[..end]
    }
}

impl FromStr for SchemaVersion {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let fail = || VersionError(text.to_owned());
        let numbers = text.strip_prefix(['v', 'V']).unwrap_or(text);
        if !numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(fail());
        }
        let parts = numbers
            .split('.')
            .map(str::parse)
            .collect::<Result<Vec<u64>, _>>()
            .map_err(|_| fail())?;
        Ok(Self { text: text.to_owned(), parts })
    }
}

impl Ord for SchemaVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.significant_parts().cmp(other.significant_parts())
    }
}

impl PartialOrd for SchemaVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for SchemaVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for SchemaVersion {}

impl Hash for SchemaVersion {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.significant_parts().hash(state);
    }
}

impl fmt::Display for SchemaVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn version(text: &str) -> SchemaVersion {
        text.parse().unwrap()
    }

    #[test]
    fn versions_compare_part_by_part_as_integers() {
        assert!(version("v1.10") > version("v1.2"));
        assert!(version("v10") > version("v2"));
        assert!(version("v1.0.1") > version("v1.0"));
        assert!(version("v2") > version("v1.99.99"));
        assert_eq!(version("v1"), version("1.0.0"));
    }

    #[test]
    fn equal_versions_share_their_canonical_text() {
        for (text, canonical) in [("v1", "1"), ("V01.10.0", "1.10"), ("v0.0", "0"), ("v0.1", "0.1")]
        {
            assert_eq!(version(text).canonical(), canonical);
            assert_eq!(version(text), version(canonical));
        }
    }

    #[test]
    fn what_is_not_a_version_is_refused() {
        for bad in ["", "v", "latest", "v1.", "v1..2", "vv1", "v-1", "v1a", "v99999999999999999999"]
        {
            assert_eq!(bad.parse::<SchemaVersion>().unwrap_err(), VersionError(bad.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn a_version_keeps_its_text(text in "v?[0-9]{1,5}(\\.[0-9]{1,5}){0,3}") {
            prop_assert_eq!(version(&text).to_string(), text);
        }
    }
}
