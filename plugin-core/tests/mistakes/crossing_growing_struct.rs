//! Fields that are added in the wrong place, the wrong order, or without what takes their place.

use plugin_core::{Crossing, StableLayout};

#[derive(StableLayout)]
#[repr(C)]
struct WithoutDefault(u8);

#[derive(Crossing)]
#[crossing(growing)]
struct Request {
    #[since("1.2.0")]
    new: u8,
    #[since("1.1.0")]
    older: u8,
    #[since("soon")]
    soon: u8,
    first: u8,
}

#[derive(Crossing)]
#[crossing(growing)]
struct Marks {
    #[since]
    bare: u8,
    #[since("1.1.0", or = 5)]
    other: u8,
    #[since("1.1.0")]
    #[since("1.2.0")]
    twice: u8,
    #[unknown]
    unknown: u8,
}

#[derive(Crossing)]
struct Fixed {
    #[since("1.1.0")]
    late: u8,
}

#[derive(Crossing)]
#[crossing(shrinking)]
struct Other;

#[derive(Crossing)]
#[crossing]
#[since("1.1.0")]
struct Bare;

#[derive(Crossing)]
#[crossing(growing)]
struct Defaults {
    #[since("1.1.0")]
    none: WithoutDefault,
    #[since("1.1.0", default = "text")]
    wrong: u8,
}

fn main() {}
