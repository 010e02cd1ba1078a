//! Where settings come from, and choosing among profiles.

use insta::assert_snapshot;

use super::sealed::Sealed;

const PROFILES: &str = "\
[profiles.dev]
description = 'my machine'
broker = 'amqp://guest:guest@localhost:5672//'
[profiles.staging]
broker = { command = ['pass', 'show', 'staging'] }
backend = 'redis://:pw@staging:6379/1'
exchange = 'staging_events'
tls.ca_file = 'ca.pem'
";

#[test]
fn without_anything_there_are_defaults() {
    assert_snapshot!(Sealed::new().line("config show"), @r"
    exit code: 0
    ----- stdout -----
    api_key        -
    backend        -
    broker         amqp://guest:***@localhost:5672//
    exchange       tchu_events
    management     -
    profile        -
    registry       file:schemas
    source         -
    tls.ca_file    -
    tls.cert_file  -
    tls.key_file   -
    waivers        -
    ");
}

#[test]
fn every_value_knows_its_origin() {
    let world = Sealed::new()
        .profiles(PROFILES)
        .file("celerysalt.toml", "profile = 'staging'\nregistry = 'file:schemas'\n")
        .variable("CELERYSALT_MANAGEMENT_URL", "http://u:p@h:15672")
        .variable("CELERYSALT_API_KEY", "k")
        .variable("CELERYSALT_BACKEND_URL", "");
    assert_snapshot!(world.line("--exchange mine config show --origin"), @r#"
    exit code: 0
    ----- stdout -----
    api_key        ***  # the environment variable CELERYSALT_API_KEY
    backend        redis://:***@staging:6379/1  # profile "staging" in [DIR]/home/.config/celerysalt/config.toml
    broker         (command pass …)  # profile "staging" in [DIR]/home/.config/celerysalt/config.toml
    exchange       mine  # the flag --exchange
    management     http://u:***@h:15672  # the environment variable CELERYSALT_MANAGEMENT_URL
    profile        staging  # [DIR]/celerysalt.toml
    registry       file:[DIR]/schemas  # [DIR]/celerysalt.toml
    source         -
    tls.ca_file    [DIR]/home/.config/celerysalt/ca.pem  # profile "staging" in [DIR]/home/.config/celerysalt/config.toml
    tls.cert_file  -
    tls.key_file   -
    waivers        -
    "#);
    assert_snapshot!(world.line("--exchange mine config show -o json"));
}

#[test]
fn the_nearest_project_file_counts_and_a_named_one_replaces_it() {
    let world = Sealed::new()
        .file("celerysalt.toml", "exchange = 'outer'\nbackend = 'rpc://'\n")
        .file("project/celerysalt.toml", "exchange = 'inner'\n")
        .file("named.toml", "exchange = 'named'\n");
    assert_snapshot!(world.line("config show --origin"), @r"
    exit code: 0
    ----- stdout -----
    api_key        -
    backend        -
    broker         amqp://guest:***@localhost:5672//  # default
    exchange       inner  # [DIR]/project/celerysalt.toml
    management     -
    profile        -
    registry       file:schemas  # default
    source         -
    tls.ca_file    -
    tls.cert_file  -
    tls.key_file   -
    waivers        -
    ");
    let named = world.line("--config ../named.toml config show");
    assert!(named.contains("exchange       named\n"), "{named}");
}

#[test]
fn a_profile_asked_for_that_a_variable_overrides_is_a_warning() {
    let world = Sealed::new().profiles(PROFILES).variable("BROKER_URL", "amqp://elsewhere");
    assert_snapshot!(world.line("--profile dev config show --origin"), @r#"
    exit code: 0
    ----- stdout -----
    api_key        -
    backend        -
    broker         amqp://elsewhere  # the environment variable BROKER_URL
    exchange       tchu_events  # default
    management     -
    profile        dev  # the flag --profile
    registry       file:schemas  # default
    source         -
    tls.ca_file    -
    tls.cert_file  -
    tls.key_file   -
    waivers        -
    ----- stderr -----
    warning: the environment variable BROKER_URL overrides `broker` of the profile "dev" you asked for
    "#);
}

#[test]
fn an_unknown_profile_is_an_error_with_a_suggestion() {
    let world = Sealed::new().profiles(PROFILES);
    assert_snapshot!(world.line("--profile stagin config show"), @r#"
    exit code: 3
    ----- stderr -----
    error: there is no profile "stagin", asked for by the flag --profile

    hint: did you mean "staging"? `celerysalt config list` shows all profiles
    "#);
    assert_snapshot!(world.line("config use prod"), @r#"
    exit code: 3
    ----- stderr -----
    error: there is no profile "prod", asked for by `celerysalt config use`

    hint: `celerysalt config list` shows the profiles; `celerysalt config use --none` selects none
    "#);
    assert_snapshot!(Sealed::new().line("--profile dev config show"), @r#"
    exit code: 3
    ----- stderr -----
    error: there is no profile "dev", asked for by the flag --profile

    hint: there are no profiles yet; add a table [profiles.NAME] to [DIR]/home/.config/celerysalt/config.toml
    "#);
}

#[test]
fn profiles_are_used_left_and_listed() {
    let world = Sealed::new().profiles(PROFILES);
    let lines = [
        "config list",
        "config use dev",
        "config use staging",
        "config list",
        "config use -",
        "config list -o json",
        "config use --none",
        "config use - -o json",
        "config show",
    ];
    let session: Vec<String> =
        lines.iter().map(|line| format!("$ celerysalt {line}\n{}", world.line(line))).collect();
    assert_snapshot!(session.join("\n"));
}

#[test]
fn using_a_profile_says_when_something_else_has_more_say() {
    let world = Sealed::new().profiles(PROFILES).variable("CELERYSALT_PROFILE", "staging");
    assert_snapshot!(world.line("config use dev"), @r"
    exit code: 0
    ----- stdout -----
    using profile dev
    ----- stderr -----
    warning: the environment variable CELERYSALT_PROFILE names a profile too, and has more say
    ");
}

#[test]
fn there_may_be_no_home() {
    let world = Sealed::new().variable("HOME", "");
    assert!(world.line("config show").starts_with("exit code: 0"));
    assert_snapshot!(world.line("config use dev"), @r"
    exit code: 3
    ----- stderr -----
    error: neither HOME nor the XDG variables say where the user's files are

    hint: set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME
    ");
}

#[test]
fn without_profiles_the_list_says_where_to_put_them() {
    assert_snapshot!(Sealed::new().line("config list"), @r"
    exit code: 0
    ----- stderr -----
    note: there are no profiles; add a table [profiles.NAME] to [DIR]/home/.config/celerysalt/config.toml
    ");
    assert_snapshot!(Sealed::new().line("config list -o json -q"), @r"
    exit code: 0
    ----- stdout -----
    []
    ");
}
