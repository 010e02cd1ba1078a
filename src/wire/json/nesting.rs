//! Which containers are open, without recursion.

use super::error::JsonErrorKind;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Array,
    Object,
}

impl Container {
    pub fn opened_by(byte: u8) -> Self {
        if byte == b'{' { Self::Object } else { Self::Array }
    }

    pub fn closer(self) -> u8 {
        match self {
            Self::Array => b']',
            Self::Object => b'}',
        }
    }

    pub fn expectation(self) -> &'static str {
        match self {
            Self::Array => "a comma or the end of the list",
            Self::Object => "a comma or the end of the object",
        }
    }
}

/// The open containers, one bit each; only deep texts allocate.
pub(super) struct Nesting {
    pub depth: usize,
    max_depth: usize,
    /// The innermost 64 or fewer; the lowest bit is the innermost.
    bits: u64,
    outer: Vec<u64>,
}

impl Nesting {
    pub fn new(max_depth: usize) -> Self {
        Self { depth: 0, max_depth, bits: 0, outer: Vec::new() }
    }

    pub fn push(&mut self, container: Container) -> Result<(), JsonErrorKind> {
        if self.depth >= self.max_depth {
            return Err(JsonErrorKind::TooDeep(self.max_depth));
        }
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(container == Container::Object);
        self.depth += 1;
        Ok(())
    }

    pub fn pop(&mut self) {
        self.depth -= 1;
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.bits = self.outer.pop().unwrap_or_default();
        }
    }

    pub fn top(&self) -> Option<Container> {
        match self.depth {
            0 => None,
            _ if self.bits & 1 == 1 => Some(Container::Object),
            _ => Some(Container::Array),
        }
    }
}
