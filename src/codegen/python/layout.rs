//! Lines of 88 columns: what fits on one stays there, what does not has an element a line.
//!
//! Widths are measured without writing anything down, and no further than the end of the line.

use unicode_width::UnicodeWidthStr;

pub const WIDTH: usize = 88;
pub const STEP: usize = 4;

/// Where an expression is laid out: how far further lines are indented, how many columns of the
/// first are taken, and how many of the last must stay free.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    pub indent: usize,
    pub used: usize,
    pub tail: usize,
}

/// Takes a text in pieces.
pub trait Sink {
    /// Whether there is room for more.
    fn take(&mut self, text: &str) -> bool;
}

impl Sink for String {
    fn take(&mut self, text: &str) -> bool {
        self.push_str(text);
        true
    }
}

/// What is left of a line: measures without writing, and no further than it has to.
struct Room(usize);

impl Sink for Room {
    fn take(&mut self, text: &str) -> bool {
        match self.0.checked_sub(columns(text)) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

/// Whether a part fits on a line on which so many columns are taken.
pub fn fits(part: &impl Part, taken: usize) -> bool {
    WIDTH.checked_sub(taken).is_some_and(|left| part.write_flat(&mut Room(left)))
}

/// Something that stands on one line or is laid out over several.
pub trait Part {
    /// Everything on one line, as far as the sink takes it; whether it took all.
    fn write_flat(&self, out: &mut impl Sink) -> bool;

    /// As an element between brackets.
    fn push_element(&self, indent: usize, tail: usize, out: &mut String);

    fn push_flat(&self, out: &mut String) {
        self.write_flat(out);
    }
}

pub fn write_joined(
    (open, between, close): (&str, &str, &str),
    parts: &[impl Part],
    out: &mut impl Sink,
) -> bool {
    let mut has_room = out.take(open);
    for (place, part) in parts.iter().enumerate() {
        has_room = has_room && (place == 0 || out.take(between)) && part.write_flat(out);
        if !has_room {
            return false;
        }
    }
    has_room && out.take(close)
}

/// The inside of a bracket that does not fit on its line.
pub struct Body {
    pub open: &'static str,
    pub close: &'static str,
    /// Whether the last of many lines ends in a comma; after a lone element it would make a tuple.
    pub comma: bool,
}

impl Body {
    /// Of a literal, where a comma changes nothing.
    pub fn of(open: &'static str, close: &'static str) -> Self {
        Self { open, close, comma: true }
    }

    pub fn push_one_line_or_many(&self, parts: &[impl Part], indent: usize, out: &mut String) {
        let left = WIDTH.checked_sub(indent + STEP);
        let line = ("", ", ", "");
        if left.is_some_and(|left| write_joined(line, parts, &mut Room(left))) {
            out.push_str(self.open);
            push_line_break(indent + STEP, out);
            write_joined(line, parts, out);
            push_line_break(indent, out);
            out.push_str(self.close);
            return;
        }
        self.push(parts, indent, out);
    }

    /// An element a line.
    pub fn push(&self, parts: &[impl Part], indent: usize, out: &mut String) {
        let inner = indent + STEP;
        let has_comma = self.comma || parts.len() > 1;
        out.push_str(self.open);
        for (place, part) in parts.iter().enumerate() {
            if place > 0 {
                out.push(',');
            }
            push_line_break(inner, out);
            part.push_element(inner, usize::from(has_comma), out);
        }
        if has_comma {
            out.push(',');
        }
        push_line_break(indent, out);
        out.push_str(self.close);
    }
}

pub fn push_line_break(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// The width on screen, as formatters measure it.
pub fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}
