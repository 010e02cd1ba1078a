//! Where the server programs are.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::{SandboxError, SandboxOptions};

/// The programs a sandbox runs.
#[derive(Debug, Clone)]
pub struct Programs {
    pub rabbitmq_server: PathBuf,
    pub rabbitmqctl: PathBuf,
    pub epmd: PathBuf,
}

/// Debian and RPM packages: the real scripts. What they put on the search path is a wrapper that
/// changes to the user `rabbitmq` and the machine's own data.
const PACKAGE_DIRECTORIES: [&str; 1] = ["/usr/lib/rabbitmq/bin"];

/// Homebrew keeps servers in `sbin`, which is seldom on the search path.
const FALLBACK_DIRECTORIES: [&str; 5] = [
    "/opt/homebrew/sbin",
    "/opt/homebrew/opt/rabbitmq/sbin",
    "/usr/local/sbin",
    "/usr/local/opt/rabbitmq/sbin",
    "/usr/sbin",
];

/// Finds RabbitMQ's programs and Erlang's port mapper.
pub fn rabbitmq(options: &SandboxOptions) -> Result<Programs, SandboxError> {
    let rabbitmq_server = match &options.rabbitmq_server {
        Some(path) => path.clone(),
        None => find("rabbitmq-server", &PACKAGE_DIRECTORIES)
            .ok_or(SandboxError::MissingServer { server: "RabbitMQ" })?,
    };
    let rabbitmqctl = rabbitmq_server.with_file_name("rabbitmqctl");
    let epmd = find_epmd().ok_or(SandboxError::MissingServer { server: "Erlang's epmd" })?;
    Ok(Programs { rabbitmq_server, rabbitmqctl, epmd })
}

/// Finds the Redis server, or Valkey, which is the same to everybody who connects.
pub fn redis(options: &SandboxOptions) -> Result<PathBuf, SandboxError> {
    let found = match &options.redis_server {
        Some(path) => Some(path.clone()),
        None => find("redis-server", &[]).or_else(|| find("valkey-server", &[])),
    };
    found.ok_or(SandboxError::MissingServer { server: "Redis" })
}

/// On the search path, or beside the program that the name `erl` leads to.
fn find_epmd() -> Option<PathBuf> {
    find("epmd", &[]).or_else(|| {
        let erl = find("erl", &[])?.canonicalize().ok()?;
        Some(erl.with_file_name("epmd")).filter(|path| path.is_file())
    })
}

fn find(program: &str, first: &[&str]) -> Option<PathBuf> {
    let search_path = env::var_os("PATH").unwrap_or_default();
    find_in(program, first, &search_path)
}

fn find_in(program: &str, first: &[&str], search_path: &OsStr) -> Option<PathBuf> {
    let fixed = |directories: &[&str]| directories.iter().map(PathBuf::from).collect::<Vec<_>>();
    fixed(first)
        .into_iter()
        .chain(env::split_paths(search_path))
        .chain(fixed(&FALLBACK_DIRECTORIES))
        .map(|directory| directory.join(program))
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_package_directory_comes_before_the_search_path_and_only_programs_count() {
        let root = tempfile::tempdir().unwrap();
        let place = |name: &str, mode| {
            let directory = root.path().join(name);
            fs::create_dir(&directory).unwrap();
            fs::write(directory.join("some-server"), "").unwrap();
            fs::set_permissions(directory.join("some-server"), fs::Permissions::from_mode(mode))
                .unwrap();
            directory
        };
        let package = place("package", 0o755);
        let path = place("path", 0o755);
        let text_file = place("text", 0o644);
        let search_path = env::join_paths([&text_file, &path]).unwrap();
        let find = |first: &[&str]| find_in("some-server", first, &search_path);

        assert_eq!(find(&[package.to_str().unwrap()]), Some(package.join("some-server")));
        assert_eq!(find(&[]), Some(path.join("some-server")));
        assert_eq!(find_in("no-such-server", &[], &search_path), None);
    }
}
