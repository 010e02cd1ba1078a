//! Python's regular expressions in JavaScript's spelling, which JSON Schema asks for.

use serde_json::json;

use crate::schema::EventValidator;

/// The same pattern for JavaScript; `None` where it has no such thing.
pub(super) fn for_javascript(pattern: &str) -> Option<String> {
    let translated = translate(pattern)?;
    let is_regex = EventValidator::compile(&json!({"pattern": translated.as_str()})).is_ok();
    is_regex.then_some(translated)
}

fn translate(pattern: &str) -> Option<String> {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(first) = rest.chars().next() {
        let (from, to) = match first {
            '\\' => escape(rest, in_class)?,
            '(' if !in_class && rest.starts_with("(?") => group(rest)?,
            '[' if !in_class => {
                in_class = true;
                // A bracket that stands first in a class is a member of it.
                class_opening(rest)
            }
            ']' if in_class => {
                in_class = false;
                ("]", "]")
            }
            '+' if !in_class && ends_with_quantifier(&out) => return None,
            other => (&rest[..other.len_utf8()], &rest[..other.len_utf8()]),
        };
        out.push_str(to);
        rest = &rest[from.len()..];
    }
    Some(out)
}

/// What a backslash starts, and what stands for it.
fn escape(rest: &str, in_class: bool) -> Option<(&str, &str)> {
    let next = rest[1..].chars().next()?;
    match next {
        'A' if !in_class => Some(("\\A", "^")),
        'Z' if !in_class => Some(("\\Z", "$")),
        'A' | 'Z' | 'a' | 'N' | 'U' => None,
        other => {
            let both = &rest[..1 + other.len_utf8()];
            Some((both, both))
        }
    }
}

fn group(rest: &str) -> Option<(&str, &str)> {
    const KNOWN: [(&str, &str); 7] = [
        ("(?:", "(?:"),
        ("(?=", "(?="),
        ("(?!", "(?!"),
        ("(?<=", "(?<="),
        ("(?<!", "(?<!"),
        ("(?P<", "(?<"),
        ("(?<", "(?<"),
    ];
    KNOWN.iter().find(|(python, _)| rest.starts_with(python)).map(|(python, js)| (*python, *js))
}

fn class_opening(rest: &str) -> (&str, &str) {
    if rest.starts_with("[^]") {
        ("[^]", "[^\\]")
    } else if rest.starts_with("[]") {
        ("[]", "[\\]")
    } else {
        ("[", "[")
    }
}

/// Possessive quantifiers, `a*+`, are Python's alone.
fn ends_with_quantifier(out: &str) -> bool {
    let is_escaped = out.chars().rev().skip(1).take_while(|c| *c == '\\').count() % 2 == 1;
    out.ends_with(['*', '+', '?', '}']) && !is_escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_pattern_is_translated_or_given_up() {
        for (python, javascript) in [
            (r"^ord_[a-z0-9]{8,}$", Some(r"^ord_[a-z0-9]{8,}$")),
            (r"\A(?P<year>\d{4})\Z", Some(r"^(?<year>\d{4})$")),
            (r"[]x]+", Some(r"[\]x]+")),
            (r"[(?P<]", Some(r"[(?P<]")),
            (r"a\++", Some(r"a\++")),
            (r"(?i)abc", None),
            (r"(?P=year)", None),
            (r"(?>abc)", None),
            (r"a*+", None),
            (r"a{1,2}+", None),
            (r"(", None),
            ("trailing\\", None),
        ] {
            assert_eq!(for_javascript(python).as_deref(), javascript, "{python}");
        }
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in ".*") {
            let _ = for_javascript(&pattern);
        }
    }
}
