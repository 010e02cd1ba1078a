//! `completions`: scripts that let a shell complete our commands and flags.

use std::io::Write;

use clap::{Args, Command, ValueEnum};
use clap_complete::{Generator, Shell};

use super::error::{CommandError, ExitKind};
use crate::ui::Ui;

const EXAMPLES: &str = "\
Examples:
  celerysalt completions bash > ~/.local/share/bash-completion/completions/celerysalt
  celerysalt completions zsh > ~/.zfunc/_celerysalt
  celerysalt completions fish > ~/.config/fish/completions/celerysalt.fish";

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct CompletionsArgs {
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub fn run(args: &CompletionsArgs, tree: &Command, ui: &Ui) -> Result<ExitKind, CommandError> {
    let mut out = ui.stdout();
    out.write_all(&script(args.shell, tree))?;
    out.flush()?;
    Ok(ExitKind::Done)
}

/// Every script by the name its shell looks for.
pub fn files(tree: &Command) -> Vec<(String, Vec<u8>)> {
    let shells = Shell::value_variants().iter();
    shells.map(|shell| (shell.file_name("celerysalt"), script(*shell, tree))).collect()
}

fn script(shell: Shell, tree: &Command) -> Vec<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut visible(tree), "celerysalt", &mut script);
    script
}

/// The tree without hidden commands, which the generator would offer like any other.
fn visible(tree: &Command) -> Command {
    Command::new("celerysalt")
        .version(env!("CARGO_PKG_VERSION"))
        .propagate_version(true)
        .disable_help_subcommand(true)
        .args(tree.get_arguments().cloned())
        .subcommands(tree.get_subcommands().filter(|child| !child.is_hide_set()).cloned())
}
