use serde_json::{Map, Value};

use super::Need;
use crate::schema::validate::EventValidator;

/// What a line of text means for one field.
#[derive(Debug)]
pub(super) struct Field {
    reading: Reading,
    need: Need,
    default: Option<Value>,
    validator: Option<EventValidator>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Text,
    Number,
    Json,
}

impl Field {
    pub fn of(root: &Value, node: &Map<String, Value>, need: Need) -> Self {
        let reading = match node.get("type").and_then(Value::as_str) {
            Some("string") => Reading::Text,
            Some("integer" | "number") => Reading::Number,
            Some(_) | None => Reading::Json,
        };
        let mut schema = node.clone();
        if let Some(definitions) = root.get("$defs") {
            schema.insert("$defs".to_owned(), definitions.clone());
        }
        let validator = EventValidator::compile(&Value::Object(schema)).ok();
        let default = node.get("default").filter(|value| !value.is_null()).cloned();
        Self { reading, need, default, validator }
    }

    /// The value; `None` where the field is left out. What is wrong with the text otherwise.
    pub fn read(&self, text: &str) -> Result<Option<Value>, String> {
        if text.is_empty() {
            return match (&self.default, self.need) {
                (Some(default), _) => Ok(Some(default.clone())),
                (None, Need::Optional) => Ok(None),
                (None, Need::Required) => Err(self.nothing_given()),
            };
        }
        let value = self.parse(text)?;
        let misfit = self
            .validator
            .as_ref()
            .and_then(|validator| validator.misfits(&value).into_iter().next());
        match misfit {
            Some(misfit) => Err(misfit.message),
            None => Ok(Some(value)),
        }
    }

    fn nothing_given(&self) -> String {
        match self.reading {
            Reading::Text => "a value is needed; write \"\" for an empty text".to_owned(),
            Reading::Number | Reading::Json => "a value is needed".to_owned(),
        }
    }

    fn parse(&self, text: &str) -> Result<Value, String> {
        let is_quoted = text.len() > 1 && text.starts_with('"') && text.ends_with('"');
        match self.reading {
            Reading::Text if is_quoted => {
                Ok(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))
            }
            Reading::Text => Ok(Value::String(text.to_owned())),
            Reading::Number => match serde_json::from_str(text.trim()) {
                Ok(Value::Number(number)) => Ok(Value::Number(number)),
                Ok(_) | Err(_) => Err(format!("{text:?} is not a number")),
            },
            Reading::Json => {
                serde_json::from_str(text).map_err(|error| format!("this is not JSON: {error}"))
            }
        }
    }
}
