//! Slots that are switched while others call through them: nobody waits.

use std::sync::Arc;

use loom::thread;

use super::{
    generation::{bounded, call, reload, slot},
    sync,
};

#[test]
fn a_generation_ends_once_and_not_before_its_guard_is_gone() {
    loom::model(|| {
        let (slot, old) = slot();
        let caller = thread::spawn({
            let slot = Arc::clone(&slot);
            move || call(&slot)
        });
        let new = reload(&slot, &old);
        assert!([1, 2].contains(&caller.join().unwrap()));
        assert_eq!((old.ended(), new.ended()), (1, 0));
        assert_eq!(call(&slot), 2);
    });
}

#[test]
fn of_two_switches_in_a_row_each_ends_one_generation_and_no_caller_goes_back() {
    loom::model(|| {
        let (slot, first) = slot();
        let caller = thread::spawn({
            let slot = Arc::clone(&slot);
            move || [call(&slot), call(&slot)]
        });
        let second = reload(&slot, &first);
        let third = reload(&slot, &second);
        let [before, after] = caller.join().unwrap();
        assert!(before <= after, "{after} after {before}");
        assert_eq!([first.ended(), second.ended(), third.ended()], [1, 1, 0]);
    });
}

#[test]
fn of_two_guards_that_are_dropped_at_once_the_last_ends_the_generation() {
    bounded(|| {
        let (slot, old) = slot();
        let callers = [slot.load(), slot.load()].map(|guard| {
            thread::spawn(move || {
                guard.get().unwrap().0.run();
                drop(guard);
            })
        });
        let new = reload(&slot, &old);
        for caller in callers {
            caller.join().unwrap();
        }
        assert_eq!((old.ended(), new.ended()), (1, 0));
    });
}

/// Whoever reloads has found the slot before it was dropped, and keeps it.
#[test]
fn a_slot_that_is_dropped_while_it_is_switched_lets_go_of_both_generations() {
    loom::model(|| {
        let (slot, old) = slot();
        let slot = sync::Arc::new(slot);
        let caller = thread::spawn({
            let slot = sync::Arc::clone(&slot);
            move || {
                call(&slot);
                drop(slot);
            }
        });
        let new = reload(&slot, &old);
        drop(slot);
        caller.join().unwrap();
        assert_eq!((old.ended(), new.ended()), (1, 0));
        // Nothing is left that would keep it from ending.
        new.retire();
        assert_eq!(new.ended(), 1);
    });
}

/// Whoever reloads finds no slot any more, while its last handle is still on its way out.
#[test]
fn a_slot_that_is_dropped_while_its_generation_is_retired_ends_it_once() {
    loom::model(|| {
        let (slot, old) = slot();
        let caller = thread::spawn(move || {
            call(&slot);
            drop(slot);
        });
        old.retire();
        caller.join().unwrap();
        assert_eq!(old.ended(), 1);
    });
}
