use serde_json::{Map, Value};

use super::Obstacle;
use super::maker::{Maker, singular};
use super::{pattern, words};

type Members = Map<String, Value>;

/// Names tried for one more member of a dictionary.
const NAME_TRIES: usize = 30;

/// An object: what is declared, in the order of the schema, then what has to be there besides.
pub(super) fn make(maker: &mut Maker<'_>, node: &Members, name: &str) -> Result<Value, Obstacle> {
    let properties = node.get("properties").and_then(Value::as_object);
    let required: Vec<&str> = node
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let most = count(node, "maxProperties").unwrap_or(u64::MAX);
    let mut object = Members::new();
    for (field, schema) in properties.into_iter().flatten() {
        let is_required = required.contains(&field.as_str());
        if !is_required && !is_wanted(maker, object.len() as u64 + required.len() as u64 >= most) {
            continue;
        }
        match maker.inner(field.clone(), (schema, field)) {
            Ok(value) => {
                object.insert(field.clone(), value);
            }
            Err(obstacle) if is_required => return Err(obstacle),
            Err(_) => {}
        }
    }
    for field in required {
        if !object.contains_key(field) {
            let schema = open_schema(node);
            let value = maker.inner(field.to_owned(), (&schema, field))?;
            object.insert(field.to_owned(), value);
        }
    }
    fill(maker, (node, &mut object), name)?;
    Ok(Value::Object(object))
}

fn is_wanted(maker: &mut Maker<'_>, is_full: bool) -> bool {
    !is_full && maker.is_rich() && maker.dice.is_lucky(85)
}

/// Members whose names the schema leaves open.
fn fill(
    maker: &mut Maker<'_>,
    (node, object): (&Members, &mut Members),
    name: &str,
) -> Result<(), Obstacle> {
    let least = count(node, "minProperties").unwrap_or_default();
    let most = count(node, "maxProperties").unwrap_or(u64::MAX);
    let is_dictionary = !node.contains_key("properties")
        && node.get("additionalProperties") != Some(&Value::Bool(false))
        || node.contains_key("patternProperties");
    let wanted = match (is_dictionary, maker.is_rich()) {
        (true, true) => maker.dice.between(1, 3).clamp(least, most.max(least)),
        (true, false) | (false, _) => least,
    };
    let mut tries = NAME_TRIES;
    while (object.len() as u64) < wanted {
        if tries == 0 {
            let enough = object.len() as u64 >= least;
            let reason = "too few different names were found";
            return if enough { Ok(()) } else { Err(maker.obstacle("minProperties", reason)) };
        }
        let Some((field, schema)) = open_member(maker, node)? else {
            tries -= 1;
            continue;
        };
        if object.contains_key(&field) {
            tries -= 1;
            continue;
        }
        let value = maker.inner(field.clone(), (&schema, &singular(name)))?;
        object.insert(field, value);
    }
    Ok(())
}

/// A name that the schema does not list, and what its value has to be.
fn open_member(maker: &mut Maker<'_>, node: &Members) -> Result<Option<(String, Value)>, Obstacle> {
    let patterns = node.get("patternProperties").and_then(Value::as_object);
    let patterns: Vec<(&String, &Value)> = patterns.into_iter().flatten().collect();
    if let Some((text, schema)) = maker.dice.pick(&patterns) {
        let name = pattern::text_for(text, 0, &mut maker.dice)
            .ok_or_else(|| maker.obstacle("patternProperties", "it is not understood"))?;
        return Ok(Some((name, (*schema).clone())));
    }
    if node.get("additionalProperties") == Some(&Value::Bool(false)) {
        return Err(maker.obstacle("minProperties", "no further names are allowed"));
    }
    let name = match node.get("propertyNames") {
        None => maker.dice.word(words::KEYS).to_owned(),
        Some(names) => match maker.value(names, "key")? {
            Value::String(name) => name,
            _ => return Ok(None),
        },
    };
    let schema = open_schema(node);
    Ok(Some((name, schema)))
}

/// What the value of a name that is not listed has to be; text where anything goes.
fn open_schema(node: &Members) -> Value {
    match node.get("additionalProperties") {
        Some(schema @ Value::Object(_)) => schema.clone(),
        _ => Value::Object(Members::new()),
    }
}

fn count(node: &Members, keyword: &str) -> Option<u64> {
    node.get(keyword).and_then(Value::as_f64).map(|number| number as u64)
}
