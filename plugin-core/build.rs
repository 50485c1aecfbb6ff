//! Records which compiler builds this crate: the facts that a host compares before it maps a plugin.

use std::{env, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let verbose = Command::new(rustc)
        .arg("-vV")
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default();
    let fact = |key: &str| {
        verbose
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
            .unwrap_or("unknown")
            .to_owned()
    };
    let variable = |name: &str| env::var(name).unwrap_or_default();

    for (name, value) in [
        ("RUSTC_RELEASE", fact("release")),
        ("RUSTC_COMMIT", fact("commit-hash")),
        ("TARGET", variable("TARGET")),
        ("TARGET_FEATURES", variable("CARGO_CFG_TARGET_FEATURE")),
        ("OPT_LEVEL", variable("OPT_LEVEL")),
    ] {
        println!("cargo::rustc-env=PLUGIN_CORE_{name}={value}");
    }
}
