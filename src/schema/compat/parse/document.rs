//! One schema document: its dialect, its identifiers, and what its references lead to.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::Place;
use crate::schema::compat::hash::HashMap;
use crate::schema::compat::node::Pointer;
use crate::schema::compat::writer::ORIGIN;

/// The editions of JSON Schema, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::schema::compat) enum Dialect {
    Draft4,
    Draft6,
    Draft7,
    Draft2019,
    Draft2020,
}

impl Dialect {
    pub(in crate::schema::compat) fn ignores_reference_siblings(self) -> bool {
        self <= Self::Draft7
    }

    /// Whether a keyword existed in this edition, for those where it makes a difference.
    pub(super) fn knows(self, keyword: &str) -> bool {
        match keyword {
            "const" | "contains" | "propertyNames" | "exclusiveMinimum" | "exclusiveMaximum" => {
                self >= Self::Draft6
            }
            "if" | "then" | "else" => self >= Self::Draft7,
            "dependentRequired"
            | "dependentSchemas"
            | "unevaluatedItems"
            | "unevaluatedProperties"
            | "minContains"
            | "maxContains" => self >= Self::Draft2019,
            "prefixItems" | "$dynamicRef" => self >= Self::Draft2020,
            "additionalItems" => self <= Self::Draft2019,
            "$recursiveRef" => self == Self::Draft2019,
            _ => true,
        }
    }

    fn id_keyword(self) -> &'static str {
        if self == Self::Draft4 { "id" } else { "$id" }
    }
}

pub(in crate::schema::compat) fn dialect_of(root: &Value) -> Dialect {
    let name = root.get("$schema").and_then(Value::as_str).unwrap_or_default();
    if name.contains("draft-03") || name.contains("draft-04") {
        Dialect::Draft4
    } else if name.contains("draft-06") {
        Dialect::Draft6
    } else if name.contains("draft-07") {
        Dialect::Draft7
    } else if name.contains("2019-09") {
        Dialect::Draft2019
    } else {
        Dialect::Draft2020
    }
}

/// What a reference leads to: the place, its JSON Pointer, and the schema there.
pub(super) type Target<'d> = (Place, String, &'d Value);

pub(super) struct Document<'d> {
    root: &'d Value,
    pub(super) dialect: Dialect,
    /// Absolute URI (with or without an anchor) to JSON Pointer.
    uris: HashMap<String, String>,
    /// Names of dynamic anchors, with how many schemas carry each.
    dynamic: HashMap<String, usize>,
    has_recursive_anchor: bool,
    has_identifiers: bool,
    has_origins: bool,
    /// References that were followed outside of any `$id`.
    followed: RefCell<HashMap<String, Option<Target<'d>>>>,
}

impl<'d> Document<'d> {
    pub(super) fn new(root: &'d Value) -> Self {
        let mut document = Self {
            root,
            dialect: dialect_of(root),
            uris: HashMap::from_iter([(String::new(), String::new())]),
            dynamic: HashMap::default(),
            has_recursive_anchor: false,
            has_identifiers: false,
            has_origins: false,
            followed: RefCell::default(),
        };
        document.mark(root, document.dialect.id_keyword());
        if document.has_identifiers {
            document.scan(root, "", "");
        }
        document
    }

    /// Most schemas have no identifiers, and need no second walk.
    fn mark(&mut self, value: &Value, id: &str) {
        match value {
            Value::Object(map) => {
                for (name, value) in map {
                    let anchors = ["$anchor", "$dynamicAnchor", "$recursiveAnchor"];
                    self.has_identifiers |= name == id || anchors.contains(&name.as_str());
                    self.has_origins |= name == ORIGIN;
                    self.mark(value, id);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| self.mark(value, id)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Where a rewritten schema stands in the document that people know.
    pub(super) fn origin(&self, schema: &Value) -> Option<Pointer> {
        let Value::Object(map) = schema else { return None };
        if !self.has_origins {
            return None;
        }
        map.get(ORIGIN).and_then(Value::as_str).map(pointer_of)
    }

    /// Collects identifiers and anchors; values that only look like schemas are passed over.
    fn scan(&mut self, value: &Value, pointer: &str, base: &str) {
        let mut base = base.to_owned();
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if item.is_object() || item.is_array() {
                        self.scan(item, &format!("{pointer}/{index}"), &base);
                    }
                }
            }
            Value::Object(map) => {
                self.note(map, pointer, &mut base);
                for (name, child) in map {
                    let is_data =
                        matches!(name.as_str(), "const" | "enum" | "default" | "examples");
                    if !is_data && (child.is_object() || child.is_array()) {
                        self.scan(child, &format!("{pointer}/{}", escape(name)), &base);
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn note(&mut self, map: &Map<String, Value>, pointer: &str, base: &mut String) {
        let text = |keyword: &str| map.get(keyword).and_then(Value::as_str);
        if let Some(id) = text(self.dialect.id_keyword()) {
            let uri = join(base, id);
            if let Some((before, anchor)) = uri.split_once('#')
                && !anchor.is_empty()
            {
                self.uris.insert(format!("{before}#{anchor}"), pointer.to_owned());
            } else {
                *base = uri.trim_end_matches('#').to_owned();
                self.uris.insert(base.clone(), pointer.to_owned());
            }
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let Some(name) = text(keyword) {
                self.uris.insert(format!("{base}#{name}"), pointer.to_owned());
            }
        }
        if let Some(name) = text("$dynamicAnchor") {
            *self.dynamic.entry(name.to_owned()).or_default() += 1;
        }
        self.has_recursive_anchor |= map.get("$recursiveAnchor") == Some(&Value::Bool(true));
    }

    /// The place below which a schema's own keywords stand: its `$id` changes the base URI.
    pub(super) fn enter(&self, at: &Place, map: &Map<String, Value>) -> Place {
        if !self.has_identifiers && !self.has_origins {
            return at.clone();
        }
        let origin = map.get(ORIGIN).and_then(Value::as_str).map(pointer_of);
        let at = &origin
            .map_or_else(|| at.clone(), |pointer| Place { pointer, base: Rc::clone(&at.base) });
        let Some(id) = map.get(self.dialect.id_keyword()).and_then(Value::as_str) else {
            return at.clone();
        };
        let uri = join(&at.base, id);
        if id.starts_with('#') {
            return at.clone();
        }
        Place { pointer: at.pointer.clone(), base: uri.trim_end_matches('#').into() }
    }

    pub(super) fn place_of(&self, pointer: &str) -> Option<Place> {
        self.walk(pointer).map(|(place, _)| place)
    }

    /// What `reference` means where `base` holds; `None` when it leads out of the document.
    pub(super) fn resolve(&self, base: &str, reference: &str) -> Option<Target<'d>> {
        if !base.is_empty() {
            return self.follow(base, reference);
        }
        if let Some(known) = self.followed.borrow().get(reference) {
            return known.clone();
        }
        let target = self.follow(base, reference);
        self.followed.borrow_mut().insert(reference.to_owned(), target.clone());
        target
    }

    fn follow(&self, base: &str, reference: &str) -> Option<Target<'d>> {
        let uri = join(base, reference);
        let (document, fragment) = uri.split_once('#').unwrap_or((&uri, ""));
        let fragment = percent_decode(fragment)?;
        let pointer = if fragment.is_empty() || fragment.starts_with('/') {
            format!("{}{fragment}", self.uris.get(document)?)
        } else {
            self.uris.get(&format!("{document}#{fragment}"))?.clone()
        };
        let (place, schema) = self.walk(&pointer)?;
        Some((place, pointer, schema))
    }

    /// A dynamic reference is a plain one while only one schema can be meant.
    pub(super) fn resolve_dynamic(&self, base: &str, reference: &str) -> Option<Target<'d>> {
        let anchor = reference.split_once('#').map_or("", |(_, anchor)| anchor);
        let count = self.dynamic.get(anchor).copied().unwrap_or_default();
        if count > 1 || self.has_recursive_anchor {
            return None;
        }
        self.resolve(base, reference)
    }

    fn walk(&self, pointer: &str) -> Option<(Place, &'d Value)> {
        let mut place = Place { pointer: Pointer::default(), base: Rc::from("") };
        let mut value = self.root;
        for segment in pointer.split('/').skip(1) {
            if let Value::Object(map) = value {
                place = self.enter(&place, map);
            }
            let name = segment.replace("~1", "/").replace("~0", "~");
            value = match value {
                Value::Object(map) => map.get(&name)?,
                Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
            };
            place = place.child(&name);
        }
        Some((place, value))
    }
}

fn pointer_of(text: &str) -> Pointer {
    text.split('/')
        .skip(1)
        .fold(Pointer::default(), |at, name| at.child(&name.replace("~1", "/").replace("~0", "~")))
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Resolves a reference against a base URI, as far as identifiers inside one document need it.
fn join(base: &str, reference: &str) -> String {
    let base = base.split('#').next().unwrap_or_default();
    if let Some(fragment) = reference.strip_prefix('#') {
        return format!("{base}#{fragment}");
    }
    let has_scheme = reference.split(['/', '#', '?']).next().is_some_and(|head| head.contains(':'));
    if has_scheme || base.is_empty() {
        return reference.to_owned();
    }
    let authority = base
        .find("://")
        .map_or(0, |at| base[at + 3..].find('/').map_or(base.len(), |slash| at + 3 + slash));
    if reference.starts_with('/') {
        return format!("{}{reference}", &base[..authority]);
    }
    let directory = base[authority..].rfind('/').map_or(authority, |slash| authority + slash + 1);
    let separator = if directory == authority && authority > 0 { "/" } else { "" };
    format!("{}{separator}{reference}", &base[..directory])
}

fn percent_decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            let code = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(code, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_joined_to_their_base() {
        for (base, reference, uri) in [
            ("", "#/a", "#/a"),
            ("", "other.json", "other.json"),
            ("http://x.org/dir/root.json", "item.json", "http://x.org/dir/item.json"),
            ("http://x.org/dir/root.json", "/item.json", "http://x.org/item.json"),
            ("http://x.org", "item.json", "http://x.org/item.json"),
            ("http://x.org/root", "urn:a:b", "urn:a:b"),
            ("http://x.org/root", "#a", "http://x.org/root#a"),
        ] {
            assert_eq!(join(base, reference), uri);
        }
    }
}
