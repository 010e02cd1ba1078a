//! Alternatives: `A | B`, discriminators, and the `Decimal` that looks like two of them.

use std::collections::BTreeSet;

use super::expr::Expr;
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::{AutomaticTitle, Fidelity, NUMBER_LIMITS, Typed};
use crate::codegen::model::{Kind, Node, Union, UnionSpelling};

/// What the members of a union come to.
struct Members {
    expressions: Vec<Expr>,
    fidelity: Fidelity,
    title: AutomaticTitle,
}

impl Scope<'_> {
    pub fn union(&mut self, union: &Union<'_>) -> Typed {
        if union.members.len() == 2 && self.is_decimal(union, 0) {
            return self.decimal(union, 0);
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
            } else if self.is_decimal(union, place) {
                let decimal = self.decimal(union, place);
                out.fidelity = out.fidelity.and(decimal.fidelity);
                let base = decimal.base.clone();
                out.expressions.push(match self.form {
                    Form::Stubs => base,
                    Form::Models | Form::Shapes(_) => self.annotated(decimal),
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

    /// Whether the members at `place` are how Pydantic describes a `Decimal`: a number, or a string
    /// of digits.
    pub fn is_decimal(&self, union: &Union<'_>, place: usize) -> bool {
        let Some([number, text]) = union.members.get(place..place + 2) else { return false };
        let has_only = |node: &Node<'_>, known: &[&str]| {
            node.raw.keys().all(|keyword| known.contains(&keyword.as_str()))
        };
        // Beside other scalars it is one more of them.
        let is_scalar = |node: &Node<'_>| matches!(node.kind, Kind::Integer | Kind::Boolean);
        self.has_decimals
            && !union.members.iter().any(is_scalar)
            && union.spelling == UnionSpelling::AnyOf
            && matches!(number.kind, Kind::Number)
            && matches!(text.kind, Kind::Text(None))
            && number.raw.keys().all(|keyword| {
                keyword == "type" || NUMBER_LIMITS.iter().any(|(limit, _)| limit == keyword)
            })
            && has_only(text, &["type", "pattern"])
    }

    fn decimal(&mut self, union: &Union<'_>, place: usize) -> Typed {
        let mut typed = Typed::new(Expr::atom(self.imports.name("decimal", "Decimal")), &["anyOf"]);
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
            (None, UnionSpelling::OneOf) => {
                typed.explained.push("oneOf");
                typed.arguments.push(("json_schema_extra", Expr::atom(self.one_of())));
            }
            (None, UnionSpelling::AnyOf) => {}
            (Some(_), _) | (None, UnionSpelling::Types) => typed.fidelity = Fidelity::Respelled,
        }
    }
}
