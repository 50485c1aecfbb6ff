use std::{sync::Barrier, thread};

use super::openings::{Cycle, Openings, Turn};

type Names = Openings<&'static str, u32, &'static str>;

fn open(
    names: &Names,
    name: &'static str,
    start: impl FnOnce() -> Result<u32, Vec<&'static str>>,
) -> Result<u32, Vec<&'static str>> {
    let mut opening = names.begin(name);
    match opening.claim(name, |_, _, cycle| cycle).map_err(|Cycle(cycle)| cycle)? {
        Turn::Open(value) => Ok(value),
        Turn::Ours => start().inspect(|value| opening.opened(name, *value)),
    }
}

#[test]
fn a_cycle_in_one_thread_is_named_in_order() {
    let names = Names::new();
    let inner = |name| open(&names, name, || unreachable!());
    assert_eq!(open(&names, "a", || inner("a")), Err(vec!["a"]));
    let through = |first, second, last| open(&names, first, || open(&names, second, || inner(last)));
    assert_eq!(through("a", "b", "a"), Err(vec!["a", "b"]));
    // What leads to the cycle is not part of it.
    assert_eq!(open(&names, "z", || through("a", "b", "a")), Err(vec!["a", "b"]));
    // None of it is remembered.
    assert_eq!(open(&names, "a", || open(&names, "b", || Ok(1))), Ok(1));
}

#[test]
fn a_cycle_through_threads_is_named_in_order() {
    let names = Names::new();
    let both = Barrier::new(2);
    let [one, other] = thread::scope(|scope| {
        [("a", "b"), ("b", "a")]
            .map(|(own, others)| {
                let (names, both) = (&names, &both);
                scope.spawn(move || {
                    open(names, own, || {
                        both.wait();
                        // Whoever is told of the cycle goes on without it.
                        let inner = open(names, others, || Ok(2));
                        inner.map(|_| 1).or_else(|cycle| if cycle[0] == others { Ok(3) } else { Err(cycle) })
                    })
                })
            })
            .map(|thread| thread.join().unwrap())
    });
    // One was told, and the other one waited for it.
    let mut results = [one.unwrap(), other.unwrap()];
    results.sort_unstable();
    assert_eq!(results, [1, 3]);
}
