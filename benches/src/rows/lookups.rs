//! Row 10: lookups of exported functions by name, with their types checked.

use std::{
    ffi::{CStr, CString},
    hint::black_box,
    mem::ManuallyDrop,
};

use libloading::Library;
use plugin_host::Host;

use super::{
    Bench, Found,
    opening::{Size, root_symbol},
};
use crate::{
    Outcome,
    results::Finding,
    rounds::{case, interleave},
};

pub(super) fn lookups(bench: &Bench) -> Outcome<Found> {
    // SAFETY: the directory holds what was built from this repository.
    let host = unsafe { Host::trusting_dir(bench.plugins.directory()) }?;
    let file = bench.plugins.library(Size::One.package());
    let plugin = &host.open(&file)?;
    plugin.lookup_fn::<fn(u64) -> u64>("double")?;
    // SAFETY: the library is loaded already.
    let library = &ManuallyDrop::new(unsafe { Library::new(&file) }?);
    let symbol = &CString::new(root_symbol(&file)?)?;
    let compared = interleave(
        bench.effort,
        vec![
            case!("hit", plugin.lookup_fn::<fn(u64) -> u64>(black_box("double"))),
            case!("miss", plugin.lookup_fn::<fn(u64) -> u64>(black_box("treble"))),
            case!("bare dlsym", dlsym(library, black_box(symbol))),
        ],
    );
    let mut found = Found::default();
    found.findings.push(Finding::at_most("hit", compared.of("hit"), "ns", 10.0, compared.parts()));
    found.findings.push(Finding::at_most("miss", compared.of("miss"), "ns", 30.0, Vec::new()));
    Ok(found)
}

/// Whether a library has a symbol, by its name with the NUL that the system asks for.
fn dlsym(library: &Library, symbol: &CStr) -> bool {
    // SAFETY: this asks for the address only.
    unsafe { library.get::<*const ()>(symbol.to_bytes_with_nul()) }.is_ok()
}
