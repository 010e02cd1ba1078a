//! What a command works with: settings, the printer, and the secrets it asks for.

use crate::config::{
    Environment, Files, Flags, Given, Key, Resolution, Setting, Settings, resolve,
};
use crate::schema::Waiver;
use crate::secret::Secret;
use crate::ui::Ui;

use super::error::CommandError;

/// What is known before any file is read. Enough for a command that talks to no server.
pub struct Session {
    pub flags: Flags,
    pub environment: Environment,
    pub ui: Ui,
}

/// A session with its settings resolved, for a command that talks to servers.
pub struct Context {
    pub settings: Settings,
    pub ui: Ui,
    environment: Environment,
}

impl Session {
    pub fn files(&self) -> Result<Files, CommandError> {
        Ok(Files::read(self.flags.config.as_deref(), &self.environment)?)
    }

    /// The settings, and a warning for each value of the profile asked for that lost.
    pub fn resolve(&self) -> Result<Resolution, CommandError> {
        let resolution = resolve(&self.flags, &self.environment, &self.files()?)?;
        for lost in &resolution.overshadowed {
            let profile = self.flags.profile.as_deref().unwrap_or_default();
            self.ui.warn(&format!(
                "{} overrides `{}` of the profile {profile:?} you asked for",
                lost.by,
                lost.key.name()
            ));
        }
        Ok(resolution)
    }

    pub fn context(&self) -> Result<Context, CommandError> {
        let settings = self.resolve()?.settings;
        Ok(Context { settings, ui: self.ui.clone(), environment: self.environment.clone() })
    }
}

/// Each of these follows a reference to a secret when it is called, which may run the user's
/// command (`pass show …`): a command asks for what it needs, once.
impl Context {
    /// The exchange that events are published to.
    pub fn exchange(&self) -> &str {
        &self.settings.exchange.value
    }

    /// Findings of `schema diff` that the project's file accepts.
    pub fn waivers(&self) -> &[Waiver] {
        self.settings.waivers.as_ref().map_or(&[], |waivers| waivers.value.as_slice())
    }

    pub fn broker_url(&self) -> Result<Secret, CommandError> {
        self.fetch(Key::Broker, &self.settings.broker)
    }

    pub fn management_url(&self) -> Result<Option<Secret>, CommandError> {
        self.fetch_given(Key::Management, self.settings.management.as_ref())
    }

    pub fn backend_url(&self) -> Result<Option<Secret>, CommandError> {
        self.fetch_given(Key::Backend, self.settings.backend.as_ref())
    }

    pub fn registry_url(&self) -> Result<Secret, CommandError> {
        self.fetch(Key::Registry, &self.settings.registry)
    }

    pub fn api_key(&self) -> Result<Option<Secret>, CommandError> {
        self.fetch_given(Key::ApiKey, self.settings.api_key.as_ref())
    }

    fn fetch_given(
        &self,
        key: Key,
        setting: Option<&Setting<Given>>,
    ) -> Result<Option<Secret>, CommandError> {
        setting.map(|setting| self.fetch(key, setting)).transpose()
    }

    fn fetch(&self, key: Key, setting: &Setting<Given>) -> Result<Secret, CommandError> {
        Ok(setting.value.fetch(key, &self.environment)?)
    }
}
