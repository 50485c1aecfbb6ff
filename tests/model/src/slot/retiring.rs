//! The end of what is retired while several let go of it.

use std::sync::Arc;

use loom::thread;

use super::generation::{Generation, bounded};

/// Retires a generation while other threads do these things, and expects it to end once.
fn ends_once(hold: fn(&Generation), let_go: &'static [fn(&Arc<Generation>)]) {
    bounded(move || {
        let generation = Generation::new(1);
        hold(&generation);
        let others: Vec<_> = let_go
            .iter()
            .map(|let_go| {
                let generation = Arc::clone(&generation);
                thread::spawn(move || {
                    generation.run();
                    let_go(&generation);
                })
            })
            .collect();
        generation.retire();
        for other in others {
            other.join().unwrap();
        }
        assert_eq!(generation.ended(), 1);
    });
}

#[test]
fn of_two_holders_and_whoever_retires_one_ends_it() {
    ends_once(
        |generation| {
            generation.give_root();
            generation.give_root();
        },
        &[Generation::let_go, Generation::let_go],
    );
}

#[test]
fn an_object_that_nobody_looks_after_is_waited_for_by_one() {
    ends_once(
        |generation| {
            generation.give_root();
            generation.give_object();
        },
        &[Generation::let_go, |generation| generation.drop_object()],
    );
}
