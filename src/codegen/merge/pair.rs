//! Two schemas that both have to hold, as one, keyword by keyword.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::Keywords;
use crate::codegen::limits::says_something;

/// Keywords that mean something only together.
const GROUPS: &[&[&str]] = &[
    &["items", "prefixItems", "additionalItems"],
    &["contains", "minContains", "maxContains"],
    &["if", "then", "else"],
    &["contentEncoding", "contentMediaType", "contentSchema"],
    &["anyOf", "discriminator"],
    &["oneOf", "discriminator"],
];

/// One schema of two that both have to hold; `out` is a copy of the first.
pub(super) fn combined((a, mut out): (&Keywords, Keywords), b: &Keywords) -> Option<Keywords> {
    if GROUPS.iter().any(|group| !is_separate(group, a, b)) || has_flags(a) || has_flags(b) {
        return None;
    }
    for (keyword, theirs) in b {
        let value = match a.get(keyword) {
            // It names the part and not the whole.
            None if keyword == "title" => continue,
            None => theirs.clone(),
            Some(mine) if mine == theirs => continue,
            Some(mine) if says_something(keyword) => both(keyword, mine, theirs)?,
            Some(_) => continue,
        };
        out.insert(keyword.clone(), value);
    }
    out.retain(|keyword, _| {
        !matches!(keyword.as_str(), "$defs" | "definitions") || a.contains_key(keyword)
    });
    objects(&mut out, a, b)?;
    values(&mut out, a, b)?;
    Some(out)
}

/// Whether only one of the schemas uses the group, or both say the same.
fn is_separate(group: &[&str], a: &Keywords, b: &Keywords) -> bool {
    let is_used = |schema: &Keywords| group.iter().any(|keyword| schema.contains_key(*keyword));
    let is_plain = |schema: &Keywords| {
        let mut used = group.iter().filter(|keyword| schema.contains_key(**keyword));
        used.all(|keyword| *keyword == "items" && !schema["items"].is_array())
    };
    !is_used(a)
        || !is_used(b)
        || group.iter().all(|keyword| a.get(*keyword) == b.get(*keyword))
        || (is_plain(a) && is_plain(b))
}

/// Up to draft 4 these were flags of `minimum` and `maximum`, and `required` one of a property.
fn has_flags(schema: &Keywords) -> bool {
    ["exclusiveMinimum", "exclusiveMaximum", "required"]
        .iter()
        .any(|keyword| schema.get(*keyword).is_some_and(Value::is_boolean))
}

/// The value of a keyword that holds where both values hold.
fn both(keyword: &str, a: &Value, b: &Value) -> Option<Value> {
    match keyword {
        "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties" => {
            stricter(a, b, Ordering::Greater)
        }
        "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties" => {
            stricter(a, b, Ordering::Less)
        }
        "multipleOf" => match (a.as_u64()?, b.as_u64()?) {
            (more, less) if less != 0 && more % less == 0 => Some(a.clone()),
            (less, more) if less != 0 && more % less == 0 => Some(b.clone()),
            (_, _) => None,
        },
        "uniqueItems" => Some(Value::Bool(a.as_bool()? || b.as_bool()?)),
        "required" => {
            let mut names = a.as_array()?.clone();
            let new = b.as_array()?.iter().filter(|name| !names.contains(name)).cloned();
            let new: Vec<Value> = new.collect();
            names.extend(new);
            Some(Value::Array(names))
        }
        "type" => common_types(a, b),
        "items" | "propertyNames" => Some(conjunction(a, b)),
        // Other functions look at the whole schemas.
        "properties" | "additionalProperties" | "patternProperties" | "enum" | "const" => {
            Some(a.clone())
        }
        _ => None,
    }
}

fn stricter(a: &Value, b: &Value, order: Ordering) -> Option<Value> {
    match a.as_f64()?.partial_cmp(&b.as_f64()?)? {
        // Two spellings of a number, or different ones that are too large to be told apart.
        Ordering::Equal => None,
        found if found == order => Some(a.clone()),
        Ordering::Less | Ordering::Greater => Some(b.clone()),
    }
}

fn common_types(a: &Value, b: &Value) -> Option<Value> {
    let names = |types: &Value| match types {
        Value::String(name) => Some(vec![name.clone()]),
        Value::Array(names) => {
            names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
        }
        _ => None,
    };
    let (a, b) = (names(a)?, names(b)?);
    let has = |types: &[String], name: &str| {
        types.iter().any(|known| known == name || (known == "number" && name == "integer"))
    };
    let mut common: Vec<String> = a.iter().filter(|name| has(&b, name)).cloned().collect();
    for name in b {
        if has(&a, &name) && !common.contains(&name) {
            common.push(name);
        }
    }
    match common.len() {
        0 => None,
        1 => common.pop().map(Value::String),
        _ => Some(common.into()),
    }
}

/// A schema for values that fit both.
fn conjunction(a: &Value, b: &Value) -> Value {
    let is_open = |schema: &Value| {
        *schema == Value::Bool(true) || schema.as_object().is_some_and(Map::is_empty)
    };
    if a == b || is_open(b) {
        a.clone()
    } else if is_open(a) {
        b.clone()
    } else {
        serde_json::json!({ "allOf": [a, b] })
    }
}

/// The properties of both, each under the rules that the other schema has for names that it does
/// not know.
fn objects(out: &mut Keywords, a: &Keywords, b: &Keywords) -> Option<()> {
    const OF_OBJECTS: &[&str] = &["properties", "additionalProperties", "patternProperties"];
    let is_about = |schema: &Keywords| OF_OBJECTS.iter().any(|name| schema.contains_key(*name));
    if !is_about(a) || !is_about(b) {
        return Some(());
    }
    if a.contains_key("patternProperties") || b.contains_key("patternProperties") {
        return None;
    }
    let required = out.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut properties = Map::new();
    for (schema, other) in [(a, b), (b, a)] {
        for (name, property) in known(schema)? {
            if properties.contains_key(name) {
                continue;
            }
            let rule = known(other)?.get(name).or_else(|| other.get("additionalProperties"));
            match rule {
                Some(Value::Bool(false)) if required.iter().any(|known| known == name) => {
                    return None;
                }
                // It may not be there, and what is not known may not be there.
                Some(Value::Bool(false)) if !known(other)?.contains_key(name) => {}
                Some(rule) => {
                    properties.insert(name.clone(), conjunction(property, rule));
                }
                None => {
                    properties.insert(name.clone(), property.clone());
                }
            }
        }
    }
    if out.contains_key("properties") {
        out.insert("properties".to_owned(), Value::Object(properties));
    }
    if let (Some(mine), Some(theirs)) =
        (a.get("additionalProperties"), b.get("additionalProperties"))
    {
        let closed = Value::Bool(false);
        let rule =
            if *mine == closed || *theirs == closed { closed } else { conjunction(mine, theirs) };
        out.insert("additionalProperties".to_owned(), rule);
    }
    Some(())
}

fn known(schema: &Keywords) -> Option<&Keywords> {
    static NONE: std::sync::LazyLock<Keywords> = std::sync::LazyLock::new(Map::new);
    schema.get("properties").map_or(Some(&*NONE), Value::as_object)
}

/// The values that both list, without those of a type that is not allowed.
fn values(out: &mut Keywords, a: &Keywords, b: &Keywords) -> Option<()> {
    let listed = |schema: &Keywords| match (schema.get("const"), schema.get("enum")) {
        (Some(only), _) => Some(vec![only.clone()]),
        (None, Some(Value::Array(values))) => Some(values.clone()),
        (None, _) => None,
    };
    let mut allowed = match (listed(a), listed(b)) {
        (None, None) => return Some(()),
        (Some(mine), Some(theirs)) => {
            mine.into_iter().filter(|value| theirs.contains(value)).collect()
        }
        (Some(values), None) | (None, Some(values)) => values,
    };
    if let Some(types) = out.get("type") {
        allowed.retain(|value| common_types(types, &Value::from(type_name(value))).is_some());
    }
    out.shift_remove("enum");
    let is_const = out.shift_remove("const").is_some();
    match allowed.as_slice() {
        [] => return None,
        [only] if is_const => out.insert("const".to_owned(), only.clone()),
        _ => out.insert("enum".to_owned(), Value::Array(allowed)),
    };
    Some(())
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => {
            "integer"
        }
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
