//! AMQP 0-9-1: connecting, receiving and publishing. lapin's types stay inside this folder.

mod connect;
mod failure;
mod reply_queue;
mod url;

pub use connect::{AmqpConnection, ConnectOptions, Connector};
pub(in crate::broker) use reply_queue::{OutgoingReply, ReplyQueue};
pub use url::{AmqpEndpoint, AmqpTarget, Login, Transport, UrlOptions};
