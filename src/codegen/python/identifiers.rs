//! Names that Python accepts, and that mean nothing else to it.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// What every Pydantic model has already.
const MODEL_ATTRIBUTES: &[&str] = &[
    "Config",
    "construct",
    "copy",
    "dict",
    "from_orm",
    "json",
    "parse_file",
    "parse_obj",
    "parse_raw",
    "schema",
    "schema_json",
    "update_forward_refs",
    "validate",
    "model_computed_fields",
    "model_config",
    "model_construct",
    "model_copy",
    "model_extra",
    "model_fields",
    "model_fields_set",
    "model_json_schema",
    "model_parametrized_name",
    "model_post_init",
    "model_rebuild",
];

/// Prefixes that Pydantic keeps for itself.
const MODEL_PREFIXES: &[&str] = &["model_dump", "model_validate"];

/// Whether `name` can be written as it is. Python compares names in their compatibility
/// composition, so one that is not in it would come back as another.
pub fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && letters.all(unicode_ident::is_xid_continue)
        && !KEYWORDS.contains(&name)
        && (name.is_ascii() || name.nfkc().eq(name.chars()))
}

/// `name` with what Python does not accept replaced.
pub fn identifier(name: &str, prefix: &str) -> String {
    let mut out = String::new();
    for c in name.nfkc() {
        out.push(if unicode_ident::is_xid_continue(c) { c } else { '_' });
    }
    let trimmed = out.trim_start_matches('_');
    let mut out = if trimmed.is_empty() {
        prefix.to_lowercase()
    } else if trimmed.starts_with(unicode_ident::is_xid_start) {
        trimmed.to_owned()
    } else {
        format!("{prefix}{trimmed}")
    };
    if KEYWORDS.contains(&out.as_str()) {
        out.push('_');
    }
    out
}

/// The attribute for a property, different from all that are `taken`. The same as the property
/// wherever that is possible.
pub fn attribute(property: &str, taken: &BTreeSet<String>) -> String {
    let mut name = if is_identifier(property) && !property.starts_with('_') {
        property.to_owned()
    } else {
        identifier(property, "field_")
    };
    let is_reserved = |name: &str| {
        MODEL_ATTRIBUTES.contains(&name)
            || MODEL_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    };
    if MODEL_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
        name.insert_str(0, "field_");
    }
    while is_reserved(&name) || taken.contains(&name) {
        name.push('_');
    }
    name
}

/// A class name that is none of `taken`.
pub fn unique(name: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = name.to_owned();
    while taken.contains(&name) {
        name.push('_');
    }
    taken.insert(name.clone());
    name
}

/// `str.title()` with underscores as blanks: the title that Pydantic gives a field. `None` beyond
/// ASCII, where the rules are Python's own.
pub fn automatic_title(property: &str) -> Option<String> {
    if !property.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(property.len());
    let mut is_inside = false;
    for c in property.chars() {
        out.push(match (c, is_inside) {
            ('_', _) => ' ',
            (c, true) => c.to_ascii_lowercase(),
            (c, false) => c.to_ascii_uppercase(),
        });
        is_inside = c.is_ascii_alphabetic();
    }
    Some(out.trim().to_owned())
}
