use loom::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use crate::registry::openings::{Cycle, Openings, Turn};

type Names = Openings<&'static str, usize, &'static str>;

/// Opens a thing as `plugin-host` opens a file: what starts is counted.
fn open(
    names: &Names,
    name: &'static str,
    start: impl FnOnce() -> Result<usize, Vec<&'static str>>,
) -> Result<usize, Vec<&'static str>> {
    let mut opening = names.begin(name);
    match opening.claim(name, |_, _, cycle| cycle).map_err(|Cycle(cycle)| cycle)? {
        Turn::Open(value) => Ok(value),
        Turn::Ours => start().inspect(|value| opening.opened(name, *value)),
    }
}

/// Runs the bodies in threads, the last one in the thread of the model, and returns what came of them.
fn at_once<T: 'static>(names: &Arc<Names>, bodies: Vec<fn(&Names) -> T>) -> Vec<T> {
    let mut bodies = bodies.into_iter();
    let last = bodies.next_back().unwrap();
    let threads: Vec<_> = bodies
        .map(|body| {
            let names = Arc::clone(names);
            thread::spawn(move || body(&names))
        })
        .collect();
    let last = last(names);
    threads.into_iter().map(|thread| thread.join().unwrap()).chain([last]).collect()
}

#[test]
fn openers_of_one_file_get_what_the_first_one_started() {
    loom::model(|| {
        let names = Arc::new(Names::new());
        let started = Arc::new(AtomicUsize::new(0));
        let open =
            |names: &Names, started: &AtomicUsize| open(names, "a", || Ok(started.fetch_add(1, SeqCst) + 7));
        let threads: Vec<_> = (0..1)
            .map(|_| {
                let (names, started) = (Arc::clone(&names), Arc::clone(&started));
                thread::spawn(move || open(&names, &started))
            })
            .collect();
        assert_eq!(open(&names, &started), Ok(7));
        assert!(threads.into_iter().all(|thread| thread.join().unwrap() == Ok(7)));
        assert_eq!(started.load(SeqCst), 1);
    });
}

#[test]
fn a_failing_open_is_followed_by_the_next_one() {
    loom::model(|| {
        let names = Arc::new(Names::new());
        let fails: fn(&Names) -> _ = |names| open(names, "a", || Err(vec!["failed"]));
        let works: fn(&Names) -> _ = |names| open(names, "a", || Ok(1));
        let results = at_once(&names, vec![fails, works]);
        assert!(results[0] == Err(vec!["failed"]) || results[0] == Ok(1));
        assert_eq!(results[1], Ok(1));
    });
}

#[test]
fn of_two_that_would_wait_for_each_other_one_is_told() {
    loom::model(|| {
        let names = Arc::new(Names::new());
        // A start that is told of a cycle goes on without the other one, as an init may.
        let one: fn(&Names) -> _ = |names| {
            open(names, "a", || match open(names, "b", || Ok(20)) {
                Ok(_) => Ok(1),
                Err(cycle) => Ok(if cycle == ["b", "a"] { 2 } else { 3 }),
            })
        };
        let other: fn(&Names) -> _ = |names| {
            open(names, "b", || match open(names, "a", || Ok(10)) {
                Ok(_) => Ok(1),
                Err(cycle) => Ok(if cycle == ["a", "b"] { 2 } else { 3 }),
            })
        };
        let results: Vec<usize> = at_once(&names, vec![one, other]).into_iter().map(Result::unwrap).collect();
        // Both can be told of nothing, where one was done before the other began; both of a cycle never.
        assert!(!results.contains(&3), "a cycle in the wrong order: {results:?}");
        assert!(results.iter().filter(|result| **result == 2).count() <= 1, "{results:?}");
    });
}

/// A host claims a name before the file, another one claims only the file, and its start opens by the name.
#[test]
fn claims_of_two_kinds_do_not_deadlock() {
    loom::model(|| {
        let names = Arc::new(Names::new());
        let by_name: fn(&Names) -> _ = |names| {
            let mut opening = names.begin("outer");
            opening.claim("name", |_, _, cycle| cycle).map_err(|Cycle(cycle)| cycle)?;
            match opening.claim("file", |_, _, cycle| cycle).map_err(|Cycle(cycle)| cycle)? {
                Turn::Open(value) => Ok(value),
                Turn::Ours => {
                    opening.opened("file", 1);
                    Ok(1)
                }
            }
        };
        let by_file: fn(&Names) -> _ = |names| {
            open(names, "file", || {
                let mut opening = names.begin("inner");
                opening.claim("name", |_, _, cycle| cycle).map_err(|Cycle(cycle)| cycle)?;
                Ok(2)
            })
        };
        let results = at_once(&names, vec![by_name, by_file]);
        // Either of the two may be the last to wait, and is told.
        let told = results.iter().filter(|result| **result == Err(vec!["file"])).count();
        let opened = results.iter().filter(|result| matches!(result, Ok(1 | 2))).count();
        assert!(told <= 1 && told + opened == 2, "{results:?}");
    });
}
