use std::rc::Rc;

use serde_json::Value;

use super::Solver;
use crate::schema::compat::goal::{Doubt, Literal, Outcome};
use crate::schema::compat::json::is_equal;

/// Arrays of unique items longer than this are not built.
const MAX_UNIQUE: usize = 64;

/// Values of one goal, as many as are needed or as there are.
struct Supply {
    goal: Vec<Literal>,
    values: Vec<Rc<Value>>,
    doubt: Option<Doubt>,
}

impl Solver {
    /// Different values for all goals: a matching of goals to the values each allows.
    pub(super) fn build_distinct(&mut self, goals: &[Vec<Literal>]) -> Outcome {
        if goals.len() > MAX_UNIQUE {
            return Outcome::Doubt(Doubt::of("uniqueItems"));
        }
        let mut supplies: Vec<Supply> = Vec::new();
        let mut uses = Vec::with_capacity(goals.len());
        for goal in goals {
            let known = supplies.iter().position(|supply| supply.goal == *goal);
            uses.push(known.unwrap_or_else(|| {
                let supply = self.supply(goal, goals.len());
                supplies.push(supply);
                supplies.len() - 1
            }));
        }
        let mut pool: Vec<Rc<Value>> = Vec::new();
        let options: Vec<Vec<usize>> = supplies
            .iter()
            .map(|supply| supply.values.iter().map(|value| pooled(&mut pool, value)).collect())
            .collect();
        let mut taken: Vec<Option<usize>> = vec![None; pool.len()];
        for place in 0..uses.len() {
            let mut visited = vec![false; pool.len()];
            let matching = Matching { uses: &uses, options: &options };
            if !matching.augment(place, &mut taken, &mut visited) {
                let doubt = supplies.into_iter().find_map(|supply| supply.doubt);
                return doubt.map_or(Outcome::Empty, Outcome::Doubt);
            }
        }
        let mut items = vec![Value::Null; uses.len()];
        for (value, place) in taken.iter().enumerate() {
            if let Some(place) = place {
                items[*place] = (*pool[value]).clone();
            }
        }
        Outcome::of(Value::Array(items))
    }

    fn supply(&mut self, goal: &[Literal], count: usize) -> Supply {
        let mut supply = Supply { goal: goal.to_vec(), values: Vec::new(), doubt: None };
        let mut literals = goal.to_vec();
        while supply.values.len() < count {
            match self.solve(&literals) {
                Outcome::Value(value) => {
                    literals.push(Literal::fails(self.constant(&value)));
                    supply.values.push(value);
                }
                Outcome::Empty => break,
                Outcome::Doubt(doubt) => {
                    supply.doubt = Some(doubt);
                    break;
                }
            }
        }
        supply
    }
}

fn pooled(pool: &mut Vec<Rc<Value>>, value: &Rc<Value>) -> usize {
    if let Some(known) = pool.iter().position(|known| is_equal(known, value)) {
        return known;
    }
    pool.push(Rc::clone(value));
    pool.len() - 1
}

struct Matching<'m> {
    /// Which option list each place draws from.
    uses: &'m [usize],
    options: &'m [Vec<usize>],
}

impl Matching<'_> {
    /// Finds a value for a place, moving other places to other values where that helps.
    fn augment(&self, place: usize, taken: &mut [Option<usize>], visited: &mut [bool]) -> bool {
        for value in &self.options[self.uses[place]] {
            if std::mem::replace(&mut visited[*value], true) {
                continue;
            }
            let is_free = match taken[*value] {
                None => true,
                Some(other) => self.augment(other, taken, visited),
            };
            if is_free {
                taken[*value] = Some(place);
                return true;
            }
        }
        false
    }
}
