//! Tests of plugins that are linked into their host; all of it is in `tests/`, and here is only what the guide shows.

/// The examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/linking.md")]
struct Linking;
