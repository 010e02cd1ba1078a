//! Python: what a careful engineer would write by hand for Python 3.10 and later.

mod aliases;
mod assemble;
mod changes;
mod classes;
mod containers;
mod defaults;
mod enums;
mod expr;
mod fits;
mod identifiers;
mod imports;
mod layout;
pub mod literal;
mod module;
mod package;
mod plan;
mod salt;
mod scope;
mod shapes;
mod text_types;
mod types;
mod unions;
mod unsaid;

pub use package::{Module, Package, Style, package, single};
