//! `sanitize`: the tests with their plugins under AddressSanitizer and ThreadSanitizer.
//!
//! Both need an unstable compiler. AddressSanitizer comes with a nightly of rustup. ThreadSanitizer is of use only with a
//! standard library that is instrumented, too: what the locks of another one order, it does not see. So it takes a compiler
//! that has the library's source beside it, Debian's `rustc-web` with `rust-web-src`, and the runtime of clang.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::Args;

use crate::{cargo, error::TaskError, workspace::Workspace};

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only data races: the tests in which threads meet
    #[arg(long)]
    thread: bool,
    /// Only memory: all tests that run plugins
    #[arg(long)]
    address: bool,
    /// Only tests whose names contain this; may be repeated
    #[arg(long, value_name = "FILTER")]
    only: Vec<String>,
}

/// Tests that are about files as a usual build makes them, that measure time or size, or that run other compilers, debuggers or
/// a cargo of their own.
const NOT_SANITIZED: &[&str] = &[
    "other_compilers::",
    "refusals::another_compiler_is_refused",
    "randomized::",
    "quick_start::",
    "dwarf::",
    "naming::",
    "probing::",
    "recording_takes_less_than_a_microsecond",
    "a_plugin_without_futures_has_none_of_tokio",
];

/// The tests in which threads meet.
const RACES: &[&str] = &[
    "asynchronous::",
    "calls::",
    "closures::",
    "either_way::",
    "events::",
    "holders::",
    "hosts::",
    "logs::",
    "namesakes::",
    "objects::",
    "opening::",
    "panics::",
    "reloading::",
    "requirements::",
    "sanitizers::",
    "starting::",
    "tokio_plugins::",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sanitizer {
    Address,
    Thread,
}

pub(crate) fn run(options: &Options, workspace: &Workspace) -> Result<(), TaskError> {
    const PACKAGE: &str = "integration";
    if !workspace.has_package(PACKAGE) {
        return Err(TaskError::NotHere { task: "sanitize", package: PACKAGE });
    }
    let both = options.thread == options.address;
    let chosen = [(Sanitizer::Address, options.address), (Sanitizer::Thread, options.thread)];
    for (sanitizer, _) in chosen.into_iter().filter(|(_, is_chosen)| both || *is_chosen) {
        sanitizer.run(&options.only, workspace)?;
    }
    Ok(())
}

impl Sanitizer {
    const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Thread => "thread",
        }
    }

    fn run(self, only: &[String], workspace: &Workspace) -> Result<(), TaskError> {
        let directory = workspace.target_directory().join("sanitize").join(self.name());
        fs::create_dir_all(&directory).map_err(TaskError::file("make", &directory))?;
        let mut failed = None;
        for arguments in self.tests() {
            let mut command = self.cargo(&directory)?;
            command
                .env("SANITIZER", self.name())
                .env("CARGO_TARGET_DIR", &directory)
                // Named, so that build scripts and macros, which run in the compiler, are left alone.
                .env("CARGO_BUILD_TARGET", TARGET)
                .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
                .args(["test", "--no-fail-fast"])
                .args(*arguments)
                .arg("--");
            match only {
                [] if self == Self::Thread && arguments.contains(&"system") => command.args(RACES),
                only => command.args(only),
            };
            command.args(NOT_SANITIZED.iter().flat_map(|test| ["--skip", test]));
            let status = command.status().map_err(|source| cargo::spawn(&command, source))?;
            if let Err(error) = cargo::succeeded(status, cargo::shown(&command)) {
                failed.get_or_insert(error);
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Which tests: first those of the crates, then those of plugins.
    const fn tests(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Address => &[
                &[
                    "--package",
                    "plugin-core",
                    "--lib",
                    "--test",
                    "interfaces",
                    "--test",
                    "futures",
                    "--test",
                    "held",
                ],
                &["--package", "plugin-host", "--lib"],
                &["--package", "linked-plugins", "--test", "linked"],
                &["--package", "integration", "--test", "system"],
            ],
            Self::Thread => &[
                &["--package", "plugin-core", "--lib", "--test", "futures", "--test", "held"],
                &["--package", "plugin-host", "--lib"],
                &["--package", "linked-plugins", "--test", "linked"],
                &["--package", "integration", "--test", "system"],
            ],
        }
    }

    /// The cargo that instruments what it builds, and runs it with the sanitizer's runtime.
    fn cargo(self, directory: &Path) -> Result<Command, TaskError> {
        match self {
            Self::Address => nightly(),
            Self::Thread => with_instrumented_std(directory),
        }
    }
}

const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Rustup's nightly, whose AddressSanitizer needs nothing else.
fn nightly() -> Result<Command, TaskError> {
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
        .env("ASAN_OPTIONS", "detect_leaks=0:detect_odr_violation=0");
    Ok(command)
}

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

/// Debian's compiler, which builds the standard library from its source, and clang's runtime.
fn with_instrumented_std(directory: &Path) -> Result<Command, TaskError> {
    let missing = || TaskError::NoSanitizer {
        sanitizer: "ThreadSanitizer",
        needs: "Debian's packages rustc-web, cargo-web, rust-web-src and libclang-rt-19-dev".to_owned(),
    };
    let sysroot = Command::new(RUSTC).args(["--print", "sysroot"]).output().map_err(|_| missing())?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&sysroot.stdout).trim());
    let has_source = sysroot.join("lib/rustlib/src/rust/library/std").is_dir();
    let runtime = clang_runtime("libclang_rt.tsan-x86_64.so").ok_or_else(missing)?;
    if !has_source || !Path::new(CARGO).exists() {
        return Err(missing());
    }
    let linker = directory.join("linker");
    // A plugin that named the runtime as a library it needs would be refused, and rightly.
    let script = format!(
        "#!/bin/sh\nfor argument; do [ \"$argument\" = -shared ] && exec cc \"$@\"; done\nexec cc \"$@\" '{0}' '-Wl,-rpath,{1}'\n",
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
        .env("CARGO_UNSTABLE_BUILD_STD", "std")
        .env("RUSTFLAGS", format!("-Zsanitizer=thread -Zexternal-clangrt -Clinker={}", linker.display()))
        // The runtime has to be there before anything else of the program.
        .env(
            "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER",
            format!(
                "env LD_PRELOAD={} TSAN_OPTIONS=suppressions={}:allow_addr2line=1",
                runtime.display(),
                suppressions.display()
            ),
        );
    Ok(command)
}

/// What ThreadSanitizer reports and is none, each with the reason.
const SUPPRESSIONS: &str = "";

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

#[cfg(unix)]
fn write_program(path: &Path, script: &str) -> Result<(), TaskError> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::write(path, script).map_err(TaskError::file("write", path))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).map_err(TaskError::file("write", path))
}

#[cfg(not(unix))]
fn write_program(path: &Path, script: &str) -> Result<(), TaskError> {
    fs::write(path, script).map_err(TaskError::file("write", path))
}

/// What this cargo set for its own toolchain does not hold for another.
fn without_toolchain(command: &mut Command) {
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
}
