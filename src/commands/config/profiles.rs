use std::io::{self, Write};
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::context::Session;
use super::super::error::{CommandError, ExitKind};
use crate::config::{
    ConfigError, Files, Origin, Places, Selection, Setting, State, chosen_name, unknown_profile,
};
use crate::ui::{Report, Style, sanitize};

/// The profiles of the user's config file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ConfigList(Vec<Listed>);

#[derive(Debug, Serialize, JsonSchema)]
struct Listed {
    name: String,
    description: Option<String>,
    /// Whether the profile is the one in use.
    current: bool,
}

/// What `config use` selected.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConfigUse {
    /// The profile in use from now on; null when none is.
    current: Option<String>,
    /// What `config use -` goes back to.
    previous: Option<String>,
}

pub fn list(session: &Session) -> Result<ExitKind, CommandError> {
    let files = session.files()?;
    let current = chosen_name(&session.flags, &session.environment, &files)?;
    let profiles = files.user.iter().flat_map(|user| &user.profiles);
    let listed: Vec<Listed> = profiles
        .map(|(name, profile)| Listed {
            name: name.clone(),
            description: profile.description.clone(),
            current: current.as_ref().is_some_and(|current| current.value == *name),
        })
        .collect();
    if listed.is_empty() {
        let place =
            user_file(&files).map_or("your config file".into(), |p| p.display().to_string());
        session.ui.note(&format!("there are no profiles; add a table [profiles.NAME] to {place}"));
    }
    session.ui.report(&ConfigList(listed))?;
    Ok(ExitKind::Done)
}

pub fn select(session: &Session, selection: Selection) -> Result<ExitKind, CommandError> {
    let places = Places::new(&session.environment)?;
    let files = session.files()?;
    let state = files.state.clone().select(selection)?;
    if let Some(name) = &state.current {
        require_profile(name, &files)?;
    }
    state.write(&places.state_file)?;
    warn_if_overruled(session, &files)?;
    let State { current, previous } = state;
    session.ui.report(&ConfigUse { current, previous })?;
    Ok(ExitKind::Done)
}

fn require_profile(name: &str, files: &Files) -> Result<(), ConfigError> {
    if files.user.as_ref().is_some_and(|user| user.profiles.contains_key(name)) {
        return Ok(());
    }
    let origin = Origin::StateFile(PathBuf::new());
    Err(unknown_profile(Setting { value: name.to_owned(), origin }, files))
}

/// A variable or a project file may name another profile, and has more say than `config use`.
fn warn_if_overruled(session: &Session, files: &Files) -> Result<(), CommandError> {
    let chosen = chosen_name(&session.flags, &session.environment, files)?;
    match chosen.map(|chosen| chosen.origin) {
        Some(by @ (Origin::Environment(_) | Origin::ProjectFile(_))) => {
            session.ui.warn(&format!("{by} names a profile too, and has more say"));
        }
        Some(
            Origin::Flag(_) | Origin::UserFile { .. } | Origin::StateFile(_) | Origin::Default,
        )
        | None => {}
    }
    Ok(())
}

fn user_file(files: &Files) -> Option<&PathBuf> {
    files.places.as_ref().map(|places| &places.user_file)
}

impl Report for ConfigList {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let width = self.0.iter().map(|listed| listed.name.len()).max().unwrap_or_default();
        for Listed { name, description, current } in &self.0 {
            let star = if *current { "*" } else { " " };
            let name = style.key.apply_to(format!("{:<width$}", sanitize(name)));
            let line = match description {
                Some(description) => format!("{star} {name}  {}", sanitize(description)),
                None => format!("{star} {name}"),
            };
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl Report for ConfigUse {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        match &self.current {
            Some(name) => writeln!(out, "using profile {}", style.key.apply_to(sanitize(name))),
            None => writeln!(out, "using no profile"),
        }
    }
}
