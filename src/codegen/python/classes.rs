//! Classes: models, with their fields and what Pydantic is told to say about them.

use serde_json::{Map, Value};

use super::aliases::is_named_tuple;
use super::changes::{UNTITLED, UNTITLED_FIELDS, function_text};
use super::enums::is_enum;
use super::expr::{Expr, assignment, class_line};
use super::identifiers::{automatic_title, unique};
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::{AutomaticTitle, has_reference};
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
        self.note_sent(None);
        let text = match &node.kind {
            Kind::Object(object) => {
                let text = self.model(class, (node, object));
                self.respelled(node) + &text
            }
            Kind::Literal(values) if self.key.is_some() && is_enum(node) => {
                let text = self.enum_class(class, (node, values));
                self.respelled(node) + &text
            }
            _ if node.raw.contains_key("title") || self.key.is_none() => {
                self.root_model(class, node)
            }
            Kind::Tuple { positions, rest: None } if is_named_tuple(node, positions) => {
                self.named_tuple(class.name, positions)
            }
            _ => self.alias(class, node),
        };
        let mut inline = std::mem::take(&mut self.inline);
        inline.push(text);
        inline.join(if self.form == Form::Stubs { "\n" } else { "\n\n" })
    }

    /// The comment about a class whose schema is merged out of parts.
    fn respelled(&mut self, node: &Node<'_>) -> String {
        if node.spelled.is_none() {
            return String::new();
        }
        self.lose_spelling();
        comments(&self.take_losses(), 0)
    }

    fn model(&mut self, class: ClassName<'_>, (node, object): (&Node<'_>, &Object<'_>)) -> String {
        let attributes = self.attributes(object);
        self.has_titled_field = has_titled_field(node);
        self.has_bare_field = false;
        self.is_hashed = self.key.is_some_and(|key| self.frozen.contains(key));
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
        if attributes.iter().any(|name| name.starts_with("model_")) {
            config.push(("protected_namespaces", Expr::atom("()")));
        }
        let skipped = ["type", "properties", "required", "additionalProperties"];
        self.expect_object(node.raw, object);
        let mut base = self.imports.name("pydantic", "BaseModel");
        if std::mem::take(&mut self.is_hashed) {
            base.push_str(", frozen=True");
        }
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
            self.lose_spelling();
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
                let field = self.imports.name("pydantic", "Field");
                let init = Expr::call(field, vec![("init", Expr::atom("False"))]);
                let string = self.builtin("str");
                let statement = |value| {
                    let annotation = Expr::index(dict.clone(), vec![string.clone(), value]);
                    assignment(4, "__pydantic_extra__", (Some(&annotation), Some(&init)))
                };
                let mut line = statement(value.clone()).trim_end().to_owned();
                if line.contains('\n') {
                    // The remark for the checker has to be on the line of the name.
                    let alias = unique(&format!("{}Extra", self.class), &mut self.reserved);
                    let kind = Expr::atom(self.imports.name("typing", "TypeAlias"));
                    let value = self.quoted_if_recursive(value, node);
                    self.inline.push(assignment(0, &alias, (Some(&kind), Some(&value))));
                    line = statement(Expr::atom(alias)).trim_end().to_owned();
                }
                let ignore = "  # pyright: ignore[reportIncompatibleVariableOverride]\n";
                (Some("allow"), Some(line + ignore))
            }
        }
    }

    /// `class Name(Base):` with its docstring and `model_config`, without what follows.
    pub fn head(
        &mut self,
        (class, base): (ClassName<'_>, &str),
        node: &Node<'_>,
        (mut config, skipped): (Vec<(&'static str, Expr)>, &[&str]),
    ) -> Vec<String> {
        let is_empty = |object: &Object<'_>| object.fields.is_empty();
        let line = match &node.kind {
            Kind::Object(object) if self.form == Form::Stubs && is_empty(object) => {
                class_line((class.name, base), "", " ...".len())
            }
            _ => class_line((class.name, base), "", 0),
        };
        if self.form == Form::Stubs {
            return vec![self.type_limits(node) + &line];
        }
        let mut blocks = Vec::new();
        let mut extra = Map::new();
        let title = node.text("title");
        let change = self.title_change(node);
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
            if !is_known && (has_reference(value) || self.has_root_extra) {
                self.lose(&format!("the keyword {keyword:?} is left out"));
            } else if !is_known {
                self.lose_unless_annotation(keyword);
                extra.insert(keyword.clone(), value.clone());
            }
        }
        if let Some(function) = self.schema_change(class.name, (change, extra)) {
            config.push(("json_schema_extra", function));
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
        blocks.insert(0, comments + &line);
        blocks
    }

    /// The function that takes away the titles that Pydantic gives and the schema does not have: all
    /// of them, or those of all fields.
    fn title_change(&mut self, node: &Node<'_>) -> Option<String> {
        match (has_title(node), has_titled_field(node)) {
            (false, false) if !self.has_root_extra => Some(self.helper(UNTITLED)),
            (true, false) if self.has_bare_field => Some(self.helper(UNTITLED_FIELDS)),
            (true, _) => None,
            (false, _) => {
                self.lose("model_json_schema() has a title, the schema has none");
                None
            }
        }
    }

    /// What `json_schema_extra` of a class is: members to add, a function that takes titles away, or
    /// a function that does both.
    fn schema_change(
        &mut self,
        class: &str,
        (change, extra): (Option<String>, Map<String, Value>),
    ) -> Option<Expr> {
        let members = Expr::json(&Value::Object(extra));
        let is_empty = members == Expr::Dict(Vec::new());
        match (change, is_empty) {
            (None, true) => None,
            (None, false) => Some(members),
            (Some(function), true) => Some(Expr::atom(function)),
            (Some(function), false) => {
                let name = unique(&format!("_describe_{}", snake_case(class)), &mut self.reserved);
                let update = Expr::apply("schema.update", vec![members]).layout(4, 4, 0);
                let body = format!("    {function}(schema)\n    {update}\n");
                self.inline.push(function_text(&self.imports, (&name, &body)));
                Some(Expr::atom(name))
            }
        }
    }

    fn field(&mut self, field: &Field<'_>, attribute: &str) -> String {
        attribute.clone_into(&mut self.field);
        self.note_sent(Some(field.name));
        let mut typed = self.type_of(&field.node);
        let mut skipped = vec!["default"];
        let automatic = match typed.title {
            AutomaticTitle::Given => automatic_title(field.name),
            AutomaticTitle::Absent => None,
        };
        match (field.node.text("title"), &automatic) {
            (Some(title), Some(automatic)) if title == automatic => skipped.push("title"),
            (None, _) if typed.title == AutomaticTitle::Given => {
                self.has_bare_field = true;
                if self.has_titled_field {
                    self.lose("model_json_schema() has a title, the schema has none");
                }
            }
            (Some(_) | None, _) => {}
        }
        if attribute != field.name {
            typed.arguments.push(("alias", Expr::atom(literal::string(field.name))));
        }
        if self.form == Form::Stubs {
            let value = (field.presence != Presence::Required).then(|| Expr::atom("..."));
            let line = assignment(4, attribute, (Some(&typed.base), value.as_ref()));
            return self.field_limits(&field.node) + &line;
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

    /// A class for an object that the schema does not name.
    pub fn inline_class(&mut self, node: &Node<'_>) -> Expr {
        let Kind::Object(object) = &node.kind else { return self.any() };
        let place = std::ptr::from_ref(node.raw) as usize;
        if let Some(known) = self.inline_classes.get(&place) {
            return Expr::atom(known);
        }
        let name = format!("{}{}", self.class, pascal_case(&self.field));
        let name = unique(&name, &mut self.reserved);
        let outer = (self.class.clone(), self.field.clone());
        let titles = (self.has_titled_field, self.has_bare_field);
        let state = (self.is_hashed, self.sent_place.take());
        let class = ClassName { name: &name, qualified: None };
        self.class.clone_from(&name);
        let text = self.model(class, (node, object));
        self.inline.push(text);
        self.inline_classes.insert(place, name.clone());
        (self.class, self.field) = outer;
        (self.has_titled_field, self.has_bare_field) = titles;
        (self.is_hashed, self.sent_place) = state;
        Expr::atom(name)
    }
}

fn has_title(node: &Node<'_>) -> bool {
    node.raw.contains_key("title")
}

fn has_titled_field(node: &Node<'_>) -> bool {
    match &node.kind {
        Kind::Object(object) => object.fields.iter().any(|field| has_title(&field.node)),
        _ => false,
    }
}

/// The head of a class and its fields, a blank line between the parts.
pub fn join_blocks(form: Form, mut blocks: Vec<String>, fields: &str) -> String {
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
