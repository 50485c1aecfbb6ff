//! Rounds: each measures every case once, in turn, and ratios are taken within a round, so that what disturbs the machine
//! for longer than a round disturbs all cases alike.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock,
    results::{Part, median},
};

/// How much is measured.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Effort {
    /// Everything once: it runs.
    Smoke,
    /// Enough to go by.
    Full,
}

impl Effort {
    /// A count, or next to nothing.
    pub(crate) fn of<N>(self, full: N, smoke: N) -> N {
        match self {
            Self::Smoke => smoke,
            Self::Full => full,
        }
    }
}

/// One thing that is measured: runs it a number of times.
pub(crate) struct Case<'a> {
    pub(crate) name: &'static str,
    pub(crate) run: Box<dyn FnMut(u64) + 'a>,
}

/// A [`Case`] of one expression, whose result is used where it is: a large one is not moved. The loop is the same for all.
macro_rules! case {
    ($name:expr, $call:expr) => {
        $crate::rounds::Case {
            name: $name,
            run: Box::new(move |times| {
                for _ in 0..times {
                    let result = $call;
                    std::hint::black_box(&result);
                }
            }),
        }
    };
}
pub(crate) use case;

/// What rounds have shown: nanoseconds by case and round.
pub(crate) struct Comparison {
    names: Vec<&'static str>,
    rounds: Vec<Vec<f64>>,
}

/// Measures cases beside each other, each as often in a round as takes the first of them some 100 µs.
pub(crate) fn interleave(effort: Effort, mut cases: Vec<Case<'_>>) -> Comparison {
    let times = times_in(effort, &mut cases);
    let mut rounds = Vec::new();
    for round in 0..effort.of(401, 3) {
        let mut nanoseconds = vec![0.0; cases.len()];
        // Another one begins each time: who comes after whom makes no difference in the median.
        for turn in 0..cases.len() {
            let place = (turn + round) % cases.len();
            if let (Some(case), Some(slot)) = (cases.get_mut(place), nanoseconds.get_mut(place)) {
                *slot = clock::cpu(|| (case.run)(times)).0 / times as f64;
            }
        }
        rounds.push(nanoseconds);
    }
    Comparison { names: cases.iter().map(|case| case.name).collect(), rounds }
}

fn times_in(effort: Effort, cases: &mut [Case<'_>]) -> u64 {
    let mut times = 1;
    let (Some(first), Effort::Full) = (cases.first_mut(), effort) else { return times };
    while clock::cpu(|| (first.run)(times)).0 < Duration::from_micros(100).as_nanos() as f64 {
        times *= 2;
    }
    times
}

impl Comparison {
    /// The median of a case, as `ns`.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let parts = self.names.iter().enumerate();
        parts.map(|(place, name)| Part::new(*name, self.median(place), "ns")).collect()
    }

    /// The median of the ratios of one case to another, round by round.
    pub(crate) fn ratio(&self, one: &str, other: &str) -> f64 {
        self.ratio_to_sum(one, &[other])
    }

    /// The same, to several others one after another.
    pub(crate) fn ratio_to_sum(&self, one: &str, others: &[&str]) -> f64 {
        let one = self.place(one);
        let others: Vec<_> = others.iter().map(|other| self.place(other)).collect();
        let of = |round: &Vec<f64>| {
            let sum: Option<f64> = others.iter().map(|other| round.get(*other).copied()).sum();
            Some(round.get(one)? / sum?)
        };
        median(self.rounds.iter().filter_map(of).collect())
    }

    /// The median of one case.
    pub(crate) fn of(&self, name: &str) -> f64 {
        self.median(self.place(name))
    }

    fn place(&self, name: &str) -> usize {
        self.names.iter().position(|known| *known == name).unwrap_or(usize::MAX)
    }

    fn median(&self, place: usize) -> f64 {
        median(self.rounds.iter().filter_map(|round| round.get(place).copied()).collect())
    }
}
