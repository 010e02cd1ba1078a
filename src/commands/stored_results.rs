//! Reading what the result backend keeps about tasks, for commands that are of use without one too.

use super::connect::{backend_options, backend_target};
use super::context::Context;
use super::error::CommandError;
use crate::broker::amqp::Connector;
use crate::broker::backend::{BackendError, BackendTarget, ResultBackend};
use crate::wire::{Limits, ResultBody, TaskResult};

/// Results that are looked up in one run at most; each is one request.
const MAX_LOOKUPS: u32 = 10_000;
/// Lost connections in a row after which the backend is not asked again.
const MAX_FAILURES: u32 = 3;

/// A result backend that is asked about one task after the other, or the reason why there is none.
pub struct StoredResults {
    backend: Result<Box<ResultBackend>, String>,
    lookups: u32,
    failures: u32,
    /// What the last look-up failed with.
    trouble: Option<String>,
    unreadable: u32,
}

impl StoredResults {
    /// Opens the configured backend. Where that is not possible every task is unknown, and
    /// [`Self::why_not`] says why.
    ///
    /// # Errors
    /// Only where a setting cannot be read at all.
    pub async fn open(context: &Context, broker: &Connector) -> Result<Self, CommandError> {
        let backend = match context.backend_url()? {
            None => Err("no result backend is configured (--backend)".to_owned()),
            Some(_) => match backend_target(context) {
                Ok(BackendTarget::Rpc) => {
                    Err("results of rpc:// go to whoever asked, nobody else can read them"
                        .to_owned())
                }
                Ok(target) => {
                    let options = backend_options(context);
                    let mut opened = ResultBackend::open(&target, &options, broker).await;
                    // A connection may be lost while it is being made.
                    if opened.as_ref().is_err_and(BackendError::is_transient) {
                        opened = ResultBackend::open(&target, &options, broker).await;
                    }
                    opened.map(Box::new).map_err(|error| error.to_string())
                }
                Err(error) => Err(error.to_string()),
            },
        };
        Ok(Self { backend, lookups: 0, failures: 0, trouble: None, unreadable: 0 })
    }

    /// No backend, for a command that was asked not to look.
    pub fn none(reason: &str) -> Self {
        Self {
            backend: Err(reason.to_owned()),
            lookups: 0,
            failures: 0,
            trouble: None,
            unreadable: 0,
        }
    }

    /// Why nothing can be looked up (any more).
    pub fn why_not(&self) -> Option<&str> {
        self.backend.as_ref().err().or(self.trouble.as_ref()).map(String::as_str)
    }

    /// Documents that were there but could not be read.
    pub fn unreadable(&self) -> u32 {
        self.unreadable
    }

    /// What is stored about a task, if anything is and it can be read.
    pub async fn of(&mut self, task_id: &str) -> Option<TaskResult> {
        let Ok(backend) = &mut self.backend else { return None };
        if self.lookups >= MAX_LOOKUPS {
            self.backend = Err(format!("only the first {MAX_LOOKUPS} results are looked up"));
            return None;
        }
        self.lookups += 1;
        let document = match backend.stored(task_id).await {
            Ok(document) => {
                (self.failures, self.trouble) = (0, None);
                document?
            }
            Err(error) if error.is_transient() && self.failures < MAX_FAILURES => {
                self.failures += 1;
                self.trouble = Some(error.to_string());
                return None;
            }
            Err(error) => {
                self.backend = Err(error.to_string());
                return None;
            }
        };
        let body = ResultBody {
            content_type: document.content_type.as_deref(),
            compression: document.compression.as_deref(),
            bytes: &document.body,
        };
        let read =
            body.to_json(Limits::default()).ok().and_then(|json| TaskResult::parse(&json).ok());
        self.unreadable += u32::from(read.is_none());
        read
    }
}
