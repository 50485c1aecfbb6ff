//! The large interface in another state: one field, thirty levels deep, is of another type.

#[macro_use]
#[path = "../../many-api/src/shape.rs"]
mod shape;

many!(u32);
