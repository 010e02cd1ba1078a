use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::unistd::Pid;
use tempfile::TempDir;
use uuid::Uuid;

use super::environment::Endpoints;
use super::error::SandboxError;
use super::locate;
use super::options::{DataChoice, RedisChoice, SandboxOptions};
use super::ports::free_ports;
use super::probe;
use super::process::ServerProcess;
use super::rabbitmq::{ErlangPorts, Node};
use super::reaper::{Notice, Reaper};
use super::redis;
use super::remains::{MARKER, Remains};
use crate::secret::Secret;

const POLL_STEP: Duration = Duration::from_millis(20);
const KILL_PATIENCE: Duration = Duration::from_secs(5);
const PORT_ATTEMPTS: usize = 3;

/// A running RabbitMQ node and Redis server. Dropping it stops both and removes the data.
#[derive(Debug)]
pub struct Sandbox {
    options: SandboxOptions,
    directory: PathBuf,
    endpoints: Endpoints,
    node: Node,
    broker: Option<ServerProcess>,
    helpers: Vec<ServerProcess>,
    reaper: Reaper,
}

impl Sandbox {
    /// Starts the servers side by side and returns when all of them answer.
    ///
    /// Ports cannot be reserved for another process, so a start that loses one to somebody else is
    /// tried again with new ports.
    pub fn start(options: &SandboxOptions) -> Result<Self, SandboxError> {
        let mut attempt = 1;
        loop {
            match Self::start_once(options) {
                Err(error) if error.is_port_conflict() && attempt < PORT_ATTEMPTS => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    fn start_once(options: &SandboxOptions) -> Result<Self, SandboxError> {
        let programs = locate::rabbitmq(options)?;
        let redis_program = match options.redis {
            RedisChoice::Start => Some(locate::redis(options)?),
            RedisChoice::Skip => None,
        };
        let [amqp, management, redis, epmd, distribution] = free_ports()?;
        let endpoints = Endpoints {
            amqp_port: amqp,
            management_port: management,
            redis_port: redis_program.is_some().then_some(redis),
            password: Secret::new(Uuid::new_v4().simple().to_string()),
            exchange: options.exchange.clone(),
        };
        let temporary = create_directory().map_err(SandboxError::Directory)?;
        let reaper = Reaper::start(&options.celerysalt, temporary.path(), options.data)
            .map_err(SandboxError::Reaper)?;
        let directory = temporary.keep();
        let ports = ErlangPorts { epmd, distribution };
        let node = Node::prepare(programs, &directory, &endpoints, ports)?;
        let mut sandbox = Self {
            options: options.clone(),
            directory,
            endpoints,
            node,
            broker: None,
            helpers: Vec::new(),
            reaper,
        };
        sandbox.start_servers(redis_program, epmd)?;
        Ok(sandbox)
    }

    fn start_servers(&mut self, redis: Option<PathBuf>, epmd: u16) -> Result<(), SandboxError> {
        let deadline = Instant::now() + self.options.deadline;
        let mapper = self.node.start_epmd()?;
        self.adopt_helper(mapper);
        if let (Some(program), Some(port)) = (redis, self.endpoints.redis_port) {
            let server = redis::start(program, &self.directory, port, &self.endpoints.password)?;
            self.adopt_helper(server);
        }
        // The node must find its port mapper, or it starts one of its own.
        self.wait_for(deadline, "epmd", |_| probe::listens(epmd))?;
        self.spawn_broker()?;
        self.wait_for(deadline, "Redis", |endpoints| {
            endpoints.redis_port.is_none_or(|port| probe::answers_redis(port, &endpoints.password))
        })?;
        self.wait_for_broker(deadline)
    }

    /// The servers' addresses and password.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Data, logs and configuration.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// See [`Endpoints::broker_url`].
    pub fn broker_url(&self) -> Secret {
        self.endpoints.broker_url()
    }

    pub fn management_url(&self) -> Secret {
        self.endpoints.management_url()
    }

    /// `None` when the sandbox was started without Redis.
    pub fn redis_url(&self) -> Option<Secret> {
        self.endpoints.redis_url()
    }

    /// See [`Endpoints::environment`].
    pub fn environment(&self) -> Vec<(&'static str, Secret)> {
        self.endpoints.environment()
    }

    /// Runs `rabbitmqctl` against the sandbox's node and returns what it printed.
    pub fn rabbitmqctl(&self, arguments: &[&str]) -> Result<String, SandboxError> {
        self.node.control(arguments)
    }

    /// Kills the broker without warning, as a crash would, and returns when its port is closed.
    /// Data and ports stay.
    pub fn stop_broker(&mut self) {
        let Some(mut broker) = self.broker.take() else { return };
        let group = broker.group();
        broker.kill();
        let deadline = Instant::now() + KILL_PATIENCE;
        while probe::listens(self.endpoints.amqp_port) && Instant::now() < deadline {
            thread::sleep(POLL_STEP);
        }
        self.reaper.tell(Notice::Forget(group));
    }

    /// Starts the broker again after [`Sandbox::stop_broker`], with the same ports and data.
    pub fn start_broker(&mut self) -> Result<(), SandboxError> {
        if self.broker.is_none() {
            self.spawn_broker()?;
        }
        self.wait_for_broker(Instant::now() + self.options.deadline)
    }

    pub fn restart_broker(&mut self) -> Result<(), SandboxError> {
        self.stop_broker();
        self.start_broker()
    }

    /// The user's command, which should be asked to end if the sandbox is killed.
    pub fn watch_command(&mut self, process_id: u32) {
        self.reaper.tell(Notice::Command(Pid::from_raw(process_id.cast_signed())));
    }

    /// Makes a process part of the sandbox: it is killed when the sandbox ends. Linux only.
    pub fn adopt(&self, command: &mut Command) {
        command.env(MARKER, &self.directory);
    }

    /// The name of a server that ended by itself, and the end of its log.
    pub fn dead_server(&mut self) -> Option<(&'static str, Vec<String>)> {
        self.processes()
            .find_map(|server| server.has_exited().then(|| (server.name(), server.log_tail())))
    }

    fn processes(&mut self) -> impl Iterator<Item = &mut ServerProcess> {
        self.broker.iter_mut().chain(&mut self.helpers)
    }

    fn adopt_helper(&mut self, server: ServerProcess) {
        self.reaper.tell(Notice::Group(server.group()));
        self.helpers.push(server);
    }

    fn spawn_broker(&mut self) -> Result<(), SandboxError> {
        let broker = self.node.start()?;
        self.reaper.tell(Notice::Group(broker.group()));
        self.broker = Some(broker);
        Ok(())
    }

    fn wait_for_broker(&mut self, deadline: Instant) -> Result<(), SandboxError> {
        self.wait_for(deadline, "RabbitMQ", |endpoints| probe::answers_amqp(endpoints.amqp_port))?;
        self.wait_for(deadline, "RabbitMQ", |endpoints| {
            probe::answers_management(endpoints.management_port)
        })
    }

    fn wait_for(
        &mut self,
        deadline: Instant,
        server: &'static str,
        is_ready: impl Fn(&Endpoints) -> bool,
    ) -> Result<(), SandboxError> {
        loop {
            if is_ready(&self.endpoints) {
                return Ok(());
            }
            if self.options.stop.is_raised() {
                return Err(SandboxError::Stopped);
            }
            if let Some((server, log)) = self.dead_server() {
                return Err(SandboxError::Exited { server, log });
            }
            if Instant::now() > deadline {
                let log = self
                    .processes()
                    .find(|process| process.name() == server)
                    .map(|process| process.log_tail())
                    .unwrap_or_default();
                let deadline = self.options.deadline;
                return Err(SandboxError::NotReady { server, deadline, log });
            }
            thread::sleep(POLL_STEP);
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let groups = self.processes().map(|server| server.group()).collect::<BTreeSet<_>>();
        for server in self.processes() {
            server.kill();
        }
        let remains = Remains { groups, directory: self.directory.clone() };
        remains.kill();
        let removed = match self.options.data {
            DataChoice::Remove => remains.remove_directory(),
            DataChoice::Keep => Ok(()),
        };
        // What could not be removed is left to the reaper, which tries again.
        if removed.is_ok() {
            self.reaper.tell(Notice::Done);
        }
    }
}

/// Only the user may look inside: the files hold the passwords.
fn create_directory() -> io::Result<TempDir> {
    let directory = tempfile::Builder::new().prefix("celerysalt-sandbox-").tempdir()?;
    fs::create_dir(directory.path().join("log"))?;
    Ok(directory)
}
