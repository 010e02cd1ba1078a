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

/// A range of numbers on a grid, with holes.
#[derive(Debug, Default)]
pub(super) struct Problem {
    lower: Option<Bound>,
    upper: Option<Bound>,
    step: Option<Rational>,
    not_steps: Vec<Rational>,
    excluded: Vec<Rational>,
}

impl Solver {
    pub(super) fn settle_number(&self, state: &State) -> Outcome {
        self.number_problem(&state.atoms).solve()
    }

    pub(super) fn number_problem(&self, atoms: &[Atom]) -> Problem {
        let mut problem = Problem::default();
        for atom in atoms {
            self.add_number_atom(&mut problem, atom);
        }
        problem
    }

    fn add_number_atom(&self, problem: &mut Problem, atom: &Atom) {
        match atom {
            Atom::Rules(node) => {
                let Body::Rules(rules) = &self.store.arena.node(*node).body else { return };
                rules.number.lower.iter().for_each(|bound| problem.raise(bound));
                rules.number.upper.iter().for_each(|bound| problem.drop_to(bound));
                rules.number.multiples.iter().for_each(|step| problem.align(step));
                if rules.number.integer {
                    problem.align(&one());
                }
            }
            Atom::Number(NumberAtom::Lower(bound)) => problem.raise(bound),
            Atom::Number(NumberAtom::Upper(bound)) => problem.drop_to(bound),
            Atom::Number(NumberAtom::NotMultiple(step)) => problem.not_steps.push(step.clone()),
            Atom::NotIn(values) => problem.excluded.extend(values.iter().filter_map(exact)),
            Atom::String(_) | Atom::Array(_) | Atom::Object(_) | Atom::Unmodelled { .. } => {}
        }
    }
}

fn exact(value: &Value) -> Option<Rational> {
    match value {
        Value::Number(number) => rational(number),
        _ => None,
    }
}

fn is_crossed(lower: &Bound, upper: &Bound) -> bool {
    let is_open = lower.edge == Edge::Excluded || upper.edge == Edge::Excluded;
    lower.value > upper.value || (lower.value == upper.value && is_open)
}

impl Problem {
    /// What a further demand means to the numbers of the range.
    pub(super) fn outlook(&self, atom: &NumberAtom) -> Outlook {
        let (is_impossible, is_certain) = match atom {
            NumberAtom::Lower(bound) => (
                self.upper.as_ref().is_some_and(|upper| is_crossed(bound, upper)),
                self.lower.as_ref().is_some_and(|lower| {
                    lower.value > bound.value
                        || (lower.value == bound.value
                            && (bound.edge == Edge::Included || lower.edge == Edge::Excluded))
                }),
            ),
            NumberAtom::Upper(bound) => (
                self.lower.as_ref().is_some_and(|lower| is_crossed(lower, bound)),
                self.upper.as_ref().is_some_and(|upper| {
                    upper.value < bound.value
                        || (upper.value == bound.value
                            && (bound.edge == Edge::Included || upper.edge == Edge::Excluded))
                }),
            ),
            NumberAtom::NotMultiple(_) => (false, false),
        };
        match (is_impossible, is_certain) {
            (true, _) => Outlook::Impossible,
            (false, true) => Outlook::Certain,
            (false, false) => Outlook::Open,
        }
    }

    fn raise(&mut self, bound: &Bound) {
        let is_tighter = self.lower.as_ref().is_none_or(|known| {
            bound.value > known.value
                || (bound.value == known.value && bound.edge == Edge::Excluded)
        });
        if is_tighter {
            self.lower = Some(bound.clone());
        }
    }

    fn drop_to(&mut self, bound: &Bound) {
        let is_tighter = self.upper.as_ref().is_none_or(|known| {
            bound.value < known.value
                || (bound.value == known.value && bound.edge == Edge::Excluded)
        });
        if is_tighter {
            self.upper = Some(bound.clone());
        }
    }

    fn align(&mut self, step: &Rational) {
        let step =
            self.step.as_ref().map_or_else(|| step.clone(), |known| common_multiple(known, step));
        self.step = Some(step);
    }

    fn solve(&self) -> Outcome {
        if let (Some(lower), Some(upper)) = (&self.lower, &self.upper) {
            let is_point = lower.value == upper.value;
            let is_open = lower.edge == Edge::Excluded || upper.edge == Edge::Excluded;
            if lower.value > upper.value || (is_point && is_open) {
                return Outcome::Empty;
            }
            if is_point {
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
        let is_above = self.lower.as_ref().is_none_or(|bound| match bound.edge {
            Edge::Included => *value >= bound.value,
            Edge::Excluded => *value > bound.value,
        });
        let is_below = self.upper.as_ref().is_none_or(|bound| match bound.edge {
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
        let first = self.lower.as_ref().map(|bound| {
            let ratio = &bound.value / step;
            let ceiling = ratio.ceil().to_integer();
            let is_hit = ratio.is_integer() && bound.edge == Edge::Excluded;
            if is_hit { ceiling + BigInt::one() } else { ceiling }
        });
        let last = self.upper.as_ref().map(|bound| {
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
        let anchor = match (&self.lower, &self.upper) {
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
        let bases: Vec<Rational> = [&self.lower, &self.upper]
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
