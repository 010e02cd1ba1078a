//! Two patterns side by side: what one of them or both can match.

use std::collections::BTreeSet;

use super::trie::words;

/// Whether some routing key is matched by both patterns.
pub fn can_both_match(a: &str, b: &str) -> bool {
    let (a, b): (Vec<&str>, Vec<&str>) = (words(a).collect(), words(b).collect());
    let mut reached = vec![vec![false; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            let before = |back_i: usize, back_j: usize| {
                i >= back_i && j >= back_j && reached[i - back_i][j - back_j]
            };
            let (left, right) = (i.checked_sub(1).map(|i| a[i]), j.checked_sub(1).map(|j| b[j]));
            // A `#` stands for nothing, or swallows one more word of the other pattern.
            let over_left = left == Some("#") && (before(1, 0) || before(0, 1));
            let over_right = right == Some("#") && (before(0, 1) || before(1, 0));
            let over_both = before(1, 1) && both_words(left, right);
            reached[i][j] = (i, j) == (0, 0) || over_left || over_right || over_both;
        }
    }
    reached[a.len()][b.len()]
}

fn both_words(a: Option<&str>, b: Option<&str>) -> bool {
    match (a, b) {
        (Some("#"), _) | (_, Some("#")) | (None, _) | (_, None) => false,
        (Some(a), Some(b)) => a == b || a == "*" || b == "*",
    }
}

/// Whether `general` matches every routing key that `special` matches.
///
/// It is enough to try keys in which every wildcard of `special` stands for words that occur in
/// neither pattern: only a wildcard of `general` can match such a word.
pub fn covers(general: &str, special: &str) -> bool {
    let general: Vec<&str> = words(general).collect();
    let special: Vec<&str> = words(special).collect();
    let mut seen = BTreeSet::new();
    let mut open = vec![(0, closure(&general, BTreeSet::from([0])))];
    while let Some((position, states)) = open.pop() {
        if !seen.insert((position, states.clone())) {
            continue;
        }
        match special.get(position) {
            None if states.contains(&general.len()) => {}
            None => return false,
            Some(&"#") => {
                open.push((position, step(&general, &states, None)));
                open.push((position + 1, states));
            }
            Some(&"*") => open.push((position + 1, step(&general, &states, None))),
            Some(word) => open.push((position + 1, step(&general, &states, Some(word)))),
        }
    }
    true
}

/// The positions in `general` after one more word; `None` is a word that occurs nowhere.
fn step(general: &[&str], states: &BTreeSet<usize>, word: Option<&str>) -> BTreeSet<usize> {
    let next = states.iter().filter_map(|state| match *general.get(*state)? {
        "#" => Some(*state),
        "*" => Some(state + 1),
        literal => (Some(literal) == word).then_some(state + 1),
    });
    closure(general, next.collect())
}

fn closure(general: &[&str], mut states: BTreeSet<usize>) -> BTreeSet<usize> {
    for (position, word) in general.iter().enumerate() {
        if *word == "#" && states.contains(&position) {
            states.insert(position + 1);
        }
    }
    states
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::RoutingPattern;

    #[test]
    fn what_covers_what() {
        let table = [
            ("user.#", "user.created", true),
            ("user.#", "user", true),
            ("user.*", "user.created", true),
            ("user.*", "user.#", false),
            ("user.#", "user.*", true),
            ("#", "", true),
            ("#", "a.*.#", true),
            ("*.#", "#", false),
            ("#.*", "*.#", true),
            ("a.#.b", "a.*.b", true),
            ("a.*", "a", false),
        ];
        for (general, special, expected) in table {
            assert_eq!(covers(general, special), expected, "{general} over {special}");
        }
    }

    fn keys() -> Vec<String> {
        let words = ["a", "b", "z"];
        let mut keys = vec![String::new()];
        let mut last: Vec<String> = words.map(str::to_owned).to_vec();
        for _ in 0..5 {
            keys.extend(last.iter().cloned());
            last = last.iter().flat_map(|key| words.map(|word| format!("{key}.{word}"))).collect();
        }
        keys
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn both_agree_with_trying_every_short_key(
            a in prop::collection::vec(prop::sample::select(vec!["*", "#", "a", "b"]), 1..4),
            b in prop::collection::vec(prop::sample::select(vec!["*", "#", "a", "b"]), 1..4),
        ) {
            let (a, b) = (a.join("."), b.join("."));
            let pattern = |text: &str| text.parse::<RoutingPattern>().unwrap();
            let (left, right) = (pattern(&a), pattern(&b));
            let keys = keys();
            let both = keys.iter().any(|key| left.matches(key) && right.matches(key));
            prop_assert_eq!(can_both_match(&a, &b), both, "{} and {}", &a, &b);
            let all = keys.iter().all(|key| left.matches(key) || !right.matches(key));
            prop_assert_eq!(covers(&a, &b), all, "{} over {}", &a, &b);
        }
    }
}
