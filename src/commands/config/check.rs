use std::io::{self, Write};
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::context::Session;
use super::super::error::{CommandError, ExitKind};
use crate::config::{ConfigError, Files, Given, Key, Places, State, resolve};
use crate::ui::{Report, Style, sanitize};

/// Everything that was read, and what is wrong with it.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct ConfigCheck {
    ok: bool,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Check {
    /// A file, the profile, or a setting that is a reference.
    subject: String,
    status: Status,
    /// What is wrong.
    problem: Option<String>,
    causes: Vec<String>,
    hints: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Good,
    /// There is no such file, which is fine.
    Absent,
    Bad,
}

pub fn run(session: &Session) -> Result<ExitKind, CommandError> {
    let mut report = ConfigCheck::default();
    let files = report.files(session);
    report.references(session, &files);
    report.ok = report.checks.iter().all(|check| check.status != Status::Bad);
    session.ui.report(&report)?;
    Ok(if report.ok { ExitKind::Done } else { ExitKind::Config })
}

impl ConfigCheck {
    /// Reads each file by itself, so that a mistake in one does not hide those in another.
    fn files(&mut self, session: &Session) -> Files {
        let mut files = Files::default();
        let named = session.flags.config.as_deref();
        let expected = named.unwrap_or(Path::new("celerysalt.toml")).display().to_string();
        match Files::project(named) {
            Ok(Some(project)) => {
                self.add(project.path.display().to_string(), Ok(Status::Good));
                files.project = Some(project);
            }
            Ok(None) => self.add(expected, Ok(Status::Absent)),
            Err(error) => self.add(expected, Err(error)),
        }
        let places = match Places::new(&session.environment) {
            Ok(places) => places,
            Err(error) => {
                self.add("your config file".to_owned(), Err(error));
                return files;
            }
        };
        let user = Files::user(&places);
        let status = user.as_ref().map_or(Status::Bad, |user| present(user.is_some()));
        files.user = self.keep(places.user_file.display().to_string(), status, user).flatten();
        let state = State::read(&places.state_file);
        let status = present(places.state_file.exists());
        let state = self.keep(places.state_file.display().to_string(), status, state);
        files.state = state.unwrap_or_default();
        files.places = Some(places);
        files
    }

    fn references(&mut self, session: &Session, files: &Files) {
        let settings = match resolve(&session.flags, &session.environment, files) {
            Ok(resolution) => resolution.settings,
            Err(error) => return self.add("profile".to_owned(), Err(error)),
        };
        if let Some(profile) = &settings.profile {
            self.add(format!("profile {}", profile.value), Ok(Status::Good));
        }
        for key in Key::ALL {
            if let Some(setting) = settings.get(key)
                && let Given::Reference(reference) = &setting.value
            {
                let fetched = setting.value.fetch(key, &session.environment);
                let subject = format!("{} ({reference})", key.name());
                self.add(subject, fetched.map(|_| Status::Good));
            }
        }
    }

    fn keep<T>(
        &mut self,
        subject: String,
        status: Status,
        read: Result<T, ConfigError>,
    ) -> Option<T> {
        match read {
            Ok(value) => {
                self.add(subject, Ok(status));
                Some(value)
            }
            Err(error) => {
                self.add(subject, Err(error));
                None
            }
        }
    }

    fn add(&mut self, subject: String, outcome: Result<Status, ConfigError>) {
        let (status, problem, causes, hints) = match outcome.map_err(CommandError::from) {
            Ok(status) => (status, None, Vec::new(), Vec::new()),
            Err(error) => (Status::Bad, Some(error.message), error.causes, error.hints),
        };
        self.checks.push(Check { subject, status, problem, causes, hints });
    }
}

fn present(is_there: bool) -> Status {
    if is_there { Status::Good } else { Status::Absent }
}

impl Report for ConfigCheck {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        for check in &self.checks {
            let status = match check.status {
                Status::Good => style.good.apply_to("good  "),
                Status::Absent => style.dim.apply_to("absent"),
                Status::Bad => style.bad.apply_to("bad   "),
            };
            writeln!(out, "{status}  {}", sanitize(&check.subject))?;
            let details = check.problem.iter().chain(&check.causes).map(|text| ("", text));
            for (label, text) in details.chain(check.hints.iter().map(|hint| ("hint: ", hint))) {
                writeln!(out, "        {label}{}", sanitize(text))?;
            }
        }
        Ok(())
    }
}
