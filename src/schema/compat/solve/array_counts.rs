use super::Solver;
use super::array::{Arrays, Extra};
use crate::schema::compat::goal::{Doubt, Literal, Outcome, Tally};
use crate::schema::compat::hash::HashSet;

/// Longer arrays, or more `contains` at once, are left undecided.
const MAX_LENGTH: u64 = 400;
const MAX_COUNTS: usize = 4;

/// One attempt to lay out an array of a given length.
struct Layout<'p> {
    problem: &'p Arrays,
    extra: &'p Extra,
    length: usize,
    /// Places and counts from which no completion was found.
    failed: HashSet<(usize, Vec<u64>)>,
    tally: Tally,
}

impl Solver {
    /// Arrays in which the items that satisfy each `contains` are counted.
    pub(super) fn lay_out_counted(
        &mut self,
        problem: &Arrays,
        extra: &Extra,
        needed: u64,
    ) -> Outcome {
        let wanted = problem.counts.iter().map(|count| count.low).fold(0, u64::saturating_add);
        let free = needed.max(problem.prefix_length(self) as u64);
        let longest = free.saturating_add(wanted).min(problem.max.unwrap_or(u64::MAX));
        if longest > MAX_LENGTH || problem.counts.len() > MAX_COUNTS {
            return Outcome::Doubt(Doubt::of("contains"));
        }
        let mut tally = Tally::default();
        for length in needed..=longest {
            let mut layout = Layout {
                problem,
                extra,
                length: usize::try_from(length).unwrap_or(0),
                failed: HashSet::default(),
                tally: Tally::default(),
            };
            let counts = vec![0; problem.counts.len()];
            let goals = self.continue_layout(&mut layout, &mut Vec::new(), &counts);
            let outcome = match goals {
                Some(goals) => match self.build(problem, &goals) {
                    // Another choice of items might have been distinct.
                    Outcome::Empty => Outcome::Doubt(Doubt::of("uniqueItems")),
                    outcome => outcome,
                },
                None => layout.tally.close(),
            };
            if let Some(value) = tally.add(outcome) {
                return Outcome::Value(value);
            }
        }
        tally.close()
    }

    /// Goals for all items, the first of which are given.
    fn continue_layout(
        &mut self,
        layout: &mut Layout<'_>,
        goals: &mut Vec<Vec<Literal>>,
        counts: &[u64],
    ) -> Option<Vec<Vec<Literal>>> {
        let left = (layout.length - goals.len()) as u64;
        let limits = &layout.problem.counts;
        let is_open = limits.iter().zip(counts).all(|(limit, count)| {
            limit.high.is_none_or(|high| *count <= high) && count.saturating_add(left) >= limit.low
        });
        if !is_open || layout.failed.contains(&(goals.len(), counts.to_vec())) {
            return None;
        }
        if left == 0 {
            return Some(goals.clone());
        }
        for signs in self.sign_order(layout, counts) {
            let mut goal = layout.problem.item_goal(self, goals.len(), layout.extra);
            let mut next = counts.to_vec();
            for (at, limit) in layout.problem.counts.iter().enumerate() {
                let is_in = signs >> at & 1 == 1;
                next[at] += u64::from(is_in);
                goal.push(if is_in {
                    Literal::holds(limit.node)
                } else {
                    Literal::fails(limit.node)
                });
            }
            match self.solve(&goal) {
                Outcome::Empty => continue,
                Outcome::Doubt(doubt) => {
                    layout.tally.doubt(doubt);
                    continue;
                }
                Outcome::Value(_) => {}
            }
            goals.push(goal);
            let found = self.continue_layout(layout, goals, &next);
            if found.is_some() {
                return found;
            }
            goals.pop();
        }
        layout.failed.insert((goals.len(), counts.to_vec()));
        None
    }

    /// Which items to try first: those that are still wanted, else those that count for nothing.
    #[expect(clippy::unused_self, reason = "reads as a step of the search")]
    fn sign_order(&self, layout: &Layout<'_>, counts: &[u64]) -> Vec<u32> {
        let wanted = layout
            .problem
            .counts
            .iter()
            .zip(counts)
            .enumerate()
            .filter(|(_, (limit, count))| **count < limit.low)
            .fold(0_u32, |signs, (at, _)| signs | 1 << at);
        let mut all: Vec<u32> = (0..1 << layout.problem.counts.len()).collect();
        all.sort_by_key(|signs| (signs ^ wanted).count_ones());
        all
    }
}
