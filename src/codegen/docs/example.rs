//! An example of a payload: the first that the schema itself offers, else one made up from it.

use serde_json::Value;

use crate::schema::{EventValidator, Sampler};

/// JSON that the schema accepts, indented, always the same. `None` where none was found.
pub(super) fn of(schema: &Value) -> Option<String> {
    let example = offered(schema).or_else(|| Sampler::new(schema).ok()?.sample(0, 0).ok())?;
    serde_json::to_string_pretty(&example).ok()
}

fn offered(schema: &Value) -> Option<Value> {
    let examples = schema.get("examples")?.as_array()?;
    let validator = EventValidator::compile(schema).ok()?;
    examples.iter().find(|example| validator.is_valid(example)).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_example_fits_the_schema_whoever_wrote_it() {
        let example = |schema: Value| of(&schema).map(|text| text.parse::<Value>().unwrap());
        let offered = json!({"type": "integer", "examples": ["no integer", 7]});
        assert_eq!(example(offered), Some(json!(7)));
        assert_eq!(example(json!({"const": [1]})), Some(json!([1])));
        assert_eq!(example(json!(false)), None);
    }
}
