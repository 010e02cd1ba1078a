use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use crate::registry::error::RegistryError;
use crate::schema::SchemaDocument;

/// Waits for the directory's lock, making the directory when it is not there. The lock ends with
/// the value. The directory itself is locked, so that no lock file ends up in git.
pub(super) fn lock(directory: &Path) -> Result<File, RegistryError> {
    fs::create_dir_all(directory).map_err(|error| RegistryError::io("create", directory, error))?;
    let handle =
        File::open(directory).map_err(|error| RegistryError::io("open", directory, error))?;
    handle.lock().map_err(|error| RegistryError::io("lock", directory, error))?;
    Ok(handle)
}

/// Writes the document so that a reader, and a machine that loses power, sees the old file or the
/// new one and nothing between. The caller holds the lock.
pub(super) fn document(path: &Path, document: &SchemaDocument) -> Result<(), RegistryError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let temporary = folder.join(format!(".{}.tmp", document.version));
    let write = || -> io::Result<()> {
        let is_new_folder = !folder.exists();
        fs::create_dir_all(folder)?;
        let mut file = File::create(&temporary)?;
        file.write_all(document.to_pretty_json().as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, path)?;
        File::open(folder)?.sync_all()?;
        match folder.parent() {
            Some(registry) if is_new_folder => File::open(registry)?.sync_all(),
            Some(_) | None => Ok(()),
        }
    };
    write().map_err(|error| {
        // The first error is the one to tell; a leftover is overwritten by the next writer.
        let _ = fs::remove_file(&temporary);
        RegistryError::io("write", path, error)
    })
}
