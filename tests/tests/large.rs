//! Large data crosses without copies: shown by what either side allocates for it, and by its address.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers as well"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    process::{Command, Output},
};

use integration::{Compiler, Profile, Stage, built, program};
use large_api::Large;
use plugin_core::abi::RVec;
use plugin_host::Root;

const GIB: usize = 1 << 30;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

/// Counts the bytes that each thread allocates.
struct Counting;

// SAFETY: the system's allocator, and a counter beside.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: as promised to this function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + layout.size());
        // SAFETY: as promised to this function.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATED.set(ALLOCATED.get() + size);
        // SAFETY: as promised to this function.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as promised to this function.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

fn large() -> Root<dyn Large> {
    let stage = Stage::with(&built(Compiler::Host, Profile::Unwind, "large"));
    stage.host().open_root::<dyn Large>("large").unwrap()
}

/// What the host and the plugin allocate for a call.
fn allocated<R>(large: &Root<dyn Large>, call: impl FnOnce() -> R) -> (R, usize, usize) {
    let before = (ALLOCATED.get(), large.allocated());
    let result = call();
    (result, ALLOCATED.get() - before.0, large.allocated() - before.1)
}

#[test]
fn a_gibibyte_is_lent_and_moved_without_a_copy() {
    let large = large();
    // Zeroed memory is the system's until it is written to, so this takes no gibibyte of any machine.
    let mut bytes = vec![0_u8; GIB];
    let address = bytes.as_ptr().addr();
    assert_eq!(allocated(&large, || large.write(&mut bytes)), (address, 0, 0));
    assert_eq!(allocated(&large, || large.read(&bytes)), ((address, 1, 2), 0, 0));

    let ((there, back), here, in_plugin) = allocated(&large, || large.turn(RVec::from(bytes)));
    assert_eq!((there, back.as_ptr().addr(), back.len(), here, in_plugin), (address, address, GIB, 0, 0));
    // Home again, it is the vector that it was.
    let (home, here, in_plugin) = allocated(&large, || back.into_vec());
    assert_eq!((home.as_ptr().addr(), here, in_plugin), (address, 0, 0));

    let ((there, made), here, in_plugin) = allocated(&large, || large.make(GIB));
    assert_eq!((there, made.len(), here, in_plugin), (made.as_ptr().addr(), GIB, 0, GIB));
}

#[test]
fn a_call_with_numbers_or_borrowed_arguments_allocates_nothing() {
    let large = large();
    let mut bytes = [1, 2, 3];
    let before = large.allocated();
    assert_eq!(allocated(&large, || large.allocated()), (before, 0, 0));
    assert_eq!(allocated(&large, || large.read(&bytes)), ((bytes.as_ptr().addr(), 1, 3), 0, 0));
    assert_eq!(allocated(&large, || large.write(&mut bytes)), (bytes.as_ptr().addr(), 0, 0));
}

#[test]
fn a_vector_by_value_is_copied_once_each_way() {
    let large = large();
    let length = 1 << 20;
    let (_, here, in_plugin) = allocated(&large, || large.turn_vec(vec![0; length]));
    // The argument itself, and the result in this side's memory; on the other side one copy of the argument.
    assert_eq!((here, in_plugin), (2 * length, length));
    let (_, here, in_plugin) = allocated(&large, || large.make_vec(length));
    assert_eq!((here, in_plugin), (length, length));
}

fn run_host(stage: &Stage) -> Output {
    let host = program(Compiler::Host, Profile::SystemAllocator, "large-host");
    Command::new(host).arg(stage.path()).output().unwrap()
}

#[test]
fn with_one_allocator_vectors_and_strings_move() {
    let stage = Stage::with(&built(Compiler::Host, Profile::SystemAllocator, "large"));
    let Output { status, stdout, stderr } = run_host(&stage);
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    assert_eq!(String::from_utf8_lossy(&stdout), "nothing was copied\n");
}

#[test]
fn allocators_that_differ_are_refused_both_ways() {
    let stage = Stage::with(&built(Compiler::Host, Profile::SystemAllocator, "large"));
    let refusal = stage.host().open("large").unwrap_err().to_string();
    assert!(
        refusal.contains("allocator: expected each library's own, found the system's, shared"),
        "{refusal}"
    );
    let stage = Stage::with(&built(Compiler::Host, Profile::Unwind, "large"));
    let Output { status, stderr, .. } = run_host(&stage);
    let refusal = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(1), "{refusal}");
    assert!(
        refusal.contains("allocator: expected the system's, shared, found each library's own"),
        "{refusal}"
    );
    assert!(
        refusal.contains("build the plugin with `plugin-core`'s feature `system-allocator`"),
        "{refusal}"
    );
}
