//! What a sandbox says about itself, as text, JSON or shell variables.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::sandbox::{DIRECTORY_VARIABLE, DataChoice, Sandbox};
use crate::secret::Secret;
use crate::ui::{Report, Style};

/// The sandbox's variables and who runs it.
pub fn variables(sandbox: &Sandbox) -> Vec<(&'static str, Secret)> {
    let mut variables = sandbox.environment();
    variables.push(("CELERYSALT_SANDBOX_PID", Secret::new(std::process::id().to_string())));
    variables.push((DIRECTORY_VARIABLE, Secret::new(sandbox.directory().display().to_string())));
    variables
}

/// What a sandbox offers. The passwords are shown: they are why the report is asked for, and they
/// end with the sandbox.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SandboxReport {
    broker_url: String,
    tls_url: Option<String>,
    management_url: String,
    backend_url: Option<String>,
    exchange: String,
    directory: String,
    kept: bool,
    pid: u32,
    environment: Map<String, Value>,
}

impl SandboxReport {
    pub fn new(sandbox: &Sandbox, data: DataChoice) -> Self {
        let environment = variables(sandbox)
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.expose().into()))
            .collect();
        Self {
            broker_url: sandbox.broker_url().expose().to_owned(),
            tls_url: sandbox.endpoints().tls_url().map(|url| url.expose().to_owned()),
            management_url: sandbox.management_url().expose().to_owned(),
            backend_url: sandbox.redis_url().map(|url| url.expose().to_owned()),
            exchange: sandbox.endpoints().exchange.clone(),
            directory: sandbox.directory().display().to_string(),
            kept: data == DataChoice::Keep,
            pid: std::process::id(),
            environment,
        }
    }

    /// One `export NAME='value'` line for each variable.
    pub fn exports(&self) -> String {
        self.environment
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?)))
            .map(|(name, value)| format!("export {name}={}\n", shell_quoted(value)))
            .collect()
    }
}

fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

impl Report for SandboxReport {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let mut row = |name: &str, value: &str| {
            writeln!(out, "{} {value}", style.heading.apply_to(format!("{name:<11}")))
        };
        row("RabbitMQ", &self.broker_url)?;
        if let Some(url) = &self.tls_url {
            row("With TLS", url)?;
        }
        row("Management", &self.management_url)?;
        row("Redis", self.backend_url.as_deref().unwrap_or("not started"))?;
        row("Exchange", &self.exchange)?;
        row("Directory", &self.directory)?;
        writeln!(out, "\nIn another shell:")?;
        for variable in ["CELERYSALT_BROKER_URL", "CELERYSALT_BACKEND_URL"] {
            if let Some(value) = self.environment.get(variable).and_then(Value::as_str) {
                writeln!(out, "  export {variable}={}", shell_quoted(value))?;
            }
        }
        let removal = if self.kept { "the directory stays" } else { "everything is removed" };
        writeln!(out, "\nCtrl-C ends the sandbox; {removal}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(kept: bool) -> SandboxReport {
        let variables = [
            ("CELERYSALT_BROKER_URL", "amqp://sandbox:pw@127.0.0.1:20001/%2F"),
            ("CELERYSALT_BACKEND_URL", "redis://:pw@127.0.0.1:20003/0"),
            ("CELERYSALT_EXCHANGE", "it's"),
        ];
        SandboxReport {
            broker_url: "amqp://sandbox:pw@127.0.0.1:20001/%2F".to_owned(),
            tls_url: Some("amqps://sandbox:pw@localhost:20004/%2F".to_owned()),
            management_url: "http://sandbox:pw@127.0.0.1:20002".to_owned(),
            backend_url: Some("redis://:pw@127.0.0.1:20003/0".to_owned()),
            exchange: "it's".to_owned(),
            directory: "/tmp/celerysalt-sandbox-x".to_owned(),
            kept,
            pid: 4711,
            environment: variables
                .map(|(name, value)| (name.to_owned(), value.into()))
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn the_summary_says_where_everything_is_and_how_to_use_it() {
        let mut text = Vec::new();
        report(false).write_human(&mut text, &Style::new(false)).unwrap();
        insta::assert_snapshot!(String::from_utf8(text).unwrap(), @"
        RabbitMQ    amqp://sandbox:pw@127.0.0.1:20001/%2F
        With TLS    amqps://sandbox:pw@localhost:20004/%2F
        Management  http://sandbox:pw@127.0.0.1:20002
        Redis       redis://:pw@127.0.0.1:20003/0
        Exchange    it's
        Directory   /tmp/celerysalt-sandbox-x

        In another shell:
          export CELERYSALT_BROKER_URL='amqp://sandbox:pw@127.0.0.1:20001/%2F'
          export CELERYSALT_BACKEND_URL='redis://:pw@127.0.0.1:20003/0'

        Ctrl-C ends the sandbox; everything is removed.
        ");
    }

    #[test]
    fn the_exports_are_safe_to_evaluate() {
        insta::assert_snapshot!(report(false).exports(), @r"
        export CELERYSALT_BROKER_URL='amqp://sandbox:pw@127.0.0.1:20001/%2F'
        export CELERYSALT_BACKEND_URL='redis://:pw@127.0.0.1:20003/0'
        export CELERYSALT_EXCHANGE='it'\''s'
        ");
    }

    #[test]
    fn the_json_holds_every_variable() {
        insta::assert_json_snapshot!(report(true), @r#"
        {
          "broker_url": "amqp://sandbox:pw@127.0.0.1:20001/%2F",
          "tls_url": "amqps://sandbox:pw@localhost:20004/%2F",
          "management_url": "http://sandbox:pw@127.0.0.1:20002",
          "backend_url": "redis://:pw@127.0.0.1:20003/0",
          "exchange": "it's",
          "directory": "/tmp/celerysalt-sandbox-x",
          "kept": true,
          "pid": 4711,
          "environment": {
            "CELERYSALT_BROKER_URL": "amqp://sandbox:pw@127.0.0.1:20001/%2F",
            "CELERYSALT_BACKEND_URL": "redis://:pw@127.0.0.1:20003/0",
            "CELERYSALT_EXCHANGE": "it's"
          }
        }
        "#);
    }
}
