use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::ExtractError;
use super::extraction::{Extracted, Extraction, Failure, Location};
use crate::parallel;
use crate::schema::SchemaDocument;

/// Reads a JSON file, or every JSON file below a directory. Hidden entries are left alone.
pub(super) fn extract(path: &Path) -> Result<Extraction, ExtractError> {
    let mut files = Vec::new();
    let kind = fs::metadata(path)
        .map_err(|source| ExtractError::Unreadable { path: path.to_owned(), source })?;
    if kind.is_dir() {
        walk(path, &mut files)?;
    } else {
        files.push(path.to_owned());
    }
    files.sort();
    let mut extraction = Extraction::default();
    let mut first_place = HashMap::new();
    for (file, read) in read_all(&files) {
        match read {
            Ok(extracted) => {
                let document = &extracted.document;
                match first_place.entry((document.topic.clone(), document.version.clone())) {
                    Entry::Vacant(slot) => {
                        slot.insert(file);
                        extraction.documents.push(extracted);
                    }
                    Entry::Occupied(first) => {
                        let reason = format!(
                            "{}@{} is in {} already",
                            document.topic,
                            document.version,
                            first.get()
                        );
                        extraction.failures.push(Failure::document(&file, 1, &reason));
                    }
                }
            }
            Err(failure) => extraction.failures.push(*failure),
        }
    }
    extraction.sort();
    Ok(extraction)
}

type Outcome = (String, Result<Extracted, Box<Failure>>);

/// Reads with all processors; the answers come in the order of the files.
fn read_all(files: &[PathBuf]) -> Vec<Outcome> {
    parallel::map(files.len(), 1, |at| {
        let place = files[at].display().to_string();
        let read = read(&files[at], &place);
        (place, read)
    })
}

fn read(file: &Path, place: &str) -> Result<Extracted, Box<Failure>> {
    let text =
        fs::read_to_string(file).map_err(|error| Box::new(Failure::document(place, 1, &error)))?;
    let document = SchemaDocument::parse(&text)
        .map_err(|error| Box::new(Failure::document(place, error.line, &error)))?;
    Ok(Extracted { document, location: Some(Location { file: place.to_owned(), line: 1 }) })
}

fn walk(directory: &Path, files: &mut Vec<PathBuf>) -> Result<(), ExtractError> {
    let fail = |source| ExtractError::Unreadable { path: directory.to_owned(), source };
    for entry in fs::read_dir(directory).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let path = entry.path();
        if entry.file_type().map_err(fail)?.is_dir() {
            walk(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_json_file_is_read_and_what_is_wrong_is_said_beside() {
        let folder = tempfile::tempdir().unwrap();
        let document =
            |topic: &str| format!(r#"{{"topic": "{topic}", "version": "v1", "schema": {{}}}}"#);
        for (name, text) in [
            ("b/v1.json", document("b")),
            ("a.json", document("a")),
            ("again.json", document("b")),
            ("broken.json", "{\n\"topic\": }".to_owned()),
            ("README.md", "about".to_owned()),
            (".git/x.json", "{".to_owned()),
        ] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let extraction = extract(folder.path()).unwrap();
        let topics: Vec<&str> =
            extraction.documents.iter().map(|found| found.document.topic.as_str()).collect();
        assert_eq!(topics, ["a", "b"]);
        let failures: Vec<String> = extraction
            .failures
            .iter()
            .map(|failure| {
                let text = format!("{}: {}", failure.frames[0].file, failure.message);
                text.replace(&*folder.path().to_string_lossy(), "DIR")
            })
            .collect();
        assert_eq!(
            failures,
            [
                "DIR/b/v1.json: b@v1 is in DIR/again.json already",
                "DIR/broken.json: line 2, column 10: expected value",
            ]
        );
        assert!(matches!(
            extract(&folder.path().join("none")),
            Err(ExtractError::Unreadable { .. })
        ));
    }
}
