//! A run of the binary on a terminal of its own, answered as a person would.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};

/// Longer than anything takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program, its keyboard and its screen. Killed when dropped.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    /// What was shown since the last answer, without control sequences.
    shown: String,
}

impl Terminal {
    pub fn start(mut command: Command) -> Self {
        let size = Winsize { ws_row: 40, ws_col: 120, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let end = |fd: &std::os::fd::OwnedFd| Stdio::from(fd.try_clone().unwrap());
        let child = command
            .stdin(end(&pty.slave))
            .stdout(end(&pty.slave))
            .stderr(end(&pty.slave))
            .spawn()
            .unwrap();
        drop((command, pty.slave));
        let keyboard = File::from(pty.master);
        let mut reader = keyboard.try_clone().unwrap();
        let (send, screen) = channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // The read fails when the program has closed its side.
            while let Ok(count @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, keyboard, screen, shown: String::new() }
    }

    /// Waits until `question` is on the screen, then types `answer` and Enter.
    #[track_caller]
    pub fn answer(&mut self, question: &str, answer: &str) {
        self.wait_for(question);
        self.shown.clear();
        write!(self.keyboard, "{answer}\r").unwrap();
    }

    #[track_caller]
    pub fn wait_for(&mut self, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.shown.contains(text) {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(rest) {
                Ok(bytes) => self.shown += &plain(&bytes),
                Err(error) => panic!("{error} while waiting for {text:?} after {:?}", self.shown),
            }
        }
    }

    /// The exit code, and what was shown since the last answer.
    #[track_caller]
    pub fn finish(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let rest = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(rest) {
                Ok(bytes) => self.shown += &plain(&bytes),
                Err(_) => break,
            }
        }
        let status = self.child.wait().unwrap();
        (status.code(), std::mem::take(&mut self.shown))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let control = regex_lite::Regex::new("\u{1b}\\[[0-9;?]*[a-zA-Z]").unwrap();
    control.replace_all(&text, "").replace('\r', "")
}
