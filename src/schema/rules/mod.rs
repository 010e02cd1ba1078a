//! The catalogue of rules: what each code means, why it matters and how to mend it.
//!
//! A code never changes its meaning and is never used again.

mod diff;
mod evolution;
mod extract;
pub(super) mod lint;

pub use diff::{
    FORMAT_CHANGED, LIST_CHANGED, NO_ALTERNATIVE, NUMBER_OUT_OF_RANGE, REQUIRED_FIELD,
    TEXT_NOT_ALLOWED, TYPE_CHANGED, UNDECIDED, UNDECLARED_FIELD_REJECTED, VALUE_NOT_ALLOWED,
};
pub use evolution::{
    ALIAS_TRAP, DEFAULT_CHANGED, DEFAULT_FACTORY, DEPRECATED_REQUIRED, LIKELY_RENAME, MODE_CHANGED,
    OPTIONAL_FIELD_REMOVED, RESERVED_FIELD, RESPONSE_ERROR_KEY, RESPONSE_REMOVED,
    SAFE_ONLY_WHEN_DUMPED, UNKNOWN_FORMAT, VERSION_GAP, VERSION_ORDER, VERSION_REMOVED,
    VERSION_REUSED, VERSION_REWORDED,
};

/// One rule of a catalogue.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// `CS001`; what scripts, waivers and reports name.
    pub code: &'static str,
    /// A few words with dashes, `required-field`.
    pub name: &'static str,
    /// One sentence: what is found.
    pub summary: &'static str,
    /// Why it matters to services, in a paragraph.
    pub explanation: &'static str,
    /// A small case in which the rule speaks.
    pub example: &'static str,
    /// What to do instead.
    pub advice: &'static str,
}

/// Every rule, by code.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [diff::RULES, evolution::RULES, lint::RULES, extract::RULES].into_iter().flatten().copied()
}

/// The rule with this code or name; upper and lower case are the same.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    all().find(|rule| {
        rule.code.eq_ignore_ascii_case(code_or_name) || rule.name.eq_ignore_ascii_case(code_or_name)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_every_text_says_something() {
        let mut seen = BTreeSet::new();
        for rule in all() {
            assert!(seen.insert(rule.code) && seen.insert(rule.name), "{rule:?}");
            for text in [rule.summary, rule.explanation, rule.example, rule.advice] {
                assert!(text.len() > 10, "{rule:?}");
            }
            assert_eq!(find(&rule.code.to_lowercase()), Some(rule));
        }
    }

    /// The scripts that read Python modules name their rules as text.
    #[test]
    fn every_rule_of_the_python_scripts_is_in_the_catalogue() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/extract/python");
        let mut emitted = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let words = text.split('"').filter(|word| word.len() == 5 && word.starts_with("CE"));
            emitted.extend(words.map(str::to_owned));
        }
        let described = all().map(|rule| rule.code).filter(|code| code.starts_with("CE"));
        assert_eq!(emitted, described.map(str::to_owned).collect());
    }
}
