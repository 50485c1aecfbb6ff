use plugin_core::{
    Allocator, Endianness, ForwardedLogs, PanicStrategy, Toolchain,
    compat::{ToolchainPolicy, toolchain},
};

const HOST: Toolchain<'static> = Toolchain {
    rustc_release: "1.95.0",
    rustc_commit: "59807616e0000000000000000000000000000000",
    target: "x86_64-unknown-linux-gnu",
    pointer_width: 64,
    endianness: Endianness::Little,
    panic: PanicStrategy::Unwind,
    abi_format: 1,
    target_features: "",
    opt_level: "3",
    debug_assertions: false,
    allocator: Allocator::Own,
    logs: ForwardedLogs { log: false, tracing: false },
};

#[track_caller]
fn check(plugin: Toolchain<'_>, strict: &[&str], relaxed: &[&str]) {
    for (policy, expected) in [(ToolchainPolicy::Strict, strict), (ToolchainPolicy::StableLayout, relaxed)] {
        let found = toolchain(&HOST, &plugin, policy);
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        assert!(found.iter().all(|mismatch| !mismatch.advice.is_empty()));
    }
}

#[test]
fn what_is_for_information_only() {
    check(HOST, &[], &[]);
    check(Toolchain { target_features: "avx2", opt_level: "0", debug_assertions: true, ..HOST }, &[], &[]);
    check(Toolchain { logs: ForwardedLogs { log: true, tracing: true }, ..HOST }, &[], &[]);
    // How the host panics is nobody's business.
    let aborting = Toolchain { panic: PanicStrategy::Abort, ..HOST };
    assert_eq!(toolchain(&aborting, &HOST, ToolchainPolicy::default()), []);
}

#[test]
fn what_no_policy_relaxes() {
    for (plugin, line) in [
        (Toolchain { abi_format: 2, ..HOST }, "ABI format of plugin-core: expected 1, found 2"),
        (
            Toolchain { target: "aarch64-apple-darwin", ..HOST },
            "target: expected x86_64-unknown-linux-gnu, found aarch64-apple-darwin",
        ),
        (Toolchain { pointer_width: 32, ..HOST }, "pointer width: expected 64, found 32"),
        (
            Toolchain { endianness: Endianness::Big, ..HOST },
            "byte order: expected little-endian, found big-endian",
        ),
        (Toolchain { panic: PanicStrategy::Abort, ..HOST }, "panic strategy: expected unwind, found abort"),
        (
            Toolchain { allocator: Allocator::System, ..HOST },
            "allocator: expected each library's own, found the system's, shared",
        ),
    ] {
        check(plugin, &[line], &[line]);
    }
}

#[test]
fn other_compilers() {
    let newer = Toolchain { rustc_release: "1.96.0", rustc_commit: "abcdef0123456", ..HOST };
    check(newer, &["compiler: expected rustc 1.95.0 (59807616e), found rustc 1.96.0 (abcdef012)"], &[]);
    let unknown = Toolchain { rustc_commit: "unknown", ..HOST };
    check(unknown, &["compiler: expected rustc 1.95.0 (59807616e), found rustc 1.95.0 (unknown)"], &[]);
    let almost = Toolchain { rustc_commit: "59807616e1", ..HOST };
    check(
        almost,
        &[
            "compiler: expected rustc 1.95.0 (59807616e0000000000000000000000000000000), found rustc 1.95.0 (59807616e1)",
        ],
        &[],
    );
    let [mismatch] = &toolchain(&HOST, &newer, ToolchainPolicy::Strict)[..] else { panic!() };
    assert_eq!(
        mismatch.advice,
        "rebuild the plugin with the host's rustc (1.95.0), or open it with `ToolchainPolicy::StableLayout`, which accepts any rustc whose layouts all match"
    );
}

#[test]
fn a_shared_allocator_needs_one_compiler() {
    let host = Toolchain { allocator: Allocator::System, ..HOST };
    let newer = Toolchain { rustc_release: "1.96.0", rustc_commit: "abcdef0123456", ..host };
    assert_eq!(toolchain(&host, &host, ToolchainPolicy::StableLayout), []);
    let [mismatch] = &toolchain(&host, &newer, ToolchainPolicy::StableLayout)[..] else { panic!() };
    assert_eq!(
        mismatch.advice,
        "rebuild the plugin with the host's rustc (1.95.0), or build both without `plugin-core`'s feature `system-allocator`"
    );
    let [mismatch] = &toolchain(&host, &HOST, ToolchainPolicy::Strict)[..] else { panic!() };
    assert_eq!(mismatch.to_string(), "allocator: expected the system's, shared, found each library's own");
    assert_eq!(
        mismatch.advice,
        "build the plugin with `plugin-core`'s feature `system-allocator`, as the host is"
    );
}

#[test]
fn all_at_once() {
    let wrong = Toolchain { target: "mips\u{1b}[2J", panic: PanicStrategy::Abort, abi_format: 0, ..HOST };
    let lines = [
        "ABI format of plugin-core: expected 1, found 0",
        "target: expected x86_64-unknown-linux-gnu, found mips\\u{1b}[2J",
        "panic strategy: expected unwind, found abort",
    ];
    check(wrong, &lines, &lines);
}
