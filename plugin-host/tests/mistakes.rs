//! What the compiler says to a host's mistake: one file per mistake, its words beside it.
//!
//! After a change of words: `TRYBUILD=overwrite cargo test -p plugin-host --test mistakes`.

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/mistakes/*.rs");
}
