//! What kind of queue it is, before anything is taken from it.
//!
//! | kind | reading | putting back |
//! |---|---|---|
//! | classic | possible | to its place, marked as redelivered |
//! | quorum | possible | to the queue, counted as a failed delivery: beyond the delivery limit (20 by
//!   default since RabbitMQ 4.0) the queue drops or dead-letters the message |
//! | stream | not with `basic.get` | |

use crate::broker::BrokerError;
use crate::broker::amqp::AmqpTarget;
use crate::commands::Context;
use crate::commands::connect::management;
use crate::commands::error::{CommandError, ExitKind};

/// What a quorum queue's counting of deliveries means to the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// Nothing may change, so a quorum queue is not touched.
    Refused,
    Accepted,
}

/// Fails where the queue cannot be read, or not without consequences that nobody asked for. Where
/// the management API does not answer, that is said and the queue taken for a classic one.
pub async fn check(
    context: &Context,
    (target, queue): (&AmqpTarget, &str),
    counting: Counting,
) -> Result<(), CommandError> {
    let management = management(context, target)?;
    let vhost = &target.first().vhost;
    let state = match management.queue(vhost, queue).await {
        Ok(Some(state)) => state,
        Ok(None) => {
            let endpoint = target.first().to_string();
            return Err(BrokerError::NoQueue { queue: queue.to_owned(), endpoint }.into());
        }
        Err(error) => {
            context.ui.note(&format!(
                "{error}, so it is not known whether {queue} is a quorum queue, which counts \
                 every look as a failed delivery"
            ));
            return Ok(());
        }
    };
    verdict(queue, &state.type_name, counting)
}

fn verdict(queue: &str, queue_type: &str, counting: Counting) -> Result<(), CommandError> {
    match (queue_type, counting) {
        ("stream", _) => Err(CommandError::new(
            ExitKind::Usage,
            format!("{queue:?} is a stream, which cannot be read like a queue"),
        )
        .hint("a stream keeps what was read; read it with a stream client")),
        ("quorum", Counting::Refused) => Err(CommandError::new(
            ExitKind::Usage,
            format!(
                "{queue:?} is a quorum queue, which counts every look as a failed delivery and \
                 drops or dead-letters a message that failed too often"
            ),
        )
        .hint("look all the same with --count-delivery")
        .hint(
            "see the limit: `rabbitmqctl list_queues name arguments effective_policy_definition`",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_classic_queue_is_read_without_being_asked_twice() {
        let table = [
            ("classic", Counting::Refused, None),
            ("", Counting::Refused, None),
            ("quorum", Counting::Refused, Some(ExitKind::Usage)),
            ("quorum", Counting::Accepted, None),
            ("stream", Counting::Accepted, Some(ExitKind::Usage)),
        ];
        for (queue_type, counting, expected) in table {
            let kind = verdict("q", queue_type, counting).err().map(|error| error.kind);
            assert_eq!(kind, expected, "{queue_type} {counting:?}");
        }
    }
}
