//! Expressions, laid out the way `ruff format` leaves them: 88 columns, one element a line where a
//! bracket breaks.

use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::literal;

pub const WIDTH: usize = 88;
const STEP: usize = 4;

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
        match self {
            Self::Atom(text) => text.clone(),
            Self::Call { function, arguments } => {
                let arguments: Vec<String> = arguments.iter().map(Argument::flat).collect();
                format!("{function}({})", arguments.join(", "))
            }
            Self::Index { base, elements } => format!("{base}[{}]", join(elements, ", ")),
            Self::Or(operands) => join(operands, " | "),
            Self::Tuple(items) if items.len() == 1 => format!("({},)", items[0].flat()),
            Self::Tuple(items) => format!("({})", join(items, ", ")),
            Self::List(items) => format!("[{}]", join(items, ", ")),
            Self::Set(items) if items.is_empty() => "set()".to_owned(),
            Self::Set(items) => format!("{{{}}}", join(items, ", ")),
            Self::Dict(members) => {
                let members: Vec<String> =
                    members.iter().map(|(key, value)| format!("{key}: {}", value.flat())).collect();
                format!("{{{}}}", members.join(", "))
            }
            Self::Lambda(body) => format!("lambda: {}", body.flat()),
            Self::Method { receiver, name, argument } => {
                format!("{}.{name}({})", receiver.flat(), argument.flat())
            }
        }
    }

    /// The expression where `used` columns are taken and `tail` columns must stay free on its last
    /// line; further lines are indented by `indent`.
    pub fn layout(&self, indent: usize, used: usize, tail: usize) -> String {
        let flat = self.flat();
        if used + columns(&flat) + tail <= WIDTH {
            return flat;
        }
        match self {
            Self::Atom(_) => flat,
            Self::Call { function, arguments } => {
                let body = Body { open: "(", close: ")", comma: arguments.len() > 1 };
                let parts: Vec<&dyn Part> =
                    arguments.iter().map(|part| part as &dyn Part).collect();
                format!("{function}{}", body.one_line_or_many(&parts, indent))
            }
            Self::Index { base, elements } => {
                let body = Body { open: "[", close: "]", comma: elements.len() > 1 };
                let parts: Vec<&dyn Part> = elements.iter().map(|part| part as &dyn Part).collect();
                format!("{base}{}", body.one_line_or_many(&parts, indent))
            }
            Self::Or(operands) => {
                let last = operands.len().saturating_sub(1);
                let lines = operands.iter().enumerate().map(|(place, operand)| {
                    let used = if place == 0 { indent } else { indent + "| ".len() };
                    operand.layout(indent, used, if place == last { tail } else { 0 })
                });
                lines.collect::<Vec<_>>().join(&format!("\n{}| ", " ".repeat(indent)))
            }
            Self::Tuple(items) => bracketed(("(", ")"), items, indent).unwrap_or(flat),
            Self::List(items) => bracketed(("[", "]"), items, indent).unwrap_or(flat),
            Self::Set(items) => bracketed(("{", "}"), items, indent).unwrap_or(flat),
            Self::Dict(members) if members.is_empty() => flat,
            Self::Dict(members) => {
                let parts: Vec<&dyn Part> = members.iter().map(|part| part as &dyn Part).collect();
                Body { open: "{", close: "}", comma: true }.many_lines(&parts, indent)
            }
            Self::Lambda(body) => format!("lambda: {}", body.layout(indent, used + 8, tail)),
            Self::Method { receiver, name, argument } => {
                // The first bracket breaks where the second one would not begin on its line.
                let method = format!(".{name}");
                let receiver = receiver.layout(indent, used, columns(&method) + 1);
                let last = receiver.rsplit('\n').next().unwrap_or_default();
                let used =
                    if receiver.contains('\n') { columns(last) } else { used + columns(last) };
                let call = Self::apply(method, vec![(**argument).clone()]);
                receiver + &call.layout(indent, used, tail)
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

/// A literal with an element a line; nothing where there is no element.
fn bracketed(
    (open, close): (&'static str, &'static str),
    items: &[Expr],
    indent: usize,
) -> Option<String> {
    let parts: Vec<&dyn Part> = items.iter().map(|part| part as &dyn Part).collect();
    (!parts.is_empty()).then(|| Body { open, close, comma: true }.many_lines(&parts, indent))
}

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
    let flat = expr.flat();
    let inner = indent + STEP;
    let fits = used + columns(&flat) + tail <= WIDTH;
    let helps = match expr {
        Expr::Or(_) => true,
        Expr::Atom(_) => place == Place::Value && used < WIDTH && inner + columns(&flat) <= WIDTH,
        Expr::Call { .. }
        | Expr::Index { .. }
        | Expr::Tuple(_)
        | Expr::List(_)
        | Expr::Set(_)
        | Expr::Dict(_)
        | Expr::Method { .. }
        | Expr::Lambda(_) => used + expr.head() > WIDTH,
    };
    if fits || !helps {
        return expr.layout(indent, used, tail);
    }
    let body = expr.layout(inner, inner, 0);
    format!("(\n{}{body}\n{})", " ".repeat(inner), " ".repeat(indent))
}

/// An element between brackets.
trait Part {
    fn flat(&self) -> String;
    fn layout(&self, indent: usize, tail: usize) -> String;
}

impl Part for Expr {
    fn flat(&self) -> String {
        Self::flat(self)
    }

    fn layout(&self, indent: usize, tail: usize) -> String {
        Self::layout(self, indent, indent, tail)
    }
}

impl Part for Argument {
    fn flat(&self) -> String {
        match &self.name {
            Some(name) => format!("{name}={}", self.value.flat()),
            None => self.value.flat(),
        }
    }

    fn layout(&self, indent: usize, tail: usize) -> String {
        let name = self.name.as_ref().map(|name| format!("{name}=")).unwrap_or_default();
        let value = self.value.layout(indent, indent + columns(&name), tail);
        format!("{name}{value}")
    }
}

impl Part for (String, Expr) {
    fn flat(&self) -> String {
        format!("{}: {}", self.0, self.1.flat())
    }

    fn layout(&self, indent: usize, tail: usize) -> String {
        let used = indent + columns(&self.0) + 2;
        format!("{}: {}", self.0, self.1.layout(indent, used, tail))
    }
}

/// The inside of a bracket that does not fit on its line.
struct Body {
    open: &'static str,
    close: &'static str,
    /// Whether the last of many lines ends in a comma; after a lone element it would make a tuple.
    comma: bool,
}

impl Body {
    fn one_line_or_many(&self, parts: &[&dyn Part], indent: usize) -> String {
        let inner = indent + STEP;
        let line = parts.iter().map(|part| part.flat()).collect::<Vec<_>>().join(", ");
        if inner + columns(&line) <= WIDTH {
            return self.wrap(&line, indent);
        }
        self.many_lines(parts, indent)
    }

    fn many_lines(&self, parts: &[&dyn Part], indent: usize) -> String {
        let inner = indent + STEP;
        let comma = usize::from(self.comma || parts.len() > 1);
        let lines: Vec<String> = parts.iter().map(|part| part.layout(inner, comma)).collect();
        let mut body = lines.join(&format!(",\n{}", " ".repeat(inner)));
        if comma > 0 {
            body.push(',');
        }
        self.wrap(&body, indent)
    }

    fn wrap(&self, body: &str, indent: usize) -> String {
        let (outer, inner) = (" ".repeat(indent), " ".repeat(indent + STEP));
        format!("{}\n{inner}{body}\n{outer}{}", self.open, self.close)
    }
}

fn join(parts: &[Expr], separator: &str) -> String {
    parts.iter().map(Expr::flat).collect::<Vec<_>>().join(separator)
}

/// The width on screen, as formatters measure it.
pub fn columns(text: &str) -> usize {
    text.width()
}
