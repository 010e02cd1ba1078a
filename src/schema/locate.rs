//! The line of a JSON text that a JSON Pointer means.

use std::iter;

/// The line, counted from 1, on which the member or item that `pointer` names begins: the line of
/// the member's name, or of the item's value. A pointer that leads nowhere gives the line of the
/// last part of it that is there. `None` when the text holds no JSON value at all.
///
/// One pass over the text, and tolerant: what is not valid JSON is skipped as well as it can be.
/// Source of pointers: RFC 6901.
pub fn line_of(text: &str, pointer: &str) -> Option<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, line: 1 };
    scan.skip_blank();
    scan.peek()?;
    let mut line = scan.line;
    for step in steps(pointer) {
        match scan.enter(&step) {
            Some(found) => line = found,
            None => break,
        }
    }
    Some(line)
}

fn steps(pointer: &str) -> impl Iterator<Item = String> {
    let pointer = pointer.strip_prefix('#').unwrap_or(pointer);
    // What stands before the first slash is no step.
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn advance(&mut self) {
        if self.peek() == Some(b'\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    /// White space, and the byte order mark that a text may begin with.
    fn skip_blank(&mut self) {
        if self.at == 0 && self.bytes.starts_with("\u{feff}".as_bytes()) {
            self.at = 3;
        }
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.advance();
        }
    }

    /// From the start of a value to the start of the value of its member or item `step`; the line
    /// where that begins.
    fn enter(&mut self, step: &str) -> Option<usize> {
        match self.peek()? {
            b'{' => self.enter_member(step),
            b'[' => self.enter_item(step.parse().ok()?),
            _ => None,
        }
    }

    fn enter_member(&mut self, name: &str) -> Option<usize> {
        self.advance();
        loop {
            self.skip_blank();
            match self.peek()? {
                b',' => self.advance(),
                b'"' => {
                    let line = self.line;
                    let is_found = is_string(self.string(), name);
                    self.skip_blank();
                    if self.peek() == Some(b':') {
                        self.advance();
                    }
                    self.skip_blank();
                    if is_found {
                        return Some(line);
                    }
                    self.skip_value();
                }
                _ => return None,
            }
        }
    }

    fn enter_item(&mut self, index: usize) -> Option<usize> {
        self.advance();
        for _ in iter::repeat_n((), index) {
            self.skip_blank();
            if self.peek()? == b']' {
                return None;
            }
            self.skip_value();
            self.skip_blank();
            if self.peek()? == b',' {
                self.advance();
            }
        }
        self.skip_blank();
        (self.peek()? != b']').then_some(self.line)
    }

    /// Over a value of any depth, without recursion. Always over one byte at least.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string();
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.advance();
                }
                b'}' | b']' | b',' if depth == 0 && self.at > start => return,
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.advance();
                }
                _ => self.advance(),
            }
            if depth == 0 && matches!(byte, b'"' | b'}' | b']') {
                return;
            }
        }
    }

    /// The string that begins here, with its quotes; without the last one where the text ends.
    fn string(&mut self) -> &[u8] {
        let start = self.at;
        self.advance();
        while let Some(byte) = self.peek() {
            self.advance();
            match byte {
                b'"' => break,
                b'\\' => self.advance(),
                _ => {}
            }
        }
        &self.bytes[start..self.at.min(self.bytes.len())]
    }
}

fn is_string(literal: &[u8], name: &str) -> bool {
    if !literal.contains(&b'\\') {
        return literal.len() >= 2 && &literal[1..literal.len() - 1] == name.as_bytes();
    }
    serde_json::from_slice::<String>(literal).is_ok_and(|text| text == name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_pointer_leads_to_the_line_of_its_member() {
        let text = "\u{feff}{\n  \"schema\": {\n    \"properties\": {\n      \"a/b~c\": {},\n      \
            \"k\\u00e9y\": [\n        1, {\"x\": \"}\\\"\"},\n        [\n2]\n      ]\n    }\n  }\n}\n";
        for (pointer, line) in [
            ("", 1),
            ("/schema", 2),
            ("#/schema/properties", 3),
            ("/schema/properties/a~1b~0c", 4),
            ("/schema/properties/kéy", 5),
            ("/schema/properties/kéy/0", 6),
            ("/schema/properties/kéy/1/x", 6),
            ("/schema/properties/kéy/2", 7),
            ("/schema/properties/kéy/2/0", 8),
            ("/schema/properties/kéy/9", 5),
            ("/schema/properties/kéy/x", 5),
            ("/schema/none/properties", 2),
            ("none", 1),
        ] {
            assert_eq!(line_of(text, pointer), Some(line), "{pointer}");
        }
        assert_eq!(line_of(" \n", "/a"), None);
        assert_eq!(line_of("[]", "/99999999999999999999999"), Some(1));
        assert_eq!(line_of("[]", "/18446744073709551615"), Some(1));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(Value::from),
            any::<bool>().prop_map(Value::from),
            "\\PC{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 30, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z~/\"\\\\é\n]{0,4}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// The pointer of everything in `value`, and its line where `serde_json` prints it with its
    /// first line as `line`; the answer is the line after the last.
    fn places(
        value: &Value,
        (pointer, line): (&str, usize),
        all: &mut Vec<(String, usize)>,
    ) -> usize {
        all.push((pointer.to_owned(), line));
        let steps: Vec<(String, &Value)> = match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| (name.replace('~', "~0").replace('/', "~1"), member))
                .collect(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        // An empty container is on one line, any other has a line for its closing bracket.
        let closing = usize::from(!steps.is_empty());
        let next = steps.into_iter().fold(line + 1, |line, (step, place)| {
            places(place, (&format!("{pointer}/{step}"), line), all)
        });
        next + closing
    }

    proptest! {
        #[test]
        fn every_place_of_a_printed_value_is_found(value in values()) {
            let text = serde_json::to_string_pretty(&value).unwrap();
            let mut all = Vec::new();
            let end = places(&value, ("", 1), &mut all);
            prop_assert_eq!(end, text.lines().count() + 1);
            for (pointer, line) in all {
                prop_assert_eq!(line_of(&text, &pointer), Some(line), "{} of\n{}", pointer, text);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(
            text in "[\\[\\]{}\":,\\\\a-c0-2 \n]{0,40}|\\PC{0,20}", pointer in "(/[a-c0-2]{0,2}){0,4}",
        ) {
            if let Some(line) = line_of(&text, &pointer) {
                prop_assert!(line >= 1 && line <= text.matches('\n').count() + 1);
            }
        }
    }
}
