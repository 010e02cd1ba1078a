#![expect(clippy::needless_pass_by_value, reason = "tests write their JSON where they use it")]

use serde_json::{Value, json};

use super::*;
use crate::schema::{Deprecation, FindingLevel, JsonText, Mode, Publisher, SchemaPart};

/// A document of the topic `a`.
struct Given(SchemaDocument);

fn event(version: &str, schema: Value) -> Given {
    let text = JsonText::try_from(&schema).unwrap();
    Given(SchemaDocument::new("a".parse().unwrap(), version.parse().unwrap(), text))
}

fn rpc(version: &str, response: Option<Value>) -> Given {
    let mut given = event(version, object(json!({}), &[]));
    given.0.mode = Mode::Rpc;
    given.0.response_schema = response.map(|schema| JsonText::try_from(&schema).unwrap());
    given
}

impl Given {
    fn sent_as(mut self, schema: &Value) -> Self {
        self.0.serialization.request = Some(JsonText::try_from(schema).unwrap());
        self
    }
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

fn field(name: &str, schema: Value) -> Value {
    let mut properties = serde_json::Map::new();
    properties.insert(name.to_owned(), schema);
    object(Value::Object(properties), &[name])
}

fn reader(version: &str) -> Subscriber {
    let version = match version {
        "latest" => SubscriberVersion::Latest,
        "?" => SubscriberVersion::Unknown,
        version => SubscriberVersion::Exact(version.parse().unwrap()),
    };
    Subscriber { pattern: "a".to_owned(), version, name: "billing.on_a".to_owned() }
}

#[derive(Clone)]
struct Asking {
    mode: CompatMode,
    writer: Writer,
    scope: Scope,
    readers: Vec<Subscriber>,
}

const PLAIN: Asking = Asking {
    mode: CompatMode::Auto,
    writer: Writer::Closed,
    scope: Scope::Part,
    readers: Vec::new(),
};

impl Asking {
    fn readers(versions: &[&str]) -> Self {
        Self { readers: versions.iter().map(|version| reader(version)).collect(), ..PLAIN }
    }

    fn mode(mode: CompatMode) -> Self {
        Self { mode, ..PLAIN }
    }

    fn findings(&self, old: &[Given], new: &[Given]) -> Vec<Finding> {
        let topic = "a".parse().unwrap();
        let old: Vec<&SchemaDocument> = old.iter().map(|given| &given.0).collect();
        let new: Vec<&SchemaDocument> = new.iter().map(|given| &given.0).collect();
        let subscribers = Subscribers::new(self.readers.clone());
        let judge = Judge {
            mode: self.mode,
            writer: self.writer,
            scope: self.scope,
            subscribers: &subscribers,
        };
        judge.judge(&TopicChange { topic: &topic, old: &old, new: &new })
    }

    /// `CS004 breaking v1->v2 forward qty`, one for each finding.
    fn shown(&self, old: &[Given], new: &[Given]) -> Vec<String> {
        self.findings(old, new).iter().map(shown).collect()
    }
}

fn shown(finding: &Finding) -> String {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".to_owned());
    let direction =
        finding.direction.map(|direction| format!("{direction:?} ")).unwrap_or_default();
    let part = match finding.part {
        SchemaPart::Request => "",
        SchemaPart::Response => "response ",
        SchemaPart::Error => "error ",
    };
    let text = format!(
        "{} {:?} {}->{} {direction}{part}{}",
        finding.rule.code,
        finding.level,
        version(&finding.from_version),
        version(&finding.to_version),
        finding.path
    );
    text.trim_end().to_owned()
}

/// A change between two versions, judged both ways.
fn both_ways(old: &Value, new: &Value) -> Vec<String> {
    let asking = Asking::mode(CompatMode::Full);
    asking.shown(&[event("v1", old.clone())], &[event("v2", new.clone())])
}

/// Old, new, and one of the findings.
type Change = (Value, Value, &'static str);

fn breaking_changes() -> Vec<Change> {
    let closed = json!({"type": "object", "properties": {"id": {}}, "additionalProperties": false});
    let lists = |rest: Value| {
        let mut list = json!({"type": "array", "items": {"type": "integer"}});
        list.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        field("n", list)
    };
    vec![
        (field("n", json!({})), object(json!({"n": {}}), &[]), "CS001 Breaking v1->v2 Forward n"),
        (object(json!({}), &[]), field("n", json!({})), "CS001 Breaking v1->v2 Backward n"),
        (
            field("n", json!({"type": "integer"})),
            field("n", json!({"type": "number"})),
            "CS002 Breaking v1->v2 Forward n",
        ),
        (
            field("n", json!({"anyOf": [{"type": "integer"}, {"type": "null"}]})),
            field("n", json!({"type": "integer"})),
            "CS002 Breaking v1->v2 Backward n",
        ),
        (
            field("n", json!({"enum": ["a"]})),
            field("n", json!({"enum": ["a", "b"]})),
            "CS003 Breaking v1->v2 Forward n",
        ),
        (
            field("n", json!({"type": "integer", "minimum": 1})),
            field("n", json!({"type": "integer", "minimum": 0})),
            "CS004 Breaking v1->v2 Forward n",
        ),
        (
            field("n", json!({"type": "string"})),
            field("n", json!({"type": "string", "maxLength": 3})),
            "CS005 Breaking v1->v2 Backward n",
        ),
        (
            field("n", json!({"type": "string"})),
            field("n", json!({"type": "string", "format": "uuid"})),
            "CS006 Breaking v1->v2 Backward n",
        ),
        (lists(json!({"uniqueItems": true})), lists(json!({})), "CS007 Breaking v1->v2 Forward n"),
        (lists(json!({"minItems": 1})), lists(json!({})), "CS007 Breaking v1->v2 Forward n"),
        (
            closed,
            object(json!({"id": {}, "extra": {}}), &[]),
            "CS008 Breaking v1->v2 Forward extra",
        ),
        (
            field("n", json!({"not": {"type": "string"}})),
            field("n", json!({})),
            "CS009 Breaking v1->v2 Forward n",
        ),
        (
            field("n", json!({"type": "string", "pattern": "^(a|b)\\1$"})),
            field("n", json!({"type": "string", "pattern": "^(a|b)c\\1$"})),
            "CS010 Undecided v1->v2 Forward",
        ),
    ]
}

#[test]
fn every_way_in_which_events_and_readers_part_has_its_rule() {
    for (old, new, expected) in breaking_changes() {
        let found = both_ways(&old, &new);
        assert!(found.iter().any(|line| line == expected), "{expected}\n{found:#?}");
        assert_eq!(both_ways(&old, &old), Vec::<String>::new(), "{old}");
    }
}

#[test]
fn an_optional_field_may_come_and_go() {
    let nickname = json!({"nick": {"type": "string", "default": ""}});
    let (with, without) = (object(nickname, &[]), object(json!({}), &[]));
    assert_eq!(both_ways(&without, &with), Vec::<String>::new());
    assert_eq!(both_ways(&with, &without), ["CS116 Info v1->v2 nick"]);
    let required = field("nick", json!({"type": "string"}));
    assert_eq!(both_ways(&required, &without), ["CS001 Breaking v1->v2 Forward nick"]);
}

#[test]
fn auto_asks_backward_as_soon_as_somebody_follows_the_latest_version() {
    let change = || {
        let new = object(json!({"id": {}, "email": {"type": "string"}}), &["id", "email"]);
        ([event("v1", field("id", json!({})))], [event("v2", new)])
    };
    let backward = "CS001 Breaking v1->v2 Backward email";
    let table: [(&[&str], &[&str]); 4] =
        [(&[], &[]), (&["v1", "v2"], &[]), (&["v1", "latest"], &[backward]), (&["?"], &[backward])];
    for (readers, expected) in table {
        let (old, new) = change();
        let found = Asking::readers(readers).findings(&old, &new);
        let breaking = found.iter().filter(|finding| finding.level == FindingLevel::Breaking);
        assert_eq!(breaking.map(shown).collect::<Vec<_>>(), expected, "{readers:?}");
    }
}

#[test]
fn a_version_is_judged_against_every_one_below_it_and_above_it() {
    let status = |values: Value| field("s", json!({"enum": values}));
    let old = || [event("v1", status(json!(["a"]))), event("v2", status(json!(["a", "b"])))];
    let new = |version| [event(version, status(json!(["a", "b"])))];
    let v1 = "CS003 Breaking v1->v3 Forward s";
    assert_eq!(PLAIN.shown(&old(), &new("v3")), [v1]);
    assert!(Asking::mode(CompatMode::Forward).shown(&old(), &new("v3")).is_empty());
    assert_eq!(Asking::mode(CompatMode::ForwardTransitive).shown(&old(), &new("v3")), [v1]);
    // Handlers of a version that is put below another one get the events of that one, too.
    let between = [event("v1.5", status(json!(["a"])))];
    assert_eq!(
        PLAIN.shown(&old(), &between),
        ["CS003 Breaking v1.5->v2 Forward s", "CS105 Warning v2->v1.5"]
    );
}

#[test]
fn versions_that_are_new_together_are_judged_by_each_other() {
    let at_least = |minimum: i64| field("n", json!({"type": "integer", "minimum": minimum}));
    let new = [event("v1", at_least(1)), event("v2", at_least(0))];
    assert_eq!(PLAIN.shown(&[], &new), ["CS004 Breaking v1->v2 Forward n"]);
    // What stays is not judged again, however bad it is.
    let old = [event("v1", at_least(1)), event("v2", at_least(0))];
    assert!(PLAIN.shown(&old, &new).is_empty());
}

#[test]
fn answers_are_judged_the_other_way_round() {
    let total = |required: &[&str]| Some(object(json!({"total": {"type": "integer"}}), required));
    let gains = ([rpc("v1", total(&[]))], [rpc("v2", total(&["total"]))]);
    assert_eq!(
        PLAIN.shown(&gains.0, &gains.1),
        ["CS001 Breaking v1->v2 Backward response total", "CS121 Info v1->v2 Backward response"]
    );
    let loses = ([rpc("v1", total(&["total"]))], [rpc("v2", total(&[]))]);
    assert!(PLAIN.shown(&loses.0, &loses.1).is_empty());
    let latest = Asking::readers(&["latest"]);
    assert_eq!(
        latest.shown(&loses.0, &loses.1),
        ["CS001 Breaking v1->v2 Forward response total", "CS121 Info v1->v2 Forward response"]
    );
}

#[test]
fn one_version_means_one_thing() {
    let named = json!({
        "type": "object", "title": "A",
        "properties": {"s": {"$ref": "#/$defs/S"}}, "required": ["s"],
        "$defs": {"S": {"enum": ["x", "y"], "type": "string"}},
    });
    let inline = field("s", json!({"enum": ["y", "x"]}));
    let other = field("s", json!({"enum": ["x", "z"]}));
    let reworded = PLAIN.shown(&[event("v1", inline.clone())], &[event("v1", named.clone())]);
    assert_eq!(reworded, ["CS102 Info v1->v1"]);
    let reused = PLAIN.shown(&[event("v1", inline.clone())], &[event("v1", other)]);
    assert_eq!(reused, ["CS101 Breaking v1->v1 s", "CS003 Breaking v1->v1 Forward s"],);
    let mut moved = event("v1", inline.clone());
    moved.0.mode = Mode::Rpc;
    let modes = PLAIN.shown(&[event("v1", inline.clone())], &[moved]);
    assert_eq!(modes, ["CS101 Breaking v1->v1", "CS113 Breaking v1->v1"]);
    let hard = |pattern: &str| field("s", json!({"type": "string", "pattern": pattern}));
    let unsure =
        PLAIN.findings(&[event("v1", hard("^(a|b)\\1$"))], &[event("v1", hard("^(a|b)c\\1$"))]);
    assert!(unsure.iter().all(|finding| finding.level == FindingLevel::Undecided), "{unsure:#?}");
    assert!(!unsure.is_empty());
}

#[test]
fn an_upgrade_of_pydantic_is_named_where_it_is_known() {
    let wrote = |version: &str, schema: Value| {
        let mut given = event("v1", schema);
        given.0.publisher =
            Some(Publisher { pydantic: Some(version.to_owned()), ..Publisher::default() });
        given
    };
    let old = wrote("2.10.1", field("s", json!({"type": "integer"})));
    let new = wrote("2.12.0", field("s", json!({"type": "integer", "title": "S"})));
    let message = PLAIN.findings(&[old], &[new]).remove(0).message;
    assert_eq!(
        message,
        "v1 has another text for `schema` and the same meaning: Pydantic 2.10.1 wrote the old one, \
         Pydantic 2.12.0 the new one"
    );
}

#[test]
fn versions_that_go_or_that_nobody_reads_are_named() {
    let n = || field("n", json!({}));
    let whole = |readers: &[&str]| Asking { scope: Scope::Whole, ..Asking::readers(readers) };
    let both = || [event("v1", n()), event("v2", n())];
    let second = || [event("v2", n())];
    assert!(PLAIN.shown(&both(), &second()).is_empty());
    assert_eq!(whole(&[]).shown(&both(), &second()), ["CS104 Warning v1->-"]);
    assert_eq!(whole(&["v1"]).shown(&both(), &second()), ["CS104 Breaking v1->-"]);
    assert_eq!(whole(&["latest"]).shown(&both(), &second()), ["CS104 Warning v1->-"]);
    assert_eq!(
        whole(&["latest"]).shown(&both(), &[]),
        ["CS104 Breaking v1->-", "CS104 Breaking v2->-"]
    );

    assert_eq!(Asking::readers(&["v2"]).shown(&both(), &both()), ["CS103 Warning -->v1"]);
    for readers in [&["v1", "v2"], &["v2", "latest"]] {
        assert!(Asking::readers(readers).shown(&both(), &both()).is_empty(), "{readers:?}");
    }
    let mut deprecated = both();
    deprecated[0].0.deprecated = Some(Deprecation { reason: None });
    assert!(Asking::readers(&["v2"]).shown(&both(), &deprecated).is_empty());
}

#[test]
fn names_that_are_sent_and_names_that_are_read_must_be_the_same() {
    let alias =
        |required: &[&str]| object(json!({"userId": {"type": "integer"}, "n": {}}), required);
    let sent = object(json!({"user_id": {"type": "integer"}, "n": {}}), &[]);
    let table: [(&[&str], &str); 2] =
        [(&["userId"], "CS110 Breaking -->v1 userId"), (&[], "CS110 Warning -->v1 userId")];
    for (required, expected) in table {
        assert_eq!(PLAIN.shown(&[], &[event("v1", alias(required)).sent_as(&sent)]), [expected]);
    }
    // The trap is news once; and a field that is only sent is no trap.
    let old = event("v1", alias(&[])).sent_as(&sent);
    assert!(PLAIN.shown(&[old], &[event("v2", alias(&[])).sent_as(&sent)]).is_empty());
    let computed = object(json!({"n": {}, "year": {"type": "integer"}}), &["year"]);
    let plain = event("v1", object(json!({"n": {}}), &[])).sent_as(&computed);
    assert!(PLAIN.shown(&[], &[plain]).is_empty());
}

#[test]
fn what_is_sent_is_judged_where_it_is_known() {
    let price = json!({"anyOf": [{"type": "number"}, {"type": "string"}]});
    let strict = event("v1", field("price", json!({"type": "number"})));
    let lax = || event("v2", field("price", price.clone()));
    let old = [strict];
    assert_eq!(PLAIN.shown(&old, &[lax()]), ["CS002 Breaking v1->v2 Forward price"]);
    let sends_numbers = lax().sent_as(&field("price", json!({"type": "number"})));
    assert!(PLAIN.shown(&old, &[sends_numbers]).is_empty());
}

#[test]
fn documents_are_held_to_the_rules_of_the_libraries() {
    let table = [
        (event("v2", object(json!({"_tchu_meta": {}}), &[])), "CS111 Warning -->v2 _tchu_meta"),
        (
            rpc("v2", Some(object(json!({"error_code": {}}), &[]))),
            "CS112 Warning -->v2 response error_code",
        ),
        (event("v2", field("old", json!({"deprecated": true}))), "CS118 Warning -->v2 old"),
        (
            event("v2", field("home", json!({"type": "string", "format": "path"}))),
            "CS120 Info -->v2 home",
        ),
    ];
    for (given, expected) in table {
        assert_eq!(PLAIN.shown(&[], &[Given(given.0.clone())]), [expected]);
        assert!(PLAIN.shown(&[Given(given.0.clone())], &[given]).is_empty(), "{expected}");
    }
    let mine = object(json!({"code": {}, "old": {"deprecated": true}}), &["code"]);
    assert!(PLAIN.shown(&[], &[rpc("v1", Some(mine))]).is_empty());
}

#[test]
fn changes_that_no_event_shows_are_told() {
    let currency =
        |default: &str| object(json!({"cur": {"type": "string", "default": default}}), &[]);
    assert_eq!(both_ways(&currency("EUR"), &currency("USD")), ["CS115 Info v1->v2 cur"]);

    let named = |name: &str| {
        let mut properties = serde_json::Map::new();
        properties.insert(name.to_owned(), json!({"type": "string", "title": name, "default": ""}));
        object(Value::Object(properties), &[])
    };
    assert_eq!(both_ways(&named("mail"), &named("email")), ["CS117 Warning v1->v2 email"]);
    assert_eq!(both_ways(&named("userId"), &named("user_id")), ["CS117 Warning v1->v2 user_id"]);
    assert_eq!(both_ways(&named("mail"), &named("zip")), ["CS116 Info v1->v2 mail"]);

    let tags = object(json!({"tags": {"type": "array"}}), &[]);
    let none = object(json!({}), &[]);
    assert_eq!(both_ways(&none, &tags), ["CS119 Warning v1->v2 Backward tags"]);
    assert!(PLAIN.shown(&[event("v1", none.clone())], &[event("v2", tags)]).is_empty());
    let nullable = object(json!({"tags": {"type": ["array", "null"]}}), &[]);
    assert_eq!(both_ways(&none, &nullable), Vec::<String>::new());
}

#[test]
fn a_topic_talks_in_one_way() {
    let broadcast = || event("v1", object(json!({}), &[]));
    let total = object(json!({"total": {"type": "integer"}}), &["total"]);
    assert_eq!(PLAIN.shown(&[broadcast()], &[rpc("v2", None)]), ["CS113 Breaking v1->v2"]);
    assert_eq!(
        PLAIN.shown(&[rpc("v1", Some(total))], &[rpc("v2", None)]),
        ["CS114 Breaking v1->v2 response"]
    );
    assert!(PLAIN.shown(&[rpc("v1", None)], &[rpc("v2", None)]).is_empty());
}

#[test]
fn a_break_that_only_careless_publishers_make_is_marked() {
    let old = object(json!({"id": {}, "email": {"type": "string"}}), &["id"]);
    let new = object(json!({"id": {}, "email": {"type": "string"}}), &["id", "email"]);
    let asking = |writer| Asking { writer, ..Asking::mode(CompatMode::Backward) };
    let change = || ([event("v1", old.clone())], [event("v2", new.clone())]);
    let (from, to) = change();
    assert_eq!(
        asking(Writer::Closed).shown(&from, &to),
        ["CS001 Breaking v1->v2 Backward email", "CS121 Info v1->v2 Backward"]
    );
    assert_eq!(asking(Writer::Open).shown(&from, &to), ["CS001 Breaking v1->v2 Backward email"]);
    assert!(asking(Writer::Dump).shown(&from, &to).is_empty());
}

#[test]
fn a_finding_says_what_who_why_and_what_to_do() {
    let at_least = |minimum: i64| {
        let item = json!({"type": "object", "required": ["qty"],
            "properties": {"qty": {"type": "integer", "minimum": minimum}}});
        let mut schema =
            field("items", json!({"type": "array", "items": {"$ref": "#/$defs/Item"}}));
        schema["$defs"] = json!({"Item": item});
        schema
    };
    let mut new = event("v2", at_least(0));
    new.0.publisher = Some(Publisher { service: Some("shop".to_owned()), ..Publisher::default() });
    let asking = Asking { readers: vec![reader("v1"), reader("v2")], ..PLAIN };
    let found = asking.findings(&[event("v1", at_least(1))], &[new]).remove(0);
    insta::assert_snapshot!(serde_json::to_string_pretty(&found).unwrap());
}

#[test]
fn sentences_are_in_the_users_words() {
    let cases = [
        both_messages(&field("n", json!({})), &object(json!({}), &[])),
        both_messages(&object(json!({}), &[]), &field("n", json!({}))),
        both_messages(
            &field("s", json!({"enum": ["a"]})),
            &field("s", json!({"enum": ["a", "b"]})),
        ),
        both_messages(
            &field("s", json!({"enum": ["a", "b"]})),
            &field("s", json!({"enum": ["b"]})),
        ),
        both_messages(
            &field("l", json!({"type": "array", "items": field("q", json!({}))})),
            &field("l", json!({"type": "array", "items": object(json!({}), &[])})),
        ),
        both_messages(&json!({"type": "object"}), &json!({"type": "array"})),
    ];
    insta::assert_snapshot!(cases.concat().join("\n"));
}

fn both_messages(old: &Value, new: &Value) -> Vec<String> {
    let asking = Asking::mode(CompatMode::Full);
    let findings = asking.findings(&[event("v1", old.clone())], &[event("v2", new.clone())]);
    findings
        .into_iter()
        .map(|finding| {
            format!("{}\n    {}", finding.message, finding.suggestion.unwrap_or_default())
        })
        .collect()
}

#[test]
fn the_fingerprint_holds_as_long_as_the_finding_does() {
    let at_least = |minimum: i64| field("n", json!({"type": "integer", "minimum": minimum}));
    let fingerprint = |old: i64, new: i64, to: &str| {
        let found = PLAIN.findings(&[event("v1", at_least(old))], &[event(to, at_least(new))]);
        found[0].fingerprint.clone()
    };
    assert_eq!(fingerprint(1, 0, "v2"), fingerprint(5, 3, "v2"));
    assert_ne!(fingerprint(1, 0, "v2"), fingerprint(1, 0, "v3"));
}
