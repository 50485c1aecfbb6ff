//! File systems from which no code may run.

use std::{env, fs, process::Command};

use integration::{Stage, skip};
use plugin_host::{Host, OpenError, TrustError};

use super::{tracing, trusting};

const INSIDE: &str = "TRUST_MOUNTS_INSIDE";

/// In a mount namespace of its own, if this user may have one; it says so if not.
#[test]
fn nothing_is_loaded_from_a_noexec_mount_under_any_kind_of_trust() {
    let test = "trust::mounts::nothing_is_loaded_from_a_noexec_mount_under_any_kind_of_trust";
    let Some(place) = env::var_os(INSIDE) else {
        let stage = Stage::new();
        let mount = "mount -t tmpfs -o noexec,mode=755 tmpfs \"$1\" || exit 77; exec \"$2\" --exact \"$3\" --nocapture";
        let ran = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", mount, "sh"])
            .arg(stage.path().canonicalize().unwrap())
            .args([env::current_exe().unwrap().as_os_str(), test.as_ref()])
            .env(INSIDE, stage.path())
            .output();
        match ran {
            Ok(ran) if ran.status.success() => {
                assert!(String::from_utf8_lossy(&ran.stdout).contains("1 passed"), "{ran:?}");
            }
            Ok(ran) if ran.status.code() == Some(101) => panic!("{}", String::from_utf8_lossy(&ran.stderr)),
            not_run => skip(&format!("this user may mount nothing: {not_run:?}")),
        }
        return;
    };
    let place = fs::canonicalize(place).unwrap();
    let path = place.join("libplugin.so");
    fs::write(&path, tracing(&place.join("ran"))).unwrap();
    // SAFETY: the test's own directory.
    let by_directory = unsafe { Host::trusting_dir(&place) }.unwrap();
    for host in [by_directory, trusting(&[&path])] {
        let error = host.open(&path).unwrap_err();
        assert!(
            matches!(&error, OpenError::Untrusted(TrustError::NoExec { path: of }) if *of == path),
            "{error:?}"
        );
    }
    assert!(!place.join("ran").exists());
}
