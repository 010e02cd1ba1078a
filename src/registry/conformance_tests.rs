//! What every store must do, once for all of them. A new store adds a `Fixture` and one line at
//! the end.

use std::collections::BTreeSet;
use std::path::Path;
use std::thread;

use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::event::{RoutingPattern, SchemaVersion, Topic};
use crate::schema::{ContractPart, JsonText, SchemaDocument, VersionSelector};
use crate::secret::Secret;

/// A place for a registry that does not exist yet, and a way to damage a document in it.
trait Fixture: Sync {
    fn url(&self) -> Secret;
    async fn damage(&self, topic: &str, version: &str);
}

struct Files(TempDir);
struct Database(TempDir);

impl Fixture for Files {
    fn url(&self) -> Secret {
        Secret::new(format!("file:{}", self.0.path().join("schemas").display()))
    }

    async fn damage(&self, topic: &str, version: &str) {
        let path = self.0.path().join("schemas").join(topic).join(format!("{version}.json"));
        assert!(path.exists());
        std::fs::write(path, "{\n  \"topic\": \"user").unwrap();
    }
}

impl Fixture for Database {
    fn url(&self) -> Secret {
        Secret::new(format!("sqlite:{}", self.0.path().join("data/schemas.db").display()))
    }

    async fn damage(&self, topic: &str, version: &str) {
        let file = self.0.path().join("data/schemas.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
        let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
        let changed =
            sqlx::query("UPDATE schemas SET document = ? WHERE topic = ? AND version = ?")
                .bind("{\n  \"topic\": \"user")
                .bind(topic)
                .bind(version)
                .execute(&pool)
                .await
                .unwrap();
        assert_eq!(changed.rows_affected(), 1);
        pool.close().await;
    }
}

fn document(topic: &str, version: &str, field: &str) -> SchemaDocument {
    let schema = json!({"title": "E", "type": "object", "properties": {field: {"type": "string"}}});
    SchemaDocument::new(
        topic.parse().unwrap(),
        version.parse().unwrap(),
        JsonText::try_from(&schema).unwrap(),
    )
}

fn topic(text: &str) -> Topic {
    text.parse().unwrap()
}

fn pattern(text: &str) -> RoutingPattern {
    text.parse().unwrap()
}

fn exact(text: &str) -> VersionSelector {
    VersionSelector::Exact(text.parse().unwrap())
}

fn names(listing: &Listing) -> Vec<String> {
    listing.documents.iter().map(|d| format!("{}@{}", d.topic, d.version)).collect()
}

async fn writable(fixture: &impl Fixture) -> Box<dyn RegistryStore> {
    open(&fixture.url(), Access::Write).await.unwrap()
}

async fn add(store: &dyn RegistryStore, document: &SchemaDocument) -> Registration {
    store.register(document, RegisterMode::Add).await.unwrap()
}

async fn a_registry_that_is_not_there_is_only_made_to_write(fixture: &impl Fixture) {
    let error = open(&fixture.url(), Access::Read).await.unwrap_err();
    assert!(matches!(error, RegistryError::Missing { .. }), "{error}");
    let store = writable(fixture).await;
    assert_eq!(names(&store.list(&pattern("#")).await.unwrap()), [""; 0]);
    assert_eq!(store.versions(&topic("user")).await.unwrap(), []);
    assert_eq!(store.get(&topic("user"), &VersionSelector::Latest).await.unwrap(), None);
}

async fn what_is_registered_is_read_back_whole(fixture: &impl Fixture) {
    let mut written = document("user.created", "v1", "größe");
    written.owner = Some("billing".into());
    written.annotations.insert("pii".into(), json!(["größe"]));
    written.unknown.insert("x-later".into(), serde_json::from_str("1.500").unwrap());
    let store = writable(fixture).await;
    assert_eq!(add(&*store, &written).await, Registration::Added);
    store.close().await;
    let store = open(&fixture.url(), Access::Read).await.unwrap();
    let read = store.get(&written.topic, &exact("v1")).await.unwrap().unwrap();
    assert_eq!(read.to_pretty_json(), written.to_pretty_json());
}

async fn registering_twice_changes_nothing(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    let mut first = document("user", "v1", "a");
    first.owner = Some("billing".into());
    assert_eq!(add(&*store, &first).await, Registration::Added);
    assert_eq!(add(&*store, &first).await, Registration::Unchanged);
    let extracted = document("user", "v1", "a");
    assert_eq!(add(&*store, &extracted).await, Registration::Unchanged);
    assert_eq!(add(&*store, &document("user", "v1.0", "a")).await, Registration::Unchanged);
    assert_eq!(store.get(&first.topic, &exact("v1.0")).await.unwrap(), Some(first));
}

async fn another_contract_under_the_same_version_is_a_conflict(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    let first = document("user", "v1", "a");
    add(&*store, &first).await;
    for version in ["v1", "v1.0.0"] {
        let Registration::Conflict { existing, differences } =
            add(&*store, &document("user", version, "b")).await
        else {
            panic!("no conflict for {version}")
        };
        assert_eq!((*existing, &differences[..]), (first.clone(), &[ContractPart::Schema][..]));
    }
    assert_eq!(store.get(&first.topic, &VersionSelector::Latest).await.unwrap(), Some(first));
}

async fn checking_writes_nothing(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    let (a, b) = (document("user", "v1", "a"), document("user", "v1.0", "b"));
    let check = store.register(&a, RegisterMode::CheckOnly).await.unwrap();
    assert_eq!(check, Registration::Added);
    assert_eq!(store.versions(&a.topic).await.unwrap(), []);
    add(&*store, &a).await;
    let check = store.register(&b, RegisterMode::CheckOnly).await.unwrap();
    assert!(matches!(check, Registration::Conflict { .. }));
    assert_eq!(store.get(&a.topic, &VersionSelector::Latest).await.unwrap(), Some(a));
}

async fn a_document_is_replaced_only_as_it_was_read(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    let (a, b) = (document("user", "v1", "a"), document("user", "v1", "b"));
    let replace = async |known: Option<&SchemaDocument>, document: &SchemaDocument| {
        store.replace(known, document).await.unwrap()
    };
    assert_eq!(replace(Some(&a), &b).await, Replacement::Overtaken);
    assert_eq!(store.versions(&a.topic).await.unwrap(), []);
    assert_eq!(replace(None, &a).await, Replacement::Done);
    assert_eq!(replace(None, &b).await, Replacement::Overtaken);
    assert_eq!(replace(Some(&b), &b).await, Replacement::Overtaken);
    assert_eq!(store.get(&a.topic, &exact("v1")).await.unwrap(), Some(a.clone()));
    assert_eq!(replace(Some(&a), &b).await, Replacement::Done);
    assert_eq!(store.get(&a.topic, &exact("v1")).await.unwrap(), Some(b.clone()));
    let respelled = document("user", "v1.0", "c");
    let place = (&a.topic, &exact("v1.0"));
    let amended = amend(&*store, place, |_| Some(respelled.clone())).await.unwrap().unwrap();
    assert_eq!(amended.before, Some(b));
    let listing = store.list(&pattern("#")).await.unwrap();
    assert_eq!(names(&listing), ["user@v1"]);
    assert_eq!(listing.documents[0].schema, respelled.schema);
}

async fn latest_is_the_highest_version_not_the_newest_registration(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    for version in ["v1.10", "v2", "v1.9", "v1"] {
        add(&*store, &document("user", version, version)).await;
    }
    add(&*store, &document("user.created", "v9", "x")).await;
    let versions: Vec<String> = store
        .versions(&topic("user"))
        .await
        .unwrap()
        .iter()
        .map(SchemaVersion::to_string)
        .collect();
    assert_eq!(versions, ["v1", "v1.9", "v1.10", "v2"]);
    let latest = store.get(&topic("user"), &VersionSelector::Latest).await.unwrap().unwrap();
    assert_eq!(latest.version.as_str(), "v2");
    assert_eq!(store.get(&topic("user"), &exact("v3")).await.unwrap(), None);
}

async fn a_listing_is_sorted_and_filtered_by_the_broker_s_patterns(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    for (topic, version) in
        [("user.b", "v10"), ("order", "v1"), ("user.b", "v9"), ("user", "v1"), ("user.b.c", "v1")]
    {
        add(&*store, &document(topic, version, "a")).await;
    }
    for (filter, expected) in [
        ("#", &["order@v1", "user@v1", "user.b@v9", "user.b@v10", "user.b.c@v1"][..]),
        ("user.#", &["user@v1", "user.b@v9", "user.b@v10", "user.b.c@v1"]),
        ("user.*", &["user.b@v9", "user.b@v10"]),
        ("order", &["order@v1"]),
        ("none", &[]),
    ] {
        assert_eq!(names(&store.list(&pattern(filter)).await.unwrap()), expected, "{filter}");
    }
}

async fn a_broken_document_is_named_and_hides_nothing(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    for (topic, version) in [("user", "v1"), ("user", "v2"), ("order", "v1")] {
        add(&*store, &document(topic, version, "a")).await;
    }
    fixture.damage("user", "v2").await;
    let listing = store.list(&pattern("#")).await.unwrap();
    assert_eq!(names(&listing), ["order@v1", "user@v1"]);
    let [RegistryError::Broken { place, source }] = &listing.problems[..] else {
        panic!("{:?}", listing.problems)
    };
    assert!(place.contains("user") && place.contains("v2"), "{place}");
    assert_eq!((source.line, source.column), (2, 16));
    let latest = store.get(&topic("user"), &VersionSelector::Latest).await;
    assert!(matches!(latest, Err(RegistryError::Broken { .. })));
    let again = store.register(&document("user", "v2", "a"), RegisterMode::Add).await;
    assert!(matches!(again, Err(RegistryError::Broken { .. })));
}

async fn topics_that_are_paths_or_patterns_are_refused(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    for bad in ["../up", "a/b", "a\\b", "..", ".hidden", "end.", "us*r", "a#", "c:d"] {
        let refused = store.register(&document(bad, "v1", "a"), RegisterMode::Add).await;
        assert!(matches!(refused, Err(RegistryError::BadTopic { .. })), "{bad}");
        let refused = store.get(&topic(bad), &VersionSelector::Latest).await;
        assert!(matches!(refused, Err(RegistryError::BadTopic { .. })), "{bad}");
    }
    assert_eq!(names(&store.list(&pattern("#")).await.unwrap()), [""; 0]);
}

/// Does something from 20 threads that each open the registry for themselves.
fn race<T: Send>(
    fixture: &impl Fixture,
    act: impl AsyncFn(&dyn RegistryStore, usize) -> T + Sync,
) -> Vec<T> {
    thread::scope(|scope| {
        let racers: Vec<_> = (0..20)
            .map(|index| {
                let act = &act;
                scope.spawn(move || {
                    Runtime::new().unwrap().block_on(async {
                        let store = writable(fixture).await;
                        let outcome = act(&*store, index).await;
                        store.close().await;
                        outcome
                    })
                })
            })
            .collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}

fn race_to_add(
    fixture: &impl Fixture,
    make: impl Fn(usize) -> SchemaDocument + Sync,
) -> Vec<Registration> {
    race(fixture, async |store, index| add(store, &make(index)).await)
}

async fn twenty_edits_at_once_all_survive(fixture: &impl Fixture) {
    let store = writable(fixture).await;
    let edited = document("user", "v1", "a");
    add(&*store, &edited).await;
    race(fixture, async |store, index| {
        let place = (&edited.topic, &VersionSelector::Latest);
        let annotated = |known: Option<&SchemaDocument>| {
            let mut document = known?.clone();
            document.annotations.insert(format!("note{index}"), json!(index));
            Some(document)
        };
        amend(store, place, annotated).await.unwrap().unwrap();
    });
    let now = store.get(&edited.topic, &VersionSelector::Latest).await.unwrap().unwrap();
    assert_eq!(now.annotations.len(), 20);
}

async fn twenty_writers_at_once_never_lose_or_mix_anything(fixture: &impl Fixture) {
    let count = |outcomes: &[Registration], wanted: fn(&Registration) -> bool| {
        outcomes.iter().filter(|outcome| wanted(outcome)).count()
    };
    let added: fn(&Registration) -> bool = |outcome| *outcome == Registration::Added;
    let same = race_to_add(fixture, |_| document("same", "v1", "a"));
    assert_eq!(count(&same, added), 1);
    assert_eq!(count(&same, |outcome| *outcome == Registration::Unchanged), 19);
    let rivals = race_to_add(fixture, |index| document("rival", "v1", &format!("f{index}")));
    assert_eq!(count(&rivals, added), 1);
    assert_eq!(count(&rivals, |outcome| matches!(outcome, Registration::Conflict { .. })), 19);
    let versions = race_to_add(fixture, |index| document("many", &format!("v{index}"), "a"));
    assert_eq!(count(&versions, added), 20);
    let store = writable(fixture).await;
    let listing = store.list(&pattern("#")).await.unwrap();
    assert_eq!(listing.problems.len(), 0);
    let unique: BTreeSet<String> = names(&listing).into_iter().collect();
    assert_eq!((listing.documents.len(), unique.len()), (22, 22));
}

async fn every_change_is_a_new_revision_and_reading_is_none(fixture: &impl Fixture) {
    let error = revision(&fixture.url()).unwrap_err();
    assert!(matches!(error, RegistryError::Missing { .. }), "{error}");
    let register = async |topic: &str| {
        let store = writable(fixture).await;
        add(&*store, &document(topic, "v1", "a")).await;
        store.close().await;
        revision(&fixture.url()).unwrap()
    };
    let (first, second) = (register("user").await, register("order").await);
    assert_ne!(first, second);
    let store = open(&fixture.url(), Access::Read).await.unwrap();
    assert_eq!(names(&store.list(&pattern("#")).await.unwrap()), ["order@v1", "user@v1"]);
    assert_eq!(revision(&fixture.url()).unwrap(), second);
    store.close().await;
    assert_eq!(revision(&fixture.url()).unwrap(), second);
    fixture.damage("user", "v1").await;
    assert_ne!(revision(&fixture.url()).unwrap(), second);
}

macro_rules! conformance {
    ($store:ident, $fixture:ident: $($test:ident)*) => {
        mod $store {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::$test(&super::$fixture(tempfile::tempdir().unwrap())).await;
            })*
        }
    };
    ($($store:ident: $fixture:ident),*) => {
        $(conformance! { $store, $fixture:
            a_registry_that_is_not_there_is_only_made_to_write
            what_is_registered_is_read_back_whole
            registering_twice_changes_nothing
            another_contract_under_the_same_version_is_a_conflict
            checking_writes_nothing
            a_document_is_replaced_only_as_it_was_read
            latest_is_the_highest_version_not_the_newest_registration
            a_listing_is_sorted_and_filtered_by_the_broker_s_patterns
            a_broken_document_is_named_and_hides_nothing
            topics_that_are_paths_or_patterns_are_refused
            twenty_writers_at_once_never_lose_or_mix_anything
            twenty_edits_at_once_all_survive
            every_change_is_a_new_revision_and_reading_is_none
        })*
    };
}

conformance! { file: Files, sqlite: Database }

#[tokio::test]
async fn a_file_in_the_wrong_place_is_told_and_other_files_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::open(folder.path(), Access::Write).unwrap();
    add(&store, &document("user", "v1", "a")).await;
    let place = |path: &str| folder.path().join(path);
    let write = |path: &Path, text: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(&place("README.md"), "about");
    write(&place("user/NOTES.md"), "about");
    write(&place("user/.v2.tmp"), "{");
    write(&place(".git/config.json"), "{");
    write(&place("order/v1.json"), &document("user", "v1", "a").to_pretty_json());
    write(&place("user/v3.json"), &document("user", "v2", "a").to_pretty_json());
    write(&place("user/newest.json"), "{}");
    write(&place("user/v4.json"), "\u{feff}{}");
    let listing = store.list(&pattern("#")).await.unwrap();
    assert_eq!(names(&listing), ["user@v1"]);
    let problems: Vec<String> = listing
        .problems
        .iter()
        .map(|problem| problem.to_string().replace(&*folder.path().to_string_lossy(), "DIR"))
        .collect();
    assert_eq!(
        problems,
        [
            "DIR/order/v1.json says that its topic is user",
            "DIR/user/newest.json is out of place: \"newest\" is not a version",
            "DIR/user/v3.json says that its version is v2",
            "DIR/user/v4.json is not a schema document",
        ]
    );
}
