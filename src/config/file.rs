use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::error::ConfigError;
use super::given::Given;
use super::key::Key;
use super::reader::{Reader, in_order};
use crate::schema::Waiver;
use crate::topology::audit::Suppression;

/// The settings that one place gives.
pub type Layer = BTreeMap<Key, Given>;

/// A project's `celerysalt.toml`: settings at the top level, `profile`, and `[[waivers]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectFile {
    pub path: PathBuf,
    pub profile: Option<String>,
    pub layer: Layer,
    /// Findings of `schema diff` that the team accepts; they are about the project, so a file that
    /// was found may hold them.
    pub waivers: Vec<Waiver>,
    pub suppressions: Vec<Suppression>,
}

/// The user's `config.toml`: `[profiles.NAME]` tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserFile {
    pub path: PathBuf,
    pub profiles: BTreeMap<String, Profile>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub description: Option<String>,
    pub layer: Layer,
}

/// How a project file came to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// Found in a working directory, which somebody else may have filled: it may neither run
    /// commands or import modules, nor read files into a setting, nor choose what is sent as our
    /// API key.
    Found,
    /// Named by the user.
    Named,
}

impl ProjectFile {
    /// # Errors
    /// When the text is not TOML or holds a key or a type that does not belong there.
    pub fn parse(path: &Path, text: &str, trust: Trust) -> Result<Self, ConfigError> {
        let reader = Reader { path, text, trust };
        let mut file = Self {
            path: path.to_owned(),
            profile: None,
            layer: Layer::new(),
            waivers: Vec::new(),
            suppressions: Vec::new(),
        };
        for (key, value) in &in_order(reader.document()?.get_ref()) {
            match key.get_ref().as_ref() {
                "profile" => file.profile = Some(reader.string("profile", value)?),
                "waivers" => file.waivers = reader.waivers(value)?,
                "suppressions" => file.suppressions = reader.suppressions(value)?,
                _ => reader.setting(
                    (key, value),
                    &mut file.layer,
                    &["profile", "waivers", "suppressions"],
                )?,
            }
        }
        Ok(file)
    }
}

impl UserFile {
    /// # Errors
    /// As for [`ProjectFile::parse`].
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let reader = Reader { path, text, trust: Trust::Named };
        let mut profiles = BTreeMap::new();
        for (key, value) in &in_order(reader.document()?.get_ref()) {
            if key.get_ref() != "profiles" {
                return Err(reader.unknown(key, ["profiles"]));
            }
            for (name, value) in &in_order(reader.table("profiles", value)?) {
                let table = reader.table(&format!("profiles.{}", name.get_ref()), value)?;
                profiles.insert(name.get_ref().to_string(), reader.profile(table)?);
            }
        }
        Ok(Self { path: path.to_owned(), profiles })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::given::Reference;
    use super::*;

    fn parse(text: &str, trust: Trust) -> Result<ProjectFile, String> {
        ProjectFile::parse(Path::new("/p/celerysalt.toml"), text, trust).map_err(|e| e.to_string())
    }

    #[test]
    fn a_project_file_gives_settings_relative_to_itself() {
        let text = r#"
            profile = "dev"
            broker = { env = "SHOP_BROKER" }
            registry = "file:schemas"
            source = "build/schemas"
            [tls]
            ca_file = "certs/ca.pem"
            key_file = "/etc/key.pem"
        "#;
        let file = parse(text, Trust::Found).unwrap();
        assert_eq!(file.profile.as_deref(), Some("dev"));
        let expected = Layer::from([
            (Key::Broker, Given::Reference(Reference::Environment("SHOP_BROKER".into()))),
            (Key::Registry, Given::text("file:/p/schemas")),
            (Key::Source, Given::text("/p/build/schemas")),
            (Key::TlsCa, Given::text("/p/certs/ca.pem")),
            (Key::TlsKey, Given::text("/etc/key.pem")),
        ]);
        assert_eq!(file.layer, expected);
    }

    #[test]
    fn a_user_file_gives_profiles() {
        let text = r#"
            [profiles.dev]
            description = "my machine"
            broker = { file = "dev.url" }
            api_key = { command = ["pass", "show", "registry"] }
            [profiles.dev.tls]
            ca_file = "ca.pem"
            [profiles.empty]
        "#;
        let file = UserFile::parse(Path::new("/c/config.toml"), text).unwrap();
        assert_eq!(file.profiles.keys().collect::<Vec<_>>(), ["dev", "empty"]);
        let command = ["pass", "show", "registry"].map(str::to_owned).to_vec();
        let expected = Profile {
            description: Some("my machine".into()),
            layer: Layer::from([
                (Key::Broker, Given::Reference(Reference::File("/c/dev.url".into()))),
                (Key::ApiKey, Given::Reference(Reference::Command(command))),
                (Key::TlsCa, Given::text("/c/ca.pem")),
            ]),
        };
        assert_eq!(file.profiles["dev"], expected);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line_and_without_its_value() {
        let table = [
            ("brokr = 1", "1: unknown key `brokr`"),
            ("\n[tls]\nca = 'x'", "3: unknown key `ca`"),
            ("broker = { enw = 'X' }", "1: unknown key `enw`"),
            ("exchange = 7", "1: `exchange` must be a string, not integer"),
            ("exchange = { env = 'X' }", "1: `exchange` must be a string, not table"),
            ("exchange = ''", "1: `exchange` must be a string, not an empty string"),
            ("tls = 'x'", "1: `tls` must be a table, not string"),
            ("broker = { command = 'pass' }", "1: `command` must be a list of strings, not string"),
            (
                "broker = { command = [] }",
                "1: `command` must be a list of strings, not an empty array",
            ),
            (
                "broker = {}",
                "1: `broker` must be a string, or one of { env = … }, { file = … } and \
                 { command = [ … ] }, not table",
            ),
            (
                "\nbroker = \"amqp://u:hunter2@h\n",
                "2: not valid TOML: invalid basic string, expected `\"`",
            ),
            (
                "broker = hunter2",
                "1: not valid TOML: string values must be quoted, expected literal string",
            ),
            ("exchange = 'a'\nexchange = 'hunter2'", "2: not valid TOML: duplicate key"),
        ];
        for (text, message) in table {
            let expected = format!("/p/celerysalt.toml:{message}");
            assert_eq!(parse(text, Trust::Named), Err(expected), "{text}");
        }
    }

    #[test]
    fn a_file_found_in_a_folder_is_not_trusted_with_secrets() {
        let table = [
            ("broker = { command = ['sh'] }", Err("`broker` by a command")),
            ("registry = { file = '/etc/shadow' }", Err("`registry` from a file")),
            ("api_key = { env = 'X' }", Err("`api_key` at all")),
            ("source = 'python:shop'", Err("`source` to Python modules, which would be run")),
            ("source = 'schemas'", Ok(())),
            ("broker = { env = 'X' }", Ok(())),
        ];
        for (text, expected) in table {
            let prefix = "/p/celerysalt.toml:1: a file found in a folder may not set";
            let expected = expected.map_err(|what| format!("{prefix} {what}"));
            assert_eq!(parse(text, Trust::Found).map(|_| ()), expected);
            assert!(parse(text, Trust::Named).is_ok());
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC*|([a-z_.]{0,9} ?= ?[\\[\\]{}'\"a-z0-9 ]{0,9}\n){0,4}") {
            let _ = parse(&text, Trust::Found);
            let _ = UserFile::parse(Path::new("/c/config.toml"), &text);
        }
    }
}
