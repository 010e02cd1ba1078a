//! A throw-away RabbitMQ node and Redis server for local development and tests.
//!
//! Everything is private to the sandbox: node name, Erlang port mapper, cookie, ports (all on
//! 127.0.0.1), passwords and data, so a broker that already runs on the machine is never touched.
//! [`Sandbox`] owns the server processes. A small second process, the reaper, holds the other end
//! of a pipe and clears up what a killed sandbox could not.
//!
//! Blocking code without a runtime; `commands::sandbox` puts it on the command line and runs the
//! user's command.

mod environment;
mod error;
mod instance;
mod locate;
mod options;
mod ports;
mod probe;
mod process;
mod rabbitmq;
mod reaper;
mod redis;
mod remains;

pub use environment::Endpoints;
pub use error::SandboxError;
pub use instance::Sandbox;
pub use options::{DataChoice, RedisChoice, SandboxOptions, StopFlag};
pub use reaper::{REAPER_COMMAND, run_reaper};
