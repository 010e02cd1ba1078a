use thiserror::Error;

/// Why a MessagePack, YAML or pickled body has no JSON form.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SerialError {
    #[error("{format} ends in the middle of a value (at byte {offset})")]
    CutShort { format: &'static str, offset: usize },
    #[error("there are more bytes after the MessagePack value (at byte {0})")]
    Trailing(usize),
    #[error("{format} text is not UTF-8 (at byte {offset})")]
    NotUtf8 { format: &'static str, offset: usize },
    #[error("this is not {format}: {problem} (at byte {offset})")]
    Malformed { format: &'static str, problem: &'static str, offset: usize },
    #[error("pickle opcode {name} (0x{byte:02x}) at offset {offset} is refused: {reason}")]
    RefusedOpcode { name: &'static str, byte: u8, offset: usize, reason: &'static str },
    #[error("byte 0x{byte:02x} at offset {offset} is no pickle opcode")]
    UnknownOpcode { byte: u8, offset: usize },
    #[error("this is not YAML: {0}")]
    Yaml(String),
    #[error("the YAML tag {0:?} is refused: only plain data is read")]
    RefusedTag(String),
    #[error("YAML merge keys (<<) are not read")]
    MergeKey,
    #[error("the value {0} has no JSON form: JSON has no such number")]
    NotFinite(&'static str),
    #[error("an integer has more than 4300 digits, the most that Python prints")]
    LongInteger,
    #[error("a key is a {0}, which has no JSON form")]
    Key(&'static str),
    #[error("the body is nested deeper than {0} levels")]
    TooDeep(usize),
    #[error("the body holds more than {0} values")]
    TooMany(usize),
    #[error("the body unfolds to more than {0} bytes of JSON")]
    TooLarge(usize),
    #[error("the content type names no serialiser")]
    NotSerialised,
}
