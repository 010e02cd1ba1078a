use celerysalt::broker::amqp::AmqpTarget;
use celerysalt::broker::{BrokerError, Management, TlsFiles};
use celerysalt::secret::Secret;

use super::broker_lab::{Vhost, ctl};
use crate::harness::shared_sandbox;

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
    let mut found = Vec::new();
    for binding in management.bindings_of_exchange(&vhost.name, "events").await.unwrap() {
        found.push(format!("{} {} {}", binding.exchange, binding.routing_key, binding.queue));
    }
    found.sort();
    assert_eq!(found, ["events # a", "events order.created b", "events user.* a"]);
    let missing = management.bindings_of_exchange(&vhost.name, "nothing").await.unwrap_err();
    assert!(matches!(missing, BrokerError::NoExchange { .. }), "{missing}");
}

#[tokio::test]
async fn who_may_not_use_the_api_is_told_why() {
    let vhost = Vhost::new("refused");
    let wrong = management(&url(&vhost, "wrong"));
    let error = wrong.bindings_of_exchange(&vhost.name, "events").await.unwrap_err();
    assert!(matches!(error, BrokerError::BadCredentials { .. }), "{error}");
    let untagged = management(&url(&vhost, "secret"));
    let error = untagged.bindings_of_exchange(&vhost.name, "events").await.unwrap_err();
    assert!(matches!(error, BrokerError::Forbidden { .. }), "{error}");
}

#[tokio::test]
async fn an_absent_api_is_unreachable_at_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let absent = management(&Secret::new(format!("http://{free}")));
    let error = absent.bindings_of_exchange("/", "events").await.unwrap_err();
    assert!(matches!(error, BrokerError::Unreachable { .. }), "{error}");
    let guessed = Management::guess_from(&AmqpTarget::parse("amqp://127.0.0.1").unwrap());
    assert_eq!(guessed.expose(), "http://guest:guest@127.0.0.1:15672");
}
