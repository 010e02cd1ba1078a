//! YAML as PyYAML's `safe_load` understands it: YAML 1.1 scalars, plain data only.

mod builder;
mod scalar;

use saphyr_parser::{Event, Parser};

use super::tree::Tree;
use super::{Bounds, SerialError};

/// Appends the one document that `body` holds; an empty body is `null`.
pub(super) fn push_json(body: &[u8], bounds: Bounds, out: &mut String) -> Result<(), SerialError> {
    let text = str::from_utf8(body)
        .map_err(|error| SerialError::NotUtf8 { format: "YAML", offset: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Tree::default();
    let mut builder = builder::Builder::new(&mut tree, bounds.max_depth);
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, _span) = event.map_err(|error| SerialError::Yaml(error.to_string()))?;
        if event == Event::StreamEnd {
            break;
        }
        builder.accept(event)?;
    }
    match builder.finish() {
        Some(root) => tree.push_json(root, bounds, out),
        None => {
            out.push_str("null");
            Ok(())
        }
    }
}
