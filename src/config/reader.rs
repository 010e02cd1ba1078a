//! Reading settings out of a parsed TOML document, with the line of everything that is wrong.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::ConfigError;
use super::file::{Layer, Profile, Trust};
use super::given::{Given, Reference};
use super::key::Key;
use super::suggest::closest;

const STRING_OR_REFERENCE: &str =
    "a string, or one of { env = … }, { file = … } and { command = [ … ] }";

type Name<'i> = Spanned<Cow<'i, str>>;
type Value<'i> = Spanned<DeValue<'i>>;
type Entry<'a, 'i> = (&'a Name<'i>, &'a Value<'i>);

/// The entries as they stand in the file, so that the first problem is the first one reported.
pub fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Entry<'a, 'i>> {
    let mut entries: Vec<Entry<'a, 'i>> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

pub struct Reader<'a> {
    pub path: &'a Path,
    pub text: &'a str,
    pub trust: Trust,
}

impl<'a> Reader<'a> {
    pub fn document(&self) -> Result<Spanned<DeTable<'a>>, ConfigError> {
        // The parser's own rendering quotes the line, which may hold a password.
        DeTable::parse(self.text).map_err(|error| ConfigError::Syntax {
            path: self.path.to_owned(),
            line: self.line(&error.span().unwrap_or_default()),
            reason: error.message().to_owned(),
        })
    }

    pub fn profile(&self, table: &DeTable<'_>) -> Result<Profile, ConfigError> {
        let mut profile = Profile::default();
        for (key, value) in in_order(table) {
            match key.get_ref().as_ref() {
                "description" => profile.description = Some(self.string("description", value)?),
                _ => self.setting((key, value), &mut profile.layer, &["description"])?,
            }
        }
        Ok(profile)
    }

    /// Adds one setting, or the `tls` table's settings, to `layer`; `others` are the keys that
    /// the caller reads itself, for the suggestion.
    pub fn setting(
        &self,
        (key, value): Entry<'_, '_>,
        layer: &mut Layer,
        others: &[&'static str],
    ) -> Result<(), ConfigError> {
        if key.get_ref() == "tls" {
            for (key, value) in in_order(self.table("tls", value)?) {
                let name = format!("tls.{}", key.get_ref());
                match Key::ALL.iter().find(|known| known.name() == name) {
                    Some(known) => layer.insert(*known, self.given(*known, value)?),
                    None => return Err(self.unknown(key, ["ca_file", "cert_file", "key_file"])),
                };
            }
            return Ok(());
        }
        let flat = Key::ALL.into_iter().filter(|known| !known.name().contains('.'));
        match flat.clone().find(|known| known.name() == key.get_ref()) {
            Some(known) => {
                layer.insert(known, self.given(known, value)?);
                Ok(())
            }
            None => {
                let names = flat.map(Key::name).chain(["tls"]).chain(others.iter().copied());
                Err(self.unknown(key, names))
            }
        }
    }

    fn given(&self, key: Key, value: &Value<'_>) -> Result<Given, ConfigError> {
        if key == Key::ApiKey {
            self.require_trust(key, value, "at all")?;
        }
        if key == Key::Source && is_code(value) {
            self.require_trust(key, value, "to Python modules, which would be run")?;
        }
        match value.get_ref() {
            DeValue::Table(table) if key.is_secret() => {
                self.reference(key, table, value).map(Given::Reference)
            }
            DeValue::String(_) => {
                self.string(key.name(), value).map(|text| Given::text(self.rebase(key, text)))
            }
            _ => {
                let expected = if key.is_secret() { STRING_OR_REFERENCE } else { "a string" };
                Err(self.wrong_type(key.name(), value, expected))
            }
        }
    }

    fn reference(
        &self,
        key: Key,
        table: &DeTable<'_>,
        value: &Value<'_>,
    ) -> Result<Reference, ConfigError> {
        let entries = in_order(table);
        let [(kind, target)] = entries.as_slice() else {
            return Err(self.wrong_type(key.name(), value, STRING_OR_REFERENCE));
        };
        match kind.get_ref().as_ref() {
            "env" => self.string("env", target).map(Reference::Environment),
            "file" => {
                self.require_trust(key, target, "from a file")?;
                let path = self.string("file", target)?;
                Ok(Reference::File(self.folder().join(path)))
            }
            "command" => {
                self.require_trust(key, target, "by a command")?;
                self.words("command", target).map(Reference::Command)
            }
            _ => Err(self.unknown(kind, ["env", "file", "command"])),
        }
    }

    fn words(&self, name: &str, value: &Value<'_>) -> Result<Vec<String>, ConfigError> {
        match value.get_ref() {
            DeValue::Array(words) if !words.is_empty() => {
                words.iter().map(|word| self.string(name, word)).collect()
            }
            _ => Err(self.wrong_type(name, value, "a list of strings")),
        }
    }

    pub fn string(&self, name: &str, value: &Value<'_>) -> Result<String, ConfigError> {
        match value.get_ref() {
            DeValue::String(text) if !text.is_empty() => Ok(text.to_string()),
            _ => Err(self.wrong_type(name, value, "a string")),
        }
    }

    pub fn table<'t, 'i>(
        &self,
        name: &str,
        value: &'t Value<'i>,
    ) -> Result<&'t DeTable<'i>, ConfigError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.wrong_type(name, value, "a table")),
        }
    }

    /// Relative paths in a file are relative to the file, not to where a command is run.
    fn rebase(&self, key: Key, text: String) -> String {
        let join = |path: &str| self.folder().join(path).to_string_lossy().into_owned();
        match key {
            Key::TlsCa | Key::TlsCert | Key::TlsKey => join(&text),
            Key::Source if is_modules(&text) => text,
            Key::Source => join(text.strip_prefix("file:").unwrap_or(&text)),
            Key::Registry => match text.split_once(':') {
                Some((scheme @ ("file" | "sqlite"), path)) if !path.starts_with("//") => {
                    format!("{scheme}:{}", join(path))
                }
                Some(_) | None => text,
            },
            Key::Broker | Key::Management | Key::Backend | Key::ApiKey | Key::Exchange => text,
        }
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("/"))
    }

    fn require_trust(
        &self,
        key: Key,
        value: &Value<'_>,
        what: &'static str,
    ) -> Result<(), ConfigError> {
        match self.trust {
            Trust::Named => Ok(()),
            Trust::Found => Err(ConfigError::NotTrusted {
                path: self.path.to_owned(),
                line: self.line(&value.span()),
                name: key.name().to_owned(),
                what,
            }),
        }
    }

    pub fn unknown<'k>(
        &self,
        key: &Name<'_>,
        known: impl IntoIterator<Item = &'k str>,
    ) -> ConfigError {
        let known: Vec<&str> = known.into_iter().collect();
        ConfigError::UnknownKey {
            path: self.path.to_owned(),
            line: self.line(&key.span()),
            name: key.get_ref().to_string(),
            suggestion: closest(key.get_ref(), known.iter().copied()),
            known: known.join(", "),
        }
    }

    pub fn wrong_type(&self, name: &str, value: &Value<'_>, expected: &'static str) -> ConfigError {
        let found = match value.get_ref() {
            DeValue::String(text) if text.is_empty() => "an empty string",
            DeValue::Array(items) if items.is_empty() => "an empty array",
            other => other.type_str(),
        };
        ConfigError::WrongType {
            path: self.path.to_owned(),
            line: self.line(&value.span()),
            name: name.to_owned(),
            expected,
            found,
        }
    }

    pub fn line(&self, span: &Range<usize>) -> usize {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }
}

fn is_modules(text: &str) -> bool {
    text.starts_with("python:")
}

/// Whether using the value means to run what is in the folder.
fn is_code(value: &Value<'_>) -> bool {
    matches!(value.get_ref(), DeValue::String(text) if is_modules(text))
}
