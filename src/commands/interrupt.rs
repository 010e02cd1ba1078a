//! Ctrl-C and SIGTERM as a value a command can wait for.

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::error::{CommandError, ExitKind};

/// Listens from its creation on, so that a signal during set-up is not lost.
pub struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    pub fn listen() -> Result<Self, CommandError> {
        let open = |kind| {
            signal(kind).map_err(|error| CommandError::from_error(ExitKind::Internal, &error))
        };
        Ok(Self {
            interrupt: open(SignalKind::interrupt())?,
            terminate: open(SignalKind::terminate())?,
        })
    }

    /// Waits for the next signal and says how the process should end. Safe to drop and call again.
    pub async fn received(&mut self) -> ExitKind {
        tokio::select! {
            _ = self.interrupt.recv() => ExitKind::Interrupted,
            _ = self.terminate.recv() => ExitKind::Terminated,
        }
    }
}
