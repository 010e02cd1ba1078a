//! Celery result documents: what a worker's answer means to the caller ([`parse_result`]), what became
//! of a task ([`TaskResult`]), and how to write one.
//!
//! Sources: `celery/backends/base.py` (`_get_result_meta`, `prepare_exception`), the dispatchers of
//! celery-salt 1.6 (`integrations/dispatcher.py`) and tchu-tchu 2.4 (`subscriber.py`).

mod answer;
mod body;
mod document;
mod encode;
mod task;

pub use answer::{Answer, Reply, TaskState, parse_result};
pub use body::ResultBody;
pub use document::{ResultError, TaskFailure};
pub use encode::{NewResult, encode_result};
pub use task::{DispatchReport, HandlerOutcome, TaskResult};
