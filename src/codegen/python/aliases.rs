//! What has a name and is no model: root models, aliases, named tuples.

use super::classes::{ClassName, comments, join_blocks};
use super::expr::{Expr, assignment, class_line};
use super::identifiers::{attribute, automatic_title, is_identifier};
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::Fidelity;
use crate::codegen::model::{Kind, Node, Presence};
use crate::codegen::names::snake_case;

impl Scope<'_> {
    pub fn root_model(&mut self, class: ClassName<'_>, node: &Node<'_>) -> String {
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
        // The base class is built before the configuration is known; and pyright cannot read an
        // alias for the first time where a class is built on it.
        let is_any = self.needs_python_patterns || self.has_recursive_alias(node);
        let is_field = default.is_some() || is_any;
        let field = if is_field {
            assignment(4, "root", (Some(&root), default.as_ref()))
        } else {
            String::new()
        };
        let base = if is_any { self.any() } else { self.quoted_if_recursive(root, node) };
        let base = Expr::index(self.imports.name("pydantic", "RootModel"), vec![base]);
        let stub = if self.form == Form::Stubs { " ...".len() } else { 0 };
        let line = class_line((class.name, &base.flat()), "", stub);
        let line = if line.starts_with(&format!("class {}(\n", class.name)) {
            format!("class {}(\n    {}\n):\n", class.name, base.layout(4, 4, 0))
        } else {
            line
        };
        let is_comment = |line: &&str| line.starts_with('#');
        let comments: String = blocks[0].split_inclusive('\n').take_while(is_comment).collect();
        blocks[0] = comments + &line;
        join_blocks(self.form, blocks, &field)
    }

    /// A name without a class: `TypeAliasType`, which Pydantic keeps as a definition.
    pub fn alias(&mut self, class: ClassName<'_>, node: &Node<'_>) -> String {
        let name = class.name;
        if class.qualified.is_some() || matches!(node.kind, Kind::Reference(_)) {
            self.lose_spelling();
        }
        let (value, _) = self.annotation(node);
        let value = self.quoted_if_recursive(value, node);
        let function = self.imports.name("typing_extensions", "TypeAliasType");
        let call = Expr::apply(function, vec![Expr::atom(literal::string(name)), value]);
        let limits = self.type_limits(node);
        comments(&self.take_losses(), 0) + &limits + &assignment(0, name, (None, Some(&call)))
    }

    /// What is evaluated where it stands may name only what is there already.
    pub fn quoted_if_recursive(&self, value: Expr, node: &Node<'_>) -> Expr {
        let mut is_forward = false;
        node.references(&mut |key| {
            let class = self.classes.get(key);
            is_forward |= class.is_some_and(|class| !self.written.contains(class));
        });
        if is_forward { Expr::atom(literal::string(&value.flat())) } else { value }
    }

    /// Whether the node refers to a definition without a class that refers to itself.
    fn has_recursive_alias(&self, node: &Node<'_>) -> bool {
        let mut is_any = false;
        node.references(&mut |key| {
            let mut is_recursive = false;
            self.schema.definitions[key].references(&mut |inner| is_recursive |= inner == key);
            is_any |= is_recursive && !self.is_model(key);
        });
        is_any
    }

    pub fn named_tuple(&mut self, name: &str, positions: &[Node<'_>]) -> String {
        let base = self.imports.name("typing", "NamedTuple");
        let mut text = class_line((name, &base), "", 0);
        let mut taken = self.shadowing.clone();
        for position in positions {
            let attribute = attribute(&position_name(position), &taken);
            let mut typed = self.type_of(position);
            let presence = if position.raw.contains_key("default") {
                Presence::Defaulted
            } else {
                Presence::Required
            };
            let default = self.default_of(position, presence);
            if !default.extra.is_empty() && self.form != Form::Stubs {
                self.add_extra(&mut typed.arguments, default.extra);
            }
            let (annotation, _) = self.finish(position, typed, &["default", "title"]);
            let line = assignment(4, &attribute, (Some(&annotation), default.value.as_ref()));
            if self.form == Form::Stubs {
                text.push_str(&self.field_limits(position));
            }
            text.push_str(&line);
            taken.insert(attribute);
        }
        comments(&self.take_losses(), 0) + &text
    }
}

/// A tuple whose positions have names: Pydantic titles them.
pub fn is_named_tuple(node: &Node<'_>, positions: &[Node<'_>]) -> bool {
    let is_named = |position: &Node<'_>| {
        position.text("title").is_some_and(|title| {
            let name = snake_case(title);
            is_identifier(&name) && automatic_title(&name).as_deref() == Some(title)
        })
    };
    // What is a class of its own has no title here, whatever its name is.
    let is_class = |position: &Node<'_>| matches!(position.kind, Kind::Reference(_));
    let required =
        positions.iter().filter(|position| !position.raw.contains_key("default")).count();
    !positions.is_empty()
        && positions.iter().all(|position| is_named(position) || is_class(position))
        && positions.iter().any(is_named)
        && node.count("maxItems") == Some(positions.len() as u64)
        && node.count("minItems").unwrap_or(0) == required as u64
}

/// The name of a position that has a title, or else that of its class.
fn position_name(position: &Node<'_>) -> String {
    match (&position.kind, position.text("title")) {
        (Kind::Reference(key), None) => snake_case(key),
        (_, title) => title.map(snake_case).unwrap_or_default(),
    }
}
