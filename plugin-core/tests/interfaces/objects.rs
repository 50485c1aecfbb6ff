//! Interfaces as values: lent, moved, shared, and home again.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use plugin_core::{Instance, plugin_interface};

#[plugin_interface]
trait Named: Send + Sync {
    fn name(&self) -> String;

    fn rename(&mut self, name: &str);

    fn into_name(self: Box<Self>) -> String;

    #[since("0.1.0")]
    fn twice(&self) -> String {
        format!("{0}{0}", self.name())
    }
}

/// What the other library does with objects. A method of it mentions the trait itself.
#[plugin_interface]
trait Keeper: Send + Sync {
    fn read(&self, object: &dyn Named) -> String;

    fn change(&self, object: &mut dyn Named);

    fn boxed(&self, object: Box<dyn Named>) -> Box<dyn Named>;

    fn shared(&self, object: Arc<dyn Named>) -> Arc<dyn Named>;

    fn keep(&mut self, object: Arc<dyn Named>);

    fn kept(&self) -> Vec<Arc<dyn Named>>;

    fn nested(&self, objects: Vec<Option<Box<dyn Named>>>) -> Result<(Box<dyn Named>, u8), String>;

    fn consume(&self, object: Box<dyn Named>) -> String;

    fn another(&self) -> Box<dyn Keeper>;

    fn finish(self) -> usize;

    fn end(self: Box<Self>) -> usize;
}

/// How many of the texts `consumed` were dropped: other tests drop others meanwhile.
static DROPPED: AtomicUsize = AtomicUsize::new(0);

struct Text(String);

impl Named for Text {
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

impl Drop for Text {
    fn drop(&mut self) {
        DROPPED.fetch_add(usize::from(self.0 == "consumed"), Relaxed);
    }
}

#[derive(Default)]
struct Shelf(Vec<Arc<dyn Named>>);

impl Keeper for Shelf {
    fn read(&self, object: &dyn Named) -> String {
        object.twice()
    }

    fn change(&self, object: &mut dyn Named) {
        object.rename("changed");
    }

    fn boxed(&self, object: Box<dyn Named>) -> Box<dyn Named> {
        object
    }

    fn shared(&self, object: Arc<dyn Named>) -> Arc<dyn Named> {
        object
    }

    fn keep(&mut self, object: Arc<dyn Named>) {
        self.0.push(object);
    }

    fn kept(&self) -> Vec<Arc<dyn Named>> {
        self.0.clone()
    }

    fn nested(&self, objects: Vec<Option<Box<dyn Named>>>) -> Result<(Box<dyn Named>, u8), String> {
        objects.into_iter().flatten().next().map(|object| (object, 7)).ok_or_else(|| "none".to_owned())
    }

    fn consume(&self, object: Box<dyn Named>) -> String {
        object.into_name()
    }

    fn another(&self) -> Box<dyn Keeper> {
        Box::new(Self::default())
    }

    fn finish(self) -> usize {
        self.0.len() + 1
    }

    fn end(self: Box<Self>) -> usize {
        self.0.len()
    }
}

fn text(text: &str) -> Text {
    Text(text.to_owned())
}

#[test]
fn an_object_is_lent_for_a_call() {
    let keeper = Instance::<dyn Keeper>::new(Shelf::default());
    let mut object = text("a");
    assert_eq!(keeper.read(&object), "aa");
    keeper.change(&mut object);
    assert_eq!(object.name(), "changed");
}

#[test]
fn an_object_that_borrows_can_be_lent() {
    struct Borrowing<'a>(&'a mut String);
    impl Named for Borrowing<'_> {
        fn name(&self) -> String {
            self.0.clone()
        }

        fn rename(&mut self, name: &str) {
            name.clone_into(self.0);
        }

        fn into_name(self: Box<Self>) -> String {
            self.0.clone()
        }
    }
    let keeper = Instance::<dyn Keeper>::new(Shelf::default());
    let mut text = "b".to_owned();
    let mut object = Borrowing(&mut text);
    assert_eq!(keeper.read(&object), "bb");
    keeper.change(&mut object);
    assert_eq!(text, "changed");
}

#[test]
fn what_comes_home_is_the_object_itself() {
    let keeper = Instance::<dyn Keeper>::new(Shelf::default());
    let shared: Arc<dyn Named> = Arc::new(text("c"));
    let address = Arc::as_ptr(&shared).cast::<u8>();
    let back = keeper.shared(Arc::clone(&shared));
    assert_eq!(Arc::as_ptr(&back).cast::<u8>(), address);
    assert_eq!(Arc::strong_count(&shared), 2);
    let boxed: Box<dyn Named> = Box::new(text("d"));
    let address = (&raw const *boxed).cast::<u8>();
    let back = keeper.boxed(boxed);
    assert_eq!((&raw const *back).cast::<u8>(), address);
}

#[test]
fn objects_nest_and_are_counted() {
    let mut keeper = Instance::<dyn Keeper>::new(Shelf::default());
    let shared: Arc<dyn Named> = Arc::new(text("e"));
    keeper.keep(Arc::clone(&shared));
    keeper.keep(Arc::clone(&shared));
    assert_eq!(Arc::strong_count(&shared), 3);
    let kept = keeper.kept();
    assert_eq!(kept.iter().map(|object| object.name()).collect::<Vec<_>>(), ["e", "e"]);
    assert_eq!(Arc::strong_count(&shared), 5);
    drop((kept, keeper));
    assert_eq!(Arc::strong_count(&shared), 1);

    let keeper = Instance::<dyn Keeper>::new(Shelf::default());
    let (object, number) = keeper.nested(vec![None, Some(Box::new(text("f")))]).unwrap();
    assert_eq!((object.name().as_str(), number), ("f", 7));
    assert_eq!(keeper.nested(Vec::new()).err(), Some("none".to_owned()));
    assert_eq!(keeper.another().read(&text("g")), "gg");
}

#[test]
fn an_object_is_consumed_once() {
    let before = DROPPED.load(Relaxed);
    let keeper: Box<dyn Keeper> = Box::new(Instance::<dyn Keeper>::new(Shelf::default()));
    assert_eq!(keeper.consume(Box::new(text("consumed"))), "consumed");
    assert_eq!(DROPPED.load(Relaxed), before + 1);
    assert_eq!(keeper.end(), 0);
    assert_eq!(Instance::<dyn Keeper>::new(Shelf::default()).finish(), 1);
}

#[plugin_interface]
trait Store<K: Clone, const N: usize>: Send {
    fn put(&mut self, key: K) -> Option<K>;

    fn keys(&self) -> Vec<K>;

    fn size(&self) -> usize;

    fn copy_from(&mut self, other: &dyn Named);
}

struct Slots<K>(Vec<K>);

impl<K: plugin_core::crossing::Crossing + Clone + Send + From<String> + 'static, const N: usize> Store<K, N>
    for Slots<K>
{
    fn put(&mut self, key: K) -> Option<K> {
        self.0.push(key);
        (self.0.len() > N).then(|| self.0.remove(0))
    }

    fn keys(&self) -> Vec<K> {
        self.0.clone()
    }

    fn size(&self) -> usize {
        N
    }

    fn copy_from(&mut self, other: &dyn Named) {
        self.0.push(other.name().into());
    }
}

#[test]
fn a_generic_interface_is_used_at_concrete_types() {
    let mut store = Instance::<dyn Store<String, 2>>::new(Slots(Vec::new()));
    store.copy_from(&text("i"));
    assert_eq!(store.put("j".to_owned()), None);
    assert_eq!(store.put("k".to_owned()), Some("i".to_owned()));
    assert_eq!((store.keys(), store.size()), (vec!["j".to_owned(), "k".to_owned()], 2));
    let ids = [
        <dyn Store<String, 2> as plugin_core::Interface>::INTERFACE,
        <dyn Store<String, 3> as plugin_core::Interface>::INTERFACE,
        <dyn Store<Vec<u8>, 2> as plugin_core::Interface>::INTERFACE,
    ];
    assert!(ids.windows(2).all(|two| two[0].id == two[1].id && two[0].fingerprint != two[1].fingerprint));
}

#[plugin_interface]
trait Conditional: Send {
    fn first(&self) -> u8;

    #[cfg(not(test))]
    fn never(&self) -> u8;

    #[cfg(test)]
    fn always(&self) -> u8;

    fn last(&self) -> u8;
}

struct Numbers;

impl Conditional for Numbers {
    fn first(&self) -> u8 {
        1
    }

    fn always(&self) -> u8 {
        2
    }

    fn last(&self) -> u8 {
        3
    }
}

#[test]
fn a_method_that_is_not_in_the_build_is_not_in_the_table() {
    let numbers = Instance::<dyn Conditional>::new(Numbers);
    assert_eq!((numbers.first(), numbers.always(), numbers.last()), (1, 2, 3));
    let names =
        <dyn Conditional as plugin_core::Interface>::INTERFACE.methods.iter().map(|method| method.name);
    assert_eq!(names.collect::<Vec<_>>(), ["first", "always", "last"]);
}
