//! The rows, in their order. A new one is an entry here, and a function beside.

use super::{
    Measure, admitting, building, calls, compiling, data, first_open, growth, inspecting, lookups, opening,
    refusing, reopening, sizes, thousand,
};

/// A row, before it is measured.
pub(crate) struct Known {
    pub(crate) number: u8,
    pub(crate) title: &'static str,
    /// What is measured, for whoever has not read the code.
    pub(crate) about: &'static str,
    pub(super) measure: Measure,
}

/// All there are.
pub(crate) const ROWS: &[Known] = &[
    Known {
        number: 1,
        title: "Calls with numbers",
        about: "A method whose arguments and result are numbers, called in a loop: once with a trivial body (an addition), where nothing but the way there counts, and once with a body of some 150 instructions. Times are compared, and instructions counted: what a call may cost more than a raw one pays for the guard against panics and for the status beside the value.",
        measure: calls::numbers,
    },
    Known {
        number: 2,
        title: "Calls with text and buffers, borrowed and as FFI-safe types",
        about: "Text and bytes that cross without a copy: borrowed (`&str`, `&[u8]`, `&mut RVec<u8>`) or owned in a type of `plugin_core::abi`. What host and plugin allocate for one call is counted by allocators in both: calls with numbers and with borrowed arguments must do without, others with what their body allocates.",
        measure: data::shared,
    },
    Known {
        number: 3,
        title: "Calls that return `String` and `Vec`",
        about: "The standard library's own types, which are copied once on their way out of the plugin, beside those of row 2, which are not.",
        measure: data::copied,
    },
    Known {
        number: 4,
        title: "Methods that came later",
        about: "A method marked `#[since]`, which a plugin may lack: called where the plugin has it, and where the host's default stands in. The bar is a method that was there from the beginning.",
        measure: calls::later,
    },
    Known {
        number: 5,
        title: "Further opens of distinct plugins",
        about: "One more plugin in a process that has opened others, from its path to a function or interface that can be called. Bare is `dlopen` and one `dlsym` of the same file by `libloading`, which checks nothing. `abi_stable` opens a plugin of its own with the same functions.",
        measure: opening::further,
    },
    Known {
        number: 6,
        title: "First open in a fresh process",
        about: "The first open of a process, with all that a host does only once, beside a bare `dlopen` and `dlsym` of the same file as the first of its process.",
        measure: first_open::first,
    },
    Known {
        number: 7,
        title: "1,000 plugins in one process",
        about: "A thousand distinct plugins are opened in one process, and none is closed. The last hundred opens are compared with bare opens of the same files in the same places, and the memory that no file backs is divided by the plugins.",
        measure: thousand::thousand,
    },
    Known {
        number: 8,
        title: "Refusals",
        about: "A plugin that does not fit is refused from the bytes of its file, none of which runs. The bar is a part of what a bare `dlopen` of the same file takes, which would have run it; and a larger file may not take longer.",
        measure: refusing::refusing,
    },
    Known {
        number: 9,
        title: "The same plugin again",
        about: "An open of a plugin that is open already, by one thread and by two at once: CPU time of a thread for each open. The directory of the plugins is the third from the root, as `/opt/program/plugins` is. Two threads that do not hinder each other need as much each as one alone.",
        measure: reopening::reopening,
    },
    Known {
        number: 10,
        title: "Lookups",
        about: "An exported function, found by its name with its type compared; and a name that is not there. Beside them a `dlsym`, which compares no type.",
        measure: lookups::lookups,
    },
    Known {
        number: 11,
        title: "Inspecting many files",
        about: "What thousands of plugin files say about themselves, read while the system has the files in its cache: from the files, and from an index that an earlier start of the program has left. Time for each file.",
        measure: inspecting::inspecting,
    },
    Known {
        number: 12,
        title: "Admitting by digest or signature",
        about: "A host that trusts digests or keys instead of a directory reads the whole file, copies it to where nobody can change it, and hashes the copy, before it is verified as any other. The bar is the sum of these parts, each measured by itself.",
        measure: admitting::admitting,
    },
    Known {
        number: 13,
        title: "Size of a stripped plugin",
        about: "The file of a plugin, in release and stripped, beside a library that exports functions of the same bodies by hand, and beside `abi_stable`'s.",
        measure: sizes::sizes,
    },
    Known {
        number: 14,
        title: "Clean builds",
        about: "A plugin of one function, built from nothing with all it depends on, beside a crate that depends on `abi_stable` alone; and which crates the time goes to.",
        measure: building::clean,
    },
    Known {
        number: 15,
        title: "Builds after a change",
        about: "One source file of a plugin is changed, and the plugin built again: by `cargo xtask build-plugins`, which also strips, verifies and indexes it, and by `cargo build`. The task is built as here: unoptimised, but for what computes over whole files.",
        measure: building::again,
    },
    Known {
        number: 16,
        title: "Compile time of interfaces",
        about: "What the macros, and the constants that they make, add to the compile time of a crate, unoptimised and not incremental: of an interface, and of plugins with more and more types and methods, whose compile time may not grow faster than they do.",
        measure: compiling::compiling,
    },
    Known {
        number: 17,
        title: "Growth",
        about: "Each operation over 1, 10, 100 and 1,000 of everything there can be many of: types in the interface, its methods, exported functions, and plugins in the process.",
        measure: growth::growth,
    },
];
