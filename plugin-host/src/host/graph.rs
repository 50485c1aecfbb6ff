//! In which order plugins start that require each other.
#![forbid(unsafe_code)]

use std::collections::{HashSet, VecDeque};

/// Something that a plugin needs, and the plugins that may give it.
#[derive(Debug, Clone, Default)]
pub(super) struct Need {
    /// The plugin starts without it as well.
    pub(super) is_optional: bool,
    /// It is there already.
    pub(super) is_ready: bool,
    /// The plugins that will give it, best first.
    pub(super) members: Vec<usize>,
}

impl Need {
    /// Whether it keeps the plugin from starting unless a member `has` started.
    pub(super) fn blocks(&self, has: impl Fn(usize) -> bool) -> bool {
        !self.is_optional && !self.is_ready && !self.members.iter().any(|member| has(*member))
    }
}

/// The plugins that can start, in order; `is_lost` says which cannot, whatever the others do.
///
/// A plugin comes behind everybody who may give it something, so that it gets the best; ties go by number. Where that
/// leaves a circle, the first plugin goes on that has at least one for each of its needs. What is left then waits for itself.
pub(super) fn order(needs: &[Vec<Need>], is_lost: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut started = vec![false; needs.len()];
    let mut order = Vec::new();
    let has_started = |started: &[bool], member: usize| started.get(member).is_some_and(|done| *done);
    loop {
        let waiting =
            || (0..).zip(needs).filter(|(place, _)| !has_started(&started, *place) && !is_lost(*place));
        let has_all = |need: &Need| {
            need.members.iter().all(|member| has_started(&started, *member) || is_lost(*member))
        };
        let has_enough = |need: &Need| !need.blocks(|member| has_started(&started, member));
        let enough = |needs: &[Need]| needs.iter().all(has_enough);
        let next = waiting()
            .find(|(_, needs)| enough(needs) && needs.iter().all(has_all))
            .or_else(|| waiting().find(|(_, needs)| enough(needs)))
            .map(|(place, _)| place);
        let Some(place) = next else { return order };
        order.push(place);
        if let Some(started) = started.get_mut(place) {
            *started = true;
        }
    }
}

/// The shortest way along needs that `blocks` from a plugin back to itself, which begins with the plugin of the lowest
/// number; `None` if there is none.
pub(super) fn cycle(from: usize, next: impl Fn(usize) -> Vec<usize>) -> Option<Vec<usize>> {
    let mut seen = HashSet::new();
    let mut open = VecDeque::from([vec![from]]);
    while let Some(path) = open.pop_front() {
        let last = path.last().copied()?;
        for place in next(last) {
            if place == from {
                let mut path = path;
                let lowest = path.iter().enumerate().min_by_key(|(_, place)| **place).map_or(0, |(at, _)| at);
                path.rotate_left(lowest);
                return Some(path);
            }
            if seen.insert(place) {
                let mut path = path.clone();
                path.push(place);
                open.push_back(path);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(members: &[usize]) -> Need {
        Need { members: members.to_vec(), ..Need::default() }
    }

    fn optional(members: &[usize]) -> Need {
        Need { is_optional: true, ..of(members) }
    }

    #[test]
    fn whoever_gives_something_comes_first_and_ties_go_by_number() {
        let needs = [vec![of(&[3])], vec![], vec![of(&[0]), of(&[1])], vec![]];
        assert_eq!(order(&needs, |_| false), [1, 3, 0, 2]);
        // Of several that may give it, all come first.
        assert_eq!(order(&[vec![of(&[2, 1])], vec![], vec![]], |_| false), [1, 2, 0]);
    }

    #[test]
    fn a_circle_is_left_where_one_of_several_will_do() {
        // 0 may have it of 1, which needs 0, or of 2.
        let needs = [vec![of(&[1, 2])], vec![of(&[0])], vec![]];
        assert_eq!(order(&needs, |_| false), [2, 0, 1]);
        assert_eq!(order(&[vec![optional(&[1])], vec![optional(&[0])]], |_| false), [0, 1]);
    }

    #[test]
    fn what_waits_for_itself_or_for_the_lost_does_not_start() {
        let needs = [vec![of(&[1])], vec![of(&[0])], vec![of(&[0])], vec![], vec![of(&[5])], vec![]];
        assert_eq!(order(&needs, |place| place == 5), [3]);
    }

    #[test]
    fn a_cycle_is_the_same_from_wherever_it_is_asked_for() {
        let next = |place: usize| [vec![1, 3], vec![2], vec![0], vec![0, 1]][place].clone();
        assert_eq!(cycle(2, next), Some(vec![0, 1, 2]));
        assert_eq!(cycle(1, next), Some(vec![0, 1, 2]));
        assert_eq!(cycle(3, next), Some(vec![0, 3]));
        assert_eq!(cycle(0, |place| [vec![1], vec![1]][place].clone()), None);
    }
}
