//! The cargo of each sanitizer: it instruments what it builds, and runs that with the sanitizer's runtime.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Sanitizer, selection::SUPPRESSIONS, write_program};
use crate::error::TaskError;

impl Sanitizer {
    /// The cargo, for builds in `directory`, with these options for the runtime.
    pub(super) fn cargo(self, directory: &Path, options: &str) -> Result<Command, TaskError> {
        match self {
            Self::Address => nightly(options),
            Self::Thread => with_instrumented_std(directory, options),
        }
    }
}

/// Rustup's nightly, whose AddressSanitizer needs nothing else: it goes by the allocator, which the library calls like all
/// others, and not by what the library itself does.
fn nightly(options: &str) -> Result<Command, TaskError> {
    let has = Command::new("rustup").args(["run", "nightly", "rustc", "-vV"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        return Err(TaskError::NoSanitizer {
            sanitizer: "AddressSanitizer",
            needs: "a nightly compiler: `rustup toolchain install nightly`".to_owned(),
        });
    }
    let mut command = Command::new("rustup");
    without_toolchain(&mut command);
    command
        .args(["run", "nightly", "cargo"])
        // Plugins have no runtime of their own: they find that of the program, which has to export it. Globals get no red
        // zones, since the note with the descriptor is one, and is none any more with something around it.
        .env("RUSTFLAGS", "-Zsanitizer=address -Cllvm-args=-asan-globals=0 -Clink-arg=-Wl,--export-dynamic")
        // Contexts, sinks and libraries are kept for ever, by design, and are reachable only through the system's loader. A
        // plugin and a copy of it are two libraries with the same globals.
        .env("ASAN_OPTIONS", format!("detect_leaks=0:detect_odr_violation=0:{options}"));
    Ok(command)
}

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
/// Puts names to what the runtime reports; what is no mistake is known by its name.
const SYMBOLIZER: &str = "/usr/bin/addr2line";

/// Debian's compiler, which builds the standard library from its source, and clang's runtime.
fn with_instrumented_std(directory: &Path, options: &str) -> Result<Command, TaskError> {
    let missing = || TaskError::NoSanitizer {
        sanitizer: "ThreadSanitizer",
        needs: "Debian's packages binutils, rustc-web, cargo-web, rust-web-src and libclang-rt-19-dev"
            .to_owned(),
    };
    let sysroot = Command::new(RUSTC).args(["--print", "sysroot"]).output().map_err(|_| missing())?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    let has_source = sysroot.join("lib/rustlib/src/rust/library/std").is_dir();
    let runtime = clang_runtime("libclang_rt.tsan-x86_64.so").ok_or_else(missing)?;
    if !has_source || ![CARGO, SYMBOLIZER].iter().all(|program| Path::new(program).exists()) {
        return Err(missing());
    }
    let linker = directory.join("linker");
    // The runtime has to be the first library that a program needs: its functions stand in for those of the system's. A plugin
    // that needed it would be refused, and rightly.
    let script = format!(
        "#!/bin/sh
for argument; do [ \"$argument\" = -shared ] && exec cc \"$@\"; done
exec cc -Wl,--no-as-needed '{0}' -Wl,--as-needed '-Wl,-rpath,{1}' \"$@\"
",
        runtime.display(),
        runtime.parent().unwrap_or(Path::new("/")).display()
    );
    write_program(&linker, &script)?;
    let suppressions = directory.join("suppressions");
    fs::write(&suppressions, SUPPRESSIONS).map_err(TaskError::file("write", &suppressions))?;

    let mut command = Command::new(CARGO);
    without_toolchain(&mut command);
    command
        .env("RUSTC", RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("RUSTFLAGS", format!("-Zsanitizer=thread -Zexternal-clangrt -Clinker={}", linker.display()))
        .env(
            "TSAN_OPTIONS",
            format!(
                "suppressions={}:external_symbolizer_path={SYMBOLIZER}:{options}",
                suppressions.display()
            ),
        );
    Ok(command)
}

/// The newest that is installed.
fn clang_runtime(name: &str) -> Option<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("llvm-")))
        .filter_map(|llvm| fs::read_dir(llvm.join("lib/clang")).ok())
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("lib/linux").join(name)))
        .filter(|runtime| runtime.is_file())
        .collect();
    found.sort();
    found.pop()
}

/// What this cargo set for its own toolchain does not hold for another.
fn without_toolchain(command: &mut Command) {
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
}
