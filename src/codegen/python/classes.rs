//! Classes: models, root models, aliases, named tuples.

use serde_json::{Map, Value};

use super::enums::is_enum;
use super::expr::{Expr, assignment};
use super::identifiers::{automatic_title, is_identifier, unique};
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::{AutomaticTitle, Fidelity};
use crate::codegen::model::{Extra, Field, Kind, Node, Object, Presence};
use crate::codegen::names::{pascal_case, snake_case};

/// A class to write: its name, and the key by which the schema knows it.
#[derive(Debug, Clone, Copy)]
pub struct ClassName<'n> {
    pub name: &'n str,
    /// The key under `$defs`, where the name alone would give another.
    pub qualified: Option<&'n str>,
}

impl Scope<'_> {
    /// The class of a definition or of a whole schema.
    pub fn class_text(&mut self, class: ClassName<'_>, node: &Node<'_>) -> String {
        class.name.clone_into(&mut self.class);
        self.field.clear();
        self.needs_python_patterns = false;
        let text = match &node.kind {
            Kind::Object(object) => self.model(class, (node, object)),
            Kind::Literal(values) if is_enum(node) => self.enum_class(class.name, (node, values)),
            _ if node.raw.contains_key("title") || self.key.is_none() => {
                self.root_model(class, node)
            }
            Kind::Tuple { positions, rest: None } if is_named_tuple(node, positions) => {
                self.named_tuple(class.name, positions)
            }
            _ => self.alias(class.name, node),
        };
        let mut inline = std::mem::take(&mut self.inline);
        inline.push(text);
        inline.join(if self.form == Form::Stubs { "\n" } else { "\n\n" })
    }

    fn model(&mut self, class: ClassName<'_>, (node, object): (&Node<'_>, &Object<'_>)) -> String {
        let attributes = self.attributes(object);
        self.is_untitled = has_no_titles(node);
        let mut fields = String::new();
        for (field, attribute) in object.fields.iter().zip(&attributes) {
            fields.push_str(&self.field(field, attribute));
        }
        self.field.clear();
        let (extra_mode, extra_field) = self.extra(&object.extra);
        if let Some(field) = extra_field {
            fields.push_str(&field);
        }
        let mut config = Vec::new();
        if let Some(mode) = extra_mode {
            config.push(("extra", Expr::atom(literal::string(mode))));
        }
        if attributes.iter().zip(&object.fields).any(|(name, field)| name != field.name) {
            config.push(("populate_by_name", Expr::atom("True")));
            config.push(("serialize_by_alias", Expr::atom("True")));
        }
        if self.key.is_some_and(|key| self.frozen.contains(key)) {
            config.push(("frozen", Expr::atom("True")));
        }
        if attributes.iter().any(|name| name.starts_with("model_")) {
            config.push(("protected_namespaces", Expr::atom("()")));
        }
        let skipped = ["type", "properties", "required", "additionalProperties"];
        self.expect_object(node.raw, object);
        let base = self.imports.name("pydantic", "BaseModel");
        let head = self.head((class, &base), node, (config, &skipped));
        join_blocks(self.form, head, &fields)
    }

    /// What Pydantic always writes about a model.
    fn expect_object(&mut self, raw: &Map<String, Value>, object: &Object<'_>) {
        let is_object = raw.get("type").and_then(Value::as_str) == Some("object");
        let names = |presence: Presence| {
            object.fields.iter().filter(move |field| field.presence == presence).count()
        };
        let required = raw.get("required").and_then(Value::as_array).map_or(0, Vec::len);
        let is_listed = required == names(Presence::Required);
        if !is_object || !is_listed || (required == 0 && raw.contains_key("required")) {
            self.lose("model_json_schema() spells this differently");
        }
    }

    fn extra(&mut self, extra: &Extra<'_>) -> (Option<&'static str>, Option<String>) {
        match extra {
            Extra::Unsaid => (None, None),
            Extra::Forbidden => (Some("forbid"), None),
            Extra::Allowed => (Some("allow"), None),
            Extra::Typed(node) => {
                let (value, _) = self.annotation(node);
                let dict = self.imports.name("builtins", "dict");
                let annotation = Expr::index(dict, vec![self.builtin("str"), value]);
                let field = self.imports.name("pydantic", "Field");
                let value = Expr::call(field, vec![("init", Expr::atom("False"))]);
                let line = assignment(4, "__pydantic_extra__", (Some(&annotation), Some(&value)));
                let line = line.trim_end().to_owned();
                let ignore = "  # pyright: ignore[reportIncompatibleVariableOverride]\n";
                (Some("allow"), Some(line + ignore))
            }
        }
    }

    /// `class Name(Base):` with its docstring and `model_config`, without what follows.
    fn head(
        &mut self,
        (class, base): (ClassName<'_>, &str),
        node: &Node<'_>,
        (mut config, skipped): (Vec<(&'static str, Expr)>, &[&str]),
    ) -> Vec<String> {
        if self.form == Form::Stubs {
            self.take_losses();
            return vec![format!("class {}({base}):\n", class.name)];
        }
        let mut blocks = Vec::new();
        let mut extra = Map::new();
        let title = node.text("title");
        if has_no_titles(node) && !self.has_root_extra {
            let function = Expr::atom(self.untitled());
            config.push(("json_schema_extra", function));
        } else if title.is_none() {
            self.lose("model_json_schema() has a title, the schema has none");
        }
        if let Some(title) = title.filter(|title| *title != class.name) {
            config.insert(0, ("title", Expr::atom(literal::string(title))));
        }
        if let Some(description) = node.text("description") {
            match literal::docstring(description) {
                Some(lines) => blocks.push(lines.iter().map(|line| indented(line)).collect()),
                None => {
                    extra.insert("description".to_owned(), Value::from(description));
                }
            }
        }
        for (keyword, value) in node.raw {
            let is_known = skipped.contains(&keyword.as_str())
                || matches!(keyword.as_str(), "title" | "description" | "$defs" | "definitions");
            if !is_known {
                self.lose_unless_annotation(keyword);
                extra.insert(keyword.clone(), value.clone());
            }
        }
        if !extra.is_empty() {
            self.add_extra(&mut config, extra);
        }
        if self.needs_python_patterns {
            config.push(("regex_engine", Expr::atom("\"python-re\"")));
        }
        if let Some(key) = class.qualified {
            let value = Expr::atom(literal::string(key));
            blocks.push(assignment(4, "__qualname__", (None, Some(&value))));
        }
        if !config.is_empty() {
            let call = Expr::call(self.imports.name("pydantic", "ConfigDict"), config);
            blocks.push(assignment(4, "model_config", (None, Some(&call))));
        }
        let comments = comments(&self.take_losses(), 0);
        blocks.insert(0, format!("{comments}class {}({base}):\n", class.name));
        blocks
    }

    fn field(&mut self, field: &Field<'_>, attribute: &str) -> String {
        attribute.clone_into(&mut self.field);
        self.note_decimals(field.name);
        let mut typed = self.type_of(&field.node);
        let mut skipped = vec!["default"];
        let automatic = match typed.title {
            AutomaticTitle::Given => automatic_title(field.name),
            AutomaticTitle::Absent => None,
        };
        match (field.node.text("title"), &automatic) {
            (Some(title), Some(automatic)) if title == automatic => skipped.push("title"),
            (None, _) if typed.title == AutomaticTitle::Given && !self.is_untitled => {
                self.lose("model_json_schema() has a title, the schema has none");
            }
            (Some(_) | None, _) => {}
        }
        if attribute != field.name {
            typed.arguments.push(("alias", Expr::atom(literal::string(field.name))));
        }
        if self.form == Form::Stubs {
            let value = (field.presence != Presence::Required).then(|| Expr::atom("..."));
            return assignment(4, attribute, (Some(&typed.base), value.as_ref()));
        }
        let default = self.default_of(&field.node, field.presence);
        if !default.extra.is_empty() {
            self.add_extra(&mut typed.arguments, default.extra);
        }
        let (annotation, _) = self.finish(&field.node, typed, &skipped);
        let mut text = comments(&self.take_losses(), 4);
        if let Some(comment) = default.comment {
            text.push_str(&format!("    {}\n", literal::comment(comment)));
        }
        text + &assignment(4, attribute, (Some(&annotation), default.value.as_ref()))
    }

    fn root_model(&mut self, class: ClassName<'_>, node: &Node<'_>) -> String {
        let typed = self.type_of(node);
        // What the type does not say belongs to the class.
        let every: Vec<&str> = node.raw.keys().map(String::as_str).collect();
        let (inside, outside) = match typed.fidelity {
            Fidelity::Exact => (every, [&typed.explained[..], &["default"]].concat()),
            Fidelity::Respelled => (vec!["title", "description", "default"], every),
        };
        let (root, _) = self.finish(node, typed, &inside);
        self.has_root_extra = root.flat().contains("json_schema_extra");
        let mut blocks = self.head((class, "…"), node, (Vec::new(), &outside));
        self.has_root_extra = false;
        let default = node.raw.contains_key("default") && self.form != Form::Stubs;
        let default = default.then(|| self.default_of(node, Presence::Defaulted).value).flatten();
        // The base class is built before the configuration is known.
        let is_field = default.is_some() || self.needs_python_patterns;
        let field = if is_field {
            assignment(4, "root", (Some(&root), default.as_ref()))
        } else {
            String::new()
        };
        let base = match self.needs_python_patterns {
            true => self.any(),
            false => self.quoted_if_recursive(root, node),
        };
        let base = Expr::index(self.imports.name("pydantic", "RootModel"), vec![base]);
        let stub = if self.form == Form::Stubs { " ...".len() } else { 0 };
        let line = format!("class {}({}):\n", class.name, base.flat());
        let line = if line.len() + stub <= super::layout::WIDTH + 1 {
            line
        } else {
            format!("class {}(\n    {}\n):\n", class.name, base.layout(4, 4, 0))
        };
        let comments = blocks[0].split("class ").next().unwrap_or_default().to_owned();
        blocks[0] = comments + &line;
        join_blocks(self.form, blocks, &field)
    }

    /// A name without a class: `TypeAliasType`, which Pydantic keeps as a definition.
    fn alias(&mut self, name: &str, node: &Node<'_>) -> String {
        let (value, _) = self.annotation(node);
        let value = self.quoted_if_recursive(value, node);
        let function = self.imports.name("typing_extensions", "TypeAliasType");
        let call = Expr::apply(function, vec![Expr::atom(literal::string(name)), value]);
        comments(&self.take_losses(), 0) + &assignment(0, name, (None, Some(&call)))
    }

    /// What is evaluated where it stands may name only what is there already.
    fn quoted_if_recursive(&self, value: Expr, node: &Node<'_>) -> Expr {
        let mut is_forward = false;
        node.references(&mut |key| {
            let class = self.classes.get(key);
            is_forward |= class.is_some_and(|class| !self.written.contains(class));
        });
        if is_forward { Expr::atom(literal::string(&value.flat())) } else { value }
    }

    fn named_tuple(&mut self, name: &str, positions: &[Node<'_>]) -> String {
        let base = self.imports.name("typing", "NamedTuple");
        let mut text = format!("class {name}({base}):\n");
        for position in positions {
            let attribute = position.text("title").map(snake_case).unwrap_or_default();
            let typed = self.type_of(position);
            let presence = if position.raw.contains_key("default") {
                Presence::Defaulted
            } else {
                Presence::Required
            };
            let default = self.default_of(position, presence);
            let (annotation, _) = self.finish(position, typed, &["default", "title"]);
            let line = assignment(4, &attribute, (Some(&annotation), default.value.as_ref()));
            text.push_str(&line);
        }
        comments(&self.take_losses(), 0) + &text
    }

    /// A class for an object that the schema does not name.
    pub fn inline_class(&mut self, node: &Node<'_>) -> Expr {
        let Kind::Object(object) = &node.kind else { return self.any() };
        let name = format!("{}{}", self.class, pascal_case(&self.field));
        let name = unique(&name, &mut self.reserved);
        let outer = (self.class.clone(), self.field.clone());
        let class = ClassName { name: &name, qualified: None };
        self.class.clone_from(&name);
        let text = self.model(class, (node, object));
        self.inline.push(text);
        (self.class, self.field) = outer;
        Expr::atom(name)
    }
}

/// A tuple whose positions have names: Pydantic titles them.
fn is_named_tuple(node: &Node<'_>, positions: &[Node<'_>]) -> bool {
    let is_named = |position: &Node<'_>| {
        position.text("title").is_some_and(|title| {
            let name = snake_case(title);
            is_identifier(&name) && automatic_title(&name).as_deref() == Some(title)
        })
    };
    let required =
        positions.iter().filter(|position| !position.raw.contains_key("default")).count();
    !positions.is_empty()
        && positions.iter().all(is_named)
        && node.count("maxItems") == Some(positions.len() as u64)
        && node.count("minItems").unwrap_or(0) == required as u64
}

/// Whether neither the schema nor any of its fields has a title: it was not Pydantic that wrote it.
fn has_no_titles(node: &Node<'_>) -> bool {
    let fields: &[Field<'_>] = match &node.kind {
        Kind::Object(object) => &object.fields,
        _ => &[],
    };
    let has_title = |node: &Node<'_>| node.raw.contains_key("title");
    !has_title(node) && !fields.iter().any(|field| has_title(&field.node))
}

/// The head of a class and its fields, a blank line between the parts.
fn join_blocks(form: Form, mut blocks: Vec<String>, fields: &str) -> String {
    if !fields.is_empty() {
        blocks.push(fields.to_owned());
    }
    if blocks.len() == 1 {
        if form == Form::Stubs {
            return blocks[0].trim_end().to_owned() + " ...\n";
        }
        blocks.push("    pass\n".to_owned());
    }
    let head = blocks.remove(0);
    head + &blocks.join("\n")
}

pub fn comments(messages: &[String], indent: usize) -> String {
    let pad = " ".repeat(indent);
    messages.iter().map(|message| format!("{pad}{}\n", literal::comment(message))).collect()
}

pub fn indented(line: &str) -> String {
    if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }
}
