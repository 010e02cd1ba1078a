//! What Celery and this tool need for themselves, told by name.

/// How the names of our own queues begin.
pub const OWN_PREFIX: &str = "celerysalt.tail.";
/// A worker's mailbox is called `NODE.NAMESPACE.pidbox`; the namespace is `celery` unless changed.
const MAILBOX: &str = ".pidbox";
const REPLY_MAILBOX: &str = ".reply.";
const EVENTS: &str = "celeryev";

/// Whether a queue belongs to this tool.
pub fn is_own_queue(name: &str) -> bool {
    name.starts_with(OWN_PREFIX)
}

/// Whether no service reads events from a queue of this name: a worker's mailbox, Celery's own
/// events, a reply queue, or ours.
pub fn is_plumbing_queue(name: &str) -> bool {
    is_own_queue(name)
        || name.ends_with(MAILBOX)
        || name == EVENTS
        || name.starts_with("celeryev.")
        || is_uuid(name)
}

pub fn is_plumbing_exchange(name: &str) -> bool {
    name.ends_with(MAILBOX) || name == EVENTS || name.starts_with("amq.rabbitmq.")
}

/// The node whose mailbox a queue is: `salt@host` for `salt@host.celery.pidbox`.
pub fn worker_node(queue: &str) -> Option<&str> {
    if queue.contains(REPLY_MAILBOX) {
        return None;
    }
    let (node, _namespace) = queue.strip_suffix(MAILBOX)?.rsplit_once('.')?;
    node.contains('@').then_some(node)
}

/// Reply queues of the `rpc://` result backend have the bare id of their process.
fn is_uuid(name: &str) -> bool {
    let is_dash = |index: usize| matches!(index, 8 | 13 | 18 | 23);
    name.len() == 36
        && name.bytes().enumerate().all(|(index, byte)| match is_dash(index) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plumbing_is_known_by_its_name() {
        let table = [
            ("service_queue", false, None),
            ("celery", false, None),
            ("salt@host.celery.pidbox", true, Some("salt@host")),
            ("salt@a.b.example.org.shop.pidbox", true, Some("salt@a.b.example.org")),
            ("c0ffee00-0000-3000-8000-000000000001.reply.celery.pidbox", true, None),
            ("celeryev.c0ffee00-0000-3000-8000-000000000001", true, None),
            ("c0ffee00-0000-3000-8000-000000000001", true, None),
            ("celerysalt.tail.c0ffee00-0000-3000-8000-000000000001", true, None),
            ("c0ffee00-0000-3000-8000-00000000000x", false, None),
        ];
        for (name, plumbing, node) in table {
            assert_eq!((is_plumbing_queue(name), worker_node(name)), (plumbing, node), "{name}");
        }
    }
}
