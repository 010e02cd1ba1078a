//! Files that hold mistakes, and files that may not be trusted.

use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn a_key_with_a_slip_is_named_with_its_line() {
    let world = Sealed::new().file("project/celerysalt.toml", "exchange = 'x'\nbrokr = 'y'\n");
    assert_snapshot!(world.line("config show"), @r"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:2: unknown key `brokr`

    hint: did you mean `broker`?
    ");
    assert_snapshot!(world.line("config show -o json"), @r#"
    exit code: 3
    ----- stderr -----
    {"kind":"config","message":"[DIR]/project/celerysalt.toml:2: unknown key `brokr`","causes":[],"hints":["did you mean `broker`?"],"exit_code":3}
    "#);
}

#[test]
fn a_key_like_no_other_gets_the_list_of_keys() {
    let world = Sealed::new().profiles("[profiles.dev]\nzzz = 1\n");
    assert_snapshot!(world.line("config show"), @r"
    exit code: 3
    ----- stderr -----
    error: [DIR]/home/.config/celerysalt/config.toml:2: unknown key `zzz`

    hint: the keys known here are: broker, management, backend, registry, source, api_key, exchange, tls, description
    ");
}

#[test]
fn broken_toml_is_named_with_its_line_but_not_quoted() {
    let world =
        Sealed::new().file("project/celerysalt.toml", "\n\nbroker = \"amqp://u:hunter2@h//\n");
    assert_snapshot!(world.line("config show"), @r#"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:3: not valid TOML: invalid basic string, expected `"`

    hint: mend line 3, then run `celerysalt config check`
    "#);
}

#[test]
fn a_named_file_that_is_not_there_is_an_error() {
    assert_snapshot!(Sealed::new().line("--config none.toml config show"), @r"
    exit code: 3
    ----- stderr -----
    error: cannot read none.toml
      caused by: No such file or directory (os error 2)

    hint: check that the file exists and that you may read it
    ");
}

#[test]
fn a_file_found_in_a_folder_may_not_run_commands() {
    let text = "broker = { command = ['touch', 'proof'] }\n";
    let world = Sealed::new().file("project/celerysalt.toml", text);
    assert_snapshot!(world.line("config check"), @r"
    exit code: 3
    ----- stdout -----
    bad     celerysalt.toml
            [DIR]/project/celerysalt.toml:1: a file found in a folder may not set `broker` by a command
            hint: put it into a profile of your own config file (`celerysalt config check` names it), or trust this file with `--config [DIR]/project/celerysalt.toml`
    absent  [DIR]/home/.config/celerysalt/config.toml
    absent  [DIR]/home/.local/state/celerysalt/state.toml
    ");
    assert!(!world.path("project/proof").exists());
    assert!(world.line("--config celerysalt.toml config check").starts_with("exit code: 3"));
    assert!(world.path("project/proof").exists());
}

#[test]
fn check_names_every_problem_at_once() {
    let world = Sealed::new()
        .file("project/celerysalt.toml", "exchange = 1\n")
        .file("home/token", "\n")
        .profiles(
            "[profiles.dev]\nbackend = { env = 'GONE' }\napi_key = { file = '../../token' }\n",
        );
    assert_snapshot!(world.line("--profile dev config check"), @r"
    exit code: 3
    ----- stdout -----
    bad     celerysalt.toml
            [DIR]/project/celerysalt.toml:1: `exchange` must be a string, not integer
            hint: mend `exchange`, then run `celerysalt config check`
    good    [DIR]/home/.config/celerysalt/config.toml
    absent  [DIR]/home/.local/state/celerysalt/state.toml
    good    profile dev
    bad     backend (env GONE)
            `backend` refers to the environment variable GONE, which is not set
            hint: set GONE, or see where the reference is: `celerysalt config show --origin`
    bad     api_key (file [DIR]/home/.config/celerysalt/../../token)
            `api_key` refers to file [DIR]/home/.config/celerysalt/../../token, which gives an empty line
            hint: see where the reference is: `celerysalt config show --origin`
    ");
    assert_snapshot!(world.line("--profile dev config check -o json"));
}

#[test]
fn check_is_content_with_a_sound_configuration() {
    let world = Sealed::new()
        .file("project/celerysalt.toml", "profile = 'dev'\n")
        .variable("DEV_BROKER", "amqp://u:p@h//")
        .profiles("[profiles.dev]\nbroker = { env = 'DEV_BROKER' }\n");
    assert_snapshot!(world.line("config check"), @r"
    exit code: 0
    ----- stdout -----
    good    [DIR]/project/celerysalt.toml
    good    [DIR]/home/.config/celerysalt/config.toml
    absent  [DIR]/home/.local/state/celerysalt/state.toml
    good    profile dev
    good    broker (env DEV_BROKER)
    ");
}

#[test]
fn a_waiver_that_does_not_say_what_or_why_is_refused() {
    let show = |text: &str| Sealed::new().file("project/celerysalt.toml", text).line("config show");
    assert_snapshot!(show("[[waivers]]\nfingerprint = '0123456789ab'\n"), @r#"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:1: this waiver has no `reason`

    hint: say why the finding is accepted: reason = "…"
    "#);
    assert_snapshot!(
        show("[[waivers]]\nrule = 'requierd-field'\ntopic = 'a'\npath = ''\nreason = 'x'\n"), @r"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:2: this waiver names a `rule` that `schema diff` does not have

    hint: did you mean required-field? `celerysalt schema rules` lists all rules
    "
    );
    assert_snapshot!(
        show("[[waivers]]\nrule = 'CS001'\nfingerprint = '0123456789ab'\nreason = 'x'\n"), @r"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:2: this waiver has a `fingerprint` and a `rule`

    hint: keep the fingerprint, or else rule, topic and path; two findings are two waivers
    "
    );
    assert_snapshot!(show("[[waivers]]\nrule = 'CS001'\ntopic = 'a'\nreason = 'x'\n"), @r#"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:1: this waiver has no `path`

    hint: name what is accepted: `fingerprint`, or `rule`, `topic` and `path` ("" is the event itself); `celerysalt schema diff -o json` shows all of them
    "#);
    assert_snapshot!(
        show("[[waivers]]\nfingerprint = '0123456789ab'\nreason = 'x'\nexpires = 'soon'\n"), @r"
    exit code: 3
    ----- stderr -----
    error: [DIR]/project/celerysalt.toml:4: `expires` must be a date such as 2027-01-31, not string

    hint: mend `expires`, then run `celerysalt config check`
    "
    );
}

#[test]
fn waivers_are_counted_and_checked() {
    let text = "[[waivers]]\nfingerprint = '0123456789ab'\nreason = 'agreed'\n";
    let world = Sealed::new().file("project/celerysalt.toml", text);
    let shown = world.line("config show --origin");
    let line = shown.lines().find(|line| line.starts_with("waivers")).unwrap();
    assert_snapshot!(line, @"waivers        1  # [DIR]/project/celerysalt.toml");
    assert!(world.line("config check").starts_with("exit code: 0\n"));
    let world = Sealed::new().file("project/celerysalt.toml", &text.replace("reason", "reasn"));
    assert_snapshot!(world.line("config check"), @r"
    exit code: 3
    ----- stdout -----
    bad     celerysalt.toml
            [DIR]/project/celerysalt.toml:3: unknown key `reasn`
            hint: did you mean `reason`?
    absent  [DIR]/home/.config/celerysalt/config.toml
    absent  [DIR]/home/.local/state/celerysalt/state.toml
    ");
}
