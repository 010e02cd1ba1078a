//! When a tail ends by itself.

use std::time::{Duration, Instant};

use crate::commands::error::ExitKind;

/// `-n`, `--for` and `--idle`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Limits {
    /// Events to show.
    pub count: Option<u64>,
    /// From the start.
    pub total: Option<Duration>,
    /// From the last event shown, or from the start.
    pub idle: Option<Duration>,
}

/// How far a tail is from its limits.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    limits: Limits,
    shown: u64,
    ends_at: Option<Instant>,
    idle_at: Option<Instant>,
}

impl Clock {
    pub fn start(limits: Limits, now: Instant) -> Self {
        let after = |duration: Option<Duration>| duration.map(|duration| now + duration);
        Self { limits, shown: 0, ends_at: after(limits.total), idle_at: after(limits.idle) }
    }

    /// One more event was shown.
    pub fn event_shown(&mut self, now: Instant) {
        self.shown += 1;
        self.idle_at = self.limits.idle.map(|idle| now + idle);
    }

    pub fn has_enough(&self) -> bool {
        self.limits.count.is_some_and(|count| self.shown >= count)
    }

    /// When the time is over, unless an event is shown before; `None` where it never is.
    pub fn deadline(&self) -> Option<Instant> {
        match (self.ends_at, self.idle_at) {
            (Some(end), Some(idle)) => Some(end.min(idle)),
            (end, idle) => end.or(idle),
        }
    }

    /// What it means that the time is over.
    ///
    /// | `-n` | shown | outcome |
    /// |---|---|---|
    /// | absent | any number | done |
    /// | given | as many | done |
    /// | given | fewer | time ran out |
    pub fn outcome(&self) -> ExitKind {
        match self.limits.count {
            Some(count) if self.shown < count => ExitKind::Timeout,
            Some(_) | None => ExitKind::Done,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_outcome_depends_on_how_many_were_wanted_and_shown() {
        for (count, shown, enough, outcome) in [
            (None, 0, false, ExitKind::Done),
            (None, 3, false, ExitKind::Done),
            (Some(2), 1, false, ExitKind::Timeout),
            (Some(2), 2, true, ExitKind::Done),
            (Some(0), 0, true, ExitKind::Done),
        ] {
            let now = Instant::now();
            let mut clock = Clock::start(Limits { count, ..Limits::default() }, now);
            for _ in 0..shown {
                clock.event_shown(now);
            }
            assert_eq!((clock.has_enough(), clock.outcome()), (enough, outcome));
        }
    }

    #[test]
    fn an_event_moves_the_idle_deadline_but_never_past_the_end() {
        let start = Instant::now();
        let limits = Limits { count: None, total: Some(10 * SECOND), idle: Some(4 * SECOND) };
        let mut clock = Clock::start(limits, start);
        assert_eq!(clock.deadline(), Some(start + 4 * SECOND));
        clock.event_shown(start + 3 * SECOND);
        assert_eq!(clock.deadline(), Some(start + 7 * SECOND));
        clock.event_shown(start + 9 * SECOND);
        assert_eq!(clock.deadline(), Some(start + 10 * SECOND));
        assert_eq!(Clock::start(Limits::default(), start).deadline(), None);
    }
}
