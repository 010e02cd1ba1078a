use celerysalt::broker::amqp::AmqpTarget;
use celerysalt::broker::{BrokerError, Management, Messages, TlsFiles};
use celerysalt::secret::Secret;
use celerysalt::topology::{Binding, Router};
use serde_json::json;

use super::broker_lab::{Vhost, ctl};
use crate::harness::{Space, shared_sandbox};

fn url(vhost: &Vhost, password: &str) -> Secret {
    let port = shared_sandbox().endpoints().management_port;
    Secret::new(format!("http://{}:{password}@127.0.0.1:{port}", vhost.name))
}

fn management(url: &Secret) -> Management {
    Management::new(url, &TlsFiles::default()).unwrap()
}

#[tokio::test]
async fn the_bindings_of_an_exchange_are_listed() {
    let vhost = Vhost::new("bindings");
    ctl(&["set_user_tags", &vhost.name, "management"]);
    vhost.with_queues(&[("a", &["user.*", "#"]), ("b", &["order.created"])]).await;
    let management = management(&url(&vhost, "secret"));
    let topology = management.routes_from(&vhost.name, "events").await.unwrap();
    let shown = |binding: &Binding| {
        format!("{} {} {:?}", binding.source, binding.routing_key, binding.destination())
    };
    let mut found: Vec<String> = topology.bindings.iter().map(shown).collect();
    found.sort();
    assert_eq!(
        found,
        [
            r##"events # Queue("a")"##,
            r#"events order.created Queue("b")"#,
            r#"events user.* Queue("a")"#
        ]
    );
    let missing = management.routes_from(&vhost.name, "nothing").await.unwrap();
    assert!(missing.exchange("nothing").is_none() && missing.bindings.is_empty());
}

#[tokio::test]
async fn routes_are_followed_to_other_exchanges_and_no_further() {
    let space = Space::new();
    let (vhost, api) = (&space.vhost, &space.management);
    let bind = |path: &str| {
        api.post(&format!("bindings/{vhost}/e/{path}"), &json!({"routing_key": "#"}));
    };
    for name in ["audit", "lost", "apart"] {
        api.put(&format!("exchanges/{vhost}/{name}"), &json!({"type": "topic", "durable": true}));
        api.put(&format!("queues/{vhost}/{name}.queue"), &json!({"durable": true}));
        bind(&format!("{name}/q/{name}.queue"));
    }
    bind("tchu_events/e/audit");
    bind("audit/e/tchu_events");
    let policy = json!({
        "pattern": "^audit$", "apply-to": "exchanges", "definition": {"alternate-exchange": "lost"},
    });
    api.put(&format!("policies/{vhost}/catch"), &policy);
    let management =
        Management::new(&Secret::new(space.management_url()), &TlsFiles::default()).unwrap();
    let topology = management.routes_from(vhost, "tchu_events").await.unwrap();
    let mut sources: Vec<&str> = topology.bindings.iter().map(|b| b.source.as_str()).collect();
    sources.sort_unstable();
    assert_eq!(sources, ["audit", "audit", "lost", "tchu_events"]);
    assert_eq!(topology.exchange("audit").unwrap().alternate.as_deref(), Some("lost"));
    assert_eq!(Router::new(&topology).queues("tchu_events", "any"), ["audit.queue"]);
}

#[tokio::test]
async fn messages_are_counted_for_those_who_want_to_know() {
    let space = Space::new();
    space.declare_queue("work", &["#"]);
    assert!(space.publish("a", &json!({}), b"1"));
    let management =
        Management::new(&Secret::new(space.management_url()), &TlsFiles::default()).unwrap();
    for (messages, expected) in [(Messages::Counted, Some(1)), (Messages::NotCounted, None)] {
        let topology = management.topology(&space.vhost, messages).await.unwrap();
        let queue = topology.queue("work").unwrap();
        assert_eq!((queue.messages_ready, queue.consumers), (expected, Some(0)), "{messages:?}");
    }
}

#[tokio::test]
async fn all_bindings_are_found_however_many_exchanges_there_are() {
    let space = Space::new();
    space.declare_queue("work", &["user.*", "#"]);
    let (vhost, api) = (&space.vhost, &space.management);
    let exchange = |name: &str| {
        api.put(&format!("exchanges/{vhost}/{name}"), &json!({"type": "fanout", "durable": true}));
    };
    exchange("audit");
    api.post(&format!("bindings/{vhost}/e/tchu_events/e/audit"), &json!({"routing_key": "a"}));
    api.post(&format!("bindings/{vhost}/e/audit/q/work"), &json!({"routing_key": ""}));
    let management =
        Management::new(&Secret::new(space.management_url()), &TlsFiles::default()).unwrap();
    let bindings = async || {
        let topology = management.topology(vhost, Messages::NotCounted).await.unwrap();
        let shown = topology.bindings.iter().map(|binding| {
            format!("{} {:?} {}", binding.source, binding.destination(), binding.routing_key)
        });
        let mut shown: Vec<String> = shown.collect();
        shown.sort();
        shown
    };
    let few = bindings().await;
    assert_eq!(few.len(), 4, "{few:?}");
    (0..30).for_each(|number| exchange(&format!("other-{number}")));
    assert_eq!(bindings().await, few);
}

#[tokio::test]
async fn who_may_not_use_the_api_is_told_why() {
    let vhost = Vhost::new("refused");
    let wrong = management(&url(&vhost, "wrong"));
    let error = wrong.routes_from(&vhost.name, "events").await.unwrap_err();
    assert!(matches!(error, BrokerError::BadCredentials { .. }), "{error}");
    let untagged = management(&url(&vhost, "secret"));
    let error = untagged.routes_from(&vhost.name, "events").await.unwrap_err();
    assert!(matches!(error, BrokerError::Forbidden { .. }), "{error}");
}

#[tokio::test]
async fn an_absent_api_is_unreachable_at_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let absent = management(&Secret::new(format!("http://{free}")));
    let error = absent.routes_from("/", "events").await.unwrap_err();
    assert!(matches!(error, BrokerError::Unreachable { .. }), "{error}");
    let guessed = Management::guess_from(&AmqpTarget::parse("amqp://127.0.0.1").unwrap());
    assert_eq!(guessed.expose(), "http://guest:guest@127.0.0.1:15672");
}
