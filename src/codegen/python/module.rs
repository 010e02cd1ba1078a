//! One schema document as the classes of a module.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::changes::{CHANGES, function_text};
use super::classes::{ClassName, comments};
use super::identifiers::{identifier, is_identifier, unique};
use super::imports::Imports;
use super::scope::{Scope, is_json_value};
use super::shapes::{Shape, Shapes};
use crate::codegen::limits::Tally;
use crate::codegen::model::{Kind, Node, Schema};

/// A schema of the document and the class it becomes.
#[derive(Debug)]
pub struct Part<'a> {
    pub schema: &'a Schema<'a>,
    /// The name of its class, which is another one's where the schema is a mere reference.
    pub name: String,
    /// `Response`, `Error`: what goes before names that two parts give to different things.
    pub role: &'static str,
    /// The schema of what publishers send, where it is another one.
    pub sent: Option<&'a Value>,
}

/// The classes of a document.
#[derive(Debug)]
pub struct Classes {
    pub imports: Imports,
    /// Each with its final line feed.
    pub texts: Vec<String>,
    /// What the schemas say and the classes do not: place and message.
    pub losses: Vec<(String, String)>,
    pub needs_email: bool,
}

/// What the classes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Pydantic models.
    Models,
    /// Pydantic models as a type checker sees them.
    Stubs,
    Shapes(Shape),
}

/// Writes the classes of all parts; definitions that are the same in two parts are written once.
pub fn classes(parts: &[Part<'_>], taken: &BTreeSet<String>, form: Form) -> Classes {
    let naming = Naming::new(parts, taken);
    let mut imports = Imports::new(naming.identifiers(parts));
    let mut out = Classes {
        imports: Imports::default(),
        texts: Vec::new(),
        losses: Vec::new(),
        needs_email: false,
    };
    let mut written = BTreeSet::new();
    let mut changes = BTreeSet::new();
    let mut tally = Tally::default();
    for (place, part) in parts.iter().enumerate() {
        if let Form::Shapes(shape) = form {
            let mut shapes = Shapes::new(part.schema, imports, shape);
            shapes.classes = naming.classes[place].clone();
            shapes.reserved = naming.reserved.clone();
            shapes.tally = tally;
            write_shapes(&mut shapes, part, (&mut out.texts, &mut written));
            out.losses.append(&mut shapes.losses);
            (imports, tally) = (shapes.imports, shapes.tally);
            continue;
        }
        let mut scope = Scope::new(part.schema, imports, naming.reserved.clone());
        scope.classes = naming.classes[place].clone();
        scope.shadowing = naming.shadowing(parts);
        scope.sent = part.sent;
        scope.written = written;
        scope.form = form;
        scope.tally = tally;
        write_part(&mut scope, part, &mut out.texts);
        changes.append(&mut scope.changes);
        out.needs_email |= scope.needs_email;
        out.losses.append(&mut scope.losses);
        (imports, written, tally) = (scope.imports, scope.written, scope.tally);
    }
    out.losses.extend(tally.message().map(|message| (String::new(), message)));
    let functions = CHANGES.into_iter().filter(|(name, _)| changes.contains(name));
    out.texts.splice(0..0, functions.map(|change| function_text(&imports, change)));
    out.imports = imports;
    out
}

fn write_shapes(
    shapes: &mut Shapes<'_>,
    part: &Part<'_>,
    (texts, written): (&mut Vec<String>, &mut BTreeSet<String>),
) {
    let schema = shapes.schema;
    let mut order = Vec::new();
    visit(schema, &schema.root, (&mut BTreeSet::new(), &mut order));
    for key in order {
        let name = shapes.classes[key].clone();
        if written.insert(name.clone()) {
            texts.push(shapes.text(&name, &schema.definitions[key]));
        }
    }
    texts.push(match &schema.root.kind {
        Kind::Reference(key) => {
            let line = format!("{} = {}\n", part.name, shapes.classes[key]);
            shapes.type_limits(&schema.root) + &line
        }
        _ => shapes.text(&part.name, &schema.root),
    });
}

fn write_part(scope: &mut Scope<'_>, part: &Part<'_>, texts: &mut Vec<String>) {
    let schema = scope.schema;
    let mut order = Vec::new();
    let mut seen = BTreeSet::new();
    visit(schema, &schema.root, (&mut seen, &mut order));
    let is_unused =
        schema.definitions.keys().any(|key| !seen.contains(key) && !schema.merged.contains(*key));
    for key in order {
        let node = &schema.definitions[key];
        let name = scope.classes[key].clone();
        if is_json_value(key, node) || scope.written.contains(&name) {
            continue;
        }
        let qualified = (name != key).then_some(key);
        scope.key = Some(key);
        texts.push(scope.class_text(ClassName { name: &name, qualified }, node));
        scope.written.insert(name);
    }
    if let Some(key) = same_class(schema).filter(|key| scope.is_model(key)) {
        if schema.root.spelled.is_some() {
            part.name.clone_into(&mut scope.class);
            scope.field.clear();
            scope.lose_spelling();
            texts.push(comments(&scope.take_losses(), 0));
        }
        texts.push(format!("{} = {}\n", part.name, scope.class_expr(key).flat()));
        return;
    }
    let class = ClassName { name: &part.name, qualified: None };
    scope.key = None;
    if is_unused {
        scope.lose("definitions that nothing refers to are left out");
    }
    if schema.root.raw.contains_key("definitions") {
        scope.lose_spelling();
    }
    texts.push(scope.class_text(class, &schema.root));
    scope.written.insert(part.name.clone());
}

/// The definition that a whole schema is, where nothing is said beside the reference.
pub fn same_class<'s>(schema: &Schema<'s>) -> Option<&'s str> {
    let Kind::Reference(key) = schema.root.kind else { return None };
    let mut keywords = schema.root.raw.keys().map(String::as_str);
    keywords.all(|keyword| matches!(keyword, "$ref" | "$defs" | "definitions")).then_some(key)
}

/// Definitions in the order in which classes can be read: what a class uses goes before it.
fn visit<'s>(
    schema: &'s Schema<'s>,
    node: &'s Node<'s>,
    (seen, order): (&mut BTreeSet<&'s str>, &mut Vec<&'s str>),
) {
    let mut keys = Vec::new();
    node.references(&mut |key| keys.push(key));
    for key in keys {
        if seen.insert(key) {
            visit(schema, &schema.definitions[key], (seen, order));
            order.push(key);
        }
    }
}

/// Which class each definition of each part becomes.
struct Naming<'a> {
    classes: Vec<BTreeMap<&'a str, String>>,
    reserved: BTreeSet<String>,
}

impl<'a> Naming<'a> {
    fn new(parts: &[Part<'a>], taken: &BTreeSet<String>) -> Self {
        let mut naming = Self { classes: Vec::new(), reserved: taken.clone() };
        naming.reserved.extend(parts.iter().map(|part| part.name.clone()));
        let mut known: BTreeMap<&str, Vec<(usize, String)>> = BTreeMap::new();
        for (place, part) in parts.iter().enumerate() {
            let mut classes = BTreeMap::new();
            for key in part.schema.definitions.keys() {
                let before = known.entry(key).or_default();
                let same = before
                    .iter()
                    .find(|(other, _)| is_same(key, (parts[*other].schema, part.schema)));
                let name = match same {
                    Some((_, name)) => name.clone(),
                    None => naming.fresh(key, if before.is_empty() { "" } else { part.role }),
                };
                before.push((place, name.clone()));
                classes.insert(*key, name);
            }
            naming.classes.push(classes);
        }
        naming
    }

    fn fresh(&mut self, key: &str, role: &str) -> String {
        let name = if is_identifier(key) { key.to_owned() } else { identifier(key, "Type") };
        unique(&format!("{role}{name}"), &mut self.reserved)
    }

    /// Classes that annotations name: an attribute of the same name would hide them.
    fn shadowing(&self, parts: &[Part<'_>]) -> BTreeSet<String> {
        let roots = parts.iter().map(|part| part.name.clone());
        self.classes.iter().flat_map(|classes| classes.values().cloned()).chain(roots).collect()
    }

    /// Everything that the module's classes and their attributes are called.
    fn identifiers(&self, parts: &[Part<'_>]) -> BTreeSet<String> {
        let mut all = self.reserved.clone();
        for part in parts {
            for node in part.schema.definitions.values().chain([&part.schema.root]) {
                attribute_names(node, &mut all);
            }
        }
        all
    }
}

fn attribute_names(node: &Node<'_>, all: &mut BTreeSet<String>) {
    let Kind::Object(object) = &node.kind else { return };
    for field in &object.fields {
        if is_identifier(field.name) {
            all.insert(field.name.to_owned());
        }
    }
}

/// Whether a definition means the same in both schemas, what it refers to included.
fn is_same(key: &str, (a, b): (&Schema<'_>, &Schema<'_>)) -> bool {
    let mut open = vec![key.to_owned()];
    let mut seen = BTreeSet::new();
    while let Some(key) = open.pop() {
        if !seen.insert(key.clone()) {
            continue;
        }
        let (Some(mine), Some(theirs)) =
            (a.definitions.get(key.as_str()), b.definitions.get(key.as_str()))
        else {
            return false;
        };
        if mine.raw != theirs.raw {
            return false;
        }
        mine.references(&mut |key| open.push(key.to_owned()));
    }
    true
}
