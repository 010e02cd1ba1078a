use std::collections::BTreeMap;
use std::path::PathBuf;

use super::environment::Environment;
use super::error::{ConfigError, UnknownProfile};
use super::file::{Layer, Profile};
use super::files::Files;
use super::given::Given;
use super::key::Key;
use super::settings::{Origin, Setting, Settings, TlsSettings};
use super::suggest::closest;
use crate::event::DEFAULT_EXCHANGE;
use crate::schema::Waiver;
use crate::secret::Secret;

const DEFAULT_BROKER: &str = "amqp://guest:guest@localhost:5672//";
const DEFAULT_REGISTRY: &str = "file:schemas";
const PROFILE_VARIABLE: &str = "CELERYSALT_PROFILE";

/// What was typed on the command line. The text of a flag may hold a password.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    pub profile: Option<String>,
    pub config: Option<PathBuf>,
    pub values: BTreeMap<Key, Secret>,
}

#[derive(Debug, Clone)]
pub struct Resolution {
    pub settings: Settings,
    pub overshadowed: Vec<Overshadowed>,
}

/// A value of the profile that was asked for with `--profile`, and that something with more say
/// than a profile replaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overshadowed {
    pub key: Key,
    pub by: Origin,
}

/// Merges what was given, for each setting by itself: the first of these that gives it wins.
///
/// | order | a value of | a profile's name of |
/// |---|---|---|
/// | 1 | flag | flag |
/// | 2 | environment, preferred name first | environment |
/// | 3 | project file | project file |
/// | 4 | profile in the user's file | what `config use` remembered |
/// | 5 | default | none |
///
/// # Errors
/// When the profile asked for does not exist, or a variable that matters is not text.
pub fn resolve(
    flags: &Flags,
    environment: &Environment,
    files: &Files,
) -> Result<Resolution, ConfigError> {
    let profile = chosen_profile(flags, environment, files)?;
    let layers = Layers { flags, environment, files, profile: profile.as_ref() };
    let mut found = BTreeMap::new();
    for key in Key::ALL {
        if let Some(setting) = layers.find(key)? {
            found.insert(key, setting);
        }
    }
    let overshadowed = layers.overshadowed(&found);
    let name = profile.map(|chosen| chosen.name);
    let settings = Settings {
        waivers: waivers(files),
        suppressions: files.project.iter().flat_map(|file| file.suppressions.clone()).collect(),
        ..settings(name, found)
    };
    Ok(Resolution { settings, overshadowed })
}

struct Chosen<'a> {
    name: Setting<String>,
    profile: &'a Profile,
    path: PathBuf,
}

/// The name of the profile to use, whether or not it exists.
///
/// # Errors
/// When the variable that names it is not text.
pub fn chosen_name(
    flags: &Flags,
    environment: &Environment,
    files: &Files,
) -> Result<Option<Setting<String>>, ConfigError> {
    let setting = |value: &str, origin| Some(Setting { value: value.to_owned(), origin });
    if let Some(name) = &flags.profile {
        return Ok(setting(name, Origin::Flag("--profile")));
    }
    if let Some(name) = environment.text(PROFILE_VARIABLE)? {
        return Ok(setting(name, Origin::Environment(PROFILE_VARIABLE.to_owned())));
    }
    if let Some(project) = &files.project
        && let Some(name) = &project.profile
    {
        return Ok(setting(name, Origin::ProjectFile(project.path.clone())));
    }
    let (Some(name), Some(places)) = (&files.state.current, &files.places) else {
        return Ok(None);
    };
    Ok(setting(name, Origin::StateFile(places.state_file.clone())))
}

fn chosen_profile<'a>(
    flags: &Flags,
    environment: &Environment,
    files: &'a Files,
) -> Result<Option<Chosen<'a>>, ConfigError> {
    let Some(name) = chosen_name(flags, environment, files)? else { return Ok(None) };
    match files.user.as_ref().and_then(|user| Some((user.profiles.get(&name.value)?, user))) {
        Some((profile, user)) => Ok(Some(Chosen { name, profile, path: user.path.clone() })),
        None => Err(unknown_profile(name, files)),
    }
}

/// The error for a profile that is in nobody's file.
pub fn unknown_profile(name: Setting<String>, files: &Files) -> ConfigError {
    let known: Vec<String> =
        files.user.iter().flat_map(|user| user.profiles.keys().cloned()).collect();
    let profile = Box::new(UnknownProfile {
        suggestion: closest(&name.value, known.iter().map(String::as_str)),
        name: name.value,
        origin: name.origin,
        user_file: files.places.as_ref().map(|places| places.user_file.clone()),
        known,
    });
    ConfigError::UnknownProfile { profile }
}

struct Layers<'a> {
    flags: &'a Flags,
    environment: &'a Environment,
    files: &'a Files,
    profile: Option<&'a Chosen<'a>>,
}

impl Layers<'_> {
    fn find(&self, key: Key) -> Result<Option<Setting<Given>>, ConfigError> {
        if let (Some(text), Some(flag)) = (self.flags.values.get(&key), key.flag()) {
            let value = Given::Text(text.clone());
            return Ok(Some(Setting { value, origin: Origin::Flag(flag) }));
        }
        for name in key.environment() {
            if let Some(text) = self.environment.text(name)? {
                let origin = Origin::Environment((*name).to_owned());
                return Ok(Some(Setting { value: Given::text(text), origin }));
            }
        }
        let project = self.files.project.as_ref().and_then(|project| {
            let origin = || Origin::ProjectFile(project.path.clone());
            from_layer(&project.layer, key, origin)
        });
        Ok(project.or_else(|| {
            let chosen = self.profile?;
            let profile = chosen.name.value.clone();
            let origin = || Origin::UserFile { path: chosen.path.clone(), profile };
            from_layer(&chosen.profile.layer, key, origin)
        }))
    }

    fn overshadowed(&self, found: &BTreeMap<Key, Setting<Given>>) -> Vec<Overshadowed> {
        let Some(chosen) = self.profile else { return Vec::new() };
        if !matches!(chosen.name.origin, Origin::Flag(_)) {
            return Vec::new();
        }
        let keys = chosen.profile.layer.keys().copied();
        keys.filter_map(|key| match &found.get(&key)?.origin {
            by @ (Origin::Environment(_) | Origin::ProjectFile(_)) => {
                Some(Overshadowed { key, by: by.clone() })
            }
            Origin::Flag(_) | Origin::UserFile { .. } | Origin::StateFile(_) | Origin::Default => {
                None
            }
        })
        .collect()
    }
}

fn from_layer(layer: &Layer, key: Key, origin: impl FnOnce() -> Origin) -> Option<Setting<Given>> {
    let value = layer.get(&key)?.clone();
    Some(Setting { value, origin: origin() })
}

fn settings(
    profile: Option<Setting<String>>,
    mut found: BTreeMap<Key, Setting<Given>>,
) -> Settings {
    let default = |text: &str| Setting { value: Given::text(text), origin: Origin::Default };
    let mut take = |key| found.remove(&key);
    let tls = TlsSettings {
        ca_file: take(Key::TlsCa).map(|given| plain(given).map(PathBuf::from)),
        cert_file: take(Key::TlsCert).map(|given| plain(given).map(PathBuf::from)),
        key_file: take(Key::TlsKey).map(|given| plain(given).map(PathBuf::from)),
    };
    Settings {
        profile,
        broker: take(Key::Broker).unwrap_or_else(|| default(DEFAULT_BROKER)),
        management: take(Key::Management),
        backend: take(Key::Backend),
        registry: take(Key::Registry).unwrap_or_else(|| default(DEFAULT_REGISTRY)),
        source: take(Key::Source).map(plain),
        api_key: take(Key::ApiKey),
        exchange: plain(take(Key::Exchange).unwrap_or_else(|| default(DEFAULT_EXCHANGE))),
        tls,
        waivers: None,
        suppressions: Vec::new(),
    }
}

fn waivers(files: &Files) -> Option<Setting<Vec<Waiver>>> {
    let project = files.project.as_ref().filter(|project| !project.waivers.is_empty())?;
    let origin = Origin::ProjectFile(project.path.clone());
    Some(Setting { value: project.waivers.clone(), origin })
}

/// The text of a setting that is no secret. The reader of files refuses references for those
/// ([`Key::is_secret`]), so that the second arm only keeps the match full.
fn plain(setting: Setting<Given>) -> Setting<String> {
    setting.map(|given| match given {
        Given::Text(text) => text.expose().to_owned(),
        Given::Reference(reference) => reference.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::file::{ProjectFile, Trust, UserFile};
    use super::super::layout::Places;
    use super::super::state::State;
    use super::*;

    const USER: &str = "/home/u/config.toml";
    const PROJECT: &str = "/p/celerysalt.toml";

    fn project(text: &str) -> Option<ProjectFile> {
        Some(ProjectFile::parse(Path::new(PROJECT), text, Trust::Named).unwrap())
    }

    fn user(text: &str) -> Option<UserFile> {
        Some(UserFile::parse(Path::new(USER), text).unwrap())
    }

    fn shown(settings: &Settings, key: Key) -> Option<(String, Origin)> {
        settings.get(key).map(|setting| match setting.value {
            Given::Text(secret) => (secret.expose().to_owned(), setting.origin),
            Given::Reference(reference) => (reference.to_string(), setting.origin),
        })
    }

    /// One setting as a TOML table body, or nothing.
    fn body(key: Key, value: Option<&str>) -> String {
        value.map(|value| format!("{} = {value:?}\n", key.name())).unwrap_or_default()
    }

    /// Every subset of the four places, for every key: the table in [`resolve`]'s comment.
    #[test]
    fn the_first_place_that_gives_a_value_wins() {
        for key in Key::ALL {
            for given in 0..16_u8 {
                let text = |bit, text| (given & bit != 0).then_some(text);
                let flag = key.flag().and_then(|flag| Some((text(1, "/flag")?, flag)));
                let variable = text(2, "/variable");
                let (in_project, in_profile) = (text(4, "/project"), text(8, "/profile"));

                let name = key.environment()[0];
                let mut flags = Flags::default();
                flags.values.extend(flag.map(|(text, _)| (key, Secret::new(text))));
                let environment = Environment::from([(name, variable.unwrap_or_default())]);
                let files = Files {
                    project: project(&format!("profile = 'dev'\n{}", body(key, in_project))),
                    user: user(&format!("[profiles.dev]\n{}", body(key, in_profile))),
                    ..Files::default()
                };
                let profile = Origin::UserFile { path: USER.into(), profile: "dev".into() };
                let default = match key {
                    Key::Broker => Some(DEFAULT_BROKER),
                    Key::Registry => Some(DEFAULT_REGISTRY),
                    Key::Exchange => Some(DEFAULT_EXCHANGE),
                    _ => None,
                };
                let expected = flag
                    .map(|(text, flag)| (text, Origin::Flag(flag)))
                    .or(variable.map(|text| (text, Origin::Environment(name.into()))))
                    .or(in_project.map(|text| (text, Origin::ProjectFile(PROJECT.into()))))
                    .or(in_profile.map(|text| (text, profile)))
                    .or(default.map(|text| (text, Origin::Default)))
                    .map(|(text, origin)| (text.to_owned(), origin));
                let found = resolve(&flags, &environment, &files).unwrap();
                assert_eq!(shown(&found.settings, key), expected, "{key:?} {given:04b}");
            }
        }
    }

    #[test]
    fn variables_are_asked_in_order_of_preference() {
        for key in Key::ALL {
            let names = key.environment();
            for (first, name) in names.iter().enumerate() {
                let mut variables = [("", ""); 6];
                for (slot, name) in variables.iter_mut().zip(&names[first..]) {
                    *slot = (name, name);
                }
                let environment = Environment::from(variables);
                let found = resolve(&Flags::default(), &environment, &Files::default()).unwrap();
                let expected = ((*name).to_owned(), Origin::Environment((*name).to_owned()));
                assert_eq!(shown(&found.settings, key), Some(expected));
            }
        }
    }

    const PROFILES: &str = "[profiles.a]\n[profiles.b]\n[profiles.c]\n[profiles.d]\n";

    #[test]
    fn the_first_place_that_names_a_profile_wins() {
        let state_file = PathBuf::from("/home/u/state.toml");
        for given in 0..16_u8 {
            let name = |bit, name| (given & bit != 0).then_some(name);
            let flags = Flags { profile: name(1, "a".to_owned()), ..Flags::default() };
            let variable = name(2, "b".to_owned()).unwrap_or_default();
            let environment = Environment::from([(PROFILE_VARIABLE, variable.as_str())]);
            let in_project = name(4, "profile = 'c'".to_owned()).unwrap_or_default();
            let files = Files {
                project: project(&in_project),
                user: user(PROFILES),
                state: State { current: name(8, "d".to_owned()), previous: None },
                places: Some(Places { user_file: USER.into(), state_file: state_file.clone() }),
            };
            let expected = match given.trailing_zeros() {
                0 => Some(("a", Origin::Flag("--profile"))),
                1 => Some(("b", Origin::Environment(PROFILE_VARIABLE.into()))),
                2 => Some(("c", Origin::ProjectFile(PROJECT.into()))),
                3 => Some(("d", Origin::StateFile(state_file.clone()))),
                _ => None,
            };
            let found = resolve(&flags, &environment, &files).unwrap().settings.profile;
            let found = found.map(|setting| (setting.value, setting.origin));
            let expected = expected.map(|(name, origin)| (name.to_owned(), origin));
            assert_eq!(found, expected, "{given:04b}");
        }
    }

    #[test]
    fn a_profile_that_was_asked_for_but_loses_is_reported() {
        let environment = Environment::from([("BROKER_URL", "amqp://other")]);
        let files = Files {
            project: project("exchange = 'theirs'"),
            user: user("[profiles.dev]\nbroker = 'amqp://dev'\nexchange = 'x'\nbackend = 'rpc://'"),
            ..Files::default()
        };
        let mut flags = Flags { profile: Some("dev".into()), ..Flags::default() };
        let found = resolve(&flags, &environment, &files).unwrap();
        let expected = [
            Overshadowed { key: Key::Broker, by: Origin::Environment("BROKER_URL".into()) },
            Overshadowed { key: Key::Exchange, by: Origin::ProjectFile(PROJECT.into()) },
        ];
        assert_eq!(found.overshadowed, expected);

        flags.profile = None;
        let environment =
            Environment::from([("BROKER_URL", "amqp://other"), (PROFILE_VARIABLE, "dev")]);
        assert_eq!(resolve(&flags, &environment, &files).unwrap().overshadowed, []);
    }
}
