use thiserror::Error;

/// Why a text is not JSON that we accept, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind} (at byte {offset})")]
pub struct JsonError {
    /// Counted from the start of the text, in bytes.
    pub offset: usize,
    pub kind: JsonErrorKind,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum JsonErrorKind {
    #[error("the text ends where {0} should be")]
    Ended(&'static str),
    #[error("{found:?} stands where {expected} should be")]
    Unexpected { expected: &'static str, found: char },
    #[error("{0} is not JSON: Python's json module writes it, but JSON has no such number")]
    NotFinite(&'static str),
    #[error("this is not a JSON number")]
    Number,
    #[error("a string holds the raw control character 0x{0:02x}; JSON wants it escaped")]
    ControlCharacter(u8),
    #[error("a string holds an unknown escape")]
    Escape,
    #[error("a string holds the lone surrogate \\u{0:04x}, which is half a character")]
    LoneSurrogate(u16),
    #[error("the text is not UTF-8")]
    InvalidUtf8,
    #[error("the text is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("there is more text after the JSON value")]
    Trailing,
}
