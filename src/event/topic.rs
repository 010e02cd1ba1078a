use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest routing key AMQP 0-9-1 can carry (a short string).
pub const MAX_ROUTING_KEY_BYTES: usize = 255;

/// A concrete event topic that somebody can publish to, for example `user.signup.completed`.
///
/// Received routing keys are plain strings (a broker accepts more than we would publish); a
/// `Topic` is what a user typed and what we are willing to send.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Topic(String);

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TopicError {
    #[error("a topic cannot be empty")]
    Empty,
    #[error(
        "the topic is {0} bytes long, but AMQP routing keys end at {MAX_ROUTING_KEY_BYTES} bytes"
    )]
    TooLong(usize),
    #[error(
        "the topic {0:?} contains the wildcard word {1:?}; wildcards only mean something in a binding or in tail"
    )]
    Wildcard(String, String),
    #[error("the topic {0:?} contains white space or a control character")]
    Blank(String),
}

impl Topic {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Topic {
    type Err = TopicError;

    fn from_str(text: &str) -> Result<Self, TopicError> {
        if text.is_empty() {
            return Err(TopicError::Empty);
        }
        if text.len() > MAX_ROUTING_KEY_BYTES {
            return Err(TopicError::TooLong(text.len()));
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(TopicError::Blank(text.to_owned()));
        }
        if let Some(word) = text.split('.').find(|word| *word == "*" || *word == "#") {
            return Err(TopicError::Wildcard(text.to_owned(), word.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_holds_any_words_but_wildcards() {
        for good in ["user", "user.created", "a..b", "über.größe", "us*r", "rpc.x-y_z"] {
            assert_eq!(good.parse::<Topic>().unwrap().as_str(), good);
        }
        assert_eq!("".parse::<Topic>(), Err(TopicError::Empty));
        assert_eq!(
            "user.*".parse::<Topic>(),
            Err(TopicError::Wildcard("user.*".into(), "*".into()))
        );
        assert!(matches!("a b".parse::<Topic>(), Err(TopicError::Blank(_))));
        assert!("é".repeat(127).parse::<Topic>().is_ok());
        assert_eq!("é".repeat(128).parse::<Topic>(), Err(TopicError::TooLong(256)));
    }
}
