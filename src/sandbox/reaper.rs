//! The reaper: a second process that outlives a killed sandbox and clears up after it.
//!
//! The sandbox holds the write end of a pipe to it and names what must not be left behind, a line
//! each. When the pipe closes without `done`, the sandbox died and the reaper acts.

use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use nix::sys::signal::{SigSet, Signal, kill};
use nix::unistd::{Pid, setsid};

use super::options::DataChoice;
use super::remains::Remains;

/// The hidden subcommand of the `celerysalt` binary that calls [`run_reaper`].
pub const REAPER_COMMAND: &str = "sandbox-reaper";

const READY: u8 = b'+';

/// What the sandbox tells its reaper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// A server runs in this process group.
    Group(Pid),
    /// That group is gone; its number may soon belong to somebody else.
    Forget(Pid),
    /// The user's command: asked to end, not killed.
    Command(Pid),
    /// Nothing is left to clear up.
    Done,
}

impl Notice {
    fn line(self) -> String {
        match self {
            Self::Group(pid) => format!("group {pid}\n"),
            Self::Forget(pid) => format!("forget {pid}\n"),
            Self::Command(pid) => format!("command {pid}\n"),
            Self::Done => "done\n".to_owned(),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        if line == "done" {
            return Some(Self::Done);
        }
        let (word, number) = line.split_once(' ')?;
        // Zero and below address whole sets of processes, ours among them.
        let pid = Pid::from_raw(number.parse().ok().filter(|number| *number > 1)?);
        match word {
            "group" => Some(Self::Group(pid)),
            "forget" => Some(Self::Forget(pid)),
            "command" => Some(Self::Command(pid)),
            _ => None,
        }
    }
}

/// The sandbox's handle on its reaper.
#[derive(Debug)]
pub struct Reaper {
    process: Child,
    pipe: Option<ChildStdin>,
}

impl Reaper {
    /// Starts the reaper and waits until it has left our session, out of reach of Ctrl-C.
    pub fn start(celerysalt: &Path, directory: &Path, data: DataChoice) -> io::Result<Self> {
        let mut command = Command::new(celerysalt);
        command.arg(REAPER_COMMAND).arg(directory);
        if data == DataChoice::Keep {
            command.arg("--keep");
        }
        let mut process = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let pipe = process.stdin.take();
        let mut ready = [0];
        match process.stdout.take() {
            Some(mut stdout) => stdout.read_exact(&mut ready)?,
            None => return Err(io::ErrorKind::BrokenPipe.into()),
        }
        Ok(Self { process, pipe })
    }

    /// Best effort: without a reaper, `Drop` of the sandbox still clears up.
    pub fn tell(&mut self, notice: Notice) {
        if let Some(pipe) = &mut self.pipe {
            let _ = pipe.write_all(notice.line().as_bytes());
        }
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let _ = self.process.wait();
    }
}

/// The reaper's own life: listen until the pipe closes, then clear up unless all is done.
pub fn run_reaper(directory: PathBuf, data: DataChoice) -> io::Result<()> {
    // Fails for a group leader, which a child of the sandbox is not.
    let _ = setsid();
    SigSet::all().thread_block()?;
    io::stdout().write_all(&[READY])?;
    io::stdout().flush()?;

    let mut remains = Remains { groups: BTreeSet::new(), directory };
    let Some(command) = listen(BufReader::new(io::stdin()), &mut remains.groups) else {
        return Ok(());
    };
    if let Some(command) = command {
        let _ = kill(command, Signal::SIGTERM);
    }
    remains.kill();
    match data {
        DataChoice::Remove => remains.remove_directory(),
        DataChoice::Keep => Ok(()),
    }
}

/// Collects groups until the pipe closes; `None` when the sandbox said that it is done.
fn listen(pipe: impl BufRead, groups: &mut BTreeSet<Pid>) -> Option<Option<Pid>> {
    let mut user_command = None;
    for line in pipe.lines().map_while(Result::ok) {
        match Notice::parse(&line) {
            Some(Notice::Group(group)) => {
                groups.insert(group);
            }
            Some(Notice::Forget(group)) => {
                groups.remove(&group);
            }
            Some(Notice::Command(command)) => user_command = Some(command),
            Some(Notice::Done) => return None,
            None => {}
        }
    }
    Some(user_command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(text: &str) -> (Option<Option<Pid>>, Vec<i32>) {
        let mut groups = BTreeSet::new();
        let end = listen(text.as_bytes(), &mut groups);
        (end, groups.into_iter().map(Pid::as_raw).collect())
    }

    #[test]
    fn notices_survive_the_pipe() {
        let pid = Pid::from_raw(4711);
        for notice in [Notice::Group(pid), Notice::Forget(pid), Notice::Command(pid), Notice::Done]
        {
            assert_eq!(Notice::parse(notice.line().trim_end()), Some(notice));
        }
    }

    #[test]
    fn a_pipe_that_closes_without_done_leaves_the_groups_that_are_not_forgotten() {
        assert_eq!(heard("group 10\ngroup 11\nforget 10\ngro"), (Some(None), vec![11]));
        assert_eq!(heard("command 12\n"), (Some(Some(Pid::from_raw(12))), vec![]));
        assert_eq!(heard("group 10\ndone\n").0, None);
    }

    #[test]
    fn numbers_that_address_many_processes_are_never_taken() {
        assert_eq!(heard("group 0\ngroup -1\ngroup 1\ngroup x\n"), (Some(None), vec![]));
    }
}
