//! A plugin is loaded through its open file, and yet known by its path: to `dladdr`, in backtraces, and to gdb.

use std::{env, ffi::CStr, fs, path::PathBuf, process::Command};

use integration::{Child, Stage, skip};
use plugin_host::DigestList;

use crate::fixture;

fn given(name: &str) -> PathBuf {
    PathBuf::from(env::var_os(name).unwrap())
}

/// Where a plugin's code is, by the loader's own account.
fn located(plugin: &plugin_host::Plugin) -> PathBuf {
    let address = std::ptr::from_ref(plugin.lookup::<std::sync::atomic::AtomicU32>("STARTED").unwrap());
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: `info` is a place for the result, of which all zeros is a value; the name ends in NUL.
    let name = unsafe {
        assert_ne!(libc::dladdr(address.cast(), info.as_mut_ptr()), 0);
        CStr::from_ptr(info.assume_init().dli_fname)
    };
    name.to_str().unwrap().into()
}

#[test]
fn dladdr_names_the_file_whatever_it_was_loaded_from() {
    let stage = Stage::with(&fixture("lifecycle"));
    let plugin = stage.host().open("lifecycle").unwrap();
    assert_eq!(located(&plugin), stage.path().canonicalize().unwrap().join("liblifecycle.so"));

    let sealed = Stage::with(&fixture("lifecycle"));
    let file = sealed.path().canonicalize().unwrap().join("liblifecycle.so");
    let sum = Command::new("sha256sum").arg(&file).output().unwrap();
    let digest = String::from_utf8(sum.stdout).unwrap().split_whitespace().next().unwrap().to_owned();
    let list: DigestList = format!("SHA256 (x) = {digest}\n").parse().unwrap();
    // SAFETY: the tests built the file.
    let host = unsafe { plugin_host::Host::trusting_digests(list) };
    assert_eq!(located(&host.open(&file).unwrap()), file);
}

#[test]
fn a_backtrace_names_functions_and_lines_of_a_plugin() {
    let test = "naming::a_backtrace_names_functions_and_lines_of_a_plugin";
    let child = Child::of(test).env("RUST_BACKTRACE", "1").env("PLUGIN", fixture("lifecycle"));
    let Some(ended) = child.passes(|| {
        let stage = Stage::with(&given("PLUGIN"));
        let plugin = stage.host().open("lifecycle").unwrap();
        let explode = plugin_host::symbol!(plugin, explode: fn(message: &str) -> u32).unwrap();
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| explode("with a trace")));
        assert!(panic.is_err());
    }) else {
        return;
    };
    let frame = ended.errors.lines().skip_while(|line| !line.contains("lifecycle::plugin::explode")).nth(1);
    assert!(frame.is_some_and(|line| line.contains("lifecycle/src/lib.rs:")), "{}", ended.errors);
}

#[test]
fn gdb_knows_a_plugin_by_its_path_and_its_lines() {
    const TEST: &str = "naming::gdb_knows_a_plugin_by_its_path_and_its_lines";
    if env::var_os("UNDER_GDB").is_some() {
        let stage = Stage::with(&given("PLUGIN"));
        println!("staged in {}", stage.path().canonicalize().unwrap().display());
        let plugin = stage.host().open("lifecycle").unwrap();
        let add = plugin.lookup_fn::<fn(u32, u64) -> u64>("add").unwrap();
        println!("sum {}", add.call(1, 2));
        return;
    }
    if !Command::new("gdb").arg("--version").output().is_ok_and(|output| output.status.success()) {
        skip("gdb is not installed");
        return;
    }
    // Of the function `add`, which the body calls.
    let line = include_str!("../../fixtures/lifecycle/src/lib.rs")
        .lines()
        .position(|line| line.contains("u64::from(left) + right"))
        .unwrap()
        + 1;
    let commands = [
        "set breakpoint pending on",
        "set debuginfod enabled off",
        &format!("break lifecycle/src/lib.rs:{line}"),
        "run",
        "backtrace 2",
        "info sharedlibrary",
        "continue",
    ];
    let mut gdb = Command::new("timeout");
    gdb.args(["120", "gdb", "--nx", "--batch"]);
    gdb.args(commands.iter().flat_map(|command| ["-ex", command]));
    gdb.arg("--args").arg(env::current_exe().unwrap()).args([
        "--exact",
        TEST,
        "--nocapture",
        "--test-threads=1",
    ]);
    let output = gdb.env("UNDER_GDB", "1").env("PLUGIN", fixture("lifecycle")).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("ptrace: Operation not permitted") || text.contains("Could not trace the inferior") {
        skip("gdb may not trace here");
        return;
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let directory = text
        .lines()
        .find_map(|line| line.strip_prefix("staged in "))
        .unwrap_or_else(|| panic!("{text}\n{errors}"));
    let place = format!(" at lifecycle/src/lib.rs:{line}");
    let stopped = text.lines().any(|text| text.starts_with("#0 ") && text.ends_with(&place));
    assert!(stopped, "{text}\n{errors}");
    assert!(text.contains(&format!("{directory}/liblifecycle.so")), "{text}\n{errors}");
    assert!(text.contains("sum 3"), "{text}\n{errors}");
    assert!(fs::metadata(directory).is_err(), "the test under gdb ended");
}
