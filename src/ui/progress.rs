use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Work that is done sooner shows no progress at all.
const PATIENCE: Duration = Duration::from_millis(500);

/// How far a long piece of work has come: a bar on stderr, on a terminal only.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// When the bar may appear; `None` where it never does, or already has.
    appears: Option<Instant>,
}

/// What a bar counts.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// What is being done, for example `publishing`.
    pub doing: &'static str,
    /// What is counted, for example `events`.
    pub unit: &'static str,
    /// How many there are, where that is known.
    pub total: Option<u64>,
}

/// Whether bars may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawing {
    Allowed,
    Never,
}

impl Progress {
    pub(super) fn new(work: Work, drawing: Drawing) -> Self {
        let bar = ProgressBar::with_draw_target(work.total, ProgressDrawTarget::hidden());
        let template = match work.total {
            Some(_) => "{prefix} {wide_bar} {human_pos}/{human_len} {msg} {per_sec} {eta}",
            None => "{prefix} {spinner} {human_pos} {msg} {per_sec}",
        };
        // The templates are ours; should indicatif ever refuse one, its default bar will do.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(work.doing);
        bar.set_message(work.unit);
        let appears = match drawing {
            Drawing::Allowed => Some(Instant::now() + PATIENCE),
            Drawing::Never => None,
        };
        Self { bar, appears }
    }

    /// How much is done by now.
    pub fn set(&mut self, done: u64) {
        self.appear();
        self.bar.set_position(done);
    }

    /// Draws the time passing while nothing else happens.
    pub fn tick(&mut self) {
        self.appear();
        self.bar.tick();
    }

    /// Runs `print` without the bar in the way.
    pub fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }

    /// Removes the bar from the screen.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn appear(&mut self) {
        if self.appears.is_some_and(|time| Instant::now() >= time) {
            self.appears = None;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_counts_also_where_it_is_never_drawn() {
        let work = Work { doing: "publishing", unit: "events", total: Some(10) };
        let mut progress = Progress::new(work, Drawing::Never);
        progress.set(4);
        progress.tick();
        assert_eq!(progress.bar.position(), 4);
        assert!(progress.bar.is_hidden());
        assert_eq!(progress.suspend(|| 7), 7);
    }
}
