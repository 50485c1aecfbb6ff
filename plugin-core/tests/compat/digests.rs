//! What is told by digests, before any type is looked at.

use plugin_core::{
    InterfaceLayout, InterfaceRef, Method, TypeLayout,
    compat::{differs_at_once, fits_at_once, fits_by_digests},
    descriptor::{Descriptor, Head, encode_expected},
};

use crate::build::{Layout, full, getter, interface, layout, method, of, since, taking};

fn encoded(provided: &[&'static InterfaceLayout]) -> Vec<u8> {
    encode_expected(Vec::leak(provided.to_vec()), &[])
}

/// `Box<dyn Logger>`, of a logger with these methods.
fn logger(version: &'static str, is_sync: bool, methods: &[Method]) -> Layout {
    let interface = full("log_api::Logger", version, &[], (true, is_sync), methods);
    // SAFETY: it is complete, and leaked.
    let reference = unsafe { InterfaceRef::new(interface, interface.version) };
    let leaf = TypeLayout::interface(interface.id, interface.arguments, reference);
    layout("Box", &[Box::leak(Box::new(leaf))], 16, 8, plugin_core::Shape::Opaque)
}

#[test]
fn what_is_reached_fits_if_all_of_it_is_the_same() {
    let level = [getter("level")];
    let host = encoded(&[taking(logger("1.0.0", true, &level))]);
    let host = Head::decode(&host).unwrap();
    let fits = |plugin: &[&'static InterfaceLayout]| {
        let bytes = encoded(plugin);
        fits_by_digests(&host, &Head::decode(&bytes).unwrap())
    };
    let same = taking(logger("1.0.0", true, &level));
    assert!(fits(&[same]));
    assert!(fits(&[taking(logger("1.0.9", true, &level))]), "a compatible version");
    assert!(fits(&[same, full("a::Another", "1.0.0", &[], (true, true), &level)]), "more is no harm");

    assert!(!fits(&[taking(logger("2.0.0", true, &level))]));
    assert!(!fits(&[taking(logger("1.0.0", false, &level))]));
    assert!(!fits(&[taking(logger("1.0.0", true, &[method("level", &[], of::<u16>())]))]));
    // Which of two is meant, a digest does not say.
    let other = full("log_api::Logger", "1.0.0", &[], (true, true), &[getter("other")]);
    assert!(!fits(&[same, other]));
    // What is equal but for what it mentions is not taken for equal by its own digest alone.
    let bytes = encoded(&[same]);
    let plugin = Head::decode(&bytes).unwrap();
    assert!(!fits_at_once(same, &plugin, plugin.provides().next().unwrap()));
}

#[test]
fn a_place_with_another_method_differs_at_once() {
    let differ = |host: &[Method], plugin: &[Method]| {
        let (host, plugin) = (encoded(&[interface("1.0.0", host)]), encoded(&[interface("1.0.0", plugin)]));
        let (host, plugin) = (Descriptor::decode(&host).unwrap(), Head::decode(&plugin).unwrap());
        let entries = (host.provides().next().unwrap(), plugin.provides().next().unwrap());
        differs_at_once((&host, entries.0), (&plugin, entries.1))
    };
    let (first, second) = (getter("first"), getter("second"));
    assert!(differ(&[first, second], &[first, method("second", &[], of::<u16>())]));
    assert!(differ(&[first, second], &[second, first]));
    assert!(!differ(&[first], &[first]));
    // Fewer and more may fit: that is for the comparison to say.
    assert!(!differ(&[first, since("1.0.0", second)], &[first]));
    assert!(!differ(&[first], &[first, second]));
}
