//! Closures in both directions: lent, moved, shared, with references, objects and closures among their arguments.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use integration::Stage;
use objects_api::{Calling, Named, Passing, Sorter};
use plugin_core::Instance;
use plugin_host::{Plugin, symbol};

use crate::fixture;

fn plugin() -> Plugin {
    Stage::with(&fixture("objects")).host().open("objects").unwrap()
}

fn calling() -> Instance<dyn Calling> {
    plugin().instantiate().unwrap()
}

#[test]
fn closures_are_lent_for_a_call() {
    let calling = calling();
    let factor = 3;
    assert_eq!(calling.map(vec![1, 2, 3], &|value| value * factor), [3, 6, 9]);
    let mut seen = Vec::new();
    let shown = calling.words("a bc def g", &mut |word| {
        seen.push(word.to_owned());
        word.len() < 3
    });
    assert_eq!((seen, shown), (vec!["a".to_owned(), "bc".to_owned(), "def".to_owned()], 2));
    assert_eq!(calling.pick(&|text| text.split_once(' ').unwrap().1), "text");
    let longer = |one: &'_ str, other: &'_ str| one.len() > other.len();
    assert_eq!(calling.choose(&|one, other| if longer(one, other) { one } else { other }), "another");
    assert_eq!(calling.never(&|| 7), 7);
    let mut calls = 0;
    let filled = calling.fill(&mut |bytes| {
        calls += 1;
        bytes.push(7);
        if calls < 3 { Ok(()) } else { Err("full".to_owned()) }
    });
    assert_eq!(filled, Ok(vec![1, 7, 7]));
    assert_eq!(calling.fill(&mut |_| Err("never".to_owned())), Err("never".to_owned()));
}

#[test]
fn closures_are_moved_and_dropped_once() {
    let mut calling = calling();
    let bytes = vec![1, 2];
    let got = calling.once(Box::new(move |text| [text.as_bytes(), &bytes].concat()));
    assert_eq!(got, b"thread\x01\x02");

    let guard = Rc::new(());
    let held = Rc::clone(&guard);
    calling.forget(Box::new(move || drop(held)));
    assert_eq!(Rc::strong_count(&guard), 1);

    let guard = Arc::new(());
    let held = Arc::clone(&guard);
    let mut sum = 0;
    assert_eq!(calling.kept(1), None);
    calling.keep(Box::new(move |value| {
        let _ = &held;
        sum += value;
        sum
    }));
    assert_eq!((calling.kept(1), calling.kept(2), Arc::strong_count(&guard)), (Some(1), Some(3), 2));
    drop(calling);
    assert_eq!(Arc::strong_count(&guard), 1);
}

#[test]
fn closures_of_a_plugin_are_called_from_any_thread() {
    let calling = calling();
    let adder = calling.adder(5);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(adder(1), 6));
        }
    });
    static LENGTHS: AtomicUsize = AtomicUsize::new(0);
    let shared = calling.shared(Arc::new(|bytes| LENGTHS.fetch_add(bytes.len(), SeqCst)));
    drop(calling);
    let again = Arc::clone(&shared);
    assert_eq!((shared(b"abc"), again(b"de"), LENGTHS.load(SeqCst)), (0, 3, 5));
}

#[test]
fn closures_take_objects_and_closures() {
    let plugin = plugin();
    let calling = plugin.root::<dyn Calling>().unwrap();
    let passing = plugin.root::<dyn Passing>().unwrap();
    let name = calling.objects(
        &|lent, mut moved| {
            moved.rename(&format!("{} and {}", lent.name(), moved.name()));
            Arc::from(moved) as Arc<dyn Named>
        },
        &*passing,
    );
    assert_eq!((name.as_str(), passing.alive()), ("one and two", 0));
    assert_eq!(calling.nested(&|double, prefix| prefix(&double(21).to_string())), "from the plugin 42");
}

#[test]
fn a_panic_goes_through_both_libraries() {
    let calling = calling();
    let calls = Cell::new(0);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        calling.map(vec![1, 2], &|value| {
            calls.set(calls.get() + 1);
            assert!(value != 2, "two is too many");
            value
        })
    }))
    .unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("two is too many"));
    assert_eq!(calls.get(), 2);
    let adder = calling.adder(u32::MAX);
    assert!(catch_unwind(AssertUnwindSafe(|| adder(1))).is_err());
    assert_eq!(adder(0), u32::MAX);
    // A closure that panics is dropped all the same.
    let guard = Arc::new(());
    let held = Arc::clone(&guard);
    let once = catch_unwind(AssertUnwindSafe(|| calling.once(Box::new(move |_| panic!("{:?}", held)))));
    assert!(once.is_err());
    assert_eq!(Arc::strong_count(&guard), 1);
}

#[test]
fn generic_interfaces_and_exported_functions_take_closures() {
    let plugin = plugin();
    let sorter = plugin.root::<dyn Sorter<String>>().unwrap();
    let values = ["pear", "fig", "apple"].map(str::to_owned).to_vec();
    assert_eq!(sorter.sort(values, &|one, other| one.len() < other.len()), ["fig", "pear", "apple"]);

    let repeat =
        symbol!(plugin, repeat: fn(times: u32, action: &mut dyn FnMut(u32, &str)) -> Box<dyn Fn() -> u32>)
            .unwrap();
    let mut seen = Vec::new();
    let times = repeat(2, &mut |time, text| seen.push(format!("{text} {time}")));
    assert_eq!((seen, times()), (vec!["again 0".to_owned(), "again 1".to_owned()], 2));
    let error =
        symbol!(plugin, repeat: fn(times: u32, action: &mut dyn FnMut(u32, &str)) -> Box<dyn Fn() -> u64>)
            .err()
            .unwrap();
    let text = "`repeat` has another type: expected `fn(u32, &mut dyn FnMut(u32, &str)) -> Box<dyn Fn() -> u64>`, \
                found `fn(u32, &mut dyn FnMut(u32, &str)) -> Box<dyn Fn() -> u32>`";
    assert!(error.to_string().starts_with(text), "{error}");
}
