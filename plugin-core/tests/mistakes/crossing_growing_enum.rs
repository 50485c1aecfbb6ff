//! Without a variant for those of newer builds, with too many, or with one that cannot stand for them.

use plugin_core::Crossing;

#[derive(Crossing)]
#[crossing(growing)]
enum Event {
    Started,
}

#[derive(Crossing)]
#[crossing(growing)]
enum Two {
    #[unknown]
    Unknown,
    #[unknown]
    Other,
}

#[derive(Crossing)]
#[crossing(growing)]
enum Holding {
    #[unknown]
    Unknown(u32, String),
}

#[derive(Crossing)]
enum Fixed {
    #[unknown]
    Unknown,
}

#[derive(Crossing)]
#[crossing(growing)]
enum Since {
    #[since("1.1.0")]
    Late,
    Failed {
        #[since("1.1.0")]
        why: String,
        #[unknown]
        what: String,
    },
    #[unknown]
    Unknown,
}

fn main() {}
