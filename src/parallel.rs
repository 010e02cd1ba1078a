//! Independent pieces of work, done by all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// What `work` makes of every place below `count`, in the order of the places. A thread takes `share`
/// of them at once, which pays where most are done in no time.
pub fn map<T: Send>(count: usize, share: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count.div_ceil(share));
    let mut done = thread::scope(|scope| {
        let run = || {
            let mut done = Vec::new();
            loop {
                let first = next.fetch_add(share, Ordering::Relaxed);
                if first >= count {
                    return done;
                }
                done.extend((first..count.min(first + share)).map(|place| (place, work(place))));
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
        for (count, share) in [(0, 16), (1, 16), (16, 16), (17, 16), (1000, 16), (7, 1)] {
            assert_eq!(
                map(count, share, |place| place * 2),
                (0..count).map(|place| place * 2).collect::<Vec<_>>()
            );
        }
    }
}
