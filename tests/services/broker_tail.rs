use std::sync::Arc;
use std::time::Duration;

use celerysalt::broker::BrokerError;
use celerysalt::broker::amqp::{
    Certainty, Drops, Publisher, QueueLimits, Settled, Tail, TailEvent, TailOptions,
};
use celerysalt::wire::HeaderValue;
use serde_json::json;

use super::broker_lab::{Vhost, ctl, eventually, message};

const LONG: Duration = Duration::from_secs(60);

fn options(patterns: &[&str]) -> TailOptions {
    TailOptions::new("events", patterns.iter().map(|pattern| pattern.parse().unwrap()).collect())
}

async fn next(tail: &mut Tail) -> TailEvent {
    tokio::time::timeout(LONG, tail.next()).await.expect("an event within a minute").unwrap()
}

async fn next_body(tail: &mut Tail) -> String {
    match next(tail).await {
        TailEvent::Message(message) => String::from_utf8_lossy(message.incoming().body).into(),
        other => panic!("{other:?}"),
    }
}

async fn publish_all(vhost: &Vhost, bodies: impl Iterator<Item = Vec<u8>>) {
    let mut publisher = Publisher::open(vhost.connector(), "events", 500).await.unwrap();
    for (tag, body) in (0..).zip(bodies) {
        publisher.submit(tag, message("user.created", body)).await.unwrap();
    }
    for (tag, outcome) in publisher.drain().await {
        assert_eq!(outcome, Settled::Confirmed, "message {tag}");
    }
    publisher.close().await;
}

#[tokio::test]
async fn matching_events_arrive_in_order_with_their_properties() {
    let vhost = Vhost::new("order");
    vhost.with_queues(&[]).await;
    let mut tail = Tail::open(vhost.connector(), options(&["user.*", "order.#"])).await.unwrap();
    assert!(tail.drops_are_counted());
    let mut publisher = Publisher::open(vhost.connector(), "events", 10).await.unwrap();
    let mut first = message("user.created", "one");
    first.properties.content_type = Some("application/json".into());
    first.properties.priority = Some(9);
    first.properties.correlation_id = Some("c-1".into());
    first.headers = vec![
        ("task".into(), json!("celery_salt.dispatch_event")),
        ("retries".into(), json!(0)),
        ("timelimit".into(), json!([null, null])),
        ("stamps".into(), json!({"a": true})),
    ];
    publisher.publish(first).await.unwrap();
    let unmatched = publisher.publish(message("user.created.twice", "never")).await.unwrap();
    assert!(matches!(unmatched, Settled::Unroutable { .. }));
    publisher.publish(message("order", "two")).await.unwrap();

    let TailEvent::Message(received) = next(&mut tail).await else { panic!() };
    let incoming = received.incoming();
    assert_eq!((incoming.exchange, incoming.routing_key), ("events", "user.created"));
    assert_eq!(incoming.body, b"one");
    assert_eq!(incoming.properties.content_type, Some("application/json"));
    assert_eq!(incoming.properties.priority, Some(9));
    assert_eq!(incoming.properties.correlation_id, Some("c-1"));
    let mut headers = Vec::new();
    incoming.headers.visit(&mut |name, value| {
        headers.push(match value {
            HeaderValue::Text(text) => format!("{name}={text}"),
            HeaderValue::Int(number) => format!("{name}={number}"),
            HeaderValue::List(_) => format!("{name}=[]"),
            HeaderValue::Table(_) => format!("{name}={{}}"),
            _ => format!("{name}=?"),
        });
    });
    headers.sort();
    assert_eq!(
        headers,
        ["retries=0", "stamps={}", "task=celery_salt.dispatch_event", "timelimit=[]"]
    );
    assert_eq!(next_body(&mut tail).await, "two");
    assert!(tail.try_next().is_none());
    publisher.close().await;
    assert_eq!(tail.close().await, Drops::default());
    eventually("the removal of the queues", || async { vhost.queues().is_empty() }).await;
}

#[tokio::test]
async fn a_missing_exchange_is_an_error_and_leaves_nothing_behind() {
    let vhost = Vhost::new("noexchange");
    let error = Tail::open(vhost.connector(), options(&["#"])).await.err().unwrap();
    assert!(matches!(error, BrokerError::NoExchange { .. }), "{error}");
    eventually("the removal of the queues", || async { vhost.queues().is_empty() }).await;
    let exchanges = ctl(&["list_exchanges", "-p", &vhost.name, "name"]);
    assert!(!exchanges.contains("events"), "{exchanges}");
}

#[tokio::test]
async fn a_user_who_may_only_have_own_queues_and_read_can_tail() {
    let vhost = Vhost::new("restricted");
    vhost.with_queues(&[]).await;
    let own = r"^celerysalt\.tail\..*";
    let read = r"^(celerysalt\.tail\..*|events)$";
    let counting = r"^(celerysalt\.tail\..*|amq\.default)$";
    for (write, is_counted) in [(own, false), (counting, true)] {
        vhost.allow(own, write, read);
        let mut tail = Tail::open(vhost.connector(), options(&["#"])).await.unwrap();
        assert_eq!(tail.drops_are_counted(), is_counted);
        vhost.allow(".*", ".*", ".*");
        publish_all(&vhost, [b"seen".to_vec()].into_iter()).await;
        assert_eq!(next_body(&mut tail).await, "seen");
        tail.close().await;
    }
    for (configure, read, action) in
        [("^$", read, "declare the queue"), (own, own, "read from the exchange \"events\"")]
    {
        vhost.allow(configure, own, read);
        let error = Tail::open(vhost.connector(), options(&["#"])).await.err().unwrap();
        let BrokerError::Forbidden { action: refused, .. } = &error else { panic!("{error}") };
        assert!(refused.starts_with(action), "{refused}");
    }
}

#[tokio::test]
async fn what_a_slow_reader_misses_is_counted_exactly() {
    let vhost = Vhost::new("drops");
    vhost.with_queues(&[]).await;
    let mut slow = options(&["#"]);
    slow.limits = QueueLimits { messages: 300, ..QueueLimits::default() };
    slow.buffer_bytes = 100_000;
    let mut tail = Tail::open(vhost.connector(), slow).await.unwrap();
    let total = 40_000_usize;
    publish_all(&vhost, (0..total).map(|n| format!("{n:0800}").into_bytes())).await;
    let (mut received, mut dropped, mut last) = (0, 0, None);
    while received + dropped < total {
        match next(&mut tail).await {
            TailEvent::Message(message) => {
                let text = String::from_utf8_lossy(message.incoming().body).into_owned();
                let number: usize = text.parse().unwrap();
                assert!(last < Some(number), "{number} after {last:?}");
                last = Some(number);
                received += 1;
            }
            TailEvent::Dropped(Drops { count, certainty }) => {
                assert_eq!(certainty, Certainty::Exact);
                dropped += usize::try_from(count).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(dropped > 1000, "only {dropped} of {total} were dropped: no overload");
    assert_eq!(last, Some(total - 1), "the newest are kept");
    assert_eq!(tail.close().await, Drops::default());
    assert_eq!(received + dropped, total);
}

#[tokio::test]
async fn a_reader_who_stalls_keeps_connection_and_order() {
    let vhost = Vhost::new("stall");
    vhost.with_queues(&[]).await;
    let mut slow = options(&["#"]);
    slow.buffer_bytes = 100_000;
    let mut tail = Tail::open(vhost.connector(), slow).await.unwrap();
    let total = 20_000;
    let body = |n: usize| format!("{n:02000}").into_bytes();
    publish_all(&vhost, (0..total).map(body)).await;
    let consumers = || ctl(&["list_consumers", "-p", &vhost.name, "ack_required"]);
    eventually("the end of the consumer", || async { !consumers().contains("false") }).await;
    for expected in 0..total {
        assert_eq!(next_body(&mut tail).await.as_bytes(), body(expected));
    }
    eventually("the return of the consumer", || async { consumers().contains("false") }).await;
    publish_all(&vhost, [b"after".to_vec()].into_iter()).await;
    assert_eq!(next_body(&mut tail).await, "after");
    tail.close().await;
}

#[tokio::test]
async fn a_message_of_20_mb_arrives_whole() {
    let vhost = Vhost::new("large");
    vhost.with_queues(&[]).await;
    let mut tail = Tail::open(vhost.connector(), options(&["#"])).await.unwrap();
    publish_all(&vhost, [vec![b'x'; 20 << 20], b"small".to_vec()].into_iter()).await;
    let TailEvent::Message(large) = next(&mut tail).await else { panic!() };
    assert_eq!(large.size(), 20 << 20);
    assert!(large.incoming().body.iter().all(|byte| *byte == b'x'));
    assert_eq!(next_body(&mut tail).await, "small");
    tail.close().await;
}

/// Reads until the tail works again; the kinds of events on the way.
async fn until_gap(tail: &mut Tail) -> Vec<&'static str> {
    let mut seen = Vec::new();
    loop {
        match next(tail).await {
            TailEvent::Lost { .. } => seen.push("lost"),
            TailEvent::Retrying { .. } => seen.push("retrying"),
            TailEvent::Gap { since, until } => {
                assert!(since < until);
                seen.push("gap");
                return seen;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_tail_comes_back_after_the_broker_did_and_says_what_it_missed() {
    let vhost = Arc::new(Vhost::on_own_node("restart"));
    vhost.with_queues(&[]).await;
    let mut tail = Tail::open(vhost.connector(), options(&["#"])).await.unwrap();
    publish_all(&vhost, [b"before".to_vec()].into_iter()).await;
    assert_eq!(next_body(&mut tail).await, "before");
    let node = Arc::clone(&vhost);
    let restart = std::thread::spawn(move || {
        node.ctl(&["stop_app"]);
        node.ctl(&["start_app"]);
    });
    let seen = until_gap(&mut tail).await;
    assert_eq!((seen[0], seen[1]), ("lost", "retrying"), "{seen:?}");
    restart.join().unwrap();
    publish_all(&vhost, [b"after".to_vec()].into_iter()).await;
    assert_eq!(next_body(&mut tail).await, "after");
    tail.close().await;
}

#[tokio::test]
async fn a_tail_makes_its_queue_again_when_somebody_deletes_it() {
    let vhost = Vhost::new("deleted");
    vhost.with_queues(&[]).await;
    let mut tail = Tail::open(vhost.connector(), options(&["#"])).await.unwrap();
    let queue = vhost.queues().into_iter().find(|name| name.matches('.').count() == 2).unwrap();
    ctl(&["delete_queue", "-p", &vhost.name, &queue]);
    assert_eq!(until_gap(&mut tail).await, ["lost", "retrying", "gap"]);
    publish_all(&vhost, [b"after".to_vec()].into_iter()).await;
    assert_eq!(next_body(&mut tail).await, "after");
    tail.close().await;
}

#[tokio::test]
async fn a_tail_gives_up_when_the_password_no_longer_works() {
    let vhost = Vhost::new("revoked");
    vhost.with_queues(&[]).await;
    let mut tail = Tail::open(vhost.connector(), options(&["#"])).await.unwrap();
    ctl(&["change_password", &vhost.name, "other"]);
    ctl(&["close_all_user_connections", &vhost.name, "test"]);
    let mut kinds = Vec::new();
    while let Some(event) = tail.next().await {
        kinds.push(match event {
            TailEvent::Lost { .. } => "lost",
            TailEvent::Retrying { .. } => "retrying",
            TailEvent::Fatal(BrokerError::BadCredentials { .. }) => "bad credentials",
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(kinds, ["lost", "retrying", "bad credentials"]);
}
