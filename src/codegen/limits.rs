//! Limits of values that the types of a language do not say: which keywords those are, and the line
//! about them in the report. Each language writes the comments itself.

use serde_json::Value;

use crate::quantity::counted;

/// Keywords that say which values are valid and that no type of any language says.
const VALIDATING: &[&str] = &[
    "additionalItems",
    "allOf",
    "contains",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "if",
    "items",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "pattern",
    "patternProperties",
    "prefixItems",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
    "uniqueItems",
];

/// Keywords that types say as a rule.
const SHAPING: &[&str] = &[
    "$dynamicRef",
    "$recursiveRef",
    "$ref",
    "additionalProperties",
    "anyOf",
    "const",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "discriminator",
    "enum",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// Whether the keyword says which values are valid where no type does; others describe or shape.
pub(super) fn is_validating(keyword: &str) -> bool {
    VALIDATING.contains(&keyword)
}

/// Whether values depend on the keyword, be it that types say it as a rule or not.
pub(super) fn says_something(keyword: &str) -> bool {
    is_validating(keyword) || SHAPING.contains(&keyword)
}

/// Whether the keyword with this value leaves anything out.
pub(super) fn is_limit(keyword: &str, value: &Value) -> bool {
    match (keyword, value) {
        // With `false` none of the two is allowed.
        ("uniqueItems", Value::Bool(is_limited)) => *is_limited,
        ("minItems" | "minLength" | "minProperties", Value::Number(least)) => {
            least.as_u64() != Some(0)
        }
        (
            "additionalItems"
            | "additionalProperties"
            | "items"
            | "unevaluatedItems"
            | "unevaluatedProperties",
            Value::Bool(is_open),
        ) => !is_open,
        ("additionalItems" | "additionalProperties" | "items", Value::Object(schema)) => {
            !schema.is_empty()
        }
        // The names of properties are strings anyway.
        ("propertyNames", Value::Object(schema)) => {
            schema.iter().any(|(keyword, value)| keyword != "type" && is_limit(keyword, value))
        }
        (_, _) => says_something(keyword),
    }
}

/// What the comment of a limit is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Field,
    /// A class, an interface, an alias.
    Type,
}

/// The limits that are comments in one module.
#[derive(Debug, Default)]
pub(super) struct Tally {
    fields: usize,
    types: usize,
    /// Each once, as they come.
    keywords: Vec<String>,
}

impl Tally {
    /// Notes the comment about one subject; without keywords there is none.
    pub(super) fn note<'k>(&mut self, subject: Subject, keywords: impl Iterator<Item = &'k str>) {
        let mut is_any = false;
        for keyword in keywords {
            is_any = true;
            if !self.keywords.iter().any(|known| known == keyword) {
                self.keywords.push(keyword.to_owned());
            }
        }
        match subject {
            Subject::Field => self.fields += usize::from(is_any),
            Subject::Type => self.types += usize::from(is_any),
        }
    }

    /// `limits of 4 fields are comments: minimum, pattern`; `None` without any.
    pub(super) fn message(&self) -> Option<String> {
        let subjects = [(self.fields, "field"), (self.types, "type")].into_iter();
        let subjects: Vec<String> = subjects
            .filter(|(count, _)| *count > 0)
            .map(|(count, noun)| counted(count, noun))
            .collect();
        (!subjects.is_empty()).then(|| {
            let (subjects, keywords) = (subjects.join(" and "), self.keywords.join(", "));
            format!("limits of {subjects} are comments: {keywords}")
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_keyword_is_a_limit_where_it_leaves_something_out() {
        for (keyword, value, expected) in [
            ("minimum", json!(0), true),
            ("minLength", json!(0), false),
            ("minLength", json!(1), true),
            ("uniqueItems", json!(false), false),
            ("uniqueItems", json!(true), true),
            ("additionalProperties", json!(false), true),
            ("additionalProperties", json!(true), false),
            ("additionalProperties", json!({}), false),
            ("additionalProperties", json!({"type": "string"}), true),
            ("propertyNames", json!({"type": "string", "title": "Key"}), false),
            ("propertyNames", json!({"maxLength": 3}), true),
            ("unevaluatedProperties", json!(false), true),
            ("title", json!("X"), false),
            ("x-unit", json!("kg"), false),
        ] {
            assert_eq!(is_limit(keyword, &value), expected, "{keyword}: {value}");
        }
    }

    #[test]
    fn a_module_has_one_line() {
        let mut tally = Tally::default();
        tally.note(Subject::Field, std::iter::empty());
        assert_eq!(tally.message(), None);
        tally.note(Subject::Type, ["minProperties"].into_iter());
        assert_eq!(tally.message().unwrap(), "limits of 1 type are comments: minProperties");
        tally.note(Subject::Field, ["minimum", "maximum"].into_iter());
        tally.note(Subject::Field, ["maximum", "pattern"].into_iter());
        assert_eq!(
            tally.message().unwrap(),
            "limits of 2 fields and 1 type are comments: minProperties, minimum, maximum, pattern"
        );
    }
}
