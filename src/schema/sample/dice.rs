use rand_pcg::Pcg64;
use rand_pcg::rand_core::Rng;

use crate::schema::sha256_hex;

/// Chance that is decided by a seed: PCG XSL RR 128/64, whose numbers are specified.
#[derive(Debug, Clone)]
pub(super) struct Dice(Pcg64);

impl Dice {
    /// Neighbouring seeds, samples and attempts have nothing in common.
    pub fn new(seed: u64, sample: u64, attempt: u32) -> Self {
        let hash = sha256_hex(&format!("{seed}/{sample}/{attempt}"));
        let half = |text: &str| u128::from_str_radix(text, 16).unwrap_or_default();
        Self(Pcg64::new(half(&hash[..32]), half(&hash[32..])))
    }

    /// Less than `end`; 0 where `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.0.next_u64()) * u128::from(end);
        (wide >> 64) as u64
    }

    /// An index into something of this length.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first).saturating_add(1))
    }

    /// True so many times in a hundred.
    pub fn is_lucky(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// `None` only for nothing to pick from.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.index(from.len()))
    }

    /// One of some words.
    pub fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).copied().unwrap_or_default()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }

    /// So many digits, the first one not 0.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|at| char::from(b'0' + self.between(u64::from(at == 0), 9) as u8)).collect()
    }

    pub fn hex(&mut self, count: usize) -> String {
        (0..count).filter_map(|_| char::from_digit(self.below(16) as u32, 16)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let numbers = |seed, sample, attempt| {
            let mut dice = Dice::new(seed, sample, attempt);
            [dice.below(1000), dice.below(1000), dice.below(1000)]
        };
        for (seed, sample, attempt, expected) in [
            (0, 0, 0, [766, 608, 30]),
            (0, 0, 1, [155, 252, 947]),
            (0, 1, 0, [972, 253, 7]),
            (7, 0, 0, [441, 286, 323]),
        ] {
            assert_eq!(numbers(seed, sample, attempt), expected);
        }
    }

    #[test]
    fn every_face_comes_up_and_no_other() {
        let mut dice = Dice::new(1, 2, 3);
        let mut seen = [0; 4];
        for _ in 0..400 {
            seen[dice.index(4)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 60), "{seen:?}");
        assert_eq!((dice.below(0), dice.between(5, 5), dice.pick::<u8>(&[])), (0, 5, None));
    }
}
