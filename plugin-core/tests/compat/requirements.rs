//! What is provided, judged by what is required: the versions first, then the form.

use plugin_core::{
    InterfaceLayout, Toolchain,
    compat::{self, Offer},
    descriptor::{Descriptor, PluginLayout, RequirementLayout, encode_expected, encode_now},
};

use crate::build::{full, getter};

fn clock(version: &'static str, methods: &'static [&'static str]) -> &'static InterfaceLayout {
    let methods: Vec<_> = methods.iter().map(|name| getter(name)).collect();
    full("time::Clock", version, &[], (true, true), methods.leak())
}

/// What comes of a provider for somebody who was built with `1.2.0` and asks for `versions`.
fn offer(versions: &'static str, provided: &'static InterfaceLayout) -> Offer {
    let requirement = RequirementLayout { interface: clock("1.2.0", &["now"]), versions, is_optional: false };
    let requirer = encode_now(&PluginLayout {
        name: "",
        version: "",
        root_symbol: "",
        toolchain: Toolchain::CURRENT,
        provides: &[],
        requires: Box::leak(Box::new([requirement])),
        symbols: &[],
        state: &[],
    });
    let provider = encode_expected(Box::leak(Box::new([provided])), &[]);
    let (requirer, provider) =
        (Descriptor::decode(&requirer).unwrap(), Descriptor::decode(&provider).unwrap());
    let (wanted, _) = requirer.requires().next().unwrap();
    compat::offer((&requirer, wanted), (&provider, provider.provides().next().unwrap()))
}

#[test]
fn versions_are_judged_as_cargo_does() {
    for (versions, version, fits) in [
        ("", "1.2.0", true),
        ("", "1.0.0", true),
        ("", "1.9.0", true),
        ("", "2.0.0", false),
        ("1.2", "1.3.0", true),
        ("^1.3", "1.2.9", false),
        (">=1.2, <1.5", "1.5.0", false),
        ("=1.2.0", "1.2.1", false),
        ("*", "1.2.0", true),
        // Whoever was built with 1.2 cannot call what has the table of 2.0, whatever it says.
        (">=1", "2.0.0", false),
        ("1.2", "1.3.0-beta.1", false),
        ("1.2", "new", false),
    ] {
        let expected = if fits { Offer::Fits } else { Offer::OtherVersion };
        assert_eq!(offer(versions, clock(version, &["now"])), expected, "{versions:?} {version}");
    }
}

#[test]
fn a_provider_of_another_form_or_name_is_told_apart() {
    assert_eq!(offer("1", clock("1.2.0", &["now", "later"])), Offer::Fits);
    let Offer::OtherForm(mismatches) = offer("1", clock("1.2.0", &["later"])) else { panic!() };
    assert_eq!(mismatches[0].to_string(), "Clock::now: expected method `now`, found method `later`");
    assert_eq!(mismatches[0].advice, "build both against one version of `time`");
    assert_eq!(offer("1", full("time::Timer", "1.2.0", &[], (true, true), &[getter("now")])), Offer::Another);
    assert!(matches!(
        offer("1", full("time::Clock", "1.2.0", &[], (true, false), &[getter("now")])),
        Offer::OtherForm(_)
    ));
}
