//! Which line is next, and when.

use std::time::Duration;

use tokio::time::Instant;

use super::selection::Selection;
use super::timeline::{Speed, Timeline};
use crate::commands::rate::{Pace, Rate};
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
    pub fn new((rate, speed): (Option<Rate>, Speed), selection: Selection) -> Self {
        let pacing = match rate {
            Some(rate) => Pacing::Even(Pace::new(rate)),
            None => Pacing::Recorded(Timeline::new(speed)),
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
