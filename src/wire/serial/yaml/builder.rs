//! Parser events to a tree of values.

use std::borrow::Cow;
use std::collections::HashMap;

use saphyr_parser::{Event, ScalarStyle, Tag};

use super::super::SerialError;
use super::super::tree::{Id, Node, Tree};
use super::scalar;

pub(super) struct Builder<'t> {
    tree: &'t mut Tree,
    max_depth: usize,
    open: Vec<Open>,
    anchors: HashMap<usize, Id>,
    root: Option<Id>,
}

/// A container whose end has not been seen.
struct Open {
    id: Id,
    kind: Kind,
    /// The key that waits for its value.
    key: Option<Id>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Map,
    /// A mapping whose keys are the members; shown as a list.
    Set,
}

impl<'t> Builder<'t> {
    pub fn new(tree: &'t mut Tree, max_depth: usize) -> Self {
        Self { tree, max_depth, open: Vec::new(), anchors: HashMap::new(), root: None }
    }

    pub fn finish(self) -> Option<Id> {
        self.root
    }

    pub fn accept(&mut self, event: Event<'_>) -> Result<(), SerialError> {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                Err(SerialError::Yaml("there is more than one document".to_owned()))
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(id) => self.place(*id),
                None => Err(SerialError::Yaml("an alias points at nothing".to_owned())),
            },
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag_name(tag.as_ref());
                let is_plain = style == ScalarStyle::Plain;
                if is_plain && tag.is_none() && text == "<<" && self.wants_key() {
                    return Err(SerialError::MergeKey);
                }
                let node = scalar::resolve(&text, is_plain, tag.as_deref())?;
                let id = self.tree.add(node)?;
                self.anchor(anchor, id);
                self.place(id)
            }
            Event::SequenceStart(anchor, tag) => {
                match tag_name(tag.as_ref()).as_deref() {
                    None | Some("!" | "tag:yaml.org,2002:seq") => {}
                    Some(tag) => return Err(SerialError::RefusedTag(tag.to_owned())),
                }
                self.start(Kind::List, anchor)
            }
            Event::MappingStart(anchor, tag) => {
                let kind = match tag_name(tag.as_ref()).as_deref() {
                    None | Some("!" | "tag:yaml.org,2002:map") => Kind::Map,
                    Some("tag:yaml.org,2002:set") => Kind::Set,
                    Some(tag) => return Err(SerialError::RefusedTag(tag.to_owned())),
                };
                self.start(kind, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.open.pop();
                Ok(())
            }
        }
    }

    fn start(&mut self, kind: Kind, anchor: usize) -> Result<(), SerialError> {
        if self.open.len() >= self.max_depth {
            return Err(SerialError::TooDeep(self.max_depth));
        }
        let id = self.tree.add(match kind {
            Kind::List | Kind::Set => Node::List(Vec::new()),
            Kind::Map => Node::Map(Vec::new()),
        })?;
        self.anchor(anchor, id);
        self.place(id)?;
        self.open.push(Open { id, kind, key: None });
        Ok(())
    }

    fn anchor(&mut self, anchor: usize, id: Id) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
    }

    fn wants_key(&self) -> bool {
        self.open.last().is_some_and(|open| open.kind == Kind::Map && open.key.is_none())
    }

    /// Puts a value where the innermost open container expects it.
    fn place(&mut self, id: Id) -> Result<(), SerialError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(id);
            return Ok(());
        };
        if open.kind != Kind::List && open.key.is_none() {
            open.key = Some(id);
            return Ok(());
        }
        let key = open.key.take();
        match (self.tree.get_mut(open.id), key) {
            (Some(Node::Map(pairs)), Some(key)) => pairs.push((key, id)),
            (Some(Node::List(items)), Some(key)) => items.push(key),
            (Some(Node::List(items)), None) => items.push(id),
            (Some(_) | None, _) => {}
        }
        Ok(())
    }
}

fn tag_name(tag: Option<&Cow<'_, Tag>>) -> Option<String> {
    tag.map(|tag| format!("{}{}", tag.handle, tag.suffix))
}
