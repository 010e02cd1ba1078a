//! AMQP 0-9-1: connecting, receiving and publishing. lapin's types stay inside this room.

mod backoff;
mod connect;
mod delivery;
mod drop_counter;
mod encode;
mod failure;
mod flow;
mod held_message;
mod held_queue;
mod notice;
mod own_queue;
mod plain;
mod publisher;
mod reply_queue;
mod settling;
mod subscription;
mod table;
mod tail;
mod tap;
mod topology;
mod url;

pub use connect::{AmqpConnection, ConnectOptions, Connector};
pub use delivery::ReceivedMessage;
pub use held_message::{Destination, Forward, HeldMessage, RETRIES_HEADER, Receipt};
pub use held_queue::HeldQueue;
pub use notice::Notice;
pub use own_queue::{Certainty, Drops, QueueLimits};
pub use publisher::Publisher;
pub(in crate::broker) use reply_queue::{Broadcast, OutgoingReply, ReplyMessage, ReplyQueue};
pub use settling::Settled;
pub use tail::{Tail, TailEvent, TailOptions};
pub(in crate::broker) use url::percent_decode;
pub use url::{AmqpEndpoint, AmqpTarget, Login, Transport, UrlOptions};
