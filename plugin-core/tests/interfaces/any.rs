//! Values whose type only the two ends know.

use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use plugin_core::{
    Instance, StableLayout,
    abi::{AnySyncValue, AnyValue, RArc, RString, RVec},
    plugin_interface,
};

#[plugin_interface]
pub(crate) trait Keeps {
    fn echo(&self, value: AnyValue) -> AnyValue;
    fn all(&self, values: HashMap<String, AnyValue>) -> usize;
    fn numbers(&self, values: &[AnyValue]) -> u64;
    fn change(&self, value: &mut AnyValue) -> bool;
    fn shared(&self, value: AnySyncValue) -> AnySyncValue;
}

/// Own, and of a description that no other type here has.
#[derive(Debug, PartialEq, StableLayout)]
#[repr(C)]
struct Point {
    x: u64,
}

mod elsewhere {
    use plugin_core::StableLayout;

    /// Alike but for the type of its field.
    #[derive(Debug, StableLayout)]
    #[repr(C)]
    pub(super) struct Point {
        x: i64,
    }
}

struct Keeper;

impl Keeps for Keeper {
    fn echo(&self, value: AnyValue) -> AnyValue {
        value
    }
    fn all(&self, values: HashMap<String, AnyValue>) -> usize {
        values.values().filter(|value| value.is::<Point>()).count()
    }
    fn numbers(&self, values: &[AnyValue]) -> u64 {
        values.iter().filter_map(AnyValue::downcast_ref::<u64>).sum()
    }
    fn change(&self, value: &mut AnyValue) -> bool {
        value.downcast_mut::<RVec<u8>>().map(|bytes| bytes.push(1)).is_some()
    }
    fn shared(&self, value: AnySyncValue) -> AnySyncValue {
        value
    }
}

#[test]
fn a_value_is_of_its_own_type_alone() {
    let keeper = Instance::<dyn Keeps>::new(Keeper);
    let value = keeper.echo(AnyValue::new(Point { x: 1 }));
    assert_eq!((value.type_name(), format!("{value:?}")), ("Point", "AnyValue(Point)".into()));
    assert!(value.is::<Point>() && !value.is::<elsewhere::Point>() && !value.is::<u64>());
    let value = value.downcast::<u64>().unwrap_err();
    assert_eq!(value.downcast_ref(), Some(&Point { x: 1 }));
    assert_eq!(value.downcast::<Point>().unwrap(), Point { x: 1 });

    let named = |name: &str, value| (name.to_owned(), value);
    let values =
        [named("a", AnyValue::new(Point { x: 2 })), named("b", AnyValue::new(RString::from("text")))];
    assert_eq!(keeper.all(values.into()), 1);
    assert_eq!(keeper.numbers(&[AnyValue::new(1_u64), AnyValue::new(2_u32), AnyValue::new(4_u64)]), 5);
    let mut bytes = AnyValue::new(RVec::from(vec![0_u8]));
    assert!(keeper.change(&mut bytes));
    assert_eq!(bytes.downcast_ref::<RVec<u8>>().unwrap().as_slice(), [0, 1]);
    assert!(!keeper.change(&mut AnyValue::new(0_u8)));
}

#[test]
fn threads_share_a_value_that_is_sync() {
    let keeper = Instance::<dyn Keeps>::new(Keeper);
    let value = Arc::new(keeper.shared(AnySyncValue::new(7_u32)));
    let other = value.clone();
    assert_eq!(std::thread::spawn(move || other.downcast_ref::<u32>().copied()).join().unwrap(), Some(7));
    let mut value = Arc::into_inner(value).unwrap();
    *value.downcast_mut::<u32>().unwrap() += 1;
    assert_eq!(AnyValue::from(value).downcast::<u32>().unwrap(), 8);
}

/// Counts its owners by those of its `RArc`.
#[derive(StableLayout)]
#[repr(C)]
struct Counted {
    owners: RArc<u32>,
}

#[test]
fn a_value_is_dropped_once() {
    let owners = RArc::new(0);
    let value = || AnyValue::new(Counted { owners: owners.clone() });
    let count = || RArc::strong_count(&owners);
    drop(value());
    assert_eq!(count(), 1);
    let taken = value().downcast::<Counted>().unwrap();
    assert_eq!((count(), RArc::strong_count(&taken.owners)), (2, 2));
    drop(taken);
    drop(value().downcast::<u8>());
    assert_eq!(count(), 1);
}

#[derive(StableLayout)]
#[repr(C)]
struct Armed {
    nothing: u8,
}

impl Drop for Armed {
    fn drop(&mut self) {
        panic!("dropped {}", self.nothing);
    }
}

#[test]
fn a_panic_in_a_destructor_goes_on() {
    let value = AnyValue::new(Armed { nothing: 3 });
    let panic = catch_unwind(AssertUnwindSafe(|| drop(value))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "dropped 3");
}
