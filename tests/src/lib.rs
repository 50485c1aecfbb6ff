//! Builds the fixtures: real plugins, by real compilers, from the crates in `fixtures/` and from changed copies of them.
//!
//! Building is the tests' own affair, so that `cargo test --workspace` needs nothing before it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "support for tests: what fails, fails the test"
)]

mod build;
mod child;
pub mod either_way;
mod grown;
mod patch;
mod requiring;
mod stage;
mod variants;

pub use build::{
    Compiler, Profile, built, built_alone, built_with, built_with_the_tests, c_library, command_line,
    constructed, nightly, other_compilers, program, sample,
};
pub use child::{Child, Ended};
pub use grown::GROWN;
pub use patch::{patch, patch_descriptor, patch_text};
pub use stage::Stage;
pub use variants::{VARIANTS, Variant};

/// Says that a test, or a part of one, is left out for want of something. Continuous integration has everything: there it fails.
pub fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "continuous integration has what this test needs: {why}");
    eprintln!("skipped: {why}");
}

/// The examples of the guide that need a host as well.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../../docs/guide/reload.md")]
    struct Reload;
    #[doc = include_str!("../../docs/guide/logging.md")]
    struct Logging;
    #[doc = include_str!("../../docs/guide/trust.md")]
    struct Trust;

    #[doc = include_str!("../../docs/guide/lifecycle.md")]
    struct Lifecycle;
    #[doc = include_str!("../../docs/guide/discovery.md")]
    struct Discovery;
}
