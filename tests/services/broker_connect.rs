use std::error::Error;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;

use celerysalt::broker::{BrokerError, TlsFiles};

use super::broker_lab::{Vhost, address, connector, connector_with};

/// The error and its causes, with what differs from run to run replaced.
async fn failure(url: &str, tls: TlsFiles) -> (BrokerError, String) {
    let error = connector_with(url, tls).connect().await.unwrap_err();
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}\n  {cause}");
        next = cause.source();
    }
    (error, text)
}

#[tokio::test]
async fn a_right_address_connects_and_closes() {
    let vhost = Vhost::new("connect");
    let connection = vhost.connector().connect().await.unwrap();
    assert_eq!(connection.endpoint().vhost, vhost.name);
    connection.close().await;
}

#[tokio::test]
async fn a_wrong_password_is_named_as_such() {
    let vhost = Vhost::new("password");
    let url = vhost.url().replace("secret", "wrong");
    let (error, text) = failure(&url, TlsFiles::default()).await;
    assert!(matches!(error, BrokerError::BadCredentials { .. }), "{text}");
    assert!(!text.contains("wrong"), "{text}");
}

#[tokio::test]
async fn a_virtual_host_that_does_not_exist_or_is_not_ours_is_named() {
    let (ours, theirs) = (Vhost::new("ours"), Vhost::new("theirs"));
    for other in [theirs.name.as_str(), "nowhere"] {
        let url = format!("amqp://{}:secret@{}/{other}", ours.name, address());
        let (error, text) = failure(&url, TlsFiles::default()).await;
        let BrokerError::VhostRefused { vhost, user, .. } = error else { panic!("{text}") };
        assert_eq!((vhost.as_str(), user.as_str()), (other, ours.name.as_str()));
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_told_apart_by_how() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (error, text) = failure(&format!("amqp://{free}"), TlsFiles::default()).await;
    assert!(matches!(error, BrokerError::Unreachable { .. }), "{text}");
    assert!(text.contains("Connection refused"), "{text}");

    let (error, text) = failure("amqp://no-such-host.invalid", TlsFiles::default()).await;
    assert!(matches!(error, BrokerError::UnknownHost { .. }), "{text}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("amqp://{}", silent.local_addr().unwrap());
    let (error, text) = failure(&url, TlsFiles::default()).await;
    assert!(matches!(error, BrokerError::ConnectTimeout { .. }), "{text}");
}

#[tokio::test]
async fn a_server_of_another_protocol_is_not_amqp() {
    for greeting in [&b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"[..], b""] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("amqp://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || listener.accept().unwrap().0.write_all(greeting));
        let (error, text) = failure(&url, TlsFiles::default()).await;
        assert!(matches!(error, BrokerError::NotAmqp { .. }), "{greeting:?}: {text}");
    }
}

#[tokio::test]
async fn the_next_broker_of_a_list_is_used_when_the_first_is_down() {
    let vhost = Vhost::new("failover");
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = format!("amqp://{0}:secret@{free}/{0};{1}", vhost.name, address());
    let connection = connector(&url).connect().await.unwrap();
    assert!(connection.endpoint().to_string().contains(&address()));
    connection.close().await;
}

fn tls_dir() -> PathBuf {
    std::env::var_os("CELERYSALT_TEST_TLS_DIR").expect("CELERYSALT_TEST_TLS_DIR").into()
}

fn tls_url(vhost: &Vhost) -> String {
    let port = std::env::var("CELERYSALT_TEST_TLS_PORT").expect("CELERYSALT_TEST_TLS_PORT");
    format!("amqps://{0}:secret@localhost:{port}/{0}", vhost.name)
}

#[tokio::test]
async fn tls_works_with_an_own_authority_and_a_client_certificate() {
    let (vhost, dir) = (Vhost::new("tls"), tls_dir());
    let files = TlsFiles {
        ca_file: Some(dir.join("ca.pem")),
        cert_file: Some(dir.join("client.pem")),
        key_file: Some(dir.join("client.key")),
    };
    let connection = connector_with(&tls_url(&vhost), files).connect().await.unwrap();
    connection.close().await;
}

#[tokio::test]
async fn tls_fails_without_the_authority_or_without_the_certificate() {
    let (vhost, dir) = (Vhost::new("tls"), tls_dir());
    let (error, text) = failure(&tls_url(&vhost), TlsFiles::default()).await;
    assert!(matches!(error, BrokerError::Tls { .. }), "{text}");
    assert!(text.contains("UnknownIssuer"), "{text}");

    let only_ca = TlsFiles { ca_file: Some(dir.join("ca.pem")), ..TlsFiles::default() };
    let (error, text) = failure(&tls_url(&vhost), only_ca).await;
    assert!(matches!(error, BrokerError::Tls { .. }), "{text}");

    let missing = TlsFiles { ca_file: Some("no.pem".into()), ..TlsFiles::default() };
    let (error, text) = failure(&tls_url(&vhost), missing).await;
    assert!(matches!(error, BrokerError::TlsFile { .. }), "{text}");

    let plain_port = tls_url(&vhost).replace(&tls_port(), address().rsplit_once(':').unwrap().1);
    let only_ca = TlsFiles { ca_file: Some(dir.join("ca.pem")), ..TlsFiles::default() };
    let (error, text) = failure(&plain_port, only_ca).await;
    assert!(matches!(error, BrokerError::Tls { .. }), "{text}");
}

fn tls_port() -> String {
    std::env::var("CELERYSALT_TEST_TLS_PORT").expect("CELERYSALT_TEST_TLS_PORT")
}
