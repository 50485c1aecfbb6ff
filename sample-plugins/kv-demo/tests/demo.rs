//! The demo itself, with the plugin that was built for it.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{env::consts, fs, path::Path, process::Command};

#[test]
fn servers_and_clients_under_two_executors_and_nothing_is_left() {
    let library = format!("{}kv_tokio{}", consts::DLL_PREFIX, consts::DLL_SUFFIX);
    let directory = tempfile::tempdir().unwrap();
    let built = Path::new(env!("CARGO_BIN_EXE_kv-demo")).with_file_name("deps").join(&library);
    fs::copy(built, directory.path().join(&library)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_kv-demo")).arg(directory.path()).output().unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}{errors}");
    for executor in ["tokio", "smol"] {
        for line in [
            "a server listens on 127.0.0.1:",
            "100 clients at once set and got 1890 bytes",
            "one client wakes another",
            "nobody has set \"never\" within 20ms",
        ] {
            assert!(text.contains(&format!("{executor}: {line}")), "{executor}: {line}\n{text}");
        }
    }
    assert!(text.contains("tokio: a later client gets Some(\"the value of key-7\")"), "{text}");
    assert!(text.contains("shut down: nobody listens on 127.0.0.1:"), "{text}");
    assert_eq!(errors, "");
}
