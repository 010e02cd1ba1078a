use std::error::Error;

use crate::wire::record::{SchemaStatus, SchemaViolation};

/// Misfits that one line names.
const NAMED: usize = 3;

/// `order.placed@v1`, or `order.placed` where no version is meant.
pub fn name_of(topic: &str, version: Option<&str>) -> String {
    match version {
        Some(version) => format!("{topic}@{version}"),
        None => topic.to_owned(),
    }
}

/// `items[0].qty: 0 is less than the minimum of 1`.
pub fn line_of(violation: &SchemaViolation) -> String {
    match violation.path.is_empty() {
        true => violation.message.clone(),
        false => format!("{}: {}", violation.path, violation.message),
    }
}

/// The first misfits in one line, and how many more there are.
pub fn in_short(status: &SchemaStatus) -> String {
    let named: Vec<String> = status.errors.iter().take(NAMED).map(line_of).collect();
    let more = match status.errors.len().saturating_sub(NAMED) {
        0 => String::new(),
        count => format!("; and {count} more"),
    };
    named.join("; ") + &more
}

pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text += &format!(": {cause}");
        next = cause.source();
    }
    text
}
