use num_traits::Signed;
use serde_json::{Map, Value};

use super::keywords::exact;
use super::{Dialect, Group, Parser, Present};
use crate::schema::compat::format;
use crate::schema::compat::json::is_equal;
use crate::schema::compat::node::{Bound, Edge, Kind, Kinds, Rules, Values};
use crate::schema::compat::number::is_multiple;
use crate::schema::compat::regex::Member;
use crate::schema::compat::{Formats, Side};

impl<'d> Parser<'_, 'd> {
    pub(super) fn scalars(
        &mut self,
        (map, present): (&'d Map<String, Value>, Present),
        rules: &mut Rules,
    ) {
        self.kinds(map, rules);
        if present.has(Group::Values) {
            self.values(map, rules);
        }
        if present.has(Group::Numbers) {
            self.numbers(map, rules);
        }
        if present.has(Group::Strings) {
            self.strings(map, rules);
        }
    }

    fn kinds(&self, map: &Map<String, Value>, rules: &mut Rules) {
        let names: Vec<&str> = match map.get("type") {
            None => return,
            Some(Value::String(name)) => vec![name],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
                rules.unmodelled.push("type".to_owned());
                return;
            }
        };
        let mut kinds = Kinds::NONE;
        for name in &names {
            kinds = kinds.with(match *name {
                "null" => Kind::Null,
                "boolean" => Kind::Boolean,
                "number" => Kind::Number,
                "string" => Kind::String,
                "array" => Kind::Array,
                "object" => Kind::Object,
                "integer" => {
                    rules.number.integer = !names.contains(&"number");
                    let is_strict = self.side == Side::Reader && self.store.has_strict_reader;
                    if is_strict && rules.number.integer {
                        rules.unmodelled.push("type".to_owned());
                    }
                    Kind::Number
                }
                _ => {
                    rules.unmodelled.push("type".to_owned());
                    return;
                }
            });
        }
        rules.kinds = kinds;
    }

    fn values(&self, map: &'d Map<String, Value>, rules: &mut Rules) {
        let constant = self.known(map, "const");
        let listed = match map.get("enum") {
            Some(Value::Array(list)) => Some(list.as_slice()),
            Some(_) => {
                rules.unmodelled.push("enum".to_owned());
                None
            }
            None => None,
        };
        let (keyword, list) = match (constant, listed) {
            (None, None) => return,
            (Some(value), None) => ("const", vec![value.clone()]),
            (None, Some(list)) => ("enum", list.to_vec()),
            (Some(value), Some(list)) => {
                let is_listed = list.iter().any(|listed| is_equal(listed, value));
                ("enum", if is_listed { vec![value.clone()] } else { Vec::new() })
            }
        };
        if !list.iter().all(is_exact) {
            rules.unmodelled.push(keyword.to_owned());
        }
        rules.values = Some(Values { keyword, list });
    }

    fn numbers(&self, map: &'d Map<String, Value>, rules: &mut Rules) {
        let is_draft4 = self.document.dialect == Dialect::Draft4;
        for (keyword, strict) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")]
        {
            let is_strict = is_draft4 && map.get(strict) == Some(&Value::Bool(true));
            let edge = if is_strict { Edge::Excluded } else { Edge::Included };
            for (name, edge) in [(keyword, edge), (strict, Edge::Excluded)] {
                let Some(value) = self.known(map, name) else { continue };
                match exact(value) {
                    Some(value) if keyword == "minimum" => {
                        rules.number.lower.push(Bound { value, edge });
                    }
                    Some(value) => rules.number.upper.push(Bound { value, edge }),
                    None => rules.unmodelled.push(name.to_owned()),
                }
            }
        }
        if let Some(value) = map.get("multipleOf") {
            match exact(value) {
                Some(step) if step.is_positive() => rules.number.multiples.push(step),
                _ => rules.unmodelled.push("multipleOf".to_owned()),
            }
        }
        let one = crate::schema::compat::number::one();
        if rules.number.multiples.iter().any(|step| is_multiple(step, &one)) {
            rules.number.integer = false;
        }
    }

    fn strings(&mut self, map: &'d Map<String, Value>, rules: &mut Rules) {
        rules.string.min = self.count(map, "minLength", rules).unwrap_or(0);
        rules.string.max = self.count(map, "maxLength", rules);
        match map.get("pattern") {
            None => {}
            Some(Value::String(text)) => {
                for (member, part) in look_aheads(text) {
                    rules.string.patterns.push((self.store.patterns.intern(&part), member));
                }
            }
            Some(_) => rules.unmodelled.push("pattern".to_owned()),
        }
        if let Some(name) = map.get("format").and_then(Value::as_str)
            && self.store.formats == Formats::Assert
            && !format::is_universal(name)
        {
            rules.string.formats.push(name.into());
        }
    }
}

/// Whether every number in the value can be compared exactly.
fn is_exact(value: &Value) -> bool {
    match value {
        Value::Number(number) => crate::schema::compat::number::rational(number).is_some(),
        Value::Array(items) => items.iter().all(is_exact),
        Value::Object(map) => map.values().all(is_exact),
        Value::Null | Value::Bool(_) | Value::String(_) => true,
    }
}

/// `^(?!A)B` is two plain patterns: `^(?:A)` must not match and `^B` must. Pydantic writes decimals
/// that way.
fn look_aheads(text: &str) -> Vec<(Member, String)> {
    let mut parts = Vec::new();
    let mut rest = text.to_owned();
    while let Some(after) = rest.strip_prefix("^(?!").or_else(|| rest.strip_prefix("^(?=")) {
        let Some(end) = closing_parenthesis(after) else { break };
        let member = if rest.starts_with("^(?!") { Member::Out } else { Member::In };
        let (inner, tail) = (&after[..end], &after[end + 1..]);
        if tail.starts_with(['*', '+', '?', '{']) || has_alternative(tail) {
            return vec![(Member::In, text.to_owned())];
        }
        parts.push((member, format!("^(?:{inner})")));
        rest = format!("^{tail}");
    }
    parts.push((Member::In, rest));
    parts
}

/// Where the group ends that was opened just before `text`.
fn closing_parenthesis(text: &str) -> Option<usize> {
    scan(text, |depth, letter| depth == 0 && letter == ')')
}

/// Whether an alternative at the top level would undo what stands before it.
fn has_alternative(text: &str) -> bool {
    scan(text, |depth, letter| depth == 0 && letter == '|').is_some()
}

fn scan(text: &str, is_wanted: impl Fn(usize, char) -> bool) -> Option<usize> {
    let (mut depth, mut in_class, mut is_escaped) = (0_usize, false, false);
    for (at, letter) in text.char_indices() {
        if std::mem::take(&mut is_escaped) {
            continue;
        }
        if letter == '\\' {
            is_escaped = true;
        } else if in_class {
            in_class = letter != ']';
        } else if is_wanted(depth, letter) {
            return Some(at);
        } else {
            match letter {
                '[' => in_class = true,
                '(' => depth += 1,
                ')' => depth = depth.checked_sub(1)?,
                _ => {}
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_look_aheads_become_patterns_of_their_own() {
        let parts = |text: &str| {
            look_aheads(text)
                .into_iter()
                .map(|(member, part)| format!("{member:?} {part}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            parts(r"^(?!^[-+.]*$)[+-]?0*\d*\.?\d*$"),
            [r"Out ^(?:^[-+.]*$)", r"In ^[+-]?0*\d*\.?\d*$"]
        );
        assert_eq!(parts("^(?=.*[)])a$"), ["In ^(?:.*[)])", "In ^a$"]);
        assert_eq!(parts("^(?!a)b|c"), ["In ^(?!a)b|c"]);
        assert_eq!(parts("^ab$"), ["In ^ab$"]);
    }
}
