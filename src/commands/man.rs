//! `man`: the manual, one page for the tool and one for each command.

use std::io::{self, Write};

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::error::{CommandError, ExitKind};
use crate::config::Key;
use crate::ui::Ui;

const EXAMPLES: &str = "\
Examples:
  celerysalt man | man -l -
  celerysalt man config show | man -l -";

/// Print the manual page of a command, in roff
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ManArgs {
    /// A command with its subcommands, for example `config show`; without one, the main page
    #[arg(value_name = "COMMAND")]
    command: Vec<String>,
}

pub fn run(args: &ManArgs, tree: Command, ui: &Ui) -> Result<ExitKind, CommandError> {
    let pages = pages(tree);
    let title = ["celerysalt"].into_iter().chain(args.command.iter().map(String::as_str));
    let file = format!("{}.1", title.collect::<Vec<_>>().join("-"));
    let Some((_, page)) = pages.iter().find(|(name, _)| *name == file) else {
        let message = format!("there is no command {:?}", args.command.join(" "));
        return Err(CommandError::new(ExitKind::Usage, message)
            .hint("`celerysalt --help` lists the commands"));
    };
    let mut out = ui.stdout();
    out.write_all(page)?;
    out.flush()?;
    Ok(ExitKind::Done)
}

/// Every page by its file name, `celerysalt-config-show.1`.
pub fn pages(mut tree: Command) -> Vec<(String, Vec<u8>)> {
    tree.build();
    let mut pages = Vec::new();
    add_pages(&tree, "celerysalt", &mut pages);
    pages
}

fn add_pages(command: &Command, title: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    if command.is_hide_set() {
        return;
    }
    let mut page = Vec::new();
    // Writing to a Vec cannot fail.
    if write_page(command, title, &mut page).is_ok() {
        pages.push((format!("{title}.1"), page));
    }
    for child in command.get_subcommands() {
        add_pages(child, &format!("{title}-{}", child.get_name()), pages);
    }
}

fn write_page(command: &Command, title: &str, page: &mut Vec<u8>) -> io::Result<()> {
    let is_main = title == "celerysalt";
    let man = Man::new(command.clone())
        .title(title)
        .source(concat!("celerysalt ", env!("CARGO_PKG_VERSION")))
        .manual("celerysalt manual");
    man.render_title(page)?;
    man.render_name_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    let mut roff = Roff::default();
    if let Some(notes) = command.get_after_help() {
        add_notes(&mut roff, &notes.to_string());
    }
    if is_main {
        add_environment(&mut roff);
        add_exit_status(&mut roff);
    } else {
        roff.control("SH", ["SEE ALSO"]);
        roff.text([bold("celerysalt"), roman("(1), for exit status and environment")]);
    }
    roff.to_writer(page)
}

/// The notes below a command's help: unindented lines are headings, the rest stays as it is.
fn add_notes(roff: &mut Roff, notes: &str) {
    for line in notes.lines() {
        match line.strip_suffix(':').filter(|heading| !heading.starts_with(' ')) {
            Some(heading) => {
                roff.control("SH", [heading.to_uppercase().as_str()]);
                roff.control("nf", []);
            }
            None => {
                roff.text([roman(line)]);
            }
        }
    }
    roff.control("fi", []);
}

fn add_environment(roff: &mut Roff) {
    roff.control("SH", ["ENVIRONMENT"]);
    roff.text([roman(
        "Variables that give a setting which no flag gives. Where there are several, the first \
         that is set and not empty counts.",
    )]);
    let profile = [("profile", ["CELERYSALT_PROFILE"].as_slice())];
    let keys = Key::ALL.into_iter().map(|key| (key.name(), key.environment()));
    for (name, variables) in keys.chain(profile) {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(variables.join(", "))]);
    }
    roff.control("TP", []);
    roff.text([bold("log")]);
    roff.text([roman(
        "CELERYSALT_LOG, for example lapin=debug: what to log on stderr, up to debug",
    )]);
}

fn add_exit_status(roff: &mut Roff) {
    roff.control("SH", ["EXIT STATUS"]);
    for kind in ExitKind::ALL {
        roff.control("TP", []);
        roff.text([bold(kind.code().to_string())]);
        roff.text([roman(kind.meaning())]);
    }
}
