//! One test per row of the table in `celerysalt --help`.

use super::sealed::Sealed;

fn code(world: &Sealed, line: &str) -> Option<i32> {
    let arguments: Vec<&str> = line.split_whitespace().collect();
    world.command(&arguments).output().unwrap().status.code()
}

#[test]
fn done_is_0() {
    let world = Sealed::new();
    for line in ["--help", "-h", "--version", "config --help", "schema-of", "config show"] {
        assert_eq!(code(&world, line), Some(0), "{line}");
    }
}

#[test]
fn a_wrong_command_line_is_2() {
    let world = Sealed::new();
    let table =
        ["", "--nonsense", "nonsense", "config", "config show x", "man no such", "-q -v man"];
    for line in table {
        assert_eq!(code(&world, line), Some(2), "{line}");
    }
}

#[test]
fn configuration_is_3() {
    let world = Sealed::new().file("project/bad.toml", "broker = 7");
    for line in [
        "--profile nobody config show",
        "--config bad.toml config show",
        "--config missing.toml config check",
        "config use -",
    ] {
        assert_eq!(code(&world, line), Some(3), "{line}");
    }
}

#[test]
fn the_help_page_and_the_manual_hold_the_table() {
    let world = Sealed::new();
    let help = world.line("--help");
    let manual = world.line("man");
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 8, 70, 130, 143] {
        assert!(help.contains(&format!("\n  {code:>3}  ")), "{code} in help");
        assert!(manual.contains(&format!("\n\\fB{code}\\fR\n")), "{code} in manual");
    }
}
