use std::borrow::Borrow;

use serde_json::json;

use super::super::report::{FollowOutcome, FollowReport};
use super::super::task_run::MAX_STEPS;
use super::super::worker_event::{self, WorkerEvent};
use super::*;
use crate::ui::{Report, Style};

const ID: &str = "14d4";

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_767_323_045_000 + milliseconds).unwrap()
}

fn event(id: &str, topic: &str, milliseconds: i64) -> Published {
    Published {
        at: Some(at(milliseconds)),
        version: Some("v1".to_owned()),
        payload: RawValue::from_string(r#"{"a":1.10}"#.to_owned()).ok(),
        queues: Some(vec![("service_queue".to_owned(), Some(1))]),
        ..Published::known_from_report(id.to_owned(), topic)
    }
}

/// What the worker `name` says; `more` is an object.
fn worker(
    name: &str,
    (kind, id, milliseconds): (&str, &str, i64),
    more: impl Borrow<serde_json::Value>,
) -> WorkerEvent {
    let mut written = json!({
        "type": kind, "uuid": id, "hostname": name,
        "timestamp": at(milliseconds).as_microsecond() as f64 / 1e6,
    });
    written.as_object_mut().unwrap().extend(more.borrow().as_object().cloned().unwrap());
    worker_event::read(&written.to_string()).0.remove(0)
}

fn says(kind: &str, id: &str, milliseconds: i64) -> WorkerEvent {
    worker("salt@h", (kind, id, milliseconds), json!({}))
}

fn stored(story: &mut Story, id: &str, document: impl Borrow<serde_json::Value>) {
    let result = TaskResult::parse(&document.borrow().to_string()).unwrap();
    story.stored(id, &result, at(9_999));
}

fn human(story: &Story) -> String {
    let mut out = Vec::new();
    FollowReport::of(story, Vec::new()).write_human(&mut out, &Style::new(false)).unwrap();
    String::from_utf8(out).unwrap()
}

/// An event with one handler that is tried twice.
fn broadcast() -> Vec<WorkerEvent> {
    let handler = "14d4:handler_1";
    let named = |name: &str| json!({"name": name, "root_id": ID, "parent_id": ID});
    vec![
        worker("salt@h", ("task-received", ID, 3), json!({"name": "celery_salt.dispatch_event"})),
        says("task-started", ID, 4),
        worker("salt@h", ("task-succeeded", ID, 10), json!({"result": "{…}", "runtime": 0.006})),
        worker("salt@h", ("task-received", handler, 11), named("service.welcome")),
        says("task-started", handler, 12),
        worker("salt@h", ("task-retried", handler, 20), json!({"exception": "OSError('no')"})),
        worker("salt@h", ("task-received", handler, 21), named("service.welcome")),
        worker(
            "salt@h",
            ("task-succeeded", handler, 30),
            json!({"result": "None", "runtime": 0.005}),
        ),
    ]
}

#[test]
fn the_story_of_an_event_is_told_in_the_order_of_time_whatever_order_it_comes_in() {
    let tell = |facts: &[WorkerEvent]| {
        let mut story = Story::about(ID);
        assert!(story.published(&event(ID, "user.created", 0)));
        assert!(facts.iter().all(|fact| story.worker_event(fact)));
        assert!(story.is_settled());
        human(&story)
    };
    let facts = broadcast();
    let told = tell(&facts);
    insta::assert_snapshot!(told);
    let mut mixed = facts.clone();
    mixed.rotate_left(3);
    // Workers may say things twice.
    mixed.extend(facts);
    assert_eq!(tell(&mixed), told);
}

#[test]
fn the_result_backend_alone_tells_what_became_of_an_event_of_the_past() {
    let mut story = Story::about(ID);
    assert_eq!(FollowReport::of(&story, Vec::new()).outcome, FollowOutcome::Unknown);
    assert_eq!(story.unstored(), [ID]);
    stored(
        &mut story,
        ID,
        json!({
            "status": "SUCCESS", "date_done": "2026-01-02T03:04:05.010000+00:00",
            "result": {"status": "completed", "routing_key": "user.created", "results": [
                {"handler": "welcome", "status": "dispatched", "task_id": "14d4:handler_1"}]},
        }),
    );
    assert!(!story.is_settled());
    assert_eq!(story.unstored(), ["14d4:handler_1"]);
    stored(
        &mut story,
        "14d4:handler_1",
        json!({
            "status": "FAILURE", "date_done": "2026-01-02T03:04:05.030000",
            "result": {"exc_type": "ValueError", "exc_message": ["boom"], "exc_module": "builtins"},
        }),
    );
    assert!(story.is_settled());
    insta::assert_snapshot!(human(&story));
    let report = FollowReport::of(&story, vec!["a remark".to_owned()]);
    insta::assert_snapshot!(serde_json::to_string_pretty(&report).unwrap());
}

#[test]
fn what_a_worker_and_the_backend_both_tell_is_told_once() {
    let result = json!({"status": "SUCCESS", "result": 5, "date_done": "2026-01-02T03:04:05.007Z"});
    let done = says("task-succeeded", ID, 6);
    for backend_first in [true, false] {
        let mut story = Story::about(ID);
        if backend_first {
            stored(&mut story, ID, result.clone());
        }
        story.worker_event(&done);
        stored(&mut story, ID, result.clone());
        let steps: Vec<Timestamp> = story.tasks[0].steps.iter().map(|step| step.at).collect();
        assert_eq!(steps, [at(6)]);
    }
}

#[test]
fn no_event_is_received_before_it_is_published() {
    let mut story = Story::about(ID);
    story.published(&event(ID, "x", 5));
    story.worker_event(&says("task-received", ID, 3));
    story.worker_event(&says("task-succeeded", ID, 9));
    let report = FollowReport::of(&story, Vec::new());
    let steps: Vec<(&str, Option<f64>)> =
        report.steps.iter().map(|step| (step.step, step.offset_ms)).collect();
    let expected = [("published", Some(0.0)), ("received", Some(0.0)), ("succeeded", Some(6.0))];
    assert_eq!(steps, expected);
}

#[test]
fn a_request_is_shown_with_its_reply() {
    let mut story = Story::about(ID);
    let request = Published { is_request: true, ..event(ID, "rpc.add", 0) };
    story.published(&request);
    assert!(human(&story).contains("no reply"));
    stored(
        &mut story,
        ID,
        json!({
            "status": "SUCCESS", "date_done": "2026-01-02T03:04:05.012500+00:00",
            "result": {"status": "completed", "routing_key": "rpc.add", "results": [
                {"handler": "add", "status": "success", "result": {"sum": 3}}]},
        }),
    );
    insta::assert_snapshot!(human(&story));
    let mut failed = Story::about(ID);
    failed.published(&request);
    stored(
        &mut failed,
        ID,
        json!({
            "status": "SUCCESS",
            "result": {"status": "completed", "routing_key": "rpc.add", "results": [
                {"handler": "add", "status": "error", "error": "boom"}]},
        }),
    );
    assert_eq!(FollowReport::of(&failed, Vec::new()).outcome, FollowOutcome::Failed);
}

#[test]
fn the_outcome_follows_the_table() {
    let outcome = |story: &Story| FollowReport::of(story, Vec::new()).outcome;
    let mut nowhere = Story::about(ID);
    nowhere.published(&Published { queues: Some(Vec::new()), ..event(ID, "x", 0) });
    assert_eq!(outcome(&nowhere), FollowOutcome::Unroutable);
    let mut waiting = Story::about(ID);
    waiting.published(&event(ID, "x", 0));
    assert_eq!(outcome(&waiting), FollowOutcome::Unfinished);
    let mut unhandled = Story::about(ID);
    unhandled.published(&event(ID, "x", 0));
    stored(
        &mut unhandled,
        ID,
        json!({
        "status": "SUCCESS", "result": {"status": "no_handlers", "routing_key": "x"}}),
    );
    assert_eq!(outcome(&unhandled), FollowOutcome::NoHandlers);
    let mut rejected = Story::about(ID);
    rejected.published(&event(ID, "x", 0));
    rejected.worker_event(&says("task-received", ID, 1));
    rejected.worker_event(&says("task-rejected", ID, 2));
    assert_eq!(outcome(&rejected), FollowOutcome::Failed);
    let table = [
        (FollowOutcome::Succeeded, FollowOutcome::Failed, FollowOutcome::Failed),
        (FollowOutcome::Unroutable, FollowOutcome::Succeeded, FollowOutcome::Unroutable),
        (FollowOutcome::Unfinished, FollowOutcome::NoHandlers, FollowOutcome::Unfinished),
    ];
    for (a, b, worse) in table {
        assert_eq!((a.worse_of(b), b.worse_of(a)), (worse, worse));
    }
}

#[test]
fn two_services_that_receive_an_event_are_two_runs_of_one_task_id() {
    let mut story = Story::about(ID);
    story.published(&event(ID, "x", 0));
    for name in ["a@h", "b@h"] {
        story.worker_event(&worker(name, ("task-received", ID, 1), json!({})));
    }
    assert_eq!(story.tasks.len(), 2);
    story.worker_event(&worker("a@h", ("task-succeeded", ID, 5), json!({})));
    assert!(!story.is_settled());
    story.worker_event(&worker("b@h", ("task-failed", ID, 7), json!({"exception": "no"})));
    assert!(story.is_settled());
    let result = json!({"status": "FAILURE", "result": {"exc_type": "E", "exc_message": "no"}});
    stored(&mut story, ID, result);
    let exceptions: Vec<Option<&str>> =
        story.tasks.iter().map(|task| task.exception.as_deref()).collect();
    assert_eq!(exceptions, [None, Some("E: no")]);
}

#[test]
fn events_and_tasks_that_come_of_it_belong_to_the_story_and_others_do_not() {
    let mut story = Story::about(ID);
    let subject = Published { correlation_id: Some("c".to_owned()), ..event(ID, "x", 0) };
    assert!(story.published(&subject));
    assert!(!story.published(&subject), "once is enough");
    let caused = Published { root_id: Some(ID.to_owned()), ..event("2", "y", 1) };
    let by_handler = Published { parent_id: Some("2:handler_3".to_owned()), ..event("3", "z", 2) };
    let correlated = Published { correlation_id: Some("c".to_owned()), ..event("4", "z", 3) };
    let foreign = Published { correlation_id: Some("d".to_owned()), ..event("5", "z", 3) };
    assert!([&caused, &by_handler, &correlated].into_iter().all(|event| story.published(event)));
    assert!(!story.published(&foreign));
    assert!(!story.published(&Published { id: "14d4x".to_owned(), ..foreign }));

    let child = json!({"name": "mail.send", "root_id": ID, "parent_id": "14d4:handler_1"});
    assert!(story.worker_event(&worker("m@h", ("task-received", "m", 5), child)));
    assert!(story.worker_event(&worker("m@h", ("task-succeeded", "m", 6), json!({}))));
    assert!(!story.worker_event(&says("task-received", "foreign", 5)));
    assert!(!story.worker_event(&says("task-received", "14d4x:handler", 5)));
    assert_eq!(story.tasks[0].role, Role::Other);
}

#[test]
fn a_story_without_an_end_is_bounded() {
    let mut story = Story::about(ID);
    story.published(&event(ID, "x", 0));
    for number in 0..2 * MAX_PARTS {
        story.worker_event(&says("task-received", &format!("14d4:{number}"), 1));
    }
    for milliseconds in 0..2 * MAX_STEPS {
        story.worker_event(&says("task-retried", "14d4:1", milliseconds as i64));
    }
    assert_eq!(story.events.len() + story.tasks.len(), MAX_PARTS);
    assert!(story.tasks.iter().all(|task| task.steps.len() <= MAX_STEPS));
    assert!(story.left_out > MAX_PARTS as u64);
    let remarks = FollowReport::of(&story, Vec::new()).remarks;
    assert!(remarks[0].contains("more parts of the story"), "{remarks:?}");
}

#[test]
fn handlers_are_under_way_once_the_dispatcher_has_named_them() {
    let mut story = Story::about(ID);
    story.published(&event(ID, "x", 0));
    let report =
        "{'status': 'completed', 'results': [{'handler': 'a', 'task_id': '14d4:a_1'}, {'ta...";
    story.worker_event(&worker("a@h", ("task-succeeded", ID, 5), json!({"result": report})));
    assert!(!story.is_settled());
    story.worker_event(&says("task-succeeded", "14d4:a_1", 9));
    assert!(story.is_settled() && story.is_told());
}

#[test]
fn a_story_is_told_when_the_workers_of_all_its_queues_have_told_their_part() {
    let mut story = Story::about(ID);
    let queues = [("a", Some(1)), ("b", Some(2)), ("nobody", Some(0))];
    let queues = queues.map(|(queue, consumers)| (queue.to_owned(), consumers)).to_vec();
    story.published(&Published { queues: Some(queues), ..event(ID, "x", 0) });
    stored(&mut story, ID, json!({"status": "SUCCESS", "result": null}));
    assert!(story.is_settled() && !story.is_told(), "only the backend has spoken");
    story.worker_event(&worker("a@h", ("task-succeeded", ID, 5), json!({})));
    assert!(story.is_settled() && !story.is_told(), "the other queue is read as well");
    story.worker_event(&worker("b@h", ("task-succeeded", ID, 6), json!({})));
    assert!(story.is_told());
    let mut nowhere = Story::about(ID);
    nowhere.published(&Published { queues: Some(Vec::new()), ..event(ID, "x", 0) });
    assert!(nowhere.is_told());
}

#[test]
fn handlers_that_the_dispatcher_called_itself_are_steps_of_an_event_and_no_exchange() {
    let mut story = Story::about(ID);
    story.published(&event(ID, "invoice.paid", 0));
    stored(
        &mut story,
        ID,
        json!({
            "status": "SUCCESS", "date_done": "2026-01-02T03:04:05.012500+00:00",
            "result": {"status": "completed", "routing_key": "invoice.paid", "results": [
                {"handler": "book", "status": "success", "result": null},
                {"handler": "mail", "status": "error", "error": "boom"}]},
        }),
    );
    insta::assert_snapshot!(human(&story));
}
