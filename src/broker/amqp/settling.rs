//! Which outcome belongs to which published message.
//!
//! A broker answers an unroutable message with `basic.return` and then confirms it. lapin attaches a
//! return to whichever confirm it completes next, and completes the messages of a `multiple` confirm
//! in random order, so the pairing it hands out means nothing as soon as two messages are in flight.
//! Here a return is matched by what the broker sent back: routing key, ids and body. Two messages
//! in flight that agree in all of these are interchangeable for everyone.
//!
//! When is it safe to say "confirmed"? lapin takes one waiting return with each confirm it completes.
//! So there are never more returns waiting than returned messages without a confirm, and once every
//! message that was in flight when ours was confirmed has been confirmed too, our own return, if there
//! was one, has been handed out. That message is the horizon of ours.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use lapin::Confirmation;
use lapin::message::BasicReturnMessage;
use lapin::types::ShortString;

/// What became of a published message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Routed to at least one queue, and the broker has taken responsibility.
    Confirmed,
    /// No queue is bound for it; the broker's reply code and text.
    Unroutable { code: u16, text: String },
    /// The broker could not keep it.
    Nacked,
    /// The connection was lost before the answer: it may or may not have arrived.
    InDoubt,
}

/// The parts of a message that come back with a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity(u64);

impl Identity {
    pub(super) fn new(routing_key: &str, ids: [Option<&str>; 2], body: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        (routing_key, ids, body).hash(&mut hasher);
        Self(hasher.finish())
    }

    fn of_returned(message: &BasicReturnMessage) -> Self {
        let properties = &message.properties;
        let correlation_id = properties.correlation_id().as_ref().map(ShortString::as_str);
        let message_id = properties.message_id().as_ref().map(ShortString::as_str);
        Self::new(message.routing_key.as_str(), [correlation_id, message_id], &message.data)
    }
}

struct Entry {
    tag: u64,
    identity: Identity,
    returned: Option<Settled>,
    /// `None` while the message is in flight.
    done: Option<Done>,
}

struct Done {
    outcome: Settled,
    /// The sequence number of the last message sent when the confirm was seen.
    horizon: u64,
}

/// The messages between "sent" and "settled", in the order they were sent.
#[derive(Default)]
pub(super) struct Settling {
    entries: VecDeque<Entry>,
    /// The sequence number of the first entry.
    first: u64,
    /// How many entries from the front are done.
    done: usize,
    settled: VecDeque<(u64, Settled)>,
}

impl Settling {
    pub(super) fn sent(&mut self, tag: u64, identity: Identity) {
        self.entries.push_back(Entry { tag, identity, returned: None, done: None });
    }

    /// The outcome of the oldest message in flight.
    pub(super) fn answered(&mut self, confirmation: Confirmation) {
        let outcome = if confirmation.is_nack() { Settled::Nacked } else { Settled::Confirmed };
        if let Some(message) = confirmation.take_message() {
            self.attach(&message);
        }
        let horizon = self.first + self.entries.len() as u64;
        if let Some(entry) = self.entries.get_mut(self.done) {
            entry.done = Some(Done { outcome, horizon });
            self.done += 1;
        }
        self.settle();
    }

    fn attach(&mut self, message: &BasicReturnMessage) {
        let identity = Identity::of_returned(message);
        let owner = self
            .entries
            .iter_mut()
            .find(|entry| entry.identity == identity && entry.returned.is_none());
        if let Some(entry) = owner {
            let text = message.reply_text.to_string();
            entry.returned = Some(Settled::Unroutable { code: message.reply_code, text });
        }
    }

    fn settle(&mut self) {
        let answered = self.first + self.done as u64;
        while let Some(entry) = self.entries.front() {
            let Some(done) = &entry.done else { break };
            if entry.returned.is_none() && done.horizon > answered {
                break;
            }
            if let Some(Entry { tag, returned, done: Some(done), .. }) = self.entries.pop_front() {
                self.settled.push_back((tag, returned.unwrap_or(done.outcome)));
            }
            self.first += 1;
            self.done -= 1;
        }
    }

    /// The connection is gone. What was answered keeps its answer only where a return can no longer
    /// be missing; everything else is in doubt.
    pub(super) fn lost(&mut self) {
        for entry in self.entries.drain(..) {
            self.first += 1;
            let outcome = match (entry.returned, entry.done) {
                (Some(unroutable), _) => unroutable,
                (None, Some(Done { outcome: Settled::Nacked, .. })) => Settled::Nacked,
                (None, _) => Settled::InDoubt,
            };
            self.settled.push_back((entry.tag, outcome));
        }
        self.done = 0;
    }

    pub(super) fn take_settled(&mut self) -> Vec<(u64, Settled)> {
        self.settled.drain(..).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(name: &str) -> Identity {
        Identity::new(name, [None, None], b"")
    }

    fn returned(name: &str) -> BasicReturnMessage {
        // lapin has no constructor for a returned message.
        BasicReturnMessage {
            delivery: lapin::message::Delivery::mock(0, "".into(), name.into(), false, vec![]),
            reply_code: 312,
            reply_text: "NO_ROUTE".into(),
        }
    }

    fn unroutable() -> Settled {
        Settled::Unroutable { code: 312, text: "NO_ROUTE".into() }
    }

    #[test]
    fn a_lone_message_settles_with_its_confirm() {
        let mut settling = Settling::default();
        settling.sent(7, identity("a"));
        assert_eq!(settling.take_settled(), []);
        settling.answered(Confirmation::Ack(None));
        assert_eq!(settling.take_settled(), [(7, Settled::Confirmed)]);
    }

    #[test]
    fn a_return_that_comes_with_another_messages_confirm_finds_its_own() {
        let mut settling = Settling::default();
        for (tag, name) in [(1, "a"), (2, "b"), (3, "c")] {
            settling.sent(tag, identity(name));
        }
        settling.answered(Confirmation::Ack(None));
        settling.answered(Confirmation::Ack(None));
        settling.answered(Confirmation::Ack(Some(returned("a"))));
        assert_eq!(
            settling.take_settled(),
            [(1, unroutable()), (2, Settled::Confirmed), (3, Settled::Confirmed)]
        );
    }

    #[test]
    fn equal_messages_share_their_returns_one_each() {
        let mut settling = Settling::default();
        for tag in 1..=3 {
            settling.sent(tag, identity("same"));
        }
        settling.answered(Confirmation::Ack(Some(returned("same"))));
        settling.answered(Confirmation::Ack(Some(returned("same"))));
        settling.answered(Confirmation::Ack(None));
        let unroutable_count =
            settling.take_settled().iter().filter(|(_, settled)| *settled == unroutable()).count();
        assert_eq!(unroutable_count, 2);
    }

    #[test]
    fn a_lost_connection_leaves_in_doubt_what_was_not_certain() {
        let mut settling = Settling::default();
        for (tag, name) in [(1, "a"), (2, "b"), (3, "c")] {
            settling.sent(tag, identity(name));
        }
        settling.answered(Confirmation::Ack(Some(returned("b"))));
        settling.lost();
        assert_eq!(
            settling.take_settled(),
            [(1, Settled::InDoubt), (2, unroutable()), (3, Settled::InDoubt)]
        );
    }
}
