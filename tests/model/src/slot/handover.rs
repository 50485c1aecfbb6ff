//! Calls that are held back while the state is handed over.

use std::sync::Arc;

use loom::thread::{self, JoinHandle};

use super::{
    generation::{Generation, Tenure, bounded, slot},
    line::{Line, Pause},
};

/// Calls through a slot, which changes the state, and returns the number of the generation that was called.
fn call(slot: &Line<Tenure>) -> usize {
    let guard = slot.load();
    let Tenure(generation) = guard.get().unwrap();
    generation.count();
    generation.number
}

fn callers<const COUNT: usize>(slot: &Arc<Line<Tenure>>) -> [JoinHandle<usize>; COUNT] {
    std::array::from_fn(|_| {
        let slot = Arc::clone(slot);
        thread::spawn(move || call(&slot))
    })
}

/// As `Reload::holding_calls` has it.
fn hold_calls(slot: &Line<Tenure>) -> Pause<'_, Tenure> {
    let pause = slot.pause().unwrap();
    while !pause.is_quiet() {
        thread::yield_now();
    }
    pause
}

/// A call is counted by the old generation before the state is saved, or by the new one after it was restored.
fn no_call_is_lost<const COUNT: usize>() {
    let (slot, old) = slot();
    let callers = callers::<COUNT>(&slot);
    let pause = hold_calls(&slot);
    let new = Generation::with(2, old.calls());
    drop(pause.switch(Tenure::of(&new)));
    old.retire();
    let called = callers.map(|caller| caller.join().unwrap());
    assert_eq!(new.calls(), COUNT, "the calls ran on {called:?}");
    assert_eq!((old.ended(), new.ended()), (1, 0));
}

#[test]
fn no_call_runs_on_the_old_generation_after_its_state_was_saved() {
    loom::model(no_call_is_lost::<1>);
}

#[test]
fn all_that_were_held_back_go_on() {
    bounded(no_call_is_lost::<2>);
}

#[test]
fn whoever_holds_calls_back_calls_the_old_generation_until_it_switches() {
    loom::model(|| {
        let (slot, old) = slot();
        let [caller] = callers(&slot);
        let pause = hold_calls(&slot);
        assert_eq!(call(&slot), 1);
        assert!(pause.is_quiet());
        let new = Generation::with(2, old.calls());
        drop(pause.switch(Tenure::of(&new)));
        assert_eq!(call(&slot), 2);
        old.retire();
        caller.join().unwrap();
        assert_eq!((old.ended(), new.calls()), (1, 3));
    });
}

/// Also where a call still runs: its time is over.
#[test]
fn without_a_new_generation_calls_go_on_with_the_old_one() {
    bounded(|| {
        let (slot, old) = slot();
        let callers = callers::<2>(&slot);
        drop(slot.pause().unwrap());
        assert_eq!(callers.map(|caller| caller.join().unwrap()), [1, 1]);
        assert_eq!((old.calls(), old.ended()), (2, 0));
    });
}
