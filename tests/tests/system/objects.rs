//! Objects that go from library to library: lent, moved, shared, through two plugins and home again.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};

use integration::Stage;
use objects_api::{Changing, Conditional, Named, Numbered, Passing, Store};
use plugin_core::Instance;
use plugin_host::{Plugin, Root, symbol};

use crate::fixture;

/// An object of the host, which counts how many of its kind are alive.
struct Own<'a>(String, &'a AtomicU64);

impl<'a> Own<'a> {
    fn new(name: &str, alive: &'a AtomicU64) -> Self {
        alive.fetch_add(1, SeqCst);
        Self(name.to_owned(), alive)
    }
}

impl Named for Own<'_> {
    fn name(&self) -> String {
        self.0.clone()
    }

    fn rename(&mut self, name: &str) {
        name.clone_into(&mut self.0);
    }

    fn into_name(self: Box<Self>) -> String {
        self.0.clone()
    }
}

impl Numbered for Own<'_> {
    fn number(&self) -> u64 {
        self.1.load(SeqCst)
    }
}

impl Drop for Own<'_> {
    fn drop(&mut self) {
        self.1.fetch_sub(1, SeqCst);
    }
}

/// Two plugins, each with state of its own: copies of one file.
fn plugins() -> (Plugin, Plugin) {
    let stage = Stage::with(&fixture("objects"));
    stage.add_as(&fixture("objects"), &library_name("objects_b"));
    let host = stage.host().side_by_side();
    (host.open("objects").unwrap(), host.open("objects-b").unwrap())
}

fn library_name(name: &str) -> String {
    use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
    format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")
}

fn passing() -> Root<dyn Passing> {
    plugins().0.root().unwrap()
}

fn counter() -> &'static AtomicU64 {
    Box::leak(Box::new(AtomicU64::new(0)))
}

fn address(object: &dyn Named) -> usize {
    (&raw const *object).cast::<u8>().addr()
}

#[test]
fn objects_are_lent_for_a_call() {
    let passing = passing();
    // On the stack, borrowing from it.
    let alive = AtomicU64::new(0);
    let mut own = Own::new("a", &alive);
    assert_eq!(passing.read(&own), "aa");
    passing.change(&mut own);
    assert_eq!(own.name(), "changed");
    assert_ne!(passing.address(&own), address(&own), "the plugin has a proxy");
    let panic = catch_unwind(AssertUnwindSafe(|| passing.panic(&own))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().map(String::as_str), Some("at changed"));
    drop(own);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn objects_of_a_plugin_are_used_and_dropped_by_it() {
    let passing = passing();
    let mut made = passing.make("b");
    let shared = passing.share("c");
    made.rename("d");
    assert_eq!((made.name(), shared.twice(), passing.alive()), ("d".to_owned(), "cc".to_owned(), 2));
    let clones = vec![Arc::clone(&shared); 3];
    drop((made, shared));
    assert_eq!(passing.alive(), 1);
    drop(clones);
    assert_eq!(passing.alive(), 0);
    let another = passing.another();
    assert_eq!(another.read(&*passing.make("e")), "ee");
    assert_eq!(passing.alive(), 0);
    assert_eq!(passing.consume(passing.make("f")), "f");
    assert_eq!(passing.make("g").into_name(), "g");
    assert_eq!(passing.alive(), 0);
}

#[test]
fn what_comes_home_is_the_object_itself() {
    let (a, b) = plugins();
    let (a, b) = (a.root::<dyn Passing>().unwrap(), b.root::<dyn Passing>().unwrap());
    let alive = counter();

    let own: Arc<dyn Named> = Arc::new(Own::new("h", alive));
    let back = a.through(&*b, Arc::clone(&own));
    assert_eq!((address(&*back), Arc::strong_count(&own)), (address(&*own), 2));
    drop((own, back));
    assert_eq!(alive.load(SeqCst), 0);

    let own: Box<dyn Named> = Box::new(Own::new("i", alive));
    let before = address(&*own);
    let back = a.boxed_through(&*b, own);
    assert_eq!((address(&*back), back.name().as_str()), (before, "i"));
    drop(back);
    assert_eq!(alive.load(SeqCst), 0);

    // What a plugin made comes home to it as well: where it lies for the plugin is where it lay when it was made.
    let shared = a.share("j");
    let home = a.address(&*shared);
    assert_eq!(a.address(&*b.shared(Arc::clone(&shared))), home);
    assert_ne!(b.address(&*shared), home);
    assert_eq!(a.read_through(&*b, &*shared), "jj");
    drop(shared);
    assert_eq!((a.alive(), b.alive()), (0, 0));
}

#[test]
fn shared_objects_are_kept_and_counted() {
    let (plugin, _) = plugins();
    let alive = counter();
    let mut keeper = plugin.instantiate::<dyn Passing>().unwrap();
    let own: Arc<dyn Named> = Arc::new(Own::new("k", alive));
    keeper.keep(Arc::clone(&own));
    keeper.keep(Arc::clone(&own));
    let kept = keeper.kept();
    assert!(kept.iter().all(|kept| address(&**kept) == address(&*own)));
    assert_eq!(Arc::strong_count(&own), 5);
    drop(kept);
    assert_eq!(keeper.finish(), 2);
    assert_eq!(Arc::strong_count(&own), 1);
    let keeper: Box<dyn Passing> = Box::new(plugin.instantiate::<dyn Passing>().unwrap());
    assert_eq!(keeper.end(), 0);
}

#[test]
fn a_shared_object_is_changed_by_its_only_owner() {
    let passing = passing();
    let alive = counter();
    passing.rename_shared(Arc::new(Own::new("l", alive)));
    let own: Arc<dyn Named> = Arc::new(Own::new("m", alive));
    let refused = |call: &dyn Fn(Arc<dyn Named>)| {
        let panic = catch_unwind(AssertUnwindSafe(|| call(Arc::clone(&own)))).unwrap_err();
        let text = panic.downcast_ref::<String>().map(String::as_str);
        assert_eq!(text, Some("a method with `&mut self` needs an object that is not shared"));
        assert_eq!(own.name(), "m");
    };
    refused(&|own| passing.rename_shared(own));
    // Also where it comes home before it is called.
    struct Host;
    impl Changing for Host {
        fn change(&self, object: &mut dyn Named) {
            object.rename("changed at home");
        }
    }
    refused(&|own| passing.change_shared(&Host, own));
    passing.change_shared(&Host, Arc::new(Own::new("o", alive)));
    drop(own);
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn objects_stand_in_containers() {
    let passing = passing();
    let alive = counter();
    let objects: Vec<Option<Box<dyn Named>>> =
        vec![None, Some(Box::new(Own::new("n", alive))), Some(Box::new(Own::new("o", alive)))];
    let (first, number) = passing.first(objects).unwrap();
    assert_eq!((first.name().as_str(), number, alive.load(SeqCst)), ("n", 7, 1));
    assert_eq!(passing.first(vec![None]).err().as_deref(), Some("none"));
}

#[test]
fn an_object_is_seen_as_its_supertrait() {
    let passing = passing();
    let alive = counter();
    let own: Arc<dyn Numbered> = Arc::new(Own::new("p", alive));
    let up = passing.upcast(Arc::clone(&own));
    assert_eq!((up.twice(), own.number()), ("pp".to_owned(), 1));
    drop((own, up));
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn a_wrapper_is_not_taken_for_what_it_wraps() {
    /// Passes everything on, the hidden question included.
    struct Loud(Box<dyn Named>);
    impl Named for Loud {
        fn name(&self) -> String {
            self.0.name().to_uppercase()
        }

        fn rename(&mut self, name: &str) {
            self.0.rename(name);
        }

        fn into_name(self: Box<Self>) -> String {
            self.0.into_name()
        }

        fn __plugin_object(&self) -> Option<plugin_core::__private::Foreign<'_>> {
            self.0.__plugin_object()
        }
    }
    let passing = passing();
    let loud = Loud(passing.make("q"));
    assert_eq!(passing.read(&loud), "QQ");
    let back = passing.boxed(Box::new(loud));
    assert_eq!((back.name().as_str(), passing.alive()), ("Q", 1));
    drop(back);
    assert_eq!(passing.alive(), 0);
}

#[test]
fn a_wrapper_of_the_same_shape_is_no_object_of_another_interface() {
    /// At the address of the instance in it, and of its size; and the answer is that of another interface.
    struct Thin(Instance<dyn Conditional>);
    impl Named for Thin {
        fn name(&self) -> String {
            format!("thin {}", self.0.last())
        }

        fn rename(&mut self, _: &str) {}

        fn into_name(self: Box<Self>) -> String {
            self.name()
        }

        fn __plugin_object(&self) -> Option<plugin_core::__private::Foreign<'_>> {
            self.0.__plugin_object()
        }
    }
    let (plugin, _) = plugins();
    let thin = Thin(plugin.instantiate().unwrap());
    let passing = plugin.root::<dyn Passing>().unwrap();
    assert_eq!(passing.read(&thin), "thin 3thin 3");
    assert_eq!(passing.consume(Box::new(thin)), "thin 3");
}

/// The interfaces as a newer host knows them.
mod newer {
    #[plugin_core::plugin_interface(id = "objects_api::Grown", version = "1.1.0")]
    pub(super) trait Grown: Send + Sync {
        fn number(&self) -> u64;

        #[since("1.1.0")]
        fn double(&self) -> u64 {
            2 * self.number()
        }
    }

    #[plugin_core::plugin_interface(id = "objects_api::Growing", version = "1.0.0")]
    pub(super) trait Growing: Send + Sync {
        fn grow(&self, number: u64) -> Box<dyn Grown>;
        fn is_own(&self, object: &dyn Grown) -> bool;
    }
}

/// A host compares each plugin with itself, not the plugins with each other: what it passes on as it is must be what it knows.
#[test]
fn an_object_goes_on_as_it_is_only_where_its_library_knows_what_this_one_knows() {
    use newer::Growing as _;
    use objects_api::Growing as _;
    let (plugin, _) = plugins();
    let same = plugin.root::<dyn objects_api::Growing>().unwrap();
    let object = same.grow(1);
    assert!(same.is_own(&*object), "it came home");
    let other = plugin.root::<dyn newer::Growing>().unwrap();
    let object = other.grow(2);
    assert_eq!((object.number(), object.double()), (2, 4));
    assert!(!other.is_own(&*object), "it is passed on through this library's table");
}

#[test]
fn generic_interfaces_are_told_apart_by_their_arguments() {
    let (plugin, _) = plugins();
    let mut names = plugin.instantiate::<dyn Store<String, 2>>().unwrap();
    assert_eq!(names.put("r".to_owned()), None);
    names.put("s".to_owned());
    assert_eq!(names.put("t".to_owned()).as_deref(), Some("r"));
    assert_eq!(names.keys(), ["s", "t"]);
    let mut numbers = plugin.instantiate::<dyn Store<u64, 3>>().unwrap();
    assert_eq!((numbers.put(1), numbers.keys()), (None, vec![1]));
    let error = plugin.root::<dyn Store<u8, 3>>().unwrap_err().to_string();
    assert!(error.contains("objects_api::Store<u8, 3>"), "{error}");
    assert!(
        error.contains("objects_api::Store<String, 2> 0.1.0, objects_api::Store<u64, 3> 0.1.0"),
        "{error}"
    );
}

#[test]
fn a_method_that_is_not_in_the_build_is_not_in_the_table() {
    let (plugin, _) = plugins();
    let conditional = plugin.root::<dyn Conditional>().unwrap();
    assert_eq!((conditional.first(), conditional.always(), conditional.last()), (1, 2, 3));
}

#[test]
fn exported_functions_take_objects() {
    let (plugin, _) = plugins();
    let rename =
        symbol!(plugin, rename: fn(object: &dyn Named, others: Vec<Arc<dyn Named>>) -> Box<dyn Named>)
            .unwrap();
    let alive = counter();
    let other: Arc<dyn Named> = Arc::new(Own::new("v", alive));
    assert_eq!(rename(&Own::new("u", alive), vec![Arc::clone(&other), other]).name(), "u of v, v");
    assert_eq!(alive.load(SeqCst), 0);
}

#[test]
fn an_instance_is_an_object_like_any_other() {
    let (plugin, other) = plugins();
    let passing: Arc<dyn Passing> = Arc::new(plugin.instantiate::<dyn Passing>().unwrap());
    let other: Instance<dyn Passing> = other.instantiate::<dyn Passing>().unwrap();
    assert_eq!(passing.read_through(&other, &*passing.make("w")), "ww");
    drop(passing.make("x"));
    assert_eq!(passing.alive(), 0);
}
