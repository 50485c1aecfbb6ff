//! Plugins that are linked into this very program.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
// What a host with this lint can say, whatever the macros do.
#![forbid(unsafe_code)]

mod beside_loaded;
mod host;
mod panics;
mod runtime;

use plugin_host::{Host, Linked, link};

fn plugins() -> Linked {
    link!(codec_drifted, codec_lz4, greeter, lifecycle, logs_log, objects, starting, tasks)
}

fn linked() -> Host {
    Host::linked(plugins())
}

/// The calls that the tests of loaded plugins make.
mod either_way {
    use integration::either_way;

    use crate::linked;

    macro_rules! linked {
        ($name:ident, $($plugin:literal),+) => {
            #[test]
            fn $name() {
                either_way::in_child(concat!("either_way::", stringify!($name)), either_way::$name, || {
                    (linked(), ())
                });
            }
        };
    }

    integration::either_way!(linked);
}
