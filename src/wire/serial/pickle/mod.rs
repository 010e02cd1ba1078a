//! Pickle, protocols 0 to 5, read and never executed.
//!
//! The machine knows plain containers, text, bytes, numbers, `None` and booleans. Every opcode
//! that would import, call or rebuild something is refused by name.

mod machine;
mod opcode;
mod reader;

use super::tree::Tree;
use super::{Bounds, SerialError};

const FORMAT: &str = "pickle";

/// Appends the value that `body` pickles.
pub(super) fn push_json(body: &[u8], bounds: Bounds, out: &mut String) -> Result<(), SerialError> {
    let mut tree = Tree::default();
    let root = machine::Machine::new(body, &mut tree).run()?;
    tree.push_json(root, bounds, out)
}
