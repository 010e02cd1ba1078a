//! `examples/ci`: the commands in the files are run as they stand, against a repository with a
//! change that breaks its readers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use saphyr_parser::{Event, Parser};
use tempfile::TempDir;

const SCHEMA: &str = r#"{
  "topic": "order.placed",
  "version": "v1",
  "mode": "broadcast",
  "schema": {
    "type": "object",
    "properties": {"id": {"type": "integer"}},
    "required": ["id"]
  }
}
"#;

/// A clone with the base of a change as its first commit, and the change in the work tree.
struct Repository {
    folder: TempDir,
}

impl Repository {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let repository = Self { folder };
        fs::create_dir(repository.folder.path().join("home")).unwrap();
        fs::create_dir(repository.folder.path().join("origin.git")).unwrap();
        fs::create_dir_all(repository.work().join("schemas/order.placed")).unwrap();
        fs::write(repository.schema(), SCHEMA).unwrap();
        repository.must("git init -q --bare --initial-branch=main ../origin.git");
        repository.must("git init -q --initial-branch=main");
        repository.must("git remote add origin ../origin.git");
        repository.must("git add . && git commit -qm base && git push -q origin main");
        repository.must("git checkout -q -b change");
        repository
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    fn schema(&self) -> PathBuf {
        self.work().join("schemas/order.placed/v1.json")
    }

    /// Old handlers ask for an integer, and get text.
    fn break_it(&self) {
        let text = SCHEMA.replace("v1", "v2").replace("integer", "string");
        fs::write(self.work().join("schemas/order.placed/v2.json"), text).unwrap();
    }

    /// Exit code, and stdout with stderr.
    fn sh(&self, script: &str, variables: &[(&str, &str)]) -> (i32, String) {
        let tool = Path::new(env!("CARGO_BIN_EXE_celerysalt")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let output = Command::new("sh")
            .args(["-ec", script])
            .current_dir(self.work())
            .env_clear()
            .env("PATH", format!("{}:{path}", tool.display()))
            .env("HOME", self.folder.path().join("home"))
            .env("TZ", "UTC")
            .env("GIT_AUTHOR_NAME", "a")
            .env("GIT_AUTHOR_EMAIL", "a@example.org")
            .env("GIT_COMMITTER_NAME", "a")
            .env("GIT_COMMITTER_EMAIL", "a@example.org")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(text).unwrap())
    }

    fn must(&self, script: &str) -> String {
        let (code, output) = self.sh(script, &[]);
        assert_eq!(code, 0, "{script}: {output}");
        output.trim().to_owned()
    }
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name)
}

/// Every scalar of a YAML file, in order.
fn scalars(name: &str) -> Vec<String> {
    let text = fs::read_to_string(example(name)).unwrap();
    let events = Parser::new_from_str(&text).map(|event| event.expect("the file is YAML").0);
    let scalars = events.filter_map(|event| match event {
        Event::Scalar(text, ..) => Some(text.into_owned()),
        _ => None,
    });
    scalars.collect()
}

/// The commands that a CI server would run, without installing anything.
fn commands(scalars: &[String]) -> Vec<&String> {
    let is_run = |text: &&String| text.starts_with("git ") || text.starts_with("celerysalt ");
    scalars.iter().filter(is_run).collect()
}

#[test]
fn the_github_workflow_annotates_summarises_and_reports() {
    let repository = Repository::new();
    repository.break_it();
    let scalars = scalars("github-workflow.yml");
    let from = scalars.iter().find(|text| text.starts_with("git:")).unwrap();
    let from = from.replace("${{ github.base_ref }}", "main");
    let variables =
        [("FROM", from.as_str()), ("BASE_REF", "main"), ("GITHUB_STEP_SUMMARY", "summary.md")];
    let outcomes: Vec<(i32, String)> =
        commands(&scalars).iter().map(|command| repository.sh(command, &variables)).collect();
    let codes: Vec<i32> = outcomes.iter().map(|(code, _)| *code).collect();
    // Fetch, compare, summary, SARIF.
    assert_eq!(codes, [0, 1, 0, 0], "{outcomes:#?}");
    let annotations = &outcomes[1].1;
    assert!(
        annotations.contains("::error file=schemas/order.placed/v2.json,line="),
        "{annotations}"
    );
    let summary = fs::read_to_string(repository.work().join("summary.md")).unwrap();
    assert!(summary.starts_with("### Event schemas: this change breaks"), "{summary}");
    let sarif = fs::read_to_string(repository.work().join("celerysalt.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["level"], "error");
}

#[test]
fn the_gitlab_job_reports_and_fails() {
    let repository = Repository::new();
    repository.break_it();
    let base = repository.must("git rev-parse HEAD");
    let scalars = scalars("gitlab-ci.yml");
    let from = scalars.iter().find(|text| text.starts_with("git:")).unwrap();
    let from = from.replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", &base);
    let variables = [("FROM", from.as_str()), ("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)];
    let outcomes: Vec<(i32, String)> =
        commands(&scalars).iter().map(|command| repository.sh(command, &variables)).collect();
    let codes: Vec<i32> = outcomes.iter().map(|(code, _)| *code).collect();
    // Fetch, report, story.
    assert_eq!(codes, [0, 0, 1], "{outcomes:#?}");
    let report = fs::read_to_string(repository.work().join("celerysalt.xml")).unwrap();
    let report = roxmltree::Document::parse(&report).unwrap();
    assert!(report.descendants().any(|node| node.has_tag_name("failure")));
}

#[test]
fn the_hook_refuses_a_commit_that_breaks_a_reader_and_no_other() {
    let repository = Repository::new();
    let hook = repository.work().join(".git/hooks/pre-commit");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::copy(example("schema-diff-hook"), &hook).unwrap();
    let optional =
        SCHEMA.replace("}},", "}, \"note\": {\"type\": \"string\", \"default\": \"\"}},");
    let optional = optional.replace("v1", "v2");
    fs::write(repository.work().join("schemas/order.placed/v2.json"), optional).unwrap();
    repository.must("git add . && git commit -qm harmless");
    repository.break_it();
    let (code, output) = repository.sh("git commit -qam breaking", &[]);
    assert_eq!(code, 1, "{output}");
    assert!(output.contains("order.placed"), "{output}");
    repository.must("git commit -qam anyway --no-verify");
}

#[test]
fn the_first_commit_passes_the_hook() {
    let repository = Repository::new();
    let script = format!(
        "rm -rf .git && git init -q && cp '{}' .git/hooks/pre-commit && git add . && \
         git commit -qm first",
        example("schema-diff-hook").display()
    );
    repository.must(&script);
}

#[test]
fn pre_commit_is_told_to_run_the_hook() {
    let scalars = scalars("pre-commit-config.yaml");
    let entry = scalars.iter().position(|text| text == "entry").unwrap();
    assert_eq!(scalars[entry + 1], "./schema-diff-hook");
    assert!(example("schema-diff-hook").is_file());
}
