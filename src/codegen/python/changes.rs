//! Functions that generated modules call to change what Pydantic says about a class.

use super::imports::Imports;
use super::scope::Scope;

/// A function of generated modules: its name and its body.
pub type Change = (&'static str, &'static str);

/// Spells a union the other way.
pub const ONE_OF: Change =
    ("_one_of", "    if \"anyOf\" in schema:\n        schema[\"oneOf\"] = schema.pop(\"anyOf\")\n");

/// For unions whose schema does not name what tells the members apart.
pub const UNTAGGED: Change = ("_untagged", "    schema.pop(\"discriminator\", None)\n");

/// For schemas that were written by hand.
pub const UNTITLED: Change = (
    "_untitled",
    "    schema.pop(\"title\", None)\n    \
     for field in schema.get(\"properties\", {}).values():\n        \
     field.pop(\"title\", None)\n",
);

/// For schemas that have a title where their properties have none.
pub const UNTITLED_FIELDS: Change = (
    "_untitled_fields",
    "    for field in schema.get(\"properties\", {}).values():\n        \
     field.pop(\"title\", None)\n",
);

/// All of them, in the order in which modules hold them.
pub const CHANGES: [Change; 4] = [UNTITLED, UNTITLED_FIELDS, ONE_OF, UNTAGGED];

/// The text of a function that changes a schema.
pub fn function_text(imports: &Imports, (name, body): (&str, &str)) -> String {
    let dict = imports.name("builtins", "dict");
    let (string, any) = (imports.name("builtins", "str"), imports.name("typing", "Any"));
    format!("def {name}(schema: {dict}[{string}, {any}]) -> None:\n{body}")
}

impl Scope<'_> {
    /// The name of one of the functions, which the module then has.
    pub fn helper(&mut self, (name, _): Change) -> String {
        self.changes.insert(name);
        name.to_owned()
    }
}
