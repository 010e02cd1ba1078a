//! Redis: configuration and start.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::SandboxError;
use super::process::{ServerCommand, ServerProcess};
use crate::secret::Secret;

/// The configuration: nothing is saved. Many databases, so that tests can have one each.
fn configuration(port: u16, password: &Secret) -> String {
    let password = password.expose();
    format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         requirepass {password}\n\
         databases 256\n\
         save \"\"\n\
         appendonly no\n\
         daemonize no\n"
    )
}

pub fn start(
    program: PathBuf,
    directory: &Path,
    port: u16,
    password: &Secret,
) -> Result<ServerProcess, SandboxError> {
    let file = directory.join("redis.conf");
    fs::write(&file, configuration(port, password)).map_err(SandboxError::Directory)?;
    let mut command = Command::new(program);
    command.arg(file);
    ServerProcess::spawn(ServerCommand {
        name: "Redis",
        command,
        directory: directory.to_owned(),
        output: directory.join("log/redis.log"),
        log: None,
    })
}
