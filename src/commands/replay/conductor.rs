//! Which line is next, and when.

use std::time::Duration;

use tokio::time::Instant;

use super::ReplayArgs;
use super::selection::Selection;
use super::timeline::Timeline;
use crate::broker::BrokerError;
use crate::commands::error::{CommandError, ExitKind};
use crate::commands::rate::Pace;
use crate::filter::FilterError;
use crate::wire::record::Record;

/// Later than anybody waits: a century.
const FAR_FUTURE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Chooses the lines and sets their times.
pub(super) struct Conductor {
    pub selection: Selection,
    pacing: Pacing,
    started: Instant,
}

enum Pacing {
    Recorded(Timeline),
    Even(Pace),
}

impl Conductor {
    /// The replay starts now.
    pub fn new(args: &ReplayArgs, selection: Selection) -> Self {
        let pacing = match args.rate {
            Some(rate) => Pacing::Even(Pace::new(rate)),
            None => Pacing::Recorded(Timeline::new(args.speed)),
        };
        Self { selection, pacing, started: Instant::now() }
    }

    /// When an event is to be sent.
    pub fn due(&mut self, record: &Record) -> Instant {
        match &mut self.pacing {
            Pacing::Even(pace) => pace.take_slot(Instant::now()),
            Pacing::Recorded(timeline) => {
                let due = timeline.due(record.delivery.received_at.as_deref());
                self.started.checked_add(due).unwrap_or_else(|| self.started + FAR_FUTURE)
            }
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// Why a replay stopped before its end.
pub(super) enum Stop {
    Signal(ExitKind),
    Failed(CommandError),
}

impl From<FilterError> for Stop {
    fn from(error: FilterError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<BrokerError> for Stop {
    fn from(error: BrokerError) -> Self {
        Self::Failed(error.into())
    }
}
