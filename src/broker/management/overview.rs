//! The broker as a whole: its versions, and its clock.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde_json::Value;

use super::super::error::BrokerError;
use super::{DEADLINE, Management};

/// What a broker tells about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overview {
    /// The version of RabbitMQ.
    pub version: Option<String>,
    /// The version of Erlang it runs on.
    pub erlang: Option<String>,
    /// The server's time when it answered, in whole seconds.
    pub server_time: Option<Timestamp>,
}

impl Management {
    /// # Errors
    /// What any request can fail with.
    pub async fn overview(&self) -> Result<Overview, BrokerError> {
        let missing = || BrokerError::Refused {
            endpoint: self.endpoint(),
            reason: "it has no overview".to_owned(),
        };
        let query = [("columns", "rabbitmq_version,erlang_version")];
        let answer = self.send(&["overview"], &query, DEADLINE).await?.ok_or_else(missing)?;
        let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
        let server_time = date.and_then(|date| Some(rfc2822::parse(date).ok()?.timestamp()));
        let told: Value = self.read(answer, DEADLINE).await?;
        let text = |name: &str| told.get(name).and_then(Value::as_str).map(str::to_owned);
        let (version, erlang) = (text("rabbitmq_version"), text("erlang_version"));
        Ok(Overview { version, erlang, server_time })
    }
}
