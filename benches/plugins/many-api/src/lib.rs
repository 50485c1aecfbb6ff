//! A large interface: 50 methods and 30 nested structs.

#[macro_use]
mod shape;

many!(u64);
