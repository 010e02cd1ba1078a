//! Nobody is bound to a topic: the error of every command that sent something in vain.

use std::time::Duration;

use super::bindings::nearest;
use super::connect::{connector, management};
use super::context::Context;
use super::error::{CommandError, ExitKind};
use crate::broker::Messages;
use crate::shell::quoted;

/// The sender knows already that nobody receives it; a hint is worth no longer wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// `to_do` is the last hint.
pub fn unroutable(topic: &str, exchange: &str, to_do: &str) -> CommandError {
    let message = format!("no queue is bound to {topic:?} on the exchange {exchange:?}");
    let topic = quoted(topic);
    CommandError::new(ExitKind::Unroutable, message)
        .hint(format!("see why each queue does not: `celerysalt bindings route {topic} --explain`"))
        .hint(to_do)
}

/// Adds the binding that nearly takes the topic, where there is one and the management API tells it
/// soon.
pub async fn with_nearest(mut error: CommandError, topic: &str, context: &Context) -> CommandError {
    let looked = tokio::time::timeout(PATIENCE, look(topic, context)).await;
    if let Ok(Some(nearest)) = looked {
        error.hints.insert(0, nearest);
    }
    error
}

async fn look(topic: &str, context: &Context) -> Option<String> {
    let target = connector(context, "bindings").ok()?.target;
    let management = management(context, &target).ok()?;
    let topology = management.topology(&target.first().vhost, Messages::NotCounted).await.ok()?;
    nearest(&topology, context.exchange(), topic)
}
