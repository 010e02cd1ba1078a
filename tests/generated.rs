//! Completions and man pages are committed, and are byte for byte what the command line gives.

#![expect(clippy::unwrap_used, reason = "a step that fails should stop its test right there")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use celerysalt::cli;
use celerysalt::commands::{completions, man};

const REGENERATE: &str = "CELERYSALT_UPDATE=1 cargo test --test generated";

#[test]
fn the_committed_completions_are_current() {
    compare("completions", &completions::files(&cli::command()));
}

#[test]
fn the_committed_man_pages_are_current() {
    compare("man", &man::pages(cli::command()));
}

fn compare(folder: &str, expected: &[(String, Vec<u8>)]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("CELERYSALT_UPDATE").is_some() {
        write(&folder, expected);
    }
    let stale: Vec<&str> = expected
        .iter()
        .filter(|(name, text)| fs::read(folder.join(name)).ok().as_ref() != Some(text))
        .map(|(name, _)| name.as_str())
        .collect();
    let wanted: BTreeSet<&str> = expected.iter().map(|(name, _)| name.as_str()).collect();
    let left_over: Vec<String> =
        names(&folder).into_iter().filter(|name| !wanted.contains(name.as_str())).collect();
    assert!(
        stale.is_empty() && left_over.is_empty(),
        "in {}: stale {stale:?}, left over {left_over:?}\nupdate them with: {REGENERATE}",
        folder.display()
    );
}

fn write(folder: &Path, expected: &[(String, Vec<u8>)]) {
    fs::create_dir_all(folder).unwrap();
    for name in names(folder) {
        fs::remove_file(folder.join(name)).unwrap();
    }
    for (name, text) in expected {
        fs::write(folder.join(name), text).unwrap();
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}
