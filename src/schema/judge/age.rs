use super::super::finding::{Age, Direction, SchemaPart};

/// Who sends and who reads in a direction.
pub(super) fn writer_of(direction: Direction) -> Age {
    match direction {
        Direction::Forward => Age::New,
        Direction::Backward => Age::Old,
    }
}

pub(super) fn other(age: Age) -> Age {
    match age {
        Age::Old => Age::New,
        Age::New => Age::Old,
    }
}

pub(super) fn word(age: Age) -> &'static str {
    match age {
        Age::Old => "old",
        Age::New => "new",
    }
}

/// What travels: the noun for one and for many.
pub(super) fn message_noun(part: SchemaPart) -> &'static str {
    match part {
        SchemaPart::Request => "event",
        SchemaPart::Response => "response",
        SchemaPart::Error => "error",
    }
}

/// Who reads it.
pub(super) fn reader_noun(part: SchemaPart) -> &'static str {
    match part {
        SchemaPart::Request => "handlers",
        SchemaPart::Response | SchemaPart::Error => "callers",
    }
}
