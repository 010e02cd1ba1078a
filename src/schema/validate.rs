//! Whether one event fits its schema, and where it does not.
//!
//! Formats are asserted, as the services' own models do. References are followed inside the schema
//! only: nothing is fetched.

use std::sync::Arc;

use jsonschema::Validator;
use serde_json::Value;
use thiserror::Error;

use super::rejection;

/// Errors listed for one event; what is wrong after these rarely says more.
const MAX_ERRORS: usize = 50;

/// A schema, compiled once to judge many events.
#[derive(Debug, Clone)]
pub struct EventValidator {
    validator: Arc<Validator>,
}

/// The schema itself is not one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("not a usable JSON Schema: {message} (at {pointer:?})")]
pub struct UnusableSchema {
    pub message: String,
    /// JSON Pointer into the schema.
    pub pointer: String,
}

/// One way in which an event does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// Where in the event, as `items[0].qty`; empty for the event itself.
    pub path: String,
    /// JSON Pointer to the keyword of the schema that speaks.
    pub schema_pointer: String,
    pub keyword: String,
    pub message: String,
}

impl EventValidator {
    /// # Errors
    /// A document that JSON Schema does not allow, or that refers to other documents.
    pub fn compile(schema: &Value) -> Result<Self, UnusableSchema> {
        let validator = jsonschema::options()
            .offline()
            .should_validate_formats(true)
            .should_ignore_unknown_formats(true)
            .build(schema)
            .map_err(|error| UnusableSchema {
                message: rejection::message_of(&error),
                pointer: error.instance_path().to_string(),
            })?;
        Ok(Self { validator: Arc::new(validator) })
    }

    pub fn is_valid(&self, event: &Value) -> bool {
        self.validator.is_valid(event)
    }

    /// Everything that is wrong with an event, in the order of the schema; empty when it fits.
    pub fn misfits(&self, event: &Value) -> Vec<Misfit> {
        if self.is_valid(event) {
            return Vec::new();
        }
        let errors = self.validator.iter_errors(event).take(MAX_ERRORS);
        errors
            .map(|error| Misfit {
                path: rejection::event_path(&error.instance_path().to_string()),
                schema_pointer: error.schema_path().to_string(),
                keyword: error.kind().keyword().to_owned(),
                message: rejection::message_of(&error),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn order() -> EventValidator {
        EventValidator::compile(&json!({
            "type": "object",
            "properties": {
                "id": {"type": "string", "format": "uuid"},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}
            },
            "required": ["id", "lines"],
            "$defs": {"Line": {"type": "object", "properties": {"qty": {"type": "integer", "minimum": 1}}}}
        }))
        .unwrap()
    }

    #[test]
    fn every_misfit_is_listed_with_its_place() {
        let found = order().misfits(&json!({"id": "x", "lines": [{"qty": 1}, {"qty": 0}]}));
        let shown: Vec<String> = found
            .iter()
            .map(|misfit| format!("{}: {} ({})", misfit.path, misfit.message, misfit.keyword))
            .collect();
        assert_eq!(
            shown,
            [
                "id: \"x\" is not a \"uuid\" (format)",
                "lines[1].qty: 0 is less than the minimum of 1 (minimum)"
            ]
        );
        assert_eq!(
            order().misfits(&json!({"id": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "lines": []})),
            []
        );
    }

    #[test]
    fn a_schema_that_is_none_is_an_error_that_says_where() {
        let error = EventValidator::compile(&json!({"properties": {"a": {"type": "text"}}}));
        assert_eq!(error.unwrap_err().pointer, "/properties/a/type");
        assert!(EventValidator::compile(&json!({"$ref": "https://example.org/x"})).is_err());
    }

    proptest! {
        #[test]
        fn any_event_is_judged_without_a_panic(text in "[\\PC]{0,40}", number in any::<f64>()) {
            let event = json!({"id": text, "lines": [{"qty": number}, text]});
            prop_assert_eq!(order().is_valid(&event), order().misfits(&event).is_empty());
        }
    }
}
