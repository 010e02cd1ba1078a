//! Where bytes move: AMQP through lapin, Celery result backends, the RabbitMQ management API.
//!
//! This room neither reads configuration nor prints. It never declares or changes anything on a
//! broker but queues of its own.

mod error;

pub use error::BrokerError;
