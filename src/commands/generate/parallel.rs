//! Independent pieces of work, done by all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many pieces a thread takes at once.
const SHARE: usize = 16;

/// What `work` makes of every place below `count`, in the order of the places.
pub fn map<T: Send>(count: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count.div_ceil(SHARE));
    let mut done = thread::scope(|scope| {
        let run = || {
            let mut done = Vec::new();
            loop {
                let first = next.fetch_add(SHARE, Ordering::Relaxed);
                if first >= count {
                    return done;
                }
                done.extend((first..count.min(first + SHARE)).map(|place| (place, work(place))));
            }
        };
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut done = run();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_done_once_and_comes_back_in_order() {
        for count in [0, 1, SHARE, SHARE + 1, 1000] {
            assert_eq!(
                map(count, |place| place * 2),
                (0..count).map(|place| place * 2).collect::<Vec<_>>()
            );
        }
    }
}
