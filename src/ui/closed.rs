use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use tokio::io::Interest;
use tokio::net::unix::pipe::Sender;

use super::screen::Ui;

impl Ui {
    /// Waits until the reader of stdout has gone away, so that a quiet stream ends with its reader
    /// and not with the next event. Never returns for a file, which has no reader. Safe to drop and
    /// call again. Needs a Tokio runtime.
    pub async fn stdout_closed(&self) {
        match watch_stdout() {
            Ok(stdout) => wait_for_close(&stdout).await,
            // A regular file cannot be watched, and needs no watching.
            Err(_) => std::future::pending().await,
        }
    }
}

/// Watches without touching stdout itself: it stays blocking, as everybody who shares it expects.
fn watch_stdout() -> io::Result<Sender> {
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    Sender::from_file_unchecked(stdout)
}

async fn wait_for_close(sender: &Sender) {
    loop {
        match sender.ready(Interest::ERROR).await {
            Ok(ready) if ready.is_error() || ready.is_write_closed() => return,
            Ok(_) => {}
            Err(_) => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_pipe_is_closed_when_its_reader_goes() {
        let (reader, writer) = io::pipe().unwrap();
        let sender = Sender::from_file_unchecked(File::from(std::os::fd::OwnedFd::from(writer)));
        let sender = sender.unwrap();
        let early = tokio::time::timeout(Duration::from_millis(20), wait_for_close(&sender)).await;
        assert!(early.is_err(), "the reader is still there");
        drop(reader);
        let closed = tokio::time::timeout(Duration::from_secs(5), wait_for_close(&sender)).await;
        assert!(closed.is_ok());
    }
}
