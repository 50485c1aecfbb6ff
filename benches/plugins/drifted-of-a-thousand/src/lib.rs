//! The same plugin, built against the interface in its other state.

#[path = "../../many-of-a-thousand/src/lib.rs"]
mod same;
