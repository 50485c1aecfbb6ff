//! Supertraits: auto traits and other interfaces, several levels deep.

use plugin_core::{Instance, Interface, plugin_interface};

/// At the root.
#[plugin_interface]
pub(crate) trait Named {
    fn name(&self) -> &str;
}

#[plugin_interface]
pub(crate) trait Counts: Named + Send {
    fn count(&mut self) -> u32;
}

#[plugin_interface]
pub(crate) trait Resets: Named + Sync + 'static {
    fn reset(&mut self);
}

/// A diamond; `Send` and `Sync` come from above.
#[plugin_interface]
pub(crate) trait Machine: Counts + Resets {
    fn run(&mut self) -> String {
        self.count();
        self.reset();
        let count = self.count();
        format!("{} {count}", self.name())
    }
}

/// Nothing of its own.
#[plugin_interface]
pub(crate) trait Deep: Machine {}

/// By path, with markers only.
#[plugin_interface]
#[allow(unused_qualifications, reason = "paths are what is tested")]
pub(crate) trait Marked:
    core::marker::Send + std::marker::Sync + Unpin + crate::supertraits::Named
{
}

struct Counter(u32);

impl Named for Counter {
    fn name(&self) -> &'static str {
        "counter"
    }
}
impl Counts for Counter {
    fn count(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}
impl Resets for Counter {
    fn reset(&mut self) {
        self.0 = 10;
    }
}
impl Machine for Counter {}
impl Deep for Counter {}
impl Marked for Counter {}

fn takes_any(machine: &mut impl Machine) -> String {
    machine.run()
}

#[test]
fn methods_of_all_levels() {
    let mut deep = Instance::<dyn Deep>::new(Counter(0));
    assert_eq!(deep.name(), "counter");
    assert_eq!(deep.count(), 1);
    assert_eq!(deep.run(), "counter 11");
    assert_eq!(takes_any(&mut deep), "counter 11");
    let dynamic: &mut dyn Machine = &mut deep;
    dynamic.reset();
    assert_eq!(dynamic.count(), 11);
    assert_eq!(Instance::<dyn Marked>::new(Counter(0)).name(), "counter");
}

#[test]
fn auto_traits_are_those_of_all_levels() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}
    is_send::<Instance<dyn Deep>>();
    is_sync::<Instance<dyn Deep>>();
    is_sync::<Instance<dyn Resets>>();
    is_sync::<Instance<dyn Marked>>();
    let layout = <dyn Deep>::INTERFACE;
    assert!(layout.is_send && layout.is_sync);
    let layout = <dyn Counts>::INTERFACE;
    assert!(layout.is_send && !layout.is_sync);
    let layout = <dyn Marked>::INTERFACE;
    assert!(layout.is_send && layout.is_sync);
}
