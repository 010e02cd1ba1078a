use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use serde_json::Value;

use super::clause::NumberAtom;
use super::outlook::Outlook;
use super::{Atom, Solver, State};
use crate::schema::compat::goal::{Doubt, Outcome};
use crate::schema::compat::node::{Body, Bound, Edge};
use crate::schema::compat::number::{
    Rational, common_multiple, is_multiple, one, rational, to_json, zero,
};

/// Multiples tried one after the other before giving up.
const MAX_TRIES: usize = 20_000;

/// Numbers between two bounds.
#[derive(Debug, Default)]
pub(super) struct Range {
    lower: Option<Bound>,
    upper: Option<Bound>,
}

/// A range of numbers on a grid, with holes.
#[derive(Debug, Default)]
struct Problem {
    range: Range,
    step: Option<Rational>,
    not_steps: Vec<Rational>,
    excluded: Vec<Rational>,
}

impl Solver {
    pub(super) fn settle_number(&self, state: &State) -> Outcome {
        let mut problem = Problem { range: self.number_range(&state.atoms), ..Problem::default() };
        for atom in &state.atoms {
            self.add_number_atom(&mut problem, atom);
        }
        problem.solve()
    }

    pub(super) fn number_range(&self, atoms: &[Atom]) -> Range {
        let mut range = Range::default();
        for atom in atoms {
            match atom {
                Atom::Rules(node) => {
                    let Body::Rules(rules) = &self.store.arena.node(*node).body else { continue };
                    rules.number.lower.iter().for_each(|bound| range.raise(bound));
                    rules.number.upper.iter().for_each(|bound| range.drop_to(bound));
                }
                Atom::Number(NumberAtom::Lower(bound)) => range.raise(bound),
                Atom::Number(NumberAtom::Upper(bound)) => range.drop_to(bound),
                Atom::Number(NumberAtom::NotMultiple(_))
                | Atom::NotIn(_)
                | Atom::String(_)
                | Atom::Array(_)
                | Atom::Object(_)
                | Atom::Unmodelled { .. } => {}
            }
        }
        range
    }

    /// All but the bounds.
    fn add_number_atom(&self, problem: &mut Problem, atom: &Atom) {
        match atom {
            Atom::Rules(node) => {
                let Body::Rules(rules) = &self.store.arena.node(*node).body else { return };
                rules.number.multiples.iter().for_each(|step| problem.align(step));
                if rules.number.integer {
                    problem.align(&one());
                }
            }
            Atom::Number(NumberAtom::NotMultiple(step)) => problem.not_steps.push(step.clone()),
            Atom::NotIn(values) => problem.excluded.extend(values.iter().filter_map(exact)),
            Atom::Number(NumberAtom::Lower(_) | NumberAtom::Upper(_))
            | Atom::String(_)
            | Atom::Array(_)
            | Atom::Object(_)
            | Atom::Unmodelled { .. } => {}
        }
    }
}

fn exact(value: &Value) -> Option<Rational> {
    match value {
        Value::Number(number) => rational(number),
        _ => None,
    }
}

/// Whether a bound takes nothing from a range that `known` bounds on the same side; `inward` is the
/// way from that bound into the range.
fn is_implied(known: &Bound, bound: &Bound, inward: Ordering) -> bool {
    match known.value.cmp(&bound.value) {
        Ordering::Equal => bound.edge == Edge::Included || known.edge == Edge::Excluded,
        found => found == inward,
    }
}

fn is_crossed(lower: &Bound, upper: &Bound) -> bool {
    let is_open = lower.edge == Edge::Excluded || upper.edge == Edge::Excluded;
    lower.value > upper.value || (lower.value == upper.value && is_open)
}

impl Range {
    /// What a further demand means to the numbers of the range.
    pub(super) fn outlook(&self, atom: &NumberAtom) -> Outlook {
        let (is_impossible, is_certain) = match atom {
            NumberAtom::Lower(bound) => (
                self.upper.as_ref().is_some_and(|upper| is_crossed(bound, upper)),
                self.is_above(bound),
            ),
            NumberAtom::Upper(bound) => (
                self.lower.as_ref().is_some_and(|lower| is_crossed(lower, bound)),
                self.is_below(bound),
            ),
            NumberAtom::NotMultiple(_) => (false, false),
        };
        match (is_impossible, is_certain) {
            (true, _) => Outlook::Impossible,
            (false, true) => Outlook::Certain,
            (false, false) => Outlook::Open,
        }
    }

    fn is_above(&self, bound: &Bound) -> bool {
        self.lower.as_ref().is_some_and(|known| is_implied(known, bound, Ordering::Greater))
    }

    fn is_below(&self, bound: &Bound) -> bool {
        self.upper.as_ref().is_some_and(|known| is_implied(known, bound, Ordering::Less))
    }

    fn raise(&mut self, bound: &Bound) {
        if !self.is_above(bound) {
            self.lower = Some(bound.clone());
        }
    }

    fn drop_to(&mut self, bound: &Bound) {
        if !self.is_below(bound) {
            self.upper = Some(bound.clone());
        }
    }
}

impl Problem {
    fn align(&mut self, step: &Rational) {
        let step =
            self.step.as_ref().map_or_else(|| step.clone(), |known| common_multiple(known, step));
        self.step = Some(step);
    }

    fn solve(&self) -> Outcome {
        if let (Some(lower), Some(upper)) = (&self.range.lower, &self.range.upper) {
            if is_crossed(lower, upper) {
                return Outcome::Empty;
            }
            if lower.value == upper.value {
                return if self.accepts(&lower.value) {
                    found(&lower.value)
                } else {
                    Outcome::Empty
                };
            }
        }
        match &self.step {
            Some(step) => self.on_grid(step),
            None => self.off_grid(),
        }
    }

    fn accepts(&self, value: &Rational) -> bool {
        let is_above = self.range.lower.as_ref().is_none_or(|bound| match bound.edge {
            Edge::Included => *value >= bound.value,
            Edge::Excluded => *value > bound.value,
        });
        let is_below = self.range.upper.as_ref().is_none_or(|bound| match bound.edge {
            Edge::Included => *value <= bound.value,
            Edge::Excluded => *value < bound.value,
        });
        is_above
            && is_below
            && self.step.as_ref().is_none_or(|step| is_multiple(value, step))
            && !self.not_steps.iter().any(|step| is_multiple(value, step))
            && !self.excluded.contains(value)
    }

    fn on_grid(&self, step: &Rational) -> Outcome {
        if self.not_steps.iter().any(|not| is_multiple(step, not)) {
            return Outcome::Empty;
        }
        let first = self.range.lower.as_ref().map(|bound| {
            let ratio = &bound.value / step;
            let ceiling = ratio.ceil().to_integer();
            let is_hit = ratio.is_integer() && bound.edge == Edge::Excluded;
            if is_hit { ceiling + BigInt::one() } else { ceiling }
        });
        let last = self.range.upper.as_ref().map(|bound| {
            let ratio = &bound.value / step;
            let floor = ratio.floor().to_integer();
            let is_hit = ratio.is_integer() && bound.edge == Edge::Excluded;
            if is_hit { floor - BigInt::one() } else { floor }
        });
        if let (Some(first), Some(last)) = (&first, &last)
            && first > last
        {
            return Outcome::Empty;
        }
        let zero = BigInt::zero();
        let start = match (&first, &last) {
            (Some(first), _) if *first > zero => first.clone(),
            (_, Some(last)) if *last < zero => last.clone(),
            (_, _) => zero,
        };
        self.walk(step, &start, (first.as_ref(), last.as_ref()))
    }

    /// Outwards from the multiple nearest to zero.
    fn walk(
        &self,
        step: &Rational,
        start: &BigInt,
        (first, last): (Option<&BigInt>, Option<&BigInt>),
    ) -> Outcome {
        for distance in 0..MAX_TRIES {
            let up = start + BigInt::from(distance);
            let down = start - BigInt::from(distance);
            let has_up = last.is_none_or(|last| up <= *last);
            let has_down = first.is_none_or(|first| down >= *first);
            if !has_up && !has_down {
                return Outcome::Empty;
            }
            for (index, is_inside) in [(up, has_up), (down, has_down)] {
                let value = step * Rational::from_integer(index);
                if is_inside && self.accepts(&value) {
                    return found(&value);
                }
            }
        }
        Outcome::Doubt(Doubt::of("multipleOf"))
    }

    fn off_grid(&self) -> Outcome {
        let anchor = match (&self.range.lower, &self.range.upper) {
            (Some(lower), _) if lower.value.is_positive() => lower.value.clone(),
            (_, Some(upper)) if upper.value.is_negative() => upper.value.clone(),
            (_, _) => zero(),
        };
        let mut near = vec![anchor.clone(), anchor.floor(), anchor.ceil()];
        near.extend([anchor.floor() - one(), anchor.ceil() + one()]);
        if let Some(value) = near.iter().find(|value| self.accepts(value)) {
            return found(value);
        }
        // Between two decimals there is one with more places than any step or excluded value has.
        let half = Rational::new(BigInt::from(5), BigInt::from(10));
        let tenth = Rational::new(BigInt::one(), BigInt::from(10));
        let mut offset = half;
        let bases: Vec<Rational> = [&self.range.lower, &self.range.upper]
            .into_iter()
            .flatten()
            .map(|bound| bound.value.clone())
            .chain([anchor])
            .collect();
        for _ in 0..MAX_TRIES.min(1_000) {
            for base in &bases {
                for value in [base + &offset, base - &offset] {
                    if self.accepts(&value) {
                        return found(&value);
                    }
                }
            }
            offset *= &tenth;
        }
        Outcome::Doubt(Doubt::of("multipleOf"))
    }
}

fn found(value: &Rational) -> Outcome {
    match to_json(value) {
        Some(number) => Outcome::of(Value::Number(number)),
        None => Outcome::Doubt(Doubt::of("multipleOf")),
    }
}
