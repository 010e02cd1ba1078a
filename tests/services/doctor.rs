//! `doctor` against real servers: sound, and with one thing wrong at a time.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::{Value, json};

use super::broker_lab::{ctl, tls};
use crate::harness::{Library, Results, Space, Worker, eventually, root, shared_sandbox};

fn report(space: &Space, arguments: &[&str]) -> Value {
    let run = space.celerysalt(&["doctor", "-o", "json"]).args(arguments).run();
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    assert_eq!(report["ok"] == true, run.code == Some(0), "{run}");
    report
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or(&Value::Null)
}

fn status(report: &Value, name: &str) -> Value {
    check(report, name)["status"].clone()
}

/// A check that failed, and says by one of its fixes what to do.
#[track_caller]
fn assert_bad(report: &Value, name: &str, fix: &str) {
    let check = check(report, name);
    assert_eq!(check["status"], "bad", "{name}: {report}");
    let fixes = check["fixes"].as_array().unwrap();
    assert!(fixes.iter().any(|one| one.as_str().unwrap().contains(fix)), "{fix:?}: {check}");
}

#[test]
fn a_sound_system_is_sound() {
    let space = Space::new();
    let _worker = Worker::start(&space, Library::CelerySalt, Results::Redis);
    let report = eventually("the statistics know the worker", || {
        let report = report(&space, &[]);
        (report["ok"] == true && status(&report, "workers") == "good").then_some(report)
    });
    for name in [
        "broker",
        "exchange",
        "permissions",
        "management",
        "versions",
        "clock",
        "backend",
        "workers",
    ] {
        assert_eq!(status(&report, name), "good", "{name}: {report}");
    }
    assert_eq!(status(&report, "tls"), "skipped");
    assert_eq!(status(&report, "registry"), "skipped");
    assert_eq!(report["audit"]["summary"]["error"], 0);

    let nagios = space.celerysalt(&["doctor", "--format", "nagios"]).run();
    assert_eq!(nagios.code, Some(0), "{nagios}");
    assert_eq!(nagios.stdout, "CELERYSALT OK - everything is fine | errors=0 warnings=0\n");
    let prometheus = space.celerysalt(&["doctor", "--format", "prometheus"]).run();
    assert!(
        prometheus.stdout.contains("celerysalt_check_ok{check=\"broker\"} 1\n"),
        "{prometheus}"
    );
}

#[test]
fn one_thing_at_a_time_is_wrong() {
    let space = Space::new();
    let lost = report(&space, &["--backend", "redis://127.0.0.1:1"]);
    assert_bad(&lost, "backend", "is the server running");
    assert_eq!(status(&lost, "broker"), "good");
    assert_eq!(status(&lost, "workers"), "warning");

    let refused = space.backend_url().replacen("redis://:", "redis://:no", 1);
    let lost = report(&space, &["--backend", &refused]);
    assert_bad(&lost, "backend", "redis://:password@host:6379/0");
    // Redis takes the connection and refuses the first command.
    let backend = space.backend_url();
    let without = format!("redis://{}", backend.split_once('@').unwrap().1);
    let lost = report(&space, &["--backend", &without]);
    assert_bad(&lost, "backend", "redis://:password@host:6379/0");

    let lost = report(&space, &["--exchange", "nobody.made.it"]);
    assert_bad(&lost, "exchange", "--exchange");

    let lost = report(&space, &["--registry", "file:nowhere"]);
    assert_bad(&lost, "registry", "celerysalt schema register");

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("order.paid")).unwrap();
    fs::write(folder.path().join("order.paid/v1.json"), "{").unwrap();
    let lost = report(&space, &["--registry", &format!("file:{}", folder.path().display())]);
    assert_bad(&lost, "registry", "celerysalt schema list");

    let lost = report(&space, &["--code", "python:nowhere.app"]);
    assert_bad(&lost, "code", "PYTHONPATH");
    assert_ne!(lost["audit"], Value::Null);

    space.declare_queue("left_over", &["order.paid"]);
    space.publish("order.paid", &json!({}), b"{}");
    eventually("the queue that nobody reads is a critical state", || {
        let nagios = space.celerysalt(&["doctor", "--format", "nagios"]).run();
        let is_found = nagios.stdout.contains("CB002 nobody reads from left_over, and a message");
        (is_found && nagios.code == Some(2)).then_some(())
    });
}

#[test]
fn a_broker_that_refuses_says_why() {
    let space = Space::new();
    let wrong = space.broker_url().replacen("sandbox:", "sandbox:no", 1);
    let lost = report(&space, &["--broker", &wrong]);
    assert_bad(&lost, "broker", "rabbitmqctl authenticate_user sandbox PASSWORD");
    // What the management API tells is told nevertheless, and nobody tries the broker again.
    assert_eq!(status(&lost, "management"), "good");
    assert_eq!(lost["audit"]["workers"]["answered"], 0);
    let run = space.celerysalt(&["doctor", "--broker", &wrong]).run();
    assert_eq!(run.stderr, "", "{run}");

    let absent = space.broker_url().replace(&space.vhost, "nowhere");
    let lost = report(&space, &["--broker", &absent]);
    assert_bad(&lost, "broker", "rabbitmqctl list_vhosts");
    assert_bad(&lost, "topology", "rabbitmqctl set_permissions -p nowhere");
}

#[test]
fn a_management_api_that_is_not_there_leaves_the_rest_of_the_checklist() {
    let space = Space::new();
    let endpoints = shared_sandbox().endpoints();
    let absent = "http://127.0.0.1:1".to_owned();
    let of_the_broker = format!("http://127.0.0.1:{}", endpoints.amqp_port);
    for url in [absent, of_the_broker] {
        let lost = report(&space, &["--management", &url]);
        assert_bad(&lost, "management", "rabbitmq-plugins enable rabbitmq_management");
        assert_bad(&lost, "management", "celerysalt bindings check --definitions");
        assert_eq!(status(&lost, "permissions"), "good");
        assert_eq!(lost["audit"], Value::Null);
    }
    let wrong = space.management_url().replacen("sandbox:", "sandbox:no", 1);
    let lost = report(&space, &["--management", &wrong]);
    assert_bad(&lost, "management", "authenticate_user");
}

#[test]
fn an_exchange_that_services_cannot_declare_is_bad() {
    for (exchange, message) in [
        (json!({"type": "fanout", "durable": true}), "tchu_events is a durable fanout exchange"),
        (json!({"type": "topic", "durable": false}), "tchu_events is a not durable topic exchange"),
    ] {
        let space = Space::new();
        let path = format!("exchanges/{}/tchu_events", space.vhost);
        space.management.try_delete(&path);
        space.management.put(&path, &exchange);
        let report = report(&space, &[]);
        assert_bad(&report, "exchange", "CB015");
        assert_eq!(check(&report, "exchange")["message"], message);
    }
}

#[test]
fn a_user_without_rights_is_told() {
    let space = Space::new();
    let user = format!("{}-poor", space.vhost);
    ctl(&["add_user", &user, "secret"]);
    ctl(&["set_permissions", "-p", &space.vhost, &user, "^$", "^$", "^$"]);
    let port = shared_sandbox().endpoints().amqp_port;
    let url = format!("amqp://{user}:secret@127.0.0.1:{port}/{}", space.vhost);
    let report = report(&space, &["--broker", &url]);
    assert_eq!(status(&report, "broker"), "good");
    assert_bad(&report, "permissions", "rabbitmqctl set_permissions");
    assert!(!report.to_string().contains("secret"), "{report}");
    // One who may read everything, and nothing else.
    ctl(&["set_permissions", "-p", &space.vhost, &user, "^$", "^$", ".*"]);
    let report = self::report(&space, &["--broker", &url]);
    assert_bad(&report, "permissions", "rabbitmqctl set_permissions");
    ctl(&["delete_user", &user]);
}

#[test]
fn the_end_of_the_brokers_certificate_is_known() {
    let space = Space::new();
    let tls = tls();
    let (plain, port) = (space.broker_url(), shared_sandbox().endpoints().amqp_port);
    let url = plain.replacen("amqp:", "amqps:", 1).replacen(
        &format!("127.0.0.1:{port}"),
        &format!("localhost:{}", tls.port),
        1,
    );
    let files = [&tls.ca_file, &tls.cert_file, &tls.key_file].map(|file| file.to_str().unwrap());
    let [ca, cert, key] = files;
    let arguments = ["--broker", &url, "--tls-ca", ca, "--tls-cert", cert, "--tls-key", key];
    let report = report(&space, &arguments);
    assert_eq!(status(&report, "broker"), "good", "{report}");
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == "tls").unwrap();
    assert!(check["message"].as_str().unwrap().contains("certificate ends on "), "{check}");
}

/// A TLS server whose certificate has expired, and that does nothing but the handshake.
struct Expired {
    server: Child,
    port: String,
}

impl Expired {
    fn start(folder: &Path) -> Self {
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        fs::write(folder.join("ca.pem"), authority.self_signed(&key).unwrap().pem()).unwrap();
        let issuer = Issuer::new(authority, key);
        let mut server = CertificateParams::new(["localhost".to_owned()]).unwrap();
        server.not_after = date_time_ymd(2025, 2, 3);
        let key = KeyPair::generate().unwrap();
        let certificate = server.signed_by(&key, &issuer).unwrap();
        fs::write(folder.join("server.pem"), certificate.pem() + &key.serialize_pem()).unwrap();
        let program = "
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1])
listener = socket.create_server(('127.0.0.1', 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    try:
        context.wrap_socket(client, server_side=True)
    except OSError:
        pass
";
        let mut server = Command::new(root().join("target/venvs/salt/bin/python"))
            .args(["-c", program, folder.join("server.pem").to_str().unwrap()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut port = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { server, port: port.trim().to_owned() }
    }
}

impl Drop for Expired {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn an_expired_certificate_is_told_from_a_missing_authority() {
    let space = Space::new();
    let folder = tempfile::tempdir().unwrap();
    let expired = Expired::start(folder.path());
    let url = format!("amqps://sandbox:secret@localhost:{}/{}", expired.port, space.vhost);
    let authority = folder.path().join("ca.pem");
    let report = report(&space, &["--broker", &url, "--tls-ca", authority.to_str().unwrap()]);
    assert_bad(&report, "broker", "an expired certificate has to be renewed");
    let causes = check(&report, "broker")["causes"].to_string();
    assert!(causes.contains("expired"), "{causes}");
}
