use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde_json::{Map, Number, Value};

use super::dice::Dice;
use crate::schema::compat::number::{common_multiple, rational, to_json};

/// Whether a number has to be a whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Yes,
    No,
}

/// Where a number may lie, both ends included, in steps.
struct Range {
    first: Option<BigInt>,
    last: Option<BigInt>,
    step: BigRational,
}

/// How often a step is cut to a tenth to find a number between close bounds.
const FINEST: usize = 40;

/// A number within the bounds of `node`, exactly on its `multipleOf`, near what is wished for where
/// that is allowed. The keyword that is in the way otherwise.
pub(super) fn make(
    node: &Map<String, Value>,
    (whole, wish): (Whole, Option<(i64, i64)>),
    dice: &mut Dice,
) -> Result<Number, &'static str> {
    let bound = |keyword: &str| match node.get(keyword) {
        Some(Value::Number(number)) => rational(number),
        _ => None,
    };
    let low = strictest((bound("minimum"), bound("exclusiveMinimum")), |inclusive, exclusive| {
        inclusive > exclusive
    });
    let high = strictest((bound("maximum"), bound("exclusiveMaximum")), |inclusive, exclusive| {
        inclusive < exclusive
    });
    let multiple = bound("multipleOf").filter(Signed::is_positive);
    let mut step = match (&multiple, whole) {
        (Some(multiple), Whole::Yes) => common_multiple(multiple, &BigRational::one()),
        (Some(multiple), Whole::No) => multiple.clone(),
        (None, Whole::Yes) => BigRational::one(),
        (None, Whole::No) => BigRational::new(BigInt::one(), BigInt::from(100)),
    };
    for _ in 0..FINEST {
        let range = Range::of(&low, &high, step.clone());
        if !range.is_empty() {
            let value = range.pick(wish, dice);
            return to_json(&value).ok_or("multipleOf");
        }
        if multiple.is_some() || whole == Whole::Yes {
            break;
        }
        step /= BigInt::from(10);
    }
    Err(if multiple.is_some() { "multipleOf" } else { "minimum" })
}

/// A bound, and whether the number itself is excluded.
type Bound = Option<(BigRational, bool)>;

fn strictest(
    (inclusive, exclusive): (Option<BigRational>, Option<BigRational>),
    is_stricter: impl Fn(&BigRational, &BigRational) -> bool,
) -> Bound {
    match (inclusive, exclusive) {
        (Some(inclusive), Some(exclusive)) if is_stricter(&inclusive, &exclusive) => {
            Some((inclusive, false))
        }
        (_, Some(exclusive)) => Some((exclusive, true)),
        (inclusive, None) => inclusive.map(|bound| (bound, false)),
    }
}

impl Range {
    fn of(low: &Bound, high: &Bound, step: BigRational) -> Self {
        let first = low.as_ref().map(|(bound, is_excluded)| {
            let steps = bound / &step;
            let first = steps.ceil().to_integer();
            if *is_excluded && steps.is_integer() { first + 1 } else { first }
        });
        let last = high.as_ref().map(|(bound, is_excluded)| {
            let steps = bound / &step;
            let last = steps.floor().to_integer();
            if *is_excluded && steps.is_integer() { last - 1 } else { last }
        });
        Self { first, last, step }
    }

    fn is_empty(&self) -> bool {
        matches!((&self.first, &self.last), (Some(first), Some(last)) if first > last)
    }

    fn pick(&self, wish: Option<(i64, i64)>, dice: &mut Dice) -> BigRational {
        let (first, last) = wish.and_then(|wish| self.within(wish)).unwrap_or_else(|| {
            let reach = (BigRational::from_integer(BigInt::from(100)) / &self.step).ceil();
            let reach = reach.to_integer().max(BigInt::from(3));
            match (&self.first, &self.last) {
                (Some(first), Some(last)) => (first.clone(), last.clone()),
                (Some(first), None) => (first.clone(), first + reach),
                (None, Some(last)) => (last - reach, last.clone()),
                (None, None) => (BigInt::zero(), reach),
            }
        });
        let choices = (&last - &first).to_u64().unwrap_or(1_000_000).saturating_add(1);
        let steps = first + BigInt::from(dice.below(choices));
        BigRational::from_integer(steps) * &self.step
    }

    /// The part of the range between two numbers.
    fn within(&self, (low, high): (i64, i64)) -> Option<(BigInt, BigInt)> {
        let of = |number: i64| BigRational::from_integer(BigInt::from(number)) / &self.step;
        let (low, high) = (of(low).ceil().to_integer(), of(high).floor().to_integer());
        let first = self.first.clone().map_or(low.clone(), |first| first.max(low));
        let last = self.last.clone().map_or(high.clone(), |last| last.min(high));
        (first <= last).then_some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(node: &Value, whole: Whole) -> Result<String, &'static str> {
        let node = node.as_object().unwrap();
        make(node, (whole, Some((1, 5))), &mut Dice::new(0, 0, 0)).map(|number| number.to_string())
    }

    #[test]
    fn bounds_and_multiples_are_met_exactly() {
        for (node, whole, number) in [
            (json!({"minimum": 7, "maximum": 7}), Whole::Yes, "7"),
            (json!({"exclusiveMinimum": 7, "exclusiveMaximum": 9}), Whole::Yes, "8"),
            (json!({"minimum": 0.0001, "maximum": 0.0001}), Whole::No, "0.0001"),
            (json!({"minimum": 1e20, "maximum": 1e20}), Whole::Yes, "100000000000000000000"),
            (json!({"multipleOf": 0.3, "minimum": 2.9, "maximum": 3.2}), Whole::Yes, "3"),
            (
                json!({"multipleOf": 0.1, "exclusiveMinimum": 0.2, "exclusiveMaximum": 0.4}),
                Whole::No,
                "0.3",
            ),
            (json!({"minimum": 3, "exclusiveMinimum": 4, "maximum": 5}), Whole::Yes, "5"),
            (json!({"maximum": -3, "minimum": -3}), Whole::No, "-3"),
        ] {
            assert_eq!(made(&node, whole), Ok(number.to_owned()), "{node}");
        }
    }

    #[test]
    fn what_leaves_no_room_is_named() {
        for (node, keyword) in [
            (json!({"minimum": 2, "maximum": 1}), "minimum"),
            (json!({"multipleOf": 10, "minimum": 1, "maximum": 9}), "multipleOf"),
        ] {
            assert_eq!(made(&node, Whole::Yes), Err(keyword));
        }
    }

    #[test]
    fn a_wish_counts_where_the_bounds_leave_room_for_it() {
        let number: f64 = made(&json!({"minimum": 0}), Whole::No).unwrap().parse().unwrap();
        assert!((1.0..=5.0).contains(&number));
        let number: u64 = made(&json!({"minimum": 6}), Whole::Yes).unwrap().parse().unwrap();
        assert!(number >= 6);
    }
}
