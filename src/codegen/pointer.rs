//! References inside one schema.

use serde_json::Value;

/// The JSON Pointer of a reference into the same document: `#/$defs/A%20b` gives `/$defs/A b`.
/// `None` for other documents and for names that are no pointers.
pub(super) fn local_pointer(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decoded(fragment)?;
    (pointer.is_empty() || pointer.starts_with('/')).then_some(pointer)
}

/// The local pointer of a schema's `$ref` where something stands there.
pub(super) fn target<'s>(root: &'s Value, reference: &str) -> Option<(String, &'s Value)> {
    let pointer = local_pointer(reference)?;
    let target = root.pointer(&pointer)?;
    (target.is_object() || target.is_boolean()).then_some((pointer, target))
}

/// The last segment of a pointer, unescaped; empty for the whole document.
pub(super) fn last_segment(pointer: &str) -> String {
    let segment = pointer.rsplit('/').next().unwrap_or_default();
    segment.replace("~1", "/").replace("~0", "~")
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        match (*first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            (b'%', _) => return None,
            (byte, after) => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn only_references_into_the_same_document_have_a_pointer() {
        for (reference, pointer) in [
            ("#", Some("")),
            ("#/$defs/A", Some("/$defs/A")),
            ("#/$defs/A%20%C3%A9", Some("/$defs/A é")),
            ("#anchor", None),
            ("other.json#/a", None),
            ("#/%", None),
            ("#/%zz", None),
            ("#/%ff", None),
            ("", None),
        ] {
            assert_eq!(local_pointer(reference).as_deref(), pointer, "{reference}");
        }
        let root = json!({"$defs": {"a/b": {"type": "null"}, "n": 1}});
        assert_eq!(target(&root, "#/$defs/a~1b").unwrap().1, &json!({"type": "null"}));
        assert_eq!(target(&root, "#/$defs/n"), None);
        assert_eq!(target(&root, "#/$defs/c"), None);
        assert_eq!(last_segment("/$defs/a~1b"), "a/b");
    }

    proptest! {
        #[test]
        fn no_reference_panics(reference in ".*") {
            let _ = local_pointer(&format!("#{reference}"));
        }
    }
}
