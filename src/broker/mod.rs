//! Where bytes move: AMQP through lapin, Celery result backends, the RabbitMQ management API.
//!
//! This room neither reads configuration nor prints. It never declares or changes anything on a
//! broker but queues of its own.

pub mod amqp;
pub mod backend;
mod certificate;
mod control;
mod error;
mod management;
mod task;
mod tls;

pub use certificate::certificate_expiry;
pub use control::{DEFAULT_MAILBOX, Question, WorkerAnswer, WorkerStats, ask_workers};
pub use error::{BrokerError, Cause};
pub use management::{Management, Messages, Overview, QueueState, percent_encoded};
pub use tls::TlsFiles;
