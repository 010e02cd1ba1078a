use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use super::empty::EmptyStore;
use super::error::RegistryError;
use super::file::{self, FileStore};
use super::sqlite::{self, SqliteStore};
use super::store::RegistryStore;
use crate::secret::{Secret, mask_url};

/// What a registry is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// A registry that does not exist is an error.
    Read,
    /// Nothing is written; a registry that does not exist is taken for an empty one.
    Check,
    /// A registry that does not exist is made.
    Write,
}

/// Opens the registry at `url`: `file:DIR` or `sqlite:FILE`, relative to the working directory.
pub async fn open(url: &Secret, access: Access) -> Result<Box<dyn RegistryStore>, RegistryError> {
    let opened: Result<Box<dyn RegistryStore>, RegistryError> = match target(url.expose())? {
        Target::Directory(path) => FileStore::open(&path, access).map(|store| Box::new(store) as _),
        Target::Database(path) => {
            SqliteStore::open(&path, access).await.map(|store| Box::new(store) as _)
        }
    };
    match opened {
        Err(RegistryError::Missing { registry }) if access == Access::Check => {
            Ok(Box::new(EmptyStore::new(registry)))
        }
        opened => opened,
    }
}

/// A mark of what a registry holds, cheap to ask for again and again: as long as it is the same, no
/// document was added, changed or removed. It may change without that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(u64);

/// The revision of the registry at `url`. Nothing is opened: an open connection to a database would
/// not notice that another file took its place.
pub fn revision(url: &Secret) -> Result<Revision, RegistryError> {
    let mut hasher = DefaultHasher::new();
    match target(url.expose())? {
        Target::Directory(path) => file::marks(&path)?.hash(&mut hasher),
        Target::Database(path) => sqlite::marks(&path)?.hash(&mut hasher),
    }
    Ok(Revision(hasher.finish()))
}

#[derive(Debug, PartialEq, Eq)]
enum Target {
    Directory(PathBuf),
    Database(PathBuf),
}

fn target(url: &str) -> Result<Target, RegistryError> {
    let bad = || RegistryError::BadUrl { url: mask_url(url) };
    let (scheme, rest) = url.split_once(':').ok_or_else(bad)?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() {
        return Err(bad());
    }
    match scheme {
        "file" => Ok(Target::Directory(path.into())),
        "sqlite" => Ok(Target::Database(path.into())),
        "postgresql" | "postgres" | "http" | "https" => {
            Err(RegistryError::Unsupported { scheme: scheme.to_owned() })
        }
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_url_is_a_directory_or_a_database_file() {
        let directory = |path: &str| Target::Directory(path.into());
        let database = |path: &str| Target::Database(path.into());
        for (url, expected) in [
            ("file:schemas", directory("schemas")),
            ("file:../shared/schemas", directory("../shared/schemas")),
            ("file:/srv/schemas", directory("/srv/schemas")),
            ("file:///srv/schemas", directory("/srv/schemas")),
            ("sqlite:events.db", database("events.db")),
            ("sqlite:///srv/events.db", database("/srv/events.db")),
        ] {
            assert_eq!(target(url).unwrap(), expected, "{url}");
        }
    }

    #[test]
    fn other_urls_are_refused_without_their_password() {
        for (url, message) in [
            ("schemas", r#""schemas" is not a registry URL"#),
            ("file:", r#""file:" is not a registry URL"#),
            ("ftp://u:pw@h/x", r#""ftp://u:***@h/x" is not a registry URL"#),
            ("postgresql://u:pw@h/db", "postgresql registries are not supported yet"),
            ("https://registry.example", "https registries are not supported yet"),
        ] {
            assert_eq!(target(url).unwrap_err().to_string(), message);
        }
    }
}
