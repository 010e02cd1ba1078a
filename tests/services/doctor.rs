//! `doctor` against real servers: sound, and with one thing wrong at a time.

use serde_json::{Value, json};

use super::broker_lab::{ctl, tls};
use crate::harness::{Library, Results, Space, Worker, eventually, shared_sandbox};

fn report(space: &Space, arguments: &[&str]) -> Value {
    let run = space.celerysalt(&["doctor", "-o", "json"]).args(arguments).run();
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    assert_eq!(report["ok"] == true, run.code == Some(0), "{run}");
    report
}

fn status(report: &Value, name: &str) -> Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).map_or(Value::Null, |c| c["status"].clone())
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
    assert_eq!(status(&lost, "backend"), "bad");
    assert_eq!(status(&lost, "broker"), "good");
    assert_eq!(status(&lost, "workers"), "warning");

    let lost = report(&space, &["--exchange", "nobody.made.it"]);
    assert_eq!(status(&lost, "exchange"), "bad");

    let lost = report(&space, &["--registry", "file:nowhere"]);
    assert_eq!(status(&lost, "registry"), "bad");

    let lost = report(&space, &["--management", "http://127.0.0.1:1"]);
    assert_eq!(status(&lost, "management"), "bad");
    assert_eq!(lost["audit"], Value::Null);

    space.declare_queue("left_over", &["order.paid"]);
    space.publish("order.paid", &json!({}), b"{}");
    eventually("the queue that nobody reads is a critical state", || {
        let nagios = space.celerysalt(&["doctor", "--format", "nagios"]).run();
        let is_found = nagios.stdout.contains("CB002 nobody reads from left_over, and a message");
        (is_found && nagios.code == Some(2)).then_some(())
    });
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
    assert_eq!(status(&report, "permissions"), "bad", "{report}");
    assert!(!report.to_string().contains("secret"), "{report}");
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
