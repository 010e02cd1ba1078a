//! Values that can be shared: what pickle memos and YAML aliases point at.

use super::python::float_repr;
use super::{Bounds, SerialError, push_bytes};
use crate::wire::json::push_quoted;

/// More values than this are not a message but an attack on memory.
const MAX_NODES: usize = 2_000_000;

/// A place in a [`Tree`].
pub(super) type Id = u32;

#[derive(Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    /// JSON number text.
    Number(Box<str>),
    Text(Box<str>),
    Bytes(Box<[u8]>),
    List(Vec<Id>),
    Map(Vec<(Id, Id)>),
}

/// All values of one body.
#[derive(Debug, Default)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    pub fn add(&mut self, node: Node) -> Result<Id, SerialError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(SerialError::TooMany(MAX_NODES));
        }
        self.nodes.push(node);
        Ok((self.nodes.len() - 1) as Id)
    }

    pub fn add_float(&mut self, value: f64) -> Result<Id, SerialError> {
        self.add(Node::Number(float_repr(value)?.into()))
    }

    pub fn get(&self, id: Id) -> &Node {
        self.nodes.get(id as usize).unwrap_or(&Node::Null)
    }

    pub fn get_mut(&mut self, id: Id) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    /// Appends the value as compact JSON. A value that is referred to twice is written twice, so
    /// the bounds are what keeps a small body from unfolding without end.
    pub fn push_json(&self, root: Id, bounds: Bounds, out: &mut String) -> Result<(), SerialError> {
        let start = out.len();
        let mut open: Vec<Frame<'_>> = Vec::new();
        let mut next = Some(root);
        loop {
            if out.len() - start > bounds.max_bytes {
                return Err(SerialError::TooLarge(bounds.max_bytes));
            }
            if let Some(id) = next.take()
                && let Some(frame) = self.push_start(id, out)
            {
                if open.len() >= bounds.max_depth {
                    return Err(SerialError::TooDeep(bounds.max_depth));
                }
                open.push(frame);
            }
            let Some(frame) = open.last_mut() else { return Ok(()) };
            next = frame.advance(self, out)?;
            if next.is_none() {
                open.pop();
            }
        }
    }

    /// Appends a leaf whole, or the opening of a container.
    fn push_start(&self, id: Id, out: &mut String) -> Option<Frame<'_>> {
        match self.get(id) {
            Node::Null => out.push_str("null"),
            Node::Bool(true) => out.push_str("true"),
            Node::Bool(false) => out.push_str("false"),
            Node::Number(text) => out.push_str(text),
            Node::Text(text) => push_quoted(out, text),
            Node::Bytes(bytes) => push_bytes(out, bytes),
            Node::List(items) => {
                out.push('[');
                return Some(Frame::List { items, at: 0 });
            }
            Node::Map(pairs) => {
                out.push('{');
                return Some(Frame::Map { pairs, at: 0 });
            }
        }
        None
    }

    /// Appends a key the way Python's json module turns keys into strings.
    fn push_key(&self, id: Id, out: &mut String) -> Result<(), SerialError> {
        match self.get(id) {
            Node::Text(text) => push_quoted(out, text),
            Node::Number(text) => push_quoted(out, text),
            Node::Null => out.push_str("\"null\""),
            Node::Bool(true) => out.push_str("\"true\""),
            Node::Bool(false) => out.push_str("\"false\""),
            Node::Bytes(bytes) => match str::from_utf8(bytes) {
                Ok(text) => push_quoted(out, text),
                Err(_) => return Err(SerialError::Key("binary value")),
            },
            Node::List(_) => return Err(SerialError::Key("list")),
            Node::Map(_) => return Err(SerialError::Key("mapping")),
        }
        Ok(())
    }
}

/// A container that is being written.
enum Frame<'t> {
    List { items: &'t [Id], at: usize },
    Map { pairs: &'t [(Id, Id)], at: usize },
}

impl Frame<'_> {
    /// Appends what stands before the next value, or the closing; gives the next value.
    fn advance(&mut self, tree: &Tree, out: &mut String) -> Result<Option<Id>, SerialError> {
        match self {
            Self::List { items, at } => {
                let Some(item) = items.get(*at) else {
                    out.push(']');
                    return Ok(None);
                };
                if *at > 0 {
                    out.push(',');
                }
                *at += 1;
                Ok(Some(*item))
            }
            Self::Map { pairs, at } => {
                let Some((key, value)) = pairs.get(*at) else {
                    out.push('}');
                    return Ok(None);
                };
                if *at > 0 {
                    out.push(',');
                }
                *at += 1;
                tree.push_key(*key, out)?;
                out.push(':');
                Ok(Some(*value))
            }
        }
    }
}
