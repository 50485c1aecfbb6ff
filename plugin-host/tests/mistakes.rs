//! What the compiler says to a host's mistake: one file per mistake, its words beside it.
//!
//! After a change of words: `TRYBUILD=overwrite cargo test -p plugin-host --test mistakes`.

/// The compiler whose words are recorded: others say the same differently.
const RECORDED_WITH: &str = "1.95.";

#[test]
fn mistakes() {
    let here = plugin_core::Toolchain::CURRENT.rustc_release;
    if !here.starts_with(RECORDED_WITH) {
        eprintln!("skipped: the messages are recorded with rustc {RECORDED_WITH}*, and this is {here}");
        return;
    }
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/mistakes/*.rs");
}
