//! Expressions, and the statements that hold them, laid out the way `ruff format` leaves them.

use serde_json::Value;

use super::layout::{
    Body, Part, STEP, Sink, Slot, WIDTH, columns, fits, push_line_break, write_joined,
};
use super::literal;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// A name, a number, a string: never broken.
    Atom(String),
    Call {
        function: String,
        arguments: Vec<Argument>,
    },
    /// `base[element, …]`.
    Index {
        base: String,
        elements: Vec<Expr>,
    },
    /// `a | b`.
    Or(Vec<Expr>),
    Tuple(Vec<Expr>),
    List(Vec<Expr>),
    Set(Vec<Expr>),
    Dict(Vec<(String, Expr)>),
    Lambda(Box<Expr>),
    /// `receiver.name(argument)`.
    Method {
        receiver: Box<Expr>,
        name: &'static str,
        argument: Box<Expr>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    pub name: Option<String>,
    pub value: Expr,
}

impl Expr {
    pub fn atom(text: impl Into<String>) -> Self {
        Self::Atom(text.into())
    }

    pub fn index(base: impl Into<String>, elements: Vec<Self>) -> Self {
        Self::Index { base: base.into(), elements }
    }

    /// A call with named arguments.
    pub fn call(function: impl Into<String>, arguments: Vec<(&str, Self)>) -> Self {
        let named = |(name, value): (&str, Self)| Argument { name: Some(name.to_owned()), value };
        Self::Call {
            function: function.into(),
            arguments: arguments.into_iter().map(named).collect(),
        }
    }

    /// A call with positional arguments.
    pub fn apply(function: impl Into<String>, arguments: Vec<Self>) -> Self {
        let arguments = arguments.into_iter().map(|value| Argument { name: None, value }).collect();
        Self::Call { function: function.into(), arguments }
    }

    pub fn json(value: &Value) -> Self {
        match value {
            Value::Array(items) => Self::List(items.iter().map(Self::json).collect()),
            Value::Object(members) => {
                let member =
                    |(key, value): (&String, &Value)| (literal::string(key), Self::json(value));
                Self::Dict(members.iter().map(member).collect())
            }
            other => Self::Atom(literal::scalar(other).unwrap_or_default()),
        }
    }

    /// On one line.
    pub fn flat(&self) -> String {
        let mut out = String::new();
        self.push_flat(&mut out);
        out
    }

    /// The expression where `used` columns are taken and `tail` columns must stay free on its last
    /// line; further lines are indented by `indent`.
    pub fn layout(&self, indent: usize, used: usize, tail: usize) -> String {
        let mut out = String::new();
        self.push_layout(Slot { indent, used, tail }, &mut out);
        out
    }

    fn push_layout(&self, slot: Slot, out: &mut String) {
        if fits(self, slot.used + slot.tail) {
            return self.push_flat(out);
        }
        let indent = slot.indent;
        match self {
            Self::Atom(text) => out.push_str(text),
            Self::Call { function, arguments } => {
                out.push_str(function);
                let body = Body { open: "(", close: ")", comma: arguments.len() > 1 };
                body.push_one_line_or_many(arguments, indent, out);
            }
            Self::Index { base, elements } => {
                out.push_str(base);
                let body = Body { open: "[", close: "]", comma: elements.len() > 1 };
                body.push_one_line_or_many(elements, indent, out);
            }
            Self::Or(operands) => {
                let last = operands.len().saturating_sub(1);
                for (place, operand) in operands.iter().enumerate() {
                    let mut used = indent;
                    if place > 0 {
                        push_line_break(indent, out);
                        out.push_str("| ");
                        used += "| ".len();
                    }
                    let tail = if place == last { slot.tail } else { 0 };
                    operand.push_layout(Slot { indent, used, tail }, out);
                }
            }
            Self::Tuple(items) if !items.is_empty() => Body::of("(", ")").push(items, indent, out),
            Self::List(items) if !items.is_empty() => Body::of("[", "]").push(items, indent, out),
            Self::Set(items) if !items.is_empty() => Body::of("{", "}").push(items, indent, out),
            Self::Dict(members) if !members.is_empty() => {
                Body::of("{", "}").push(members, indent, out);
            }
            Self::Tuple(_) | Self::List(_) | Self::Set(_) | Self::Dict(_) => self.push_flat(out),
            Self::Lambda(body) => {
                out.push_str(LAMBDA);
                let used = slot.used + LAMBDA.len();
                if used + body.head() > WIDTH {
                    let inner = indent + STEP;
                    out.push_str(&format!("(\n{}", " ".repeat(inner)));
                    body.push_layout(Slot { indent: inner, used: inner, tail: 0 }, out);
                    push_line_break(indent, out);
                    return out.push(')');
                }
                body.push_layout(Slot { used, ..slot }, out);
            }
            Self::Method { receiver, name, argument } => {
                // The first bracket breaks where the second one would not begin on its line.
                let mut text = receiver.layout(indent, slot.used, columns(name) + ".(".len());
                let last = columns(text.rsplit('\n').next().unwrap_or_default());
                let used = if text.contains('\n') { last } else { slot.used + last };
                let method = Self::apply(format!(".{name}"), vec![(**argument).clone()]);
                method.push_layout(Slot { used, ..slot }, &mut text);
                out.push_str(&text);
            }
        }
    }

    /// How much of the expression has to be on the line of a type before it: formatters put
    /// parentheses around what does not fit there, unless that would not help.
    fn first_columns(&self) -> usize {
        match self {
            Self::Atom(text) if text == "..." => text.len(),
            Self::List(items) if items.is_empty() => "[]".len(),
            Self::Dict(members) if members.is_empty() => "{}".len(),
            _ => "(".len(),
        }
    }

    /// How much of the expression has to be on the line that it begins on.
    fn head(&self) -> usize {
        match self {
            Self::Call { function, .. } => columns(function) + 1,
            Self::Index { base, .. } => columns(base) + 1,
            Self::Atom(_) | Self::Or(_) | Self::Lambda(_) => columns(&self.flat()),
            Self::Method { receiver, .. } => receiver.head(),
            Self::Tuple(_) | Self::List(_) | Self::Set(_) | Self::Dict(_) => 1,
        }
    }
}

const LAMBDA: &str = "lambda: ";

/// `target: annotation = value` as a statement, indented by `indent`.
pub fn assignment(
    indent: usize,
    target: &str,
    (annotation, value): (Option<&Expr>, Option<&Expr>),
) -> String {
    let mut line = format!("{}{target}", " ".repeat(indent));
    if let Some(annotation) = annotation {
        line.push_str(": ");
        let tail = value.map_or(0, |value| " = ".len() + value.first_columns());
        line.push_str(&outermost((annotation, Place::Annotation), indent, (columns(&line), tail)));
    }
    if let Some(value) = value {
        line.push_str(" = ");
        let last = line.rsplit('\n').next().unwrap_or_default();
        line.push_str(&outermost((value, Place::Value), indent, (columns(last), 0)));
    }
    line.push('\n');
    line
}

/// `class Name(Base):`, with a remark for a checker, where `tail` columns must stay free behind it.
pub fn class_line((name, bases): (&str, &str), remark: &str, tail: usize) -> String {
    let line = format!("class {name}({bases}):");
    if columns(&line) + tail <= WIDTH {
        format!("{line}{remark}\n")
    } else {
        format!("class {name}({remark}\n    {bases}\n):\n")
    }
}

/// Where in an assignment an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Annotation,
    Value,
}

/// Outside of any bracket, what cannot break where it stands gets parentheses where they help.
fn outermost((expr, place): (&Expr, Place), indent: usize, (used, tail): (usize, usize)) -> String {
    let inner = indent + STEP;
    let helps = match expr {
        Expr::Or(_) => true,
        Expr::Atom(_) => place == Place::Value && used < WIDTH && fits(expr, inner),
        Expr::Call { .. }
        | Expr::Index { .. }
        | Expr::Tuple(_)
        | Expr::List(_)
        | Expr::Set(_)
        | Expr::Dict(_)
        | Expr::Method { .. }
        | Expr::Lambda(_) => used < WIDTH && used + expr.head() > WIDTH,
    };
    if fits(expr, used + tail) || !helps {
        return expr.layout(indent, used, tail);
    }
    let body = expr.layout(inner, inner, 0);
    format!("(\n{}{body}\n{})", " ".repeat(inner), " ".repeat(indent))
}

impl Part for Expr {
    fn write_flat(&self, out: &mut impl Sink) -> bool {
        match self {
            Self::Atom(text) => out.take(text),
            Self::Call { function, arguments } => {
                out.take(function) && write_joined(("(", ", ", ")"), arguments, out)
            }
            Self::Index { base, elements } => {
                out.take(base) && write_joined(("[", ", ", "]"), elements, out)
            }
            Self::Or(operands) => write_joined(("", " | ", ""), operands, out),
            Self::Tuple(items) if items.len() == 1 => write_joined(("(", "", ",)"), items, out),
            Self::Tuple(items) => write_joined(("(", ", ", ")"), items, out),
            Self::List(items) => write_joined(("[", ", ", "]"), items, out),
            Self::Set(items) if items.is_empty() => out.take("set()"),
            Self::Set(items) => write_joined(("{", ", ", "}"), items, out),
            Self::Dict(members) => write_joined(("{", ", ", "}"), members, out),
            Self::Lambda(body) => out.take(LAMBDA) && body.write_flat(out),
            Self::Method { receiver, name, argument } => {
                receiver.write_flat(out)
                    && out.take(".")
                    && out.take(name)
                    && write_joined(("(", ", ", ")"), std::slice::from_ref(&**argument), out)
            }
        }
    }

    fn push_element(&self, indent: usize, tail: usize, out: &mut String) {
        self.push_layout(Slot { indent, used: indent, tail }, out);
    }
}

impl Part for Argument {
    fn write_flat(&self, out: &mut impl Sink) -> bool {
        let has_room = self.name.as_ref().is_none_or(|name| out.take(name) && out.take("="));
        has_room && self.value.write_flat(out)
    }

    fn push_element(&self, indent: usize, tail: usize, out: &mut String) {
        let mut used = indent;
        if let Some(name) = &self.name {
            used += columns(name) + "=".len();
            out.push_str(name);
            out.push('=');
        }
        self.value.push_layout(Slot { indent, used, tail }, out);
    }
}

impl Part for (String, Expr) {
    fn write_flat(&self, out: &mut impl Sink) -> bool {
        out.take(&self.0) && out.take(": ") && self.1.write_flat(out)
    }

    fn push_element(&self, indent: usize, tail: usize, out: &mut String) {
        out.push_str(&self.0);
        out.push_str(": ");
        let used = indent + columns(&self.0) + ": ".len();
        self.1.push_layout(Slot { indent, used, tail }, out);
    }
}
