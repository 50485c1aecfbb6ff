//! The calls and the large interface as `abi_stable` has them: root modules, and a trait object.

pub mod calls;
pub mod many;
pub mod one;
