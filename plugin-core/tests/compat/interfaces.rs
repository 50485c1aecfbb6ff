use plugin_core::{
    __private::{Anywhere, Here, RawFuture},
    InterfaceLayout, Method, Receiver,
    abi::{RSlice, RVec},
    compat,
    descriptor::{Descriptor, encode_expected},
};

use crate::{
    build::{full, getter, interface, method, of, signature, since},
    check, compare,
};

fn compress() -> Method {
    method("compress", &[("input", of::<RSlice<'_, u8>>())], of::<RVec<u8>>())
}

#[test]
fn versions() {
    let at = |version| interface(version, &[compress()]);
    for (one, other) in [
        ("0.1.0", "0.1.0"),
        ("0.1.0", "0.1.9"),
        ("1.2.0", "1.9.1"),
        ("0.0.3", "0.0.3"),
        ("1.2.0-beta.1", "1.2.0-beta.2"),
        ("1.2.0-beta.1", "1.2.0"),
        ("1.2.0-beta.1", "1.3.0"),
        ("1.0.0+a", "1.0.0+b"),
    ] {
        check(at(one), at(other), &[]);
        check(at(other), at(one), &[]);
    }
    for (one, other) in [
        ("0.1.0", "0.2.0"),
        ("1.0.0", "2.0.0"),
        ("0.0.3", "0.0.4"),
        ("0.9.0", "1.0.0"),
        ("1.0.0", "1.2.0-beta.1"),
        ("1.2.0-beta.1", "1.3.0-beta.1"),
    ] {
        let line = |one, other| {
            format!("Codec: expected version {one} or one compatible with it, found version {other}")
        };
        check(at(one), at(other), &[&line(one, other)]);
        check(at(other), at(one), &[&line(other, one)]);
    }
    check(
        at("0.1.0"),
        at("new"),
        &[
            "Codec: expected version 0.1.0 or one compatible with it, found `new`, which is no semantic version",
        ],
    );
    check(at("new"), at("new"), &["Codec: expected a semantic version in the host, found `new`"]);
}

#[test]
fn identity() {
    check(
        interface("0.1.0", &[compress()]),
        full("other_api::Codec", "3.0.0", &[], (true, true), &[]),
        &["Codec: expected interface `codec_api::Codec`, found interface `other_api::Codec`"],
    );
}

#[test]
fn auto_traits() {
    let with = |autos| full("codec_api::Codec", "0.1.0", &[], autos, &[compress()]);
    check(with((false, false)), with((true, true)), &[]);
    check(
        with((true, true)),
        with((false, false)),
        &[
            "Codec: expected implementors that are `Send`, found implementors that need not be `Send`",
            "Codec: expected implementors that are `Sync`, found implementors that need not be `Sync`",
        ],
    );
    check(
        with((true, false)),
        with((false, true)),
        &["Codec: expected implementors that are `Send`, found implementors that need not be `Send`"],
    );
}

#[test]
fn methods_behind_the_last() {
    let older = interface("0.1.0", &[compress()]);
    let newer = interface("0.1.1", &[compress(), since("0.1.1", getter("level"))]);
    let newest =
        interface("0.1.2", &[compress(), since("0.1.1", getter("level")), since("0.1.2", getter("name"))]);
    for pair in [[older, newer], [newer, newest], [older, newest]] {
        check(pair[0], pair[1], &[]);
        check(pair[1], pair[0], &[]);
    }
    let bare = interface("0.1.1", &[compress(), getter("level")]);
    check(older, bare, &[]);
    check(bare, older, &["Codec::level: expected method `fn(&self) -> u8`, found none"]);
    // A default that only one side has is no difference where both have the method.
    check(bare, newer, &[]);
    check(newer, bare, &[]);
}

#[test]
fn methods_removed_or_inserted() {
    let one = interface("0.1.0", &[getter("name")]);
    let two = interface("0.1.0", &[compress(), getter("name")]);
    let line = "Codec::compress: expected method `fn(&self, &[u8]) -> Vec<u8>`, found none";
    check(two, one, &[line]);
    let line = "Codec::compress: expected none, found method `fn(&self, &[u8]) -> Vec<u8>`";
    check(one, two, &[line]);
    // A default helps only at the end of the table.
    let first = interface("0.1.0", &[since("0.1.0", compress()), getter("name")]);
    check(first, one, &["Codec::compress: expected method `fn(&self, &[u8]) -> Vec<u8>`, found none"]);
    // Both added something else in one place.
    let level = interface("0.1.1", &[getter("name"), since("0.1.1", compress())]);
    let speed = interface("0.1.1", &[getter("name"), since("0.1.1", getter("speed"))]);
    check(
        level,
        speed,
        &[
            "Codec::compress: expected method `fn(&self, &[u8]) -> Vec<u8>`, found none",
            "Codec::speed: expected none, found method `fn(&self) -> u8`",
        ],
    );
}

#[test]
fn methods_renamed_or_reordered() {
    let host = interface("0.1.0", &[compress(), getter("name")]);
    check(
        host,
        interface("0.1.0", &[compress(), getter("title")]),
        &["Codec::name: expected method `name`, found method `title`"],
    );
    check(
        host,
        interface("0.1.0", &[getter("name"), compress()]),
        &[
            "Codec: expected methods in the order `compress, name`, found methods in the order `name, compress`",
        ],
    );
}

#[test]
fn signatures() {
    let slice = of::<RSlice<'_, u8>>();
    let host = |method| interface("0.1.0", &[method]);
    check(
        host(compress()),
        host(method("compress", &[("data", of::<RSlice<'_, u16>>())], of::<RVec<u8>>())),
        &["Codec::compress → argument input: expected &[u8], found &[u16]"],
    );
    check(host(compress()), host(method("compress", &[("data", slice)], of::<RVec<u8>>())), &[]);
    check(
        host(method("compress", &[("", slice)], of::<()>())),
        host(method("compress", &[("", of::<u8>())], of::<u8>())),
        &[
            "Codec::compress → argument 1: expected &[u8], found u8",
            "Codec::compress → result: expected (), found u8",
        ],
    );
    check(
        host(compress()),
        host(method("compress", &[("a", slice), ("b", of::<u8>())], of::<RVec<u16>>())),
        &[
            "Codec::compress: expected arguments (&[u8]), found arguments (&[u8], u8)",
            "Codec::compress → result: expected Vec<u8>, found Vec<u16>",
        ],
    );
    let with = |receiver, lifetimes, is_unsafe| {
        let signature = signature(is_unsafe, &[("input", slice)], of::<RVec<u8>>());
        host(Method::new("compress", receiver, "", lifetimes, signature))
    };
    let plain = with(Receiver::Shared, "", false);
    check(
        plain,
        with(Receiver::Mutable, "", false),
        &["Codec::compress: expected receiver `&self`, found receiver `&mut self`"],
    );
    check(
        with(Receiver::Mutable, "", false),
        plain,
        &["Codec::compress: expected receiver `&mut self`, found receiver `&self`"],
    );
    check(
        plain,
        with(Receiver::Shared, "", true),
        &["Codec::compress: expected safe `fn`, found `unsafe fn`"],
    );
    check(
        plain,
        with(Receiver::Shared, "'0 -> '0", false),
        &["Codec::compress: expected no lifetimes, found lifetimes `'0 -> '0`"],
    );
    check(
        with(Receiver::Shared, "'0 '1 -> '0", false),
        with(Receiver::Mutable, "'0 '1 -> '1", true),
        &[
            "Codec::compress: expected receiver `&self`, found receiver `&mut self`",
            "Codec::compress: expected safe `fn`, found `unsafe fn`",
            "Codec::compress: expected lifetimes `'0 '1 -> '0`, found lifetimes `'0 '1 -> '1`",
        ],
    );
}

#[test]
fn supertraits() {
    let named = |version, method| full("base::Named", version, &[], (false, false), &[method]);
    let with = |supers: &[_]| full("codec_api::Codec", "0.1.0", supers, (false, false), &[compress()]);
    let base = named("1.0.0", getter("name"));
    let other = full("base::Sized", "1.0.0", &[], (false, false), &[]);
    check(with(&[base]), with(&[base]), &[]);
    check(with(&[base]), with(&[]), &["Codec: expected supertraits `Named`, found no supertraits"]);
    check(with(&[]), with(&[base]), &["Codec: expected no supertraits, found supertraits `Named`"]);
    check(
        with(&[base, other]),
        with(&[other, base]),
        &["Codec: expected supertraits `Named, Sized`, found supertraits `Sized, Named`"],
    );
    let elsewhere = full("elsewhere::Named", "1.0.0", &[], (false, false), &[getter("name")]);
    check(
        with(&[base]),
        with(&[elsewhere]),
        &["Codec: expected supertraits `base::Named`, found supertraits `elsewhere::Named`"],
    );
    check(
        with(&[base]),
        with(&[named("1.0.0", method("name", &[], of::<u16>()))]),
        &["Codec → Named::name → result: expected u8, found u16"],
    );
    // The digest says nothing of versions.
    check(
        with(&[base]),
        with(&[named("2.0.0", getter("name"))]),
        &["Codec → Named: expected version 1.0.0 or one compatible with it, found version 2.0.0"],
    );
    let grown =
        full("base::Named", "1.1.0", &[], (false, false), &[getter("name"), since("1.1.0", getter("id"))]);
    check(with(&[base]), with(&[grown]), &[]);
    check(with(&[grown]), with(&[base]), &[]);
}

#[test]
fn advice_names_the_cure() {
    let advice = |host, plugin| compare(host, plugin).remove(0).advice;
    let host = interface("0.1.1", &[getter("name"), compress()]);
    assert_eq!(
        advice(host, interface("0.1.0", &[getter("name")])),
        "a method more without `#[since]` is a breaking change: rebuild the plugin against `codec_api` 0.1.1, or give the method a default and `#[since(\"0.1.1\")]` at the end of the trait, so that older plugins fit"
    );
    assert_eq!(
        advice(host, interface("0.2.0", &[getter("name"), compress()])),
        "rebuild the plugin against `codec_api` 0.1.1, which the host has, or the host against 0.2.0"
    );
    assert_eq!(
        advice(host, interface("0.1.0", &[compress(), getter("name")])),
        "rebuild the plugin against `codec_api` 0.1.1, which the host has, or the host against 0.1.0; an incompatible change needs an incompatible version: 0.2.0"
    );
    assert_eq!(
        advice(host, interface("0.1.1", &[compress(), getter("name")])),
        "plugin and host were built against two states of `codec_api` 0.1.1: rebuild the plugin against the host's, and give an incompatible change an incompatible version"
    );
}

#[test]
fn notes_say_why_it_fits() {
    let notes = |host: &'static InterfaceLayout, plugin: &'static InterfaceLayout| {
        let bytes = [host, plugin].map(|side| encode_expected(Box::leak(Box::new([side])), &[]));
        let [one, other] = bytes.each_ref().map(|bytes| Descriptor::decode(bytes).unwrap());
        let entries = (one.provides().next().unwrap(), other.provides().next().unwrap());
        let verdict = compat::judge((&one, entries.0), (&other, entries.1));
        assert!(verdict.fits(), "{:?}", verdict.mismatches);
        verdict.notes.iter().map(|note| (note.to_string(), note.advice.clone())).collect::<Vec<_>>()
    };
    let older = interface("0.1.0", &[compress()]);
    assert_eq!(notes(older, older), []);
    let bare = interface("0.1.1", &[compress(), getter("level")]);
    let [_, (reason, advice)] = &notes(older, bare)[..] else { panic!() };
    assert!(reason.ends_with("it is a breaking change: a host that has it refuses plugins that lack it"));
    assert_eq!(
        advice,
        "give the method a default and `#[since(\"0.1.1\")]`, or the interface the version 0.2.0"
    );
    let newer = interface("0.1.1", &[compress(), since("0.1.1", getter("level"))]);
    assert!(notes(older, newer).iter().chain(&notes(newer, older)).all(|(_, advice)| advice.is_empty()));

    // Of any number of methods, so many are noted.
    let since = |n| since("0.1.1", getter(format!("m{n}").leak()));
    let wide: Vec<_> = core::iter::once(compress()).chain((0..100).map(since)).collect();
    assert_eq!(notes(older, interface("0.1.1", &wide)).len(), 64);
}

#[test]
fn at_most_sixty_four() {
    let wide = |name: char| {
        let methods: Vec<_> = (0..100).map(|n| getter(format!("{name}{n}").leak())).collect();
        let methods: Vec<_> = methods
            .into_iter()
            .map(|of| {
                Method::new(
                    of.name,
                    if name == 'a' { Receiver::Mutable } else { Receiver::Shared },
                    "",
                    "",
                    of.signature,
                )
            })
            .collect();
        interface("0.1.0", &methods)
    };
    let found = compare(wide('a'), wide('b'));
    assert_eq!(found.len(), 65);
    assert_eq!(found[64].to_string(), "expected at most 64 differences, found more");
}

#[test]
fn asynchronous_methods() {
    let at = |result| interface("0.1.0", &[method("fetch", &[("id", of::<u32>())], result)]);
    let sync = || at(of::<u64>());
    let anywhere = || at(of::<RawFuture<u64, Anywhere>>());
    let here = || at(of::<RawFuture<u64, Here>>());
    check(anywhere(), anywhere(), &[]);
    check(
        anywhere(),
        sync(),
        &["Codec::fetch → result: expected impl Future<Output = u64> + Send, found u64"],
    );
    check(sync(), here(), &["Codec::fetch → result: expected u64, found impl Future<Output = u64>"]);
    check(
        anywhere(),
        here(),
        &[
            "Codec::fetch → result: expected impl Future<Output = u64> + Send, found impl Future<Output = u64>",
        ],
    );
    check(
        anywhere(),
        at(of::<RawFuture<u32, Anywhere>>()),
        &[
            "Codec::fetch → result: expected impl Future<Output = u64> + Send, found impl Future<Output = u32> + Send",
        ],
    );
    check(
        anywhere(),
        interface("0.1.0", &[]),
        &["Codec::fetch: expected method `async fn(&self, u32) -> u64`, found none"],
    );
    check(
        interface("0.1.0", &[method("wait", &[], of::<RawFuture<(), Here>>())]),
        interface("0.1.0", &[]),
        &["Codec::wait: expected method `async fn(&self)`, found none"],
    );
}
