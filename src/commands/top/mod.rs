//! `celerysalt top`: what passes right now, by topic and by queue.

mod latency;
mod queues;
mod run;
mod tally;
mod view;
mod watch;

use std::time::Duration;

use clap::Args;

use super::duration;
use crate::event::RoutingPattern;

pub use run::run;
pub use view::TopFrame;

const EXAMPLES: &str = "\
Examples:
  celerysalt top
  celerysalt top 'user.#' 'rpc.#' --interval 1s
  celerysalt top --for 1m -n 1 -o jsonl            One frame of JSON after a minute
  celerysalt top -o jsonl | jq '.topics[] | select(.invalid > 0)'";

const LEAST_INTERVAL: Duration = Duration::from_millis(200);

/// Watch the traffic of topics and queues
///
/// A table of topics (events a second, bytes, events that do not fit their schema, the time requests
/// wait for their results, when seen last) and of queues, drawn again in place. Into a pipe, and with
/// `-o jsonl`, each frame is a line of JSON.
///
/// Events are copied to a queue of our own, as with `celerysalt tail`: nothing else is touched.
/// Results are listened to in a Redis backend; those of `rpc://` go to whoever asked. The numbers of
/// queues come from the management API, which counts every five seconds.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TopArgs {
    /// Topics to count: `*` stands for one word, `#` for any number of words
    #[arg(value_name = "PATTERN", default_value = "#")]
    pub patterns: Vec<RoutingPattern>,
    /// End after N frames
    #[arg(short = 'n', value_name = "N")]
    pub count: Option<u64>,
    /// End after this time; with -n the N frames are spread over it
    #[arg(long = "for", value_name = "DURATION", value_parser = duration::parse)]
    pub total: Option<Duration>,
    /// The time between two frames [default: 2s]
    #[arg(long, value_name = "DURATION", value_parser = interval)]
    pub interval: Option<Duration>,
    /// Show at most N topics and N queues, the busiest; 0 for all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub rows: usize,
    /// Do not look at schemas
    #[arg(long)]
    pub no_validate: bool,
}

fn interval(text: &str) -> Result<Duration, String> {
    match duration::parse(text) {
        Ok(interval) if interval < LEAST_INTERVAL => {
            Err(format!("the shortest interval is {}", duration::show(LEAST_INTERVAL)))
        }
        Ok(interval) => Ok(interval),
        Err(error) => Err(error.to_string()),
    }
}

impl TopArgs {
    /// The time between two frames.
    ///
    /// | `--interval` | `-n` | `--for` | interval |
    /// |---|---|---|---|
    /// | given | any | any | as given |
    /// | absent | given | given | `--for` / `-n` |
    /// | absent | absent, or no `--for` | | 2 s |
    fn pace(&self) -> Duration {
        let spread = || {
            let frames = u32::try_from(self.count?).ok().filter(|frames| *frames > 0)?;
            Some((self.total? / frames).max(LEAST_INTERVAL))
        };
        self.interval.or_else(spread).unwrap_or(Duration::from_secs(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_follows_the_table() {
        let seconds = |seconds: Option<u64>| seconds.map(Duration::from_secs);
        let table = [
            (None, None, None, 2),
            (Some(5), Some(2), Some(60), 5),
            (None, Some(1), Some(60), 60),
            (None, Some(4), Some(60), 15),
            (None, Some(0), Some(60), 2),
            (None, None, Some(60), 2),
            (None, Some(3), None, 2),
        ];
        for (interval, count, total, expected) in table {
            let args = TopArgs {
                patterns: Vec::new(),
                count,
                total: seconds(total),
                interval: seconds(interval),
                rows: 20,
                no_validate: false,
            };
            assert_eq!(args.pace(), Duration::from_secs(expected), "{args:?}");
        }
        assert_eq!(interval("10ms").unwrap_err(), "the shortest interval is 200ms");
    }
}
