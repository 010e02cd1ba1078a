//! What the service tests stand on.

mod cli;
mod management;
mod raw_amqp;
mod space;
mod worker;

use std::thread;
use std::time::{Duration, Instant};

pub use cli::{Celerysalt, Running};
pub use management::Management;
pub use raw_amqp::{RawAmqp, RawMessage, long, short};
pub use space::{Space, own_sandbox, shared_sandbox};
pub use worker::{Launch, Library, Project, Results, Service, Worker, root};

/// Longer than anything takes on a slow machine: a client that lost its broker may wait half a
/// minute between two attempts, and the broker may take as long to start.
pub const PATIENCE: Duration = Duration::from_secs(120);

const STEP: Duration = Duration::from_millis(20);

/// Polls until there is an answer. Panics with `what` when there is none within [`PATIENCE`].
#[track_caller]
pub fn eventually<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = poll() {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within {} s: {what}", PATIENCE.as_secs());
        thread::sleep(STEP);
    }
}
