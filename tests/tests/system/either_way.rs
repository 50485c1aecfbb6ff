//! The calls that a linked plugin answers as well, on plugins that are loaded.

use std::path::PathBuf;

use integration::{Compiler, Stage, built_alone, either_way, sample};

use crate::fixture;

fn library(plugin: &str) -> PathBuf {
    match plugin {
        "greeter" | "codec-lz4" | "codec-drifted" => sample(plugin, &Compiler::Host),
        "logs-log" => built_alone(plugin),
        _ => fixture(plugin),
    }
}

macro_rules! loaded {
    ($name:ident, $($plugin:literal),+) => {
        #[test]
        fn $name() {
            let test = concat!("either_way::", stringify!($name));
            // Not in the child: building may take longer than that has.
            let libraries = [$(library($plugin)),+];
            either_way::in_child(test, either_way::$name, || {
                let stage = Stage::new();
                for library in &libraries {
                    stage.add(library);
                }
                (stage.host(), stage)
            });
        }
    };
}

integration::either_way!(loaded);
