//! Alternatives: `A | B`, discriminators, and the `Decimal` that looks like two of them.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::changes::{ONE_OF, UNTAGGED};
use super::expr::Expr;
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::{AutomaticTitle, Fidelity, NUMBER_LIMITS, Typed};
use crate::codegen::model::{Kind, Node, Object, Presence, Union, UnionSpelling};

/// What the members of a union come to.
struct Members {
    expressions: Vec<Expr>,
    fidelity: Fidelity,
    title: AutomaticTitle,
}

impl Scope<'_> {
    pub fn union(&mut self, union: &Union<'_>) -> Typed {
        if let (2, Some(kind)) = (union.members.len(), self.exact_number(union, 0)) {
            return self.exact((union, 0), kind);
        }
        let mut members = self.members(union);
        let mut seen = BTreeSet::new();
        members.expressions.retain(|member| seen.insert(member.flat()));
        if members.expressions.len() < 2 {
            members.fidelity = Fidelity::Respelled;
        }
        let base = match members.expressions.as_slice() {
            [] => self.any(),
            [only] => only.clone(),
            _ => Expr::Or(members.expressions),
        };
        let mut typed = Typed::new(base, &["anyOf"]);
        typed.fidelity = members.fidelity;
        typed.title = members.title;
        self.tell_apart(union, &mut typed);
        typed
    }

    fn members(&mut self, union: &Union<'_>) -> Members {
        let mut out = Members {
            expressions: Vec::new(),
            fidelity: Fidelity::Exact,
            title: AutomaticTitle::Given,
        };
        let mut has_null = false;
        let mut place = 0;
        while let Some(member) = union.members.get(place) {
            let is_last = place + 1 == union.members.len();
            if matches!(member.kind, Kind::Null) && member.raw.len() <= 1 {
                // Pydantic writes null last.
                has_null = true;
                out.fidelity = out.fidelity.and(Fidelity::of(is_last));
            } else if let Some(kind) = self.exact_number(union, place) {
                let exact = self.exact((union, place), kind);
                out.fidelity = out.fidelity.and(exact.fidelity);
                let base = exact.base.clone();
                out.expressions.push(match self.form {
                    Form::Stubs => base,
                    Form::Models | Form::Shapes(_) => self.annotated(exact),
                });
                place += 1;
            } else {
                let typed = self.type_of(member);
                out.title = typed.title;
                let (member, fidelity) = self.finish(member, typed, &[]);
                out.fidelity = out.fidelity.and(fidelity);
                match member {
                    Expr::Or(members) => out.expressions.extend(members),
                    member => out.expressions.push(member),
                }
            }
            place += 1;
        }
        if out.expressions.len() > 1 {
            out.title = AutomaticTitle::Given;
        }
        // A member may bring a null of its own.
        let is_null = |member: &Expr| *member == Expr::atom("None");
        has_null |= out.expressions.iter().any(is_null);
        out.expressions.retain(|member| !is_null(member));
        if has_null {
            out.expressions.push(Expr::atom("None"));
        }
        out
    }

    /// Whether the members at `place` are how Pydantic describes an exact number, and which.
    pub fn exact_number(&self, union: &Union<'_>, place: usize) -> Option<ExactNumber> {
        let [number, text] = union.members.get(place..place + 2)? else { return None };
        let has_only_limits = number.raw.keys().all(|keyword| {
            keyword == "type" || NUMBER_LIMITS.iter().any(|(limit, _)| limit == keyword)
        });
        if union.spelling != UnionSpelling::AnyOf
            || !matches!(number.kind, Kind::Number)
            || !has_only_limits
        {
            return None;
        }
        let is_plain =
            text.raw.keys().all(|keyword| matches!(keyword.as_str(), "type" | "pattern"));
        match text.kind {
            Kind::Text(Some("fraction")) if text.raw.len() == 2 => Some(ExactNumber::Fraction),
            Kind::Text(None) if is_plain && self.is_decimal(union, place) => {
                Some(ExactNumber::Decimal)
            }
            _ => None,
        }
    }

    /// A number or a string of digits is a `Decimal` where publishers send only one of the two. As
    /// long as nobody knows what they send, it is one unless it stands beside other scalars.
    fn is_decimal(&self, union: &Union<'_>, place: usize) -> bool {
        let is_scalar = |node: &Node<'_>| matches!(node.kind, Kind::Integer | Kind::Boolean);
        let is_likely = !union.members.iter().any(is_scalar);
        let Some(sent) = self.sent_place else { return is_likely };
        let choice: Vec<&Keywords> = union.members.iter().map(|member| member.raw).collect();
        let without = |place: usize| {
            let mut others = choice.clone();
            others.remove(place);
            is_offered(sent, &others)
        };
        if is_offered(sent, &choice) {
            return false;
        }
        without(place + 1) || without(place) || (is_likely && !has_number_or_text(sent))
    }

    fn exact(&mut self, (union, place): (&Union<'_>, usize), kind: ExactNumber) -> Typed {
        let (module, class) = kind.class();
        let mut typed = Typed::new(Expr::atom(self.imports.name(module, class)), &["anyOf"]);
        typed.limit(union.members[place].raw, NUMBER_LIMITS);
        // Some versions of Pydantic describe the digits with a pattern, others do not.
        typed.fidelity = Fidelity::of(!union.members[place + 1].raw.contains_key("pattern"));
        typed
    }

    /// The discriminator, or the other spelling of a union that has none.
    fn tell_apart(&mut self, union: &Union<'_>, typed: &mut Typed) {
        match (&union.discriminator, union.spelling) {
            (Some(discriminator), UnionSpelling::OneOf) if self.is_tagged(union) => {
                let name = self.tag_attribute(union, discriminator.property);
                typed.arguments.push(("discriminator", Expr::atom(literal::string(&name))));
                typed.explained.extend(["oneOf", "discriminator"]);
            }
            (None, UnionSpelling::OneOf) if self.form != Form::Models => {}
            (None, UnionSpelling::OneOf) => {
                typed.explained.push("oneOf");
                let change = match self.implied_tag(union) {
                    Some(property) => {
                        let name = self.tag_attribute(union, property);
                        let name = Expr::atom(literal::string(&name));
                        typed.arguments.push(("discriminator", name));
                        self.helper(UNTAGGED)
                    }
                    None => self.helper(ONE_OF),
                };
                typed.arguments.push(("json_schema_extra", Expr::atom(change)));
            }
            (None, UnionSpelling::AnyOf) => {}
            (Some(_), _) | (None, UnionSpelling::Types) => typed.fidelity = Fidelity::Respelled,
        }
    }

    /// A property that every member must have and that has another value in each: Pydantic leaves
    /// the discriminator out where it cannot find the alias in time.
    fn implied_tag<'n>(&'n self, union: &'n Union<'n>) -> Option<&'n str> {
        let objects: Vec<&Object<'n>> = union
            .members
            .iter()
            .map(|member| match &self.resolve(member).kind {
                Kind::Object(object) => Some(object),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let (first, others) = objects.split_first()?;
        let is_tag = |name: &str| {
            let mut seen = Vec::new();
            objects.iter().all(|object| match tag_values(object, name) {
                Some(values) => values.into_iter().all(|value| {
                    let is_new = !seen.contains(&value);
                    seen.push(value);
                    is_new
                }),
                None => false,
            })
        };
        let mut names = first.fields.iter().map(|field| field.name);
        names.find(|name| !others.is_empty() && is_tag(name))
    }
}

/// The values of a property that is never absent, or that stands for its only value when it is.
fn tag_values<'n>(object: &'n Object<'n>, name: &str) -> Option<Vec<&'n Value>> {
    let field = object.fields.iter().find(|field| field.name == name)?;
    let Kind::Literal(values) = &field.node.kind else { return None };
    let is_told = match (field.presence, field.node.raw.get("default"), values.as_slice()) {
        (Presence::Required, _, _) => true,
        (Presence::Defaulted, Some(default), [only]) => default == *only,
        (Presence::Defaulted | Presence::Optional, _, _) => false,
    };
    is_told.then(|| values.clone())
}

type Keywords = Map<String, Value>;

/// A number that JSON has as a number or as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExactNumber {
    Decimal,
    Fraction,
}

impl ExactNumber {
    /// Its module and its class.
    pub fn class(self) -> (&'static str, &'static str) {
        match self {
            Self::Decimal => ("decimal", "Decimal"),
            Self::Fraction => ("fractions", "Fraction"),
        }
    }
}

/// Whether a schema holds exactly this choice somewhere.
fn is_offered(sent: &Value, choice: &[&Keywords]) -> bool {
    match sent {
        Value::Object(members) => {
            let is_choice = match (members.get("anyOf"), choice) {
                (Some(Value::Array(offered)), _) => {
                    offered.len() == choice.len()
                        && offered.iter().zip(choice).all(|(a, b)| a.as_object() == Some(b))
                }
                (_, [only]) => only.iter().all(|(key, value)| members.get(key) == Some(value)),
                _ => false,
            };
            is_choice || members.values().any(|member| is_offered(member, choice))
        }
        Value::Array(items) if choice.len() > 1 => {
            items.iter().any(|item| is_offered(item, choice))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            false
        }
    }
}

/// Whether a schema has a choice between a number and a string somewhere.
fn has_number_or_text(sent: &Value) -> bool {
    let is = |member: Option<&Value>, name: &str| {
        let Some(Value::Object(keywords)) = member else { return false };
        let is_literal = keywords.contains_key("const") || keywords.contains_key("enum");
        !is_literal && keywords.get("type").and_then(Value::as_str) == Some(name)
    };
    match sent {
        Value::Object(members) => {
            let is_choice = members.get("anyOf").and_then(Value::as_array).is_some_and(|choice| {
                choice
                    .windows(2)
                    .any(|pair| is(pair.first(), "number") && is(pair.get(1), "string"))
            });
            is_choice || members.values().any(has_number_or_text)
        }
        Value::Array(items) => items.iter().any(has_number_or_text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
