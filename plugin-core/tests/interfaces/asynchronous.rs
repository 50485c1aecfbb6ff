//! `async fn`: on instances, on trait objects, with defaults, lifetimes, supertraits and panics.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::Arc,
};

use plugin_core::{Instance, Interface, PluginPanic, plugin_interface};
use pollster::block_on;

/// Most of what an `async fn` may look like.
#[plugin_interface(id = "tests::Fetches", version = "1.2.0")]
pub(crate) trait Fetches: Named + Send + Sync {
    /// Documented.
    async fn fetch(&self, url: &str) -> Result<String, String>;
    async fn nothing(&self);
    async fn sum(&self, numbers: &[u64], more: Vec<u64>) -> u64;
    async fn own(&self) -> &str;
    async fn pick<'a>(&self, text: &'a str) -> &'a str;
    async fn longest<'long: 'short, 'short>(&self, first: &'long str, second: &'short str) -> &'short str;
    async fn count(&mut self, by: u32) -> u32;
    async fn change(&mut self, bytes: &mut [u8]);
    async fn report(&self, how: u8) -> Result<u8, PluginPanic>;
    async fn take(self: Box<Self>) -> String;
    async fn hand_over(&self, other: Arc<dyn Named>) -> Option<Box<dyn Named>>;
    fn synchronous(&self) -> u32;
    async fn twice(&self, url: &str) -> Result<String, String> {
        if url.is_empty() {
            return Err("empty".into());
        }
        let once = self.fetch(url).await?;
        Ok(once.clone() + &once)
    }
    /// Outside the table.
    async fn outside(&self) -> u32
    where
        Self: Sized,
    {
        self.synchronous()
    }
    #[since("1.1.0")]
    async fn newer(&self, mut number: u32, _: &str) -> Result<u32, String> {
        number += self.synchronous();
        let url = self.fetch("a b").await?;
        let first = url.split(' ').next().ok_or("empty")?;
        Ok(number + u32::try_from(first.len()).map_err(|_| "long")?)
    }
    #[since("1.2.0")]
    async fn newest<'a>(&'a self, text: &'a str) -> &'a str {
        if text.is_empty() { self.own().await } else { text }
    }
}

/// A supertrait with an `async fn` of its own.
#[plugin_interface(id = "tests::FetchesNamed", version = "1.0.0")]
pub(crate) trait Named: Send + Sync {
    async fn name(&self) -> String;
}

struct Plain(u32);

impl Named for Plain {
    async fn name(&self) -> String {
        "plain".into()
    }
}

impl Fetches for Plain {
    async fn fetch(&self, url: &str) -> Result<String, String> {
        Ok(format!("<{url}>"))
    }
    async fn nothing(&self) {}
    async fn sum(&self, numbers: &[u64], more: Vec<u64>) -> u64 {
        numbers.iter().chain(&more).sum()
    }
    async fn own(&self) -> &str {
        "own"
    }
    async fn pick<'a>(&self, text: &'a str) -> &'a str {
        &text[1..]
    }
    async fn longest<'long: 'short, 'short>(&self, first: &'long str, second: &'short str) -> &'short str {
        if first.len() < second.len() { second } else { first }
    }
    async fn count(&mut self, by: u32) -> u32 {
        self.0 += by;
        self.0
    }
    async fn change(&mut self, bytes: &mut [u8]) {
        bytes[0] = 9;
    }
    async fn report(&self, how: u8) -> Result<u8, PluginPanic> {
        assert!(how == 0, "asked to");
        Ok(how)
    }
    async fn take(self: Box<Self>) -> String {
        self.0.to_string()
    }
    async fn hand_over(&self, other: Arc<dyn Named>) -> Option<Box<dyn Named>> {
        (other.name_boxed().await == "plain").then(|| Box::new(Self(0)) as Box<dyn Named>)
    }
    fn synchronous(&self) -> u32 {
        self.0
    }
}

/// Everything, on whatever implements it.
async fn all<T: Fetches>(mut object: T) {
    let text = String::from("text");
    assert_eq!(object.fetch(&text).await.unwrap(), "<text>");
    object.nothing().await;
    assert_eq!(object.sum(&[1, 2], vec![3]).await, 6);
    assert_eq!(object.own().await, "own");
    let picked = {
        let ignored = &object;
        ignored.pick(&text).await
    };
    assert_eq!(object.count(2).await, 7);
    assert_eq!(picked, "ext");
    assert_eq!(object.longest(&text, "").await, "text");
    let mut bytes = [1, 2];
    object.change(&mut bytes).await;
    assert_eq!(bytes, [9, 2]);
    assert_eq!(object.report(0).await, Ok(0));
    assert_eq!(object.twice("").await, Err("empty".into()));
    assert_eq!(object.twice("a").await.unwrap(), "<a><a>");
    assert_eq!(object.outside().await, 7);
    assert_eq!(object.newer(1, "").await, Ok(10));
    assert_eq!(object.newest("").await, "own");
    assert_eq!(object.name().await, "plain");
    let other: Arc<dyn Named> = Arc::new(Plain(1));
    assert_eq!(object.hand_over(other).await.unwrap().name_boxed().await, "plain");
    assert_eq!(Box::new(object).take().await, "7");
}

fn instance() -> Instance<dyn Fetches> {
    Instance::new(Plain(5))
}

#[test]
fn on_an_implementor_an_instance_and_any_executor() {
    block_on(all(Plain(5)));
    block_on(all(instance()));
    futures::executor::block_on(all(instance()));
    // The other side knows it as a trait object only, as with an argument of that type.
    let boxed: Box<dyn Fetches> = Box::new(Plain(5));
    // SAFETY: sent as the very type that it is received as.
    let back = unsafe {
        <Instance<dyn Fetches>>::from_raw(Instance::into_raw(plugin_core::Crossing::into_abi(boxed)))
    };
    block_on(all(back));
}

#[test]
fn on_trait_objects() {
    let on = |mut object: Box<dyn Fetches>| {
        let text = String::from("text");
        assert_eq!(block_on(object.fetch_boxed(&text)).unwrap(), "<text>");
        assert_eq!(block_on(object.own_boxed()), "own");
        assert_eq!(block_on(object.longest_boxed("a", &text)), "text");
        assert_eq!(block_on(object.count_boxed(1)), 6);
        assert_eq!(block_on(object.newer_boxed(1, "")), Ok(9));
        assert_eq!(block_on(object.name_boxed()), "plain", "a supertrait's");
        let shared: &dyn Fetches = &*object;
        assert_eq!(block_on(shared.pick_boxed("abc")), "bc");
        assert_eq!(block_on(object.take_boxed()), "6");
    };
    on(Box::new(Plain(5)));
    on(Box::new(instance()));
}

#[test]
fn futures_are_send_where_the_trait_is() {
    fn assert_send<T: Send>(future: T) -> T {
        future
    }
    fn generic<T: Fetches>(object: &T) -> impl Future<Output = String> + Send {
        let future = object.fetch("a");
        async move { assert_send(future).await.unwrap() }
    }
    let object = instance();
    assert_eq!(block_on(assert_send(generic(&object))), "<a>");
    assert_eq!(block_on(assert_send(object.newest("b"))), "b");
    let threads = futures::executor::ThreadPool::builder().pool_size(2).create().unwrap();
    let (sender, receiver) = futures::channel::oneshot::channel();
    let object = Arc::new(object);
    threads.spawn_ok(async move { sender.send(object.fetch("c").await).unwrap() });
    assert_eq!(block_on(receiver).unwrap().unwrap(), "<c>");
}

/// An interface of one thread: its futures may hold what is not `Send`.
#[plugin_interface]
pub(crate) trait Local {
    async fn length(&self, text: &str) -> usize;
    async fn twice(&self, text: &str) -> usize {
        2 * self.length(text).await
    }
}

struct Counted(Rc<usize>);

impl Local for Counted {
    async fn length(&self, text: &str) -> usize {
        let more = Rc::clone(&self.0);
        std::future::ready(()).await;
        text.len() + *more
    }
}

#[test]
fn an_interface_of_one_thread() {
    let local = Instance::<dyn Local>::new(Counted(Rc::new(1)));
    assert_eq!(block_on(local.twice("abc")), 8);
    let local: Box<dyn Local> = Box::new(local);
    assert_eq!(block_on(local.twice_boxed("abc")), 8);
}

/// An interface with parameters.
#[plugin_interface]
pub(crate) trait Store<K, V>: Send + Sync {
    async fn put(&self, key: K, value: V) -> Option<V>;
}

struct Nowhere;

impl Store<String, u32> for Nowhere {
    async fn put(&self, key: String, value: u32) -> Option<u32> {
        key.is_empty().then_some(value)
    }
}

#[test]
fn generic_interfaces() {
    let store = Instance::<dyn Store<String, u32>>::new(Nowhere);
    assert_eq!(block_on(store.put(String::new(), 1)), Some(1));
    let store: Box<dyn Store<String, u32>> = Box::new(store);
    assert_eq!(block_on(store.put_boxed("a".into(), 1)), None);
}

/// A method that takes its object by value.
#[plugin_interface]
pub(crate) trait Consumed: Send {
    async fn finish(self) -> u32;
}

impl Consumed for Plain {
    async fn finish(self) -> u32 {
        self.0
    }
}

#[test]
fn by_value() {
    assert_eq!(block_on(Instance::<dyn Consumed>::new(Plain(3)).finish()), 3);
}

#[test]
fn a_panic_becomes_an_error_or_goes_on() {
    let object = instance();
    assert_eq!(block_on(object.report(1)).unwrap_err().message(), "asked to");
    let mut short = instance();
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(short.change(&mut [])))).unwrap_err();
    assert!(panic.downcast::<String>().unwrap().contains("index out of bounds"));
    // And the object goes on.
    assert_eq!(block_on(object.report(0)), Ok(0));
}

mod older {
    //! The same interface as it was.

    use plugin_core::{PluginPanic, plugin_interface};
    use std::sync::Arc;

    use super::Named;

    #[plugin_interface(id = "tests::Fetches", version = "1.0.0")]
    pub(super) trait Fetches: Named + Send + Sync {
        async fn fetch(&self, url: &str) -> Result<String, String>;
        async fn nothing(&self);
        async fn sum(&self, numbers: &[u64], more: Vec<u64>) -> u64;
        async fn own(&self) -> &str;
        async fn pick<'a>(&self, text: &'a str) -> &'a str;
        async fn longest<'long: 'short, 'short>(&self, first: &'long str, second: &'short str)
        -> &'short str;
        async fn count(&mut self, by: u32) -> u32;
        async fn change(&mut self, bytes: &mut [u8]);
        async fn report(&self, how: u8) -> Result<u8, PluginPanic>;
        async fn take(self: Box<Self>) -> String;
        async fn hand_over(&self, other: Arc<dyn Named>) -> Option<Box<dyn Named>>;
        fn synchronous(&self) -> u32;
        async fn twice(&self, url: &str) -> Result<String, String>;
    }

    impl Fetches for super::Plain {
        async fn fetch(&self, url: &str) -> Result<String, String> {
            super::Fetches::fetch(self, url).await
        }
        async fn nothing(&self) {}
        async fn sum(&self, numbers: &[u64], more: Vec<u64>) -> u64 {
            super::Fetches::sum(self, numbers, more).await
        }
        async fn own(&self) -> &str {
            "own"
        }
        async fn pick<'a>(&self, text: &'a str) -> &'a str {
            super::Fetches::pick(self, text).await
        }
        async fn longest<'long: 'short, 'short>(
            &self,
            first: &'long str,
            second: &'short str,
        ) -> &'short str {
            super::Fetches::longest(self, first, second).await
        }
        async fn count(&mut self, by: u32) -> u32 {
            super::Fetches::count(self, by).await
        }
        async fn change(&mut self, bytes: &mut [u8]) {
            super::Fetches::change(self, bytes).await;
        }
        async fn report(&self, how: u8) -> Result<u8, PluginPanic> {
            super::Fetches::report(self, how).await
        }
        async fn take(self: Box<Self>) -> String {
            super::Fetches::take(self).await
        }
        async fn hand_over(&self, other: Arc<dyn Named>) -> Option<Box<dyn Named>> {
            super::Fetches::hand_over(self, other).await
        }
        fn synchronous(&self) -> u32 {
            self.0
        }
        async fn twice(&self, url: &str) -> Result<String, String> {
            super::Fetches::twice(self, url).await
        }
    }
}

#[test]
fn an_older_table_gets_the_callers_defaults() {
    let old = Instance::into_raw(Instance::<dyn older::Fetches>::new(Plain(5)));
    // SAFETY: the same interface, with fewer methods at the end, each of which has a default.
    block_on(all(unsafe { Instance::<dyn Fetches>::from_raw(old) }));
}

#[test]
fn what_is_described() {
    let layout = <dyn Fetches>::INTERFACE;
    let described = |name| {
        let method = layout.methods.iter().find(|method| method.name == name).unwrap();
        match method.signature.shape {
            plugin_core::Shape::Function(function) => function.result.name,
            _ => unreachable!(),
        }
    };
    assert_eq!((described("fetch"), described("synchronous")), ("Future + Send", "u32"));
    let plugin_core::Shape::Function(local) = <dyn Local>::INTERFACE.methods[0].signature.shape else {
        unreachable!()
    };
    assert_eq!(local.result.name, "Future");
    assert_eq!(layout.supers.len(), 1, "what makes the methods callable on trait objects is no interface");
}

/// A closure may be kept by a future if it is owned.
#[plugin_interface]
pub(crate) trait Maps: Send + Sync {
    async fn map(&self, value: u32, by: Box<dyn Fn(u32) -> u32 + Send>) -> u32;
}

impl Maps for Nowhere {
    async fn map(&self, value: u32, by: Box<dyn Fn(u32) -> u32 + Send>) -> u32 {
        std::future::ready(()).await;
        by(value)
    }
}

#[test]
fn closures() {
    let maps = Instance::<dyn Maps>::new(Nowhere);
    let captured = Box::new([1, 2]);
    assert_eq!(block_on(maps.map(2, Box::new(move |value| value * captured.iter().sum::<u32>()))), 6);
}
