use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::FutureExt;
use serde_json::json;

use super::*;
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::registry::{Listing, RegisterMode, Registration, Replacement};
use crate::schema::JsonText;

/// One topic with two versions, and how often somebody asked. It never waits.
#[derive(Debug, Default)]
struct Store {
    asked: Arc<AtomicU64>,
}

fn document(topic: &Topic, version: &str) -> SchemaDocument {
    let text = |schema: Value| JsonText::try_from(&schema).unwrap();
    let schema = text(json!({"type": "object", "required": [version]}));
    let mut document = SchemaDocument::new(topic.clone(), version.parse().unwrap(), schema);
    document.response_schema = Some(text(json!({"type": "nonsense"})));
    document
}

#[async_trait]
impl RegistryStore for Store {
    fn name(&self) -> &'static str {
        "test"
    }

    async fn list(&self, _pattern: &RoutingPattern) -> Result<Listing, RegistryError> {
        Ok(Listing::default())
    }

    async fn versions(&self, _topic: &Topic) -> Result<Vec<SchemaVersion>, RegistryError> {
        Ok(Vec::new())
    }

    async fn get(
        &self,
        topic: &Topic,
        version: &VersionSelector,
    ) -> Result<Option<SchemaDocument>, RegistryError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        Ok(match (topic.as_str(), version.to_string().as_str()) {
            ("order.placed", "v1") => Some(document(topic, "v1")),
            ("order.placed", "v2" | "latest") => Some(document(topic, "v2")),
            ("lost", _) => {
                return Err(RegistryError::Missing { registry: "test".to_owned() });
            }
            _ => None,
        })
    }

    async fn register(
        &self,
        _document: &SchemaDocument,
        _mode: RegisterMode,
    ) -> Result<Registration, RegistryError> {
        Ok(Registration::Unchanged)
    }

    async fn replace(
        &self,
        _known: Option<&SchemaDocument>,
        _document: &SchemaDocument,
    ) -> Result<Replacement, RegistryError> {
        Ok(Replacement::Overtaken)
    }
}

fn validation(on_failure: OnFailure) -> (Validation, Arc<AtomicU64>) {
    let store = Store::default();
    let asked = Arc::clone(&store.asked);
    (Validation::over(Box::new(store), on_failure), asked)
}

fn claim<'a>(topic: &'a str, version: Option<&'a str>, payload: &'a str) -> Claim<'a> {
    Claim { topic, version, part: SchemaPart::Request, payload }
}

fn judged(validation: &mut Validation, claim: Claim<'_>) -> (SchemaOutcome, Option<String>) {
    let status = validation.judge(claim).now_or_never().unwrap().unwrap();
    (status.status, status.version)
}

#[test]
fn the_schema_is_that_of_the_version_an_event_names_or_the_latest() {
    use SchemaOutcome::{Invalid, Unchecked, Unknown, Valid};
    let (mut validation, _) = validation(OnFailure::Remark);
    let deep = "[".repeat(200) + &"]".repeat(200);
    let with_meta = r#"{"v1": 1, "_tchu_meta": {}}"#;
    for (topic, version, payload, outcome, checked) in [
        ("order.placed", Some("v1"), r#"{"v1": 1}"#, Valid, Some("v1")),
        ("order.placed", Some("v1"), with_meta, Valid, Some("v1")),
        ("order.placed", Some("v1"), "{}", Invalid, Some("v1")),
        ("order.placed", None, r#"{"v1": 1}"#, Invalid, Some("v2")),
        ("order.placed", Some("latest"), r#"{"v2": 1}"#, Valid, Some("v2")),
        ("order.placed", Some("v9"), "{}", Unknown, None),
        ("order.placed", Some("newest"), "{}", Unknown, None),
        ("order.gone", None, "{}", Unknown, None),
        ("", None, "{}", Unknown, None),
        ("order.placed", None, deep.as_str(), Unchecked, None),
        ("lost", None, "{}", Unchecked, None),
    ] {
        let expected = (outcome, checked.map(str::to_owned));
        assert_eq!(judged(&mut validation, claim(topic, version, payload)), expected, "{topic}");
    }
}

#[test]
fn the_registry_is_asked_once_for_what_it_has_and_for_what_it_has_not() {
    let (mut validation, asked) = validation(OnFailure::Remark);
    for _ in 0..10 {
        judged(&mut validation, claim("order.placed", None, "{}"));
        judged(&mut validation, claim("order.placed", Some("v1"), "{}"));
        judged(&mut validation, claim("order.gone", None, "{}"));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn what_was_said_is_not_kept_for_ever() {
    let (mut validation, asked) = validation(OnFailure::Remark);
    validation.known.expire_at_once();
    for _ in 0..3 {
        judged(&mut validation, claim("order.placed", None, "{}"));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    // The schema that cannot be used is the same each time, and named once.
    assert_eq!(validation.take_remarks().len(), 1);
}

#[test]
fn other_peoples_topics_do_not_fill_the_memory() {
    let (mut validation, _) = validation(OnFailure::Remark);
    for number in 0..5_000 {
        judged(&mut validation, claim(&format!("topic.{number}"), None, "{}"));
    }
    assert!(validation.known.len() <= 1_024, "{}", validation.known.len());
}

#[test]
fn a_schema_that_is_none_and_a_registry_that_fails_are_remarked_once() {
    let (mut validation, _) = validation(OnFailure::Remark);
    let response = Claim { part: SchemaPart::Response, ..claim("order.placed", Some("v1"), "{}") };
    let error = Claim { part: SchemaPart::Error, ..response };
    for _ in 0..2 {
        assert_eq!(judged(&mut validation, response).0, SchemaOutcome::Unchecked);
        assert_eq!(judged(&mut validation, error).0, SchemaOutcome::Unknown);
        assert_eq!(judged(&mut validation, claim("lost", None, "{}")).0, SchemaOutcome::Unchecked);
    }
    insta::assert_snapshot!(validation.take_remarks().join("\n"), @r#"
    the response schema of order.placed@v1 is not a usable JSON Schema: "nonsense" is not valid under any of the schemas listed in the 'anyOf' keyword (at "/type"): not checked
    there is no registry at test; events are not checked while that is so
    "#);
    assert_eq!(validation.take_remarks(), Vec::<String>::new());
}

#[test]
fn a_registry_that_fails_stops_what_is_to_be_sent() {
    let (mut validation, _) = validation(OnFailure::Fail);
    let outcome = validation.judge(claim("lost", None, "{}")).now_or_never().unwrap();
    assert_eq!(outcome.unwrap_err().message, "there is no registry at test");
}
