//! Models of how `plugin-host` opens each thing once, and of how its slots are switched and what they led to ends: its very code,
//! with the locks, atomics and threads of `loom`, in every order in which threads can take their turns. Writing a test of real
//! plugins? You want `tests/tests/system`.
//!
//! A test that ends says that no order deadlocks: `loom` reports that as a failure.
#![forbid(unsafe_code)]

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod registry {
    #[path = "../../../../plugin-host/src/registry/openings.rs"]
    #[allow(dead_code, reason = "the model needs less of it than the crate")]
    pub(super) mod openings;
    mod sync;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod slot {
    #[allow(clippy::arc_with_non_send_sync, reason = "the threads of `loom` are all in one")]
    mod generation;
    mod handover;
    #[path = "../../../../plugin-host/src/slot/line.rs"]
    mod line;
    #[path = "../../../../plugin-host/src/slot/retirement.rs"]
    mod retirement;
    mod retiring;
    mod switching;
    mod sync;
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
