//! AMQP 0-9-1: connecting, receiving and publishing. lapin's types stay inside this room.

mod backoff;
mod connect;
mod delivery;
mod encode;
mod failure;
mod notice;
mod publisher;
mod reply_queue;
mod settling;
mod topology;
mod url;

pub use connect::{AmqpConnection, ConnectOptions, Connector};
pub use delivery::ReceivedMessage;
pub use notice::Notice;
pub use publisher::Publisher;
pub(in crate::broker) use reply_queue::{OutgoingReply, ReplyQueue};
pub use settling::Settled;
pub use url::{AmqpEndpoint, AmqpTarget, Login, Transport, UrlOptions};
