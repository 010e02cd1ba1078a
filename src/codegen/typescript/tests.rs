use proptest::prelude::*;

use super::*;
use crate::codegen::corpus::{self, document};

fn options() -> Options {
    Options::new("celerysalt generate typescript")
}

fn text_of(output: &Output, path: &str) -> String {
    let file = output.files.iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("no {path}")).text.clone()
}

#[test]
fn the_corpus_is_written_like_this() {
    let output = files(&corpus::events(), &options());
    let shown: Vec<String> =
        output.files.iter().map(|file| format!("=== {}\n{}", file.path, file.text)).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn what_cannot_be_said_is_noted() {
    let output = files(&corpus::events(), &options());
    let shown: Vec<String> = output
        .losses
        .iter()
        .map(|note| format!("{}@{}: {}", note.topic, note.version, note.message))
        .collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn the_order_of_the_documents_does_not_matter() {
    let mut documents = corpus::events();
    let forward = files(&documents, &options());
    documents.reverse();
    assert_eq!(files(&documents, &options()), forward);
}

#[test]
fn events_of_one_name_are_told_apart_by_their_topics() {
    let schema = serde_json::json!({"type": "object"});
    let documents =
        [document("user.session_started", &schema), document("user_session.started", &schema)];
    let index = text_of(&files(&documents, &options()), "index.ts");
    let import = index.lines().filter(|line| line.starts_with("import")).collect::<Vec<_>>();
    insta::assert_snapshot!(import.join("\n"), @r#"
    import type { User_SessionStartedV1 } from "./user.session_started.v1.js";
    import type { UserSession_StartedV1 } from "./user_session.started.v1.js";
    "#);
}

proptest! {
    #[test]
    fn a_description_stays_inside_its_comment(description in any::<String>(), stars in "[*/ @\n]{0,20}") {
        let described = format!("{description}{stars}{description}");
        let schema = serde_json::json!({
            "description": described,
            "type": "object",
            "properties": {"a": {"type": "string", "description": described, "pattern": stars}},
        });
        let text = text_of(&files(&[document("a", &schema)], &options()), "a.v1.ts");
        let code = without_comments(&text);
        prop_assert_eq!(code.split_whitespace().collect::<String>(), "exportinterfaceAV1{a?:string;}");
    }

    #[test]
    fn no_schema_breaks_the_writer(schema in corpus::any_schema()) {
        let output = files(&[document("a", &schema)], &options());
        prop_assert_eq!(output.files.len(), 2);
    }
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let lines = text.lines().filter(|line| !line.starts_with("//"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    let mut rest = text.as_str();
    while let Some(start) = rest.find("/*") {
        out.push_str(&rest[..start]);
        let end = rest[start + 2..].find("*/").expect("a comment that ends");
        rest = &rest[start + 2 + end + 2..];
    }
    out.push_str(rest);
    out
}
