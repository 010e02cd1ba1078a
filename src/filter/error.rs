use std::time::Duration;

use thiserror::Error;

/// Why an expression cannot be used, or gave no answer for one record.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilterError {
    /// The expression is not jq.
    #[error("the jq expression {expression:?} is wrong {place}: {problem}")]
    Syntax { expression: String, place: Place, problem: String },
    /// The expression failed on this record; others may be fine.
    #[error("the jq expression failed on a record: {0}")]
    Runtime(String),
    /// The expression gave no output, or one that JSON cannot hold.
    #[error("the jq expression gave {0} instead of a JSON value")]
    NoJson(&'static str),
    /// This record is not JSON, or is nested deeper than we go.
    #[error("the record cannot be read: {0}")]
    BadRecord(String),
    /// The filter is of no more use.
    #[error("the jq expression did not finish within {}s on one record", .0.as_secs_f64())]
    TooSlow(Duration),
    /// The filter is of no more use.
    #[error("the jq interpreter stopped unexpectedly")]
    Crashed,
}

impl FilterError {
    /// Whether every later record would fail as well.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Runtime(_) | Self::NoJson(_) | Self::BadRecord(_) => false,
            Self::Syntax { .. } | Self::TooSlow(_) | Self::Crashed => true,
        }
    }
}

/// Where in an expression, for people: 1-based characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At a character, with the text that stands there.
    At {
        character: usize,
        found: String,
    },
    End,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::At { character, found } => write!(f, "at character {character} ({found:?})"),
            Self::End => f.write_str("at its end"),
        }
    }
}
