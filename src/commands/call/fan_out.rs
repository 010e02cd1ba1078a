//! Whether a request reaches more than one queue: then several services write the same result, and
//! the caller may get any of them, even `no_handlers`.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::broker::management::Management;
use crate::commands::connect::tls_files;
use crate::commands::context::Context;
use crate::event::RoutingPattern;

/// How long an answer that is there already waits for the check: longer where somebody told us
/// where the management API is than where we guess.
const PATIENCE_CONFIGURED: Duration = Duration::from_millis(500);
const PATIENCE_GUESSED: Duration = Duration::from_millis(150);
/// The queues of `celerysalt tail`, which never answer.
const OWN_QUEUES: &str = "celerysalt.tail.";

/// A look at the bindings that runs beside the call.
pub struct FanOutCheck {
    looking: JoinHandle<Option<Vec<String>>>,
    patience: Duration,
}

/// What to look for, and where.
pub struct Binding<'a> {
    pub vhost: &'a str,
    pub exchange: &'a str,
    pub topic: &'a str,
}

impl FanOutCheck {
    /// Starts to look. A management API that cannot be used is nobody's problem here.
    pub fn start(context: &Context, connector: &Connector, topic: &str) -> Option<Self> {
        todo!()
    }
}
