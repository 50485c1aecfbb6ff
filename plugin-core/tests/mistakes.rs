//! What the compiler says to each mistake: one file per mistake, its words beside it.
//!
//! After a change of words: `TRYBUILD=overwrite cargo test -p plugin-core --test mistakes`, and read every difference
//! as somebody who has made the mistake.

#[test]
fn mistakes() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/mistakes/*.rs");
}
