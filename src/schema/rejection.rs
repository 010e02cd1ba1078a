//! The validator's errors in the words of this tool.

use jsonschema::ValidationError;
use serde_json::Value;

/// Texts longer than this are not repeated in a message.
const MAX_QUOTED: usize = 120;

/// The validator's message; a large value inside it is replaced by a word.
pub(super) fn message_of(error: &ValidationError<'_>) -> String {
    match &**error.instance() {
        Value::Array(_) | Value::Object(_) => error.masked().to_string(),
        Value::String(text) if text.len() > MAX_QUOTED => error.masked().to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => error.to_string(),
    }
}

/// `/items/0/qty` as `items[0].qty`.
pub(super) fn event_path(pointer: &str) -> String {
    let mut path = String::new();
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push('[');
            path.push_str(&name);
            path.push(']');
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&name);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_shown_as_python_would_write_them() {
        for (pointer, path) in
            [("", ""), ("/a", "a"), ("/items/0/qty", "items[0].qty"), ("/a~1b/c", "a/b.c")]
        {
            assert_eq!(event_path(pointer), path);
        }
    }
}
