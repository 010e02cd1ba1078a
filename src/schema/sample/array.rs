use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Obstacle;
use super::maker::{Maker, singular};

/// Items in one array; a schema that wants more is not worth a sample.
const MAX_ITEMS: u64 = 1_000;
/// Tries for one more item that is unlike the others.
const TRIES: usize = 40;

pub(super) fn make(
    maker: &mut Maker<'_>,
    node: &Map<String, Value>,
    name: &str,
) -> Result<Value, Obstacle> {
    let count =
        |keyword: &str| node.get(keyword).and_then(Value::as_f64).map(|number| number as u64);
    let least = count("minItems").unwrap_or_default();
    let most = count("maxItems").unwrap_or(u64::MAX);
    if least > MAX_ITEMS {
        return Err(maker.obstacle("minItems", "that many items make no sample"));
    }
    let heads = node.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let rest = match (node.get("items"), node.get("contains")) {
        (Some(Value::Bool(false)), _) => None,
        (Some(Value::Object(items)), _) if !items.is_empty() => node.get("items").cloned(),
        (_, Some(contains)) => Some(contains.clone()),
        (_, None) => Some(Value::Object(Map::new())),
    };
    let wanted = wanted(maker, (least, most), heads.len() as u64);
    let is_set = node.get("uniqueItems") == Some(&Value::Bool(true));
    let item_name = singular(name);
    let mut items: Vec<Value> = Vec::new();
    while (items.len() as u64) < wanted {
        let schema = match (heads.get(items.len()), &rest) {
            (Some(head), _) => Cow::Borrowed(head),
            (None, Some(schema)) => Cow::Borrowed(schema),
            (None, None) => break,
        };
        match next(maker, (&schema, &item_name), (&items, is_set)) {
            Ok(Some(item)) => items.push(item),
            Ok(None) | Err(_) if items.len() as u64 >= least => break,
            Ok(None) => return Err(maker.obstacle("uniqueItems", "too few different items")),
            Err(obstacle) => return Err(obstacle),
        }
    }
    if (items.len() as u64) < least {
        return Err(maker.obstacle("minItems", "no further items are allowed"));
    }
    Ok(Value::Array(items))
}

fn wanted(maker: &mut Maker<'_>, (least, most): (u64, u64), heads: u64) -> u64 {
    match (heads, maker.is_rich()) {
        (0, true) => maker.dice.between(1, 3).max(least).min(most.max(least)),
        (0, false) => least,
        (heads, _) => heads.max(least).min(most.max(least)),
    }
}

/// `None` where every try was in the set already.
fn next(
    maker: &mut Maker<'_>,
    (schema, name): (&Value, &str),
    (items, is_set): (&[Value], bool),
) -> Result<Option<Value>, Obstacle> {
    for _ in 0..TRIES {
        let item = maker.inner(format!("[{}]", items.len()), (schema, name))?;
        if !is_set || !items.contains(&item) {
            return Ok(Some(item));
        }
    }
    Ok(None)
}
