//! Every command's `-h`, as a whole.

use celerysalt::cli;
use insta::assert_snapshot;

use super::sealed::Sealed;

#[test]
fn every_command_has_a_help_page() {
    let world = Sealed::new();
    let mut tree = cli::command();
    tree.build();
    let mut pages = Vec::new();
    collect(&tree, &mut Vec::new(), &mut pages);
    for path in pages {
        let mut arguments = path.clone();
        arguments.push("-h".to_owned());
        let name = if path.is_empty() { "main".to_owned() } else { path.join("_") };
        let help = world.run(&arguments);
        // The global options are the same on every page, and stay on the main one only.
        let shown = if path.is_empty() { help } else { without_global_options(&help) };
        assert_snapshot!(format!("help_{name}"), shown);
    }
}

fn collect(command: &clap::Command, path: &mut Vec<String>, pages: &mut Vec<Vec<String>>) {
    pages.push(path.clone());
    for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
        path.push(child.get_name().to_owned());
        collect(child, path, pages);
        path.pop();
    }
}

fn without_global_options(help: &str) -> String {
    let (before, after) = help.split_once("Global options:\n").expect("every page has them");
    let rest = after.split_once("\n\n").map_or("", |(_, rest)| rest);
    format!("{before}[global options]\n\n{rest}")
}

#[test]
fn every_command_shows_examples() {
    let world = Sealed::new();
    let mut tree = cli::command();
    tree.build();
    let mut pages = Vec::new();
    collect(&tree, &mut Vec::new(), &mut pages);
    for mut path in pages {
        path.push("--help".to_owned());
        assert!(world.run(&path).contains("Examples:\n  celerysalt "), "{path:?}");
    }
}
