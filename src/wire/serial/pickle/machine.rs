//! The stack machine of pickle, without the part that makes objects.

use std::collections::HashMap;

use super::super::SerialError;
use super::super::python::{decimal, integer_from_bytes};
use super::super::tree::{Id, Node, Tree};
use super::opcode::refusal;
use super::reader::{Reader, quoted, raw_unicode};

pub(super) struct Machine<'b, 't> {
    reader: Reader<'b>,
    tree: &'t mut Tree,
    stack: Vec<Id>,
    /// How high the stack was at each MARK.
    marks: Vec<usize>,
    memo: HashMap<u64, Id>,
}

impl<'b, 't> Machine<'b, 't> {
    pub fn new(body: &'b [u8], tree: &'t mut Tree) -> Self {
        Self {
            reader: Reader::new(body),
            tree,
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        }
    }

    /// Runs to STOP and gives what it leaves on the stack.
    pub fn run(mut self) -> Result<Id, SerialError> {
        loop {
            let offset = self.reader.at;
            let opcode = self.reader.byte()?;
            if opcode == b'.' {
                return self.pop();
            }
            let is_done = self.structure(opcode)? || self.memory(opcode)? || self.atom(opcode)?;
            if !is_done {
                return Err(refusal(opcode, offset));
            }
        }
    }

    /// Opcodes that build containers; whether this was one.
    fn structure(&mut self, opcode: u8) -> Result<bool, SerialError> {
        match opcode {
            b'(' => self.marks.push(self.stack.len()),
            b')' | b']' | 0x8f => self.push(Node::List(Vec::new()))?,
            b'}' => self.push(Node::Map(Vec::new()))?,
            b'l' | b't' | 0x91 => {
                let items = self.pop_mark()?;
                self.push(Node::List(items))?;
            }
            b'd' => {
                let items = self.pop_mark()?;
                let pairs = self.pairs(&items)?;
                self.push(Node::Map(pairs))?;
            }
            0x85..=0x87 => {
                let count = usize::from(opcode - 0x84);
                let Some(start) = self.floor_checked(count) else {
                    return Err(self.reader.malformed("a tuple takes more than the stack holds"));
                };
                let items = self.stack.split_off(start);
                self.push(Node::List(items))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.extend_list(&[item])?;
            }
            b'e' | 0x90 => {
                let items = self.pop_mark()?;
                self.extend_list(&items)?;
            }
            b's' => {
                let value = self.pop()?;
                let key = self.pop()?;
                self.extend_map(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_mark()?;
                self.extend_map(&items)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Opcodes that move values between the stack and the memo; whether this was one.
    fn memory(&mut self, opcode: u8) -> Result<bool, SerialError> {
        match opcode {
            0x80 => {
                if self.reader.byte()? > 5 {
                    return Err(self.reader.malformed("the protocol is newer than 5"));
                }
            }
            0x95 => {
                self.reader.unsigned(8)?;
            }
            b'0' => {
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => {
                self.pop_mark()?;
            }
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'g' => {
                let index = self.index_line()?;
                self.recall(index)?;
            }
            b'h' => {
                let index = self.reader.unsigned(1)?;
                self.recall(index)?;
            }
            b'j' => {
                let index = self.reader.unsigned(4)?;
                self.recall(index)?;
            }
            b'p' | b'q' | b'r' | 0x94 => {
                let index = match opcode {
                    b'p' => self.index_line()?,
                    b'q' => self.reader.unsigned(1)?,
                    b'r' => self.reader.unsigned(4)?,
                    _ => self.memo.len() as u64,
                };
                let top = self.top()?;
                self.memo.insert(index, top);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Opcodes that push one plain value; whether this was one.
    fn atom(&mut self, opcode: u8) -> Result<bool, SerialError> {
        let node = match opcode {
            b'N' => Node::Null,
            0x88 => Node::Bool(true),
            0x89 => Node::Bool(false),
            b'S' => match quoted(self.reader.line()?) {
                Some(bytes) => legacy_string(&bytes),
                None => return Err(self.reader.malformed("a string is not quoted text")),
            },
            b'T' => legacy_string(self.reader.counted(4)?),
            b'U' => legacy_string(self.reader.counted(1)?),
            b'V' => match raw_unicode(self.reader.line()?) {
                Some(text) => Node::Text(text.into()),
                None => return Err(self.reader.malformed("a string holds a broken escape")),
            },
            b'X' => Node::Text(self.reader.counted_text(4)?.into()),
            0x8c => Node::Text(self.reader.counted_text(1)?.into()),
            0x8d => Node::Text(self.reader.counted_text(8)?.into()),
            b'B' => Node::Bytes(self.reader.counted(4)?.into()),
            b'C' => Node::Bytes(self.reader.counted(1)?.into()),
            0x8e | 0x96 => Node::Bytes(self.reader.counted(8)?.into()),
            opcode => return self.number(opcode),
        };
        self.push(node)?;
        Ok(true)
    }

    fn number(&mut self, opcode: u8) -> Result<bool, SerialError> {
        let text = match opcode {
            b'K' => self.reader.unsigned(1)?.to_string(),
            b'M' => self.reader.unsigned(2)?.to_string(),
            b'J' => (self.reader.unsigned(4)? as u32 as i32).to_string(),
            0x8a => integer_from_bytes(self.reader.counted(1)?)?,
            0x8b => integer_from_bytes(self.reader.counted(4)?)?,
            b'I' => match self.reader.ascii_line()? {
                "00" => return self.push(Node::Bool(false)).map(|()| true),
                "01" => return self.push(Node::Bool(true)).map(|()| true),
                digits => self.integer(digits)?,
            },
            b'L' => {
                let line = self.reader.ascii_line()?;
                self.integer(line.strip_suffix('L').unwrap_or(line))?
            }
            b'G' | b'F' => {
                let value = self.float(opcode)?;
                let id = self.tree.add_float(value)?;
                self.stack.push(id);
                return Ok(true);
            }
            _ => return Ok(false),
        };
        self.push(Node::Number(text.into()))?;
        Ok(true)
    }

    fn float(&mut self, opcode: u8) -> Result<f64, SerialError> {
        if opcode == b'G' {
            return Ok(f64::from_bits(self.reader.unsigned(8)?.swap_bytes()));
        }
        let line = self.reader.ascii_line()?;
        line.parse().map_err(|_| self.reader.malformed("a float is not a number"))
    }

    fn integer(&self, digits: &str) -> Result<String, SerialError> {
        decimal(digits).ok_or_else(|| self.reader.malformed("an integer is not a number"))
    }

    fn index_line(&mut self) -> Result<u64, SerialError> {
        let line = self.reader.ascii_line()?;
        line.parse().map_err(|_| self.reader.malformed("a memo index is not a number"))
    }

    fn push(&mut self, node: Node) -> Result<(), SerialError> {
        let id = self.tree.add(node)?;
        self.stack.push(id);
        Ok(())
    }

    fn recall(&mut self, index: u64) -> Result<(), SerialError> {
        let Some(id) = self.memo.get(&index) else {
            return Err(self.reader.malformed("the memo has no such value"));
        };
        self.stack.push(*id);
        Ok(())
    }

    /// Where the stack starts if `count` values are taken, none of them below the last MARK.
    fn floor_checked(&self, count: usize) -> Option<usize> {
        let floor = self.marks.last().copied().unwrap_or_default();
        self.stack.len().checked_sub(count).filter(|start| *start >= floor)
    }

    fn top(&self) -> Result<Id, SerialError> {
        self.floor_checked(1)
            .and_then(|at| self.stack.get(at).copied())
            .ok_or_else(|| self.reader.malformed("the stack is empty"))
    }

    fn pop(&mut self) -> Result<Id, SerialError> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>, SerialError> {
        match self.marks.pop() {
            Some(start) if start <= self.stack.len() => Ok(self.stack.split_off(start)),
            _ => Err(self.reader.malformed("there is no mark on the stack")),
        }
    }

    fn pairs(&self, items: &[Id]) -> Result<Vec<(Id, Id)>, SerialError> {
        let (pairs, left) = items.as_chunks::<2>();
        if !left.is_empty() {
            return Err(self.reader.malformed("a key has no value"));
        }
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    }

    fn extend_list(&mut self, items: &[Id]) -> Result<(), SerialError> {
        let list = self.top()?;
        match self.tree.get_mut(list) {
            Some(Node::List(list)) => list.extend_from_slice(items),
            _ => return Err(self.reader.malformed("an item is added to what is no list")),
        }
        Ok(())
    }

    fn extend_map(&mut self, items: &[Id]) -> Result<(), SerialError> {
        let pairs = self.pairs(items)?;
        let map = self.top()?;
        match self.tree.get_mut(map) {
            Some(Node::Map(map)) => map.extend(pairs),
            _ => return Err(self.reader.malformed("a key is added to what is no dictionary")),
        }
        Ok(())
    }
}

/// Python 2 did not tell text from bytes; what reads as text is text.
fn legacy_string(bytes: &[u8]) -> Node {
    match str::from_utf8(bytes) {
        Ok(text) => Node::Text(text.into()),
        Err(_) => Node::Bytes(bytes.into()),
    }
}
