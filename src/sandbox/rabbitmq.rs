//! RabbitMQ and Erlang's port mapper: configuration, start and `rabbitmqctl`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::json;

use super::SandboxError;
use super::environment::{Endpoints, USER};
use super::locate::Programs;
use super::process::{ServerCommand, ServerProcess};

/// Small and quiet: two schedulers that sleep when idle, and no connection from other machines.
const ERLANG_ARGUMENTS: &str = "+S 2:2 +SDio 2 +A 2 \
     -kernel inet_dist_use_interface {127,0,0,1}";

/// One RabbitMQ node: where it lives and how to reach it.
#[derive(Debug)]
pub struct Node {
    programs: Programs,
    directory: PathBuf,
    name: String,
    epmd_port: u16,
    distribution_port: u16,
}

/// The ports only Erlang uses.
#[derive(Debug, Clone, Copy)]
pub struct ErlangPorts {
    pub epmd: u16,
    pub distribution: u16,
}

impl Node {
    /// Writes the node's files. The exchange, the user and the virtual host are definitions that
    /// the node loads while it boots, so they exist as soon as it answers.
    pub fn prepare(
        programs: Programs,
        directory: &Path,
        endpoints: &Endpoints,
        ports: ErlangPorts,
    ) -> Result<Self, SandboxError> {
        let node = Self {
            programs,
            directory: directory.to_owned(),
            name: format!("celerysalt-{}@localhost", ports.distribution),
            epmd_port: ports.epmd,
            distribution_port: ports.distribution,
        };
        let files = [
            ("rabbitmq.conf", configuration(&node.path("definitions.json"), endpoints)),
            ("definitions.json", definitions(endpoints).to_string()),
            ("enabled_plugins", "[rabbitmq_management].\n".to_owned()),
            ("rabbitmq-env.conf", String::new()),
        ];
        for (name, text) in files {
            fs::write(node.path(name), text).map_err(SandboxError::Directory)?;
        }
        for name in ["home", "data", "conf.d"] {
            fs::create_dir(node.path(name)).map_err(SandboxError::Directory)?;
        }
        Ok(node)
    }

    /// Starts the port mapper. Without one of its own, the node would start a daemon that outlives
    /// the sandbox, or register with the machine's.
    pub fn start_epmd(&self) -> Result<ServerProcess, SandboxError> {
        let mut command = Command::new(&self.programs.epmd);
        command.args(["-port", &self.epmd_port.to_string(), "-address", "127.0.0.1"]);
        ServerProcess::spawn(ServerCommand {
            name: "epmd",
            command,
            directory: self.directory.clone(),
            output: self.path("log/epmd.log"),
            log: None,
        })
    }

    pub fn start(&self) -> Result<ServerProcess, SandboxError> {
        let log = self.path("log/rabbitmq.log");
        let mut command = Command::new(&self.programs.rabbitmq_server);
        self.set_environment(&mut command);
        command
            .env("RABBITMQ_DIST_PORT", self.distribution_port.to_string())
            .env("RABBITMQ_MNESIA_BASE", self.path("data"))
            .env("RABBITMQ_LOG_BASE", self.path("log"))
            .env("RABBITMQ_LOGS", &log)
            .env("RABBITMQ_CONFIG_FILE", self.path("rabbitmq.conf"))
            .env("RABBITMQ_CONFIG_FILES", self.path("conf.d"))
            .env("RABBITMQ_ADVANCED_CONFIG_FILE", self.path("advanced.config"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", self.path("enabled_plugins"))
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG_ARGUMENTS);
        ServerProcess::spawn(ServerCommand {
            name: "RabbitMQ",
            command,
            directory: self.directory.clone(),
            output: self.path("log/rabbitmq-output.log"),
            log: Some(log),
        })
    }

    /// Runs `rabbitmqctl` against this node and returns what it printed.
    pub fn control(&self, arguments: &[&str]) -> Result<String, SandboxError> {
        let mut command = Command::new(&self.programs.rabbitmqctl);
        self.set_environment(&mut command);
        let output = command
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .output()
            .map_err(|source| SandboxError::CannotRun {
                path: self.programs.rabbitmqctl.clone(),
                source,
            })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let log = text(&output.stderr) + &text(&output.stdout);
        Err(SandboxError::Control {
            arguments: arguments.join(" "),
            log: log.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect(),
        })
    }

    /// What the node and `rabbitmqctl` must agree on. Settings of the machine's own RabbitMQ are
    /// taken away; the home directory holds the Erlang cookie.
    fn set_environment(&self, command: &mut Command) {
        for (name, _) in env::vars_os() {
            let name_text = name.to_string_lossy();
            if name_text.starts_with("RABBITMQ_") || name_text.starts_with("ERL_") {
                command.env_remove(&name);
            }
        }
        command
            .env("HOME", self.path("home"))
            .env("ERL_EPMD_PORT", self.epmd_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_CONF_ENV_FILE", self.path("rabbitmq-env.conf"))
            .env("RABBITMQ_NODENAME", &self.name);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn configuration(definitions: &Path, endpoints: &Endpoints) -> String {
    let Endpoints { amqp_port, management_port, .. } = endpoints;
    format!(
        "listeners.tcp.local = 127.0.0.1:{amqp_port}\n\
         management.tcp.ip = 127.0.0.1\n\
         management.tcp.port = {management_port}\n\
         load_definitions = {}\n\
         collect_statistics_interval = 1000\n\
         num_acceptors.tcp = 2\n\
         disk_free_limit.absolute = 50MB\n\
         log.file.level = info\n\
         log.file.rotation.size = 4194304\n\
         log.file.rotation.count = 1\n",
        definitions.display()
    )
}

fn definitions(endpoints: &Endpoints) -> serde_json::Value {
    json!({
        "users": [
            {"name": USER, "password": endpoints.password.expose(), "tags": "administrator"}
        ],
        "vhosts": [{"name": "/"}],
        "permissions": [
            {"user": USER, "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"}
        ],
        "exchanges": [{
            "name": endpoints.exchange,
            "vhost": "/",
            "type": "topic",
            "durable": true,
            "auto_delete": false,
            "internal": false,
            "arguments": {},
        }],
    })
}
