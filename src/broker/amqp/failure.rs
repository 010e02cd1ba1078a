//! Turns what lapin reports into the room's own errors.

use std::io;

use lapin::ErrorKind;
use lapin::protocol::{AMQPError, AMQPErrorKind, AMQPHardError, AMQPSoftError};

use super::super::error::{BrokerError, Cause};
use super::url::{AmqpEndpoint, Transport};

/// What we were doing when the broker closed the channel or the connection, for people.
pub(in crate::broker) struct Doing<'a> {
    pub endpoint: &'a AmqpEndpoint,
    /// Reads on after "does not allow USER to".
    pub action: &'a str,
    /// The exchange the action names, so that a 404 can say which one is missing.
    pub exchange: Option<&'a str>,
}

impl Doing<'_> {
    /// The error of an action on an open connection.
    pub(in crate::broker) fn failed(&self, error: &lapin::Error) -> BrokerError {
        let endpoint = self.endpoint.to_string();
        let ErrorKind::ProtocolError(amqp) = error.kind() else {
            return BrokerError::Lost { endpoint, source: cause(error) };
        };
        let reason = amqp.get_message().to_string();
        match (amqp.kind(), self.exchange) {
            (AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED), _) => BrokerError::Forbidden {
                endpoint,
                vhost: self.endpoint.vhost.clone(),
                user: self.endpoint.user.clone(),
                action: self.action.to_owned(),
                reason,
            },
            (AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND), Some(exchange)) => {
                BrokerError::NoExchange { exchange: exchange.to_owned(), endpoint }
            }
            (AMQPErrorKind::Hard(AMQPHardError::CONNECTIONFORCED), _) => {
                BrokerError::Lost { endpoint, source: reason.into() }
            }
            _ => BrokerError::Refused { endpoint, reason },
        }
    }
}

/// The error of a handshake on a socket that was opened fine.
pub(super) fn handshake_failed(endpoint: &AmqpEndpoint, error: &lapin::Error) -> BrokerError {
    match error.kind() {
        ErrorKind::ProtocolError(amqp) => refused_at_the_door(endpoint, amqp),
        // A server that wants a client certificate says so only after its side of TLS 1.3 is done.
        ErrorKind::IOError(_) if endpoint.transport == Transport::Tls => {
            BrokerError::Tls { endpoint: endpoint.to_string(), source: cause(error) }
        }
        _ => BrokerError::NotAmqp { endpoint: endpoint.to_string(), source: cause(error) },
    }
}

fn refused_at_the_door(endpoint: &AmqpEndpoint, error: &AMQPError) -> BrokerError {
    let reason = error.get_message().to_string();
    let named = endpoint.to_string();
    let vhost_refused = || BrokerError::VhostRefused {
        endpoint: named.clone(),
        vhost: endpoint.vhost.clone(),
        user: endpoint.user.clone(),
    };
    match error.kind() {
        // RabbitMQ refuses a known virtual host with 530 as well, or with 403 after the login.
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => vhost_refused(),
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) if reason.contains("vhost") => {
            vhost_refused()
        }
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
            BrokerError::BadCredentials { endpoint: named, user: endpoint.user.clone() }
        }
        _ => BrokerError::Refused { endpoint: named, reason },
    }
}

/// The cause without lapin's own wrapping.
pub(super) fn cause(error: &lapin::Error) -> Cause {
    match error.kind() {
        ErrorKind::IOError(io) | ErrorKind::RuntimeShutdownError(io) => io_cause(io).into(),
        _ => error.to_string().into(),
    }
}

fn io_cause(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None if error.kind() == io::ErrorKind::ConnectionAborted => {
            io::Error::new(error.kind(), "the other side closed the connection")
        }
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
