//! Logs on stderr, when asked for.

use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn a_filter_that_cannot_be_read_is_a_configuration_error() {
    let world = Sealed::new().variable("CELERYSALT_LOG", "lapin=loudest");
    assert_snapshot!(world.line("schema-of"), @r#"
    exit code: 3
    ----- stderr -----
    error: CELERYSALT_LOG does not hold a log filter
      caused by: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5

    hint: use a level, or pairs of a library and a level: lapin=debug,celerysalt=info
    "#);
}

#[test]
fn answers_stay_clean_with_logs_on() {
    let world = Sealed::new().variable("CELERYSALT_LOG", "debug");
    let plain = Sealed::new().command(&["schema-of"]).output().unwrap();
    let logged = world.command(&["schema-of", "-v"]).output().unwrap();
    assert_eq!(logged.stdout, plain.stdout);
}
