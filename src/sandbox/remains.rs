//! What a sandbox leaves behind when nobody clears up, and clearing it up.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// Every server of a sandbox has this variable, with the sandbox directory as its value. It finds
/// the helpers of a server that left the server's process group.
pub const MARKER: &str = "CELERYSALT_SANDBOX_SERVER_OF";

/// A group whose members are dead but not yet collected by process 1 still takes signals (and in
/// some containers always will), so where processes can be listed, the list decides.
const CAN_LIST_PROCESSES: bool = cfg!(target_os = "linux");

const PATIENCE: Duration = Duration::from_secs(5);
const STEP: Duration = Duration::from_millis(10);

/// The processes and the directory of one sandbox.
#[derive(Debug)]
pub struct Remains {
    pub groups: BTreeSet<Pid>,
    pub directory: PathBuf,
}

impl Remains {
    /// Kills the groups and every other process of the sandbox and waits until they are gone.
    pub fn kill(&self) {
        let deadline = Instant::now() + PATIENCE;
        let mut groups = self.groups.clone();
        loop {
            groups.retain(|group| killpg(*group, Signal::SIGKILL).is_ok());
            let marked = marked_processes(&self.directory);
            for process in &marked {
                // It may have ended by itself since it was listed.
                let _ = kill(*process, Signal::SIGKILL);
            }
            if (marked.is_empty() && (CAN_LIST_PROCESSES || groups.is_empty()))
                || Instant::now() > deadline
            {
                return;
            }
            thread::sleep(STEP);
        }
    }

    pub fn remove_directory(&self) -> io::Result<()> {
        match fs::remove_dir_all(&self.directory) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// The processes whose environment names `directory`. Empty where there is no `/proc`, or for
/// processes of another user: then the groups have to do.
fn marked_processes(directory: &Path) -> Vec<Pid> {
    let mark = format!("{MARKER}={}", directory.display());
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    processes
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process: &i32| {
            fs::read(format!("/proc/{process}/environ")).is_ok_and(|environment| {
                environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
            })
        })
        .map(Pid::from_raw)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};

    use super::*;

    /// Ends with the test at the latest, when its stdin closes.
    fn process_of(directory: &Path) -> Child {
        let child = Command::new("cat")
            .stdin(Stdio::piped())
            .env(MARKER, directory)
            .process_group(0)
            .spawn()
            .unwrap();
        // The system shows a program's environment a moment after the program started.
        let deadline = Instant::now() + PATIENCE;
        while marked_processes(directory).is_empty() {
            assert!(Instant::now() < deadline, "the process never showed its environment");
            thread::sleep(STEP);
        }
        child
    }

    #[test]
    fn a_process_that_left_its_group_is_found_by_its_mark() {
        let directory = tempfile::tempdir().unwrap().keep();
        let other_directory = directory.with_extension("other");
        let mut strayed = process_of(&directory);
        let mut unrelated = process_of(&other_directory);
        let remains = Remains { groups: BTreeSet::new(), directory: directory.clone() };
        remains.kill();
        remains.remove_directory().unwrap();

        assert_eq!(strayed.wait().unwrap().code(), None, "killed by a signal");
        assert!(unrelated.try_wait().unwrap().is_none());
        assert!(!directory.exists());
        unrelated.kill().unwrap();
        unrelated.wait().unwrap();
    }
}
