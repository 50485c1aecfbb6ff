//! Under `cargo xtask sanitize`: that the sanitizer sees what plugins do.

use std::{env, path::PathBuf};

use integration::{Child, Ended, Stage, built_alone};

/// Which sanitizer there is.
const SANITIZER: &str = "SANITIZER";

fn calls(test: &'static str, library: PathBuf, function: &str) -> Option<Ended> {
    Child::of(test).run(|| {
        let plugin = Stage::with(&library).host().open("unsound").unwrap();
        plugin.lookup_fn::<fn() -> u64>(function).unwrap().call();
    })
}

#[test]
fn a_mistake_in_a_plugin_is_found() {
    let test = "sanitizers::a_mistake_in_a_plugin_is_found";
    let (function, report) = match env::var(SANITIZER).as_deref() {
        Ok("thread") => ("race", "ThreadSanitizer: data race"),
        Ok("address") => ("use_after_free", "AddressSanitizer: heap-use-after-free"),
        _ => {
            eprintln!("skipped: no sanitizer; `cargo xtask sanitize` has one");
            return;
        }
    };
    let Some(ended) = calls(test, built_alone("unsound"), function) else { return };
    assert!(!ended.status.success(), "{}\n{}", ended.output, ended.errors);
    assert!(ended.errors.contains(report), "{}", ended.errors);
    assert!(ended.errors.contains("unsound"), "the report names the plugin's code: {}", ended.errors);
}
