//! Passwords never come back, whatever is asked.

use celerysalt::cli;
use celerysalt::config::Key;

use super::sealed::Sealed;

const PASSWORD: &str = "hunter2";

/// What a variable could hold: URLs as they should be, and as they should not.
const SHAPES: [&str; 6] = [
    "amqp://user:hunter2@localhost:1//",
    "redis://:hunter2@localhost:1/0?password=hunter2",
    "hunter2",
    "user:hunter2@localhost",
    "nonsense://user:hunter2/x@y",
    "amqp://user:hunter2@@:/:@/",
];

fn lines() -> Vec<String> {
    let mut tree = cli::command();
    tree.build();
    let mut lines = vec!["config show --origin".into(), "config check".into(), "nonsense".into()];
    lines.extend(
        ["config show -o json", "--profile none config show", "-v config list"].map(String::from),
    );
    collect(&tree, "", &mut lines);
    lines
}

fn collect(command: &clap::Command, path: &str, lines: &mut Vec<String>) {
    lines.push(format!("{path} --help"));
    for child in command.get_subcommands() {
        collect(child, &format!("{path} {}", child.get_name()), lines);
    }
}

fn assert_silent(world: &Sealed, line: &str) {
    let shown = world.line(line);
    assert!(!shown.contains(PASSWORD), "{line}:\n{shown}");
}

#[test]
fn the_environment_does_not_leak() {
    for shape in SHAPES {
        let secrets = Key::ALL.into_iter().filter(|key| key.is_secret());
        let names = secrets.flat_map(Key::environment);
        let world = names.fold(Sealed::new(), |world, name| world.variable(name, shape));
        for line in lines() {
            assert_silent(&world, &line);
        }
    }
}

#[test]
fn flags_do_not_leak() {
    let world = Sealed::new();
    for shape in SHAPES {
        for flag in ["--broker", "--management", "--backend", "--registry"] {
            for rest in ["config show -o json", "config check", "config show --nonsense", ""] {
                assert_silent(&world, &format!("{flag} {shape} {rest}"));
            }
        }
    }
}

#[test]
fn files_do_not_leak() {
    for shape in SHAPES {
        for text in [
            format!("broker = '{shape}'\nbackend = '{shape}'\n"),
            format!("broker = '{shape}\n"),
            format!("broker = {shape}\n"),
            format!("exchange = ['{shape}']\nbackend = {{ env = '{shape}', file = 'x' }}\n"),
            format!("broker = '{shape}'\nbroker = '{shape}'\n"),
            format!("broker = {{ command = ['false', '{shape}'] }}\n"),
        ] {
            let profile = format!("[profiles.p]\n{text}");
            let worlds = [
                Sealed::new().file("project/celerysalt.toml", &text),
                Sealed::new().profiles(&profile).variable("CELERYSALT_PROFILE", "p"),
            ];
            for world in worlds {
                for line in ["config show --origin", "config check -o json", "config list"] {
                    assert_silent(&world, line);
                }
            }
        }
    }
}
