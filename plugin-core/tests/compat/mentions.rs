//! Interfaces that signatures mention: their objects go either way, so each side has to fit the other.

use plugin_core::{
    Argument, Declaration, Interface, InterfaceLayout, InterfaceRef, Method, Shape, TypeLayout,
};

use crate::{
    build::{Layout, full, getter, interface, layout, method, of, since, taking, vec},
    check,
};

/// `Box<dyn Logger>`.
fn boxed(interface: &'static InterfaceLayout) -> Layout {
    // SAFETY: it is complete, and leaked.
    let reference = unsafe { InterfaceRef::new(interface, interface.version) };
    let leaf = TypeLayout::interface(interface.id, interface.arguments, reference);
    layout("Box", &[Box::leak(Box::new(leaf))], 16, 8, Shape::Opaque)
}

fn logger(version: &'static str, autos: (bool, bool), methods: &[Method]) -> &'static InterfaceLayout {
    full("log_api::Logger", version, &[], autos, methods)
}

/// An interface whose one method takes a logger, deep in another type.
fn takes(logger: &'static InterfaceLayout) -> &'static InterfaceLayout {
    taking(vec(layout("Option", &[boxed(logger)], 24, 8, Shape::Opaque)))
}

#[track_caller]
fn both_ways(one: &'static InterfaceLayout, other: &'static InterfaceLayout, there: &[&str], back: &[&str]) {
    check(takes(one), takes(other), there);
    check(takes(other), takes(one), back);
}

#[test]
fn what_is_mentioned_is_compared() {
    let plain = logger("1.0.0", (true, true), &[getter("level")]);
    both_ways(plain, logger("1.0.0", (true, true), &[getter("level")]), &[], &[]);
    both_ways(
        plain,
        logger("1.0.0", (true, true), &[method("level", &[], of::<u16>())]),
        &["Logger::level → result: expected u8, found u16"],
        &["Logger::level → result: expected u16, found u8"],
    );
    both_ways(
        plain,
        logger("2.0.0", (true, true), &[getter("level")]),
        &["Logger: expected version 1.0.0 or one compatible with it, found version 2.0.0"],
        &["Logger: expected version 2.0.0 or one compatible with it, found version 1.0.0"],
    );
    // A plugin's object may be used by the host as `Send`, and the host's by the plugin.
    both_ways(
        plain,
        logger("1.0.0", (true, false), &[getter("level")]),
        &["Logger: expected implementors that are `Sync`, found implementors that need not be `Sync`"],
        &["Logger: expected implementors that need not be `Sync`, found implementors that are `Sync`"],
    );
}

#[test]
fn methods_are_added_with_a_default_on_either_side() {
    let old = logger("1.0.0", (true, true), &[getter("level")]);
    let grown = logger("1.1.0", (true, true), &[getter("level"), since("1.1.0", getter("flush"))]);
    both_ways(old, grown, &[], &[]);
    let required = logger("1.1.0", (true, true), &[getter("level"), getter("flush")]);
    both_ways(
        old,
        required,
        &["Logger::flush: expected none, found method `fn(&self) -> u8`"],
        &["Logger::flush: expected method `fn(&self) -> u8`, found none"],
    );
    // Of an interface that is only provided, the plugin may have more.
    check(
        interface("1.0.0", &[getter("level")]),
        interface("1.1.0", &[getter("level"), getter("flush")]),
        &[],
    );
}

#[test]
fn what_only_one_side_mentions_is_never_passed() {
    let logger = logger("1.0.0", (true, true), &[getter("level")]);
    let newer = [getter("name"), since("0.1.1", method("log", &[("to", boxed(logger))], of::<()>()))];
    let (old, new) = (interface("0.1.0", &newer[..1]), interface("0.1.1", &newer));
    check(old, new, &[]);
    check(new, old, &[]);
}

#[test]
fn interfaces_mention_each_other() {
    // The macro's own descriptions: a cycle cannot be made of values that are leaked one after the other.
    mod before {
        #[plugin_core::plugin_interface(id = "m::A", version = "1.0.0")]
        pub(super) trait A: Send + Sync {
            fn b(&self) -> Box<dyn B>;
            fn itself(&self) -> std::sync::Arc<dyn A>;
        }

        #[plugin_core::plugin_interface(id = "m::B", version = "1.0.0")]
        pub(super) trait B: Send + Sync {
            fn a(&self, a: &dyn A) -> u8;
        }
    }
    mod after {
        #[plugin_core::plugin_interface(id = "m::A", version = "1.0.0")]
        pub(super) trait A: Send + Sync {
            fn b(&self) -> Box<dyn B>;
            fn itself(&self) -> std::sync::Arc<dyn A>;
        }

        #[plugin_core::plugin_interface(id = "m::B", version = "1.0.0")]
        pub(super) trait B: Send + Sync {
            fn a(&self, a: &dyn A) -> u16;
        }
    }
    let [before, after] = [<dyn before::A as Interface>::INTERFACE, <dyn after::A as Interface>::INTERFACE];
    check(before, before, &[]);
    check(before, after, &["B::a → result: expected u8, found u16"]);
    check(after, before, &["B::a → result: expected u16, found u8"]);
}

#[test]
fn arguments_tell_interfaces_apart() {
    let of_type = |argument: Layout, result: Layout| -> &'static InterfaceLayout {
        let arguments = vec![Argument::Type(argument)].leak();
        let methods = vec![method("get", &[], result)].leak();
        Box::leak(Box::new(InterfaceLayout::new("m::Store", arguments, "1.0.0", &[], true, true, methods)))
    };
    check(takes(of_type(of::<u8>(), of::<u8>())), takes(of_type(of::<u8>(), of::<u8>())), &[]);
    check(
        takes(of_type(of::<u8>(), of::<u8>())),
        takes(of_type(of::<u16>(), of::<u16>())),
        &[
            "Codec::compress → argument input: expected Vec<Option<Box<dyn Store<u8>>>>, found Vec<Option<Box<dyn Store<u16>>>>",
        ],
    );
}

/// Of a generic interface whose argument has grown, the methods are compared all the same.
#[test]
fn arguments_that_grow() {
    let request = |count: usize| {
        let fields = crate::build::fields(&[("name", 8, of::<u64>()), ("tags", 16, of::<u8>())]);
        let declaration = Declaration {
            origin: "",
            lifetimes: "",
            is_transparent: false,
            growth: Some(["1.1.0"].get(..count - 1).unwrap()),
        };
        let shape = Shape::Struct(&fields[..count]);
        Box::leak(Box::new(TypeLayout::declared(declaration, "Request", &[], 8, 8, shape))) as Layout
    };
    let sink = |request: Layout, methods: &[Method]| {
        let arguments = Box::leak(Box::new([Argument::Type(request)]));
        let methods = methods.to_vec().leak();
        &*Box::leak(Box::new(InterfaceLayout::new(
            "log_api::Sink",
            arguments,
            "1.0.0",
            &[],
            true,
            true,
            methods,
        )))
    };
    let put = |request| method("put", &[("request", vec(request))], of::<()>());
    let (old, new) = (request(1), request(2));
    both_ways(sink(old, &[put(old)]), sink(new, &[put(new)]), &[], &[]);
    both_ways(sink(old, &[getter("level")]), sink(new, &[getter("level")]), &[], &[]);
    both_ways(
        sink(old, &[put(old), getter("level")]),
        sink(new, &[put(new), method("level", &[], of::<u16>())]),
        &["Sink::level → result: expected u8, found u16"],
        &["Sink::level → result: expected u16, found u8"],
    );
}
