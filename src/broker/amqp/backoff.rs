//! How long to wait before the next attempt to connect.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(30);

/// Doubling waits from 0.2 s to 30 s. Each is shortened at random by up to half, so that many
/// clients of a broker that comes back do not all knock at once.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The number of the coming attempt, from 1, and the wait before it.
    pub(super) fn next(&mut self) -> (u32, Duration) {
        let doubled = FIRST.saturating_mul(1_u32 << self.attempts.min(16));
        self.attempts = self.attempts.saturating_add(1);
        (self.attempts, jittered(doubled.min(LONGEST), random()))
    }
}

fn jittered(wait: Duration, random: u32) -> Duration {
    wait / 2 + (wait / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
}

/// Every `RandomState` starts from new keys; that is random enough to spread clients.
fn random() -> u32 {
    let [a, b, c, d, ..] = RandomState::new().build_hasher().finish().to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_thirty_seconds_and_lose_at_most_half_to_chance() {
        let mut backoff = Backoff::default();
        let waits: Vec<_> = (0..12).map(|_| backoff.next()).collect();
        for (index, (attempt, wait)) in waits.iter().enumerate() {
            let full = (200_u64 << index).min(30_000);
            assert_eq!(*attempt as usize, index + 1);
            assert!((full / 2..=full).contains(&u64::try_from(wait.as_millis()).unwrap()));
        }
    }

    #[test]
    fn chance_moves_the_wait_over_the_whole_upper_half() {
        let wait = Duration::from_secs(10);
        assert_eq!(jittered(wait, 0), Duration::from_secs(5));
        assert_eq!(jittered(wait, u32::MAX), wait);
    }
}
