use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::topic::MAX_ROUTING_KEY_BYTES;

/// A topic-exchange binding key: words separated by `.`, where `*` stands for exactly one word and
/// `#` for zero or more words.
///
/// The empty string has no words at all, so `#` and the empty pattern match the empty routing key
/// but `*` does not; `a..b` has three words, the middle one empty, which `*` matches. A `*` or `#`
/// inside a longer word is a literal.
/// Source: AMQP 0-9-1, section 3.1.3.3, and RabbitMQ's `rabbit_exchange_type_topic`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoutingPattern(String);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PatternError {
    #[error(
        "the pattern is {0} bytes long, but AMQP binding keys end at {MAX_ROUTING_KEY_BYTES} bytes"
    )]
    TooLong(usize),
    #[error("the pattern {0:?} contains white space or a control character")]
    Blank(String),
}

impl RoutingPattern {
    /// `#`, which every routing key matches.
    pub fn everything() -> Self {
        Self("#".to_owned())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the broker routes `routing_key` over a binding with this pattern.
    ///
    /// Linear in the product of the two word counts at worst; no recursion, so a hostile key
    /// cannot blow the stack or take exponential time.
    pub fn matches(&self, routing_key: &str) -> bool {
        let pattern = words(&self.0);
        let key = words(routing_key);
        let mut reachable = vec![false; key.len() + 1];
        reachable[0] = true;
        for word in pattern {
            reachable = advance(&reachable, word, &key);
        }
        reachable[key.len()]
    }

    /// Whether the pattern can match more than one routing key.
    pub fn has_wildcard(&self) -> bool {
        self.0.split('.').any(|word| word == "*" || word == "#")
    }
}

fn words(key: &str) -> Vec<&str> {
    if key.is_empty() { Vec::new() } else { key.split('.').collect() }
}

fn advance(reachable: &[bool], word: &str, key: &[&str]) -> Vec<bool> {
    let mut next = vec![false; reachable.len()];
    match word {
        "#" => {
            let mut seen = false;
            for (slot, from) in next.iter_mut().zip(reachable) {
                seen |= from;
                *slot = seen;
            }
        }
        _ => {
            for (position, key_word) in key.iter().enumerate() {
                next[position + 1] = reachable[position] && (word == "*" || word == *key_word);
            }
        }
    }
    next
}

impl FromStr for RoutingPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        if text.len() > MAX_ROUTING_KEY_BYTES {
            return Err(PatternError::TooLong(text.len()));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(PatternError::Blank(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RoutingPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, key: &str) -> bool {
        pattern.parse::<RoutingPattern>().unwrap().matches(key)
    }

    #[test]
    fn patterns_match_as_rabbitmq_matches_them() {
        let table = [
            ("user.created", "user.created", true),
            ("user.created", "user.deleted", false),
            ("user.*", "user.created", true),
            ("user.*", "user", false),
            ("user.*", "user.a.b", false),
            ("user.#", "user", true),
            ("user.#", "user.a.b", true),
            ("#.created", "created", true),
            ("a.#.b", "a.b", true),
            ("a.#.b", "a.x.y.b", true),
            ("a.#.b", "a.x.y.c", false),
            ("#.#", "", true),
            ("*.#", "", false),
            ("*", "", false),
            ("#", "", true),
            ("", "", true),
            ("", "a", false),
            ("*.*", ".", true),
            ("a.*.b", "a..b", true),
            ("us*r", "user", false),
            ("us*r", "us*r", true),
            ("user#", "user.created", false),
            ("*.created", "user.created", true),
            ("#.a.#.a", "a.b.a", true),
            ("#.a.#.a", "a", false),
        ];
        for (pattern, key, expected) in table {
            assert_eq!(matches(pattern, key), expected, "{pattern:?} with {key:?}");
        }
    }

    #[test]
    fn a_pattern_is_at_most_255_bytes_without_blanks() {
        assert_eq!("a".repeat(256).parse::<RoutingPattern>(), Err(PatternError::TooLong(256)));
        assert_eq!("a b".parse::<RoutingPattern>(), Err(PatternError::Blank("a b".into())));
    }

    fn naive(pattern: &[&str], key: &[&str]) -> bool {
        match pattern.split_first() {
            None => key.is_empty(),
            Some((&"#", rest)) => (0..=key.len()).any(|skip| naive(rest, &key[skip..])),
            Some((word, rest)) => key
                .split_first()
                .is_some_and(|(first, key)| (*word == "*" || word == first) && naive(rest, key)),
        }
    }

    proptest! {
        #[test]
        fn matching_agrees_with_the_definition(
            pattern in prop::collection::vec(prop::sample::select(vec!["*", "#", "a", "b", ""]), 1..6),
            key in prop::collection::vec(prop::sample::select(vec!["a", "b", "", "*"]), 1..7),
        ) {
            let (pattern, key) = (pattern.join("."), key.join("."));
            prop_assert_eq!(matches(&pattern, &key), naive(&words(&pattern), &words(&key)));
        }
    }
}
