//! From settings to servers.

use std::path::PathBuf;

use super::context::Context;
use super::error::CommandError;
use crate::broker::TlsFiles;
use crate::broker::amqp::{AmqpTarget, ConnectOptions, Connector};
use crate::config::Setting;

impl Context {
    /// How to reach the broker; nothing is opened yet.
    pub fn connector(&self) -> Result<Connector, CommandError> {
        let target = AmqpTarget::parse(self.broker_url()?.expose())?;
        let options = ConnectOptions {
            tls: self.tls_files(),
            connection_name: format!("celerysalt {}", env!("CARGO_PKG_VERSION")),
            ..ConnectOptions::default()
        };
        Ok(Connector::new(target, options))
    }

    /// The exchange that events are published to.
    pub fn exchange(&self) -> &str {
        &self.settings.exchange.value
    }

    pub fn tls_files(&self) -> TlsFiles {
        let tls = &self.settings.tls;
        let path = |setting: &Option<Setting<PathBuf>>| {
            setting.as_ref().map(|setting| setting.value.clone())
        };
        TlsFiles {
            ca_file: path(&tls.ca_file),
            cert_file: path(&tls.cert_file),
            key_file: path(&tls.key_file),
        }
    }
}
