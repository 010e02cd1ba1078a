//! Wrong command lines: the parser's words for people, one JSON object for scripts.

use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn an_unknown_flag_is_named_with_the_one_that_was_meant() {
    assert_snapshot!(Sealed::new().line("--brokr amqp://h config show"), @r"
    exit code: 2
    ----- stderr -----
    error: unexpected argument '--brokr' found

      tip: a similar argument exists: '--broker'

    Usage: celerysalt --broker <URL> <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn with_json_the_same_facts_are_one_object() {
    let world = Sealed::new();
    assert_snapshot!(world.line("--brokr amqp://h config show -o json"), @r#"
    exit code: 2
    ----- stderr -----
    {"kind":"usage","message":"unexpected argument '--brokr' found","causes":[],"hints":["a similar argument exists: '--broker'","For more information, try '--help'."],"exit_code":2}
    "#);
    assert_snapshot!(world.line("-o jsonl config use"), @r#"
    exit code: 2
    ----- stderr -----
    {"kind":"usage","message":"the following required arguments were not provided: <P>","causes":[],"hints":["For more information, try '--help'."],"exit_code":2}
    "#);
    assert_snapshot!(world.line("-o json"), @r#"
    exit code: 2
    ----- stderr -----
    {"kind":"usage","message":"a command is missing","causes":[],"hints":["For more information, try '--help'."],"exit_code":2}
    "#);
}

#[test]
fn a_password_that_was_typed_in_the_wrong_place_is_masked() {
    assert_snapshot!(Sealed::new().line("amqp://u:hunter2@h//"), @r"
    exit code: 2
    ----- stderr -----
    error: unrecognized subcommand 'amqp://u:***@h//'

    Usage: celerysalt [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn an_empty_url_is_a_wrong_command_line() {
    assert_snapshot!(Sealed::new().run(&["--broker", "", "config", "show"]), @r"
    exit code: 2
    ----- stderr -----
    error: invalid value '' for '--broker <URL>': it is empty

    For more information, try '--help'.
    ");
}

#[test]
fn a_command_that_has_no_page_or_schema_is_named() {
    let world = Sealed::new();
    assert_snapshot!(world.line("man no such"), @r#"
    exit code: 2
    ----- stderr -----
    error: there is no command "no such"

    hint: `celerysalt --help` lists the commands
    "#);
    assert_snapshot!(world.line("schema-of completions -o json"), @r#"
    exit code: 2
    ----- stderr -----
    {"kind":"usage","message":"the command \"completions\" has no JSON output with a schema","causes":[],"hints":["`celerysalt schema-of` lists the commands that have"],"exit_code":2}
    "#);
}
