use std::collections::BTreeMap;
use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::super::context::Session;
use super::super::error::{CommandError, ExitKind};
use crate::config::{Given, Key, Origin, Setting};
use crate::secret::mask_url;
use crate::ui::{Report, Style, sanitize};

/// Every setting by its name in config files, `profile` among them, and how many `waivers` there
/// are.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ConfigShow {
    settings: BTreeMap<&'static str, Shown>,
    #[serde(skip)]
    #[schemars(skip)]
    origins: Origins,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Origins {
    Shown,
    #[default]
    Hidden,
}

/// A setting; all null when nothing gives it.
#[derive(Debug, Default, Serialize, JsonSchema)]
struct Shown {
    /// The value, passwords masked; null when it is kept elsewhere.
    value: Option<String>,
    /// Where the value is kept: `env NAME`, `file PATH` or `command PROGRAM`.
    reference: Option<String>,
    origin: Option<ShownOrigin>,
    /// The origin in words.
    #[serde(skip)]
    described: String,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ShownOrigin {
    Flag {
        name: String,
    },
    Environment {
        name: String,
    },
    ProjectFile {
        path: String,
    },
    UserFile {
        path: String,
        profile: String,
    },
    /// Remembered by `config use`.
    StateFile {
        path: String,
    },
    Default,
}

pub fn run(session: &Session, origins: Origins) -> Result<ExitKind, CommandError> {
    let settings = session.resolve()?.settings;
    let profile = settings.profile.clone().map(|profile| profile.map(Given::text));
    let waivers = settings.waivers.clone();
    let waivers =
        waivers.map(|waivers| waivers.map(|waivers| Given::text(waivers.len().to_string())));
    let shown = |name, setting: Option<Setting<Given>>| {
        (name, setting.map(|setting| Shown::new(name, setting)).unwrap_or_default())
    };
    let settings = Key::ALL
        .into_iter()
        .map(|key| shown(key.name(), settings.get(key)))
        .chain([shown("profile", profile), shown("waivers", waivers)])
        .collect();
    session.ui.report(&ConfigShow { settings, origins })?;
    Ok(ExitKind::Done)
}

impl Shown {
    fn new(name: &str, setting: Setting<Given>) -> Self {
        let key = Key::ALL.into_iter().find(|key| key.name() == name && key.is_secret());
        let (value, reference) = match setting.value {
            Given::Text(text) => match key {
                Some(key) => (Some(masked(key, text.expose())), None),
                None => (Some(text.expose().to_owned()), None),
            },
            Given::Reference(reference) => (None, Some(reference.to_string())),
        };
        let origin = Some(ShownOrigin::from(&setting.origin));
        Self { value, reference, origin, described: setting.origin.to_string() }
    }
}

/// A URL without its password. What does not look like a URL may be a password altogether.
fn masked(key: Key, text: &str) -> String {
    let is_url = text.contains("://") || text.starts_with("file:") || text.starts_with("sqlite:");
    if is_url && key != Key::ApiKey { mask_url(text) } else { "***".to_owned() }
}

impl From<&Origin> for ShownOrigin {
    fn from(origin: &Origin) -> Self {
        match origin {
            Origin::Flag(name) => Self::Flag { name: (*name).to_owned() },
            Origin::Environment(name) => Self::Environment { name: name.clone() },
            Origin::ProjectFile(path) => Self::ProjectFile { path: path.display().to_string() },
            Origin::UserFile { path, profile } => {
                Self::UserFile { path: path.display().to_string(), profile: profile.clone() }
            }
            Origin::StateFile(path) => Self::StateFile { path: path.display().to_string() },
            Origin::Default => Self::Default,
        }
    }
}

impl Report for ConfigShow {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        for (name, shown) in &self.settings {
            let value = match (&shown.value, &shown.reference) {
                (Some(value), _) => sanitize(value).into_owned(),
                (None, Some(reference)) => format!("({})", sanitize(reference)),
                (None, None) => "-".to_owned(),
            };
            write!(out, "{}  {value}", style.key.apply_to(format_args!("{name:<13}")))?;
            if self.origins == Origins::Shown && shown.origin.is_some() {
                let described = format!("  # {}", sanitize(&shown.described));
                write!(out, "{}", style.dim.apply_to(described))?;
            }
            writeln!(out)?;
        }
        Ok(())
    }
}
