use std::collections::BTreeMap;

use celerysalt::broker::BrokerError;
use celerysalt::broker::amqp::{Notice, Publisher, Settled};

use super::broker_lab::{Vhost, ctl, message};

fn unroutable() -> Settled {
    Settled::Unroutable { code: 312, text: "NO_ROUTE".into() }
}

#[tokio::test]
async fn one_message_is_confirmed_or_unroutable() {
    let vhost = Vhost::new("publish");
    vhost.with_queues(&[("service", &["user.*"])]).await;
    let mut publisher = Publisher::open(vhost.connector(), "events", 1).await.unwrap();
    let routable = publisher.publish(message("user.created", "1")).await.unwrap();
    let lost = publisher.publish(message("order.created", "2")).await.unwrap();
    let direct = publisher.publish_to_queue("service", message("x", "3")).await.unwrap();
    let nowhere = publisher.publish_to_queue("nobody", message("x", "4")).await.unwrap();
    assert_eq!(
        [routable, lost, direct, nowhere],
        [Settled::Confirmed, unroutable(), Settled::Confirmed, unroutable()]
    );
    publisher.close().await;
    assert_eq!(vhost.depth("service").await, 2);
}

#[tokio::test]
async fn every_unroutable_message_of_a_batch_is_named_and_no_other() {
    let vhost = Vhost::new("mixed");
    vhost.with_queues(&[("service", &["user.*"])]).await;
    let mut publisher = Publisher::open(vhost.connector(), "events", 700).await.unwrap();
    let mut outcomes = BTreeMap::new();
    // An irregular mixture, with many messages that are equal to each other but for the topic.
    let is_routable = |tag: u64| (tag * tag * 7919) % 11 < 6;
    for tag in 0..5000_u64 {
        let topic = if is_routable(tag) { "user.created" } else { "order.created" };
        let mut message = message(topic, format!("{}", tag % 97));
        message.properties.delivery_mode = Some(if tag % 3 == 0 { 2 } else { 1 });
        publisher.submit(tag, message).await.unwrap();
        outcomes.extend(publisher.settled());
    }
    outcomes.extend(publisher.drain().await);
    assert_eq!(outcomes.len(), 5000);
    for (tag, outcome) in &outcomes {
        let expected = if is_routable(*tag) { Settled::Confirmed } else { unroutable() };
        assert_eq!(*outcome, expected, "message {tag}");
    }
    publisher.close().await;
    let routed = outcomes.values().filter(|outcome| **outcome == Settled::Confirmed).count();
    assert_eq!(vhost.depth("service").await as usize, routed);
}

#[tokio::test]
async fn a_message_of_20_mb_goes_through() {
    let vhost = Vhost::new("large");
    vhost.with_queues(&[("service", &["#"])]).await;
    let mut publisher = Publisher::open(vhost.connector(), "events", 10).await.unwrap();
    let settled = publisher.publish(message("big", vec![b'x'; 20 << 20])).await.unwrap();
    assert_eq!(settled, Settled::Confirmed);
    publisher.close().await;
}

#[tokio::test]
async fn a_missing_exchange_is_an_error_before_anything_is_sent() {
    let vhost = Vhost::new("noexchange");
    let error = Publisher::open(vhost.connector(), "events", 1).await.err().unwrap();
    assert!(matches!(error, BrokerError::NoExchange { .. }), "{error}");
}

#[tokio::test]
async fn a_user_who_may_not_write_is_told_so() {
    let vhost = Vhost::new("readonly");
    vhost.with_queues(&[]).await;
    vhost.allow("", "", ".*");
    let mut publisher = Publisher::open(vhost.connector(), "events", 1).await.unwrap();
    let error = publisher.publish(message("user.created", "1")).await.unwrap_err();
    let BrokerError::Forbidden { action, .. } = &error else { panic!("{error}") };
    assert_eq!(action, "publish to the exchange \"events\"");
}

#[tokio::test]
async fn a_batch_outlives_the_broker_and_accounts_for_every_message() {
    let vhost = Vhost::new("restart");
    vhost.with_queues(&[("service", &["#"])]).await;
    let mut publisher = Publisher::open(vhost.connector(), "events", 100).await.unwrap();
    let mut notices = publisher.notices().unwrap();
    let mut outcomes = BTreeMap::new();
    for tag in 0..6000_u64 {
        if tag == 3000 {
            let name = vhost.name.clone();
            std::thread::spawn(move || close_connections(&name)).join().unwrap();
        }
        let mut message = message("user.created", tag.to_string());
        message.properties.delivery_mode = Some(2);
        publisher.submit(tag, message).await.unwrap();
        outcomes.extend(publisher.settled());
    }
    outcomes.extend(publisher.drain().await);
    publisher.close().await;
    assert_eq!(outcomes.len(), 6000);
    let count = |wanted: Settled| outcomes.values().filter(|outcome| **outcome == wanted).count();
    let (confirmed, doubtful) = (count(Settled::Confirmed), count(Settled::InDoubt));
    assert_eq!(confirmed + doubtful, 6000);
    assert!(doubtful <= 200, "{doubtful} in doubt");
    let depth = vhost.depth("service").await as usize;
    assert!((confirmed..=6000).contains(&depth), "{confirmed} confirmed, {depth} arrived");
    let mut seen = Vec::new();
    while let Ok(notice) = notices.try_recv() {
        seen.push(notice);
    }
    assert!(matches!(seen[0], Notice::Lost { .. }), "{seen:?}");
    assert!(seen.contains(&Notice::Reconnected), "{seen:?}");
}

fn close_connections(user: &str) {
    ctl(&["close_all_user_connections", user, "test"]);
}

#[tokio::test]
async fn a_blocked_publisher_says_why_it_waits() {
    let vhost = Vhost::new("blocked");
    vhost.with_queues(&[("service", &["#"])]).await;
    let mut publisher = Publisher::open(vhost.connector(), "events", 1).await.unwrap();
    let mut notices = publisher.notices().unwrap();
    ctl(&["set_vm_memory_high_watermark", "0.00001"]);
    let publishing = publisher.publish(message("user.created", "1"));
    let blocked = async {
        let notice = notices.recv().await.unwrap();
        ctl(&["set_vm_memory_high_watermark", "0.4"]);
        (notice, notices.recv().await.unwrap())
    };
    let (settled, (first, second)) = tokio::join!(publishing, blocked);
    assert!(matches!(&first, Notice::Blocked { reason } if reason.contains("memory")), "{first:?}");
    assert_eq!((settled.unwrap(), second), (Settled::Confirmed, Notice::Unblocked));
}
