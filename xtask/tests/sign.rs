//! `sign` and `verify`, with keys of this task's and of minisign's own.
#![expect(clippy::unwrap_used, reason = "a helper of tests fails them, as they do themselves")]

use std::{
    env::consts::{DLL_PREFIX, DLL_SUFFIX},
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

fn xtask(arguments: &[&dyn AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .args(arguments)
        .env("CARGO", env!("CARGO"))
        .env_remove("PLUGIN_KEY_PASSWORD")
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn passes(mut command: Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", text(&output));
    text(&output)
}

fn fails(mut command: Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}: {}", text(&output));
    text(&output)
}

fn text(output: &Output) -> String {
    [&*output.stdout, &*output.stderr].map(String::from_utf8_lossy).concat()
}

/// A directory with a plugin in it.
fn staged() -> (TempDir, PathBuf) {
    let out = tempfile::tempdir().unwrap();
    passes(xtask(&[&"build-plugins", &"-p", &"greeter", &"--out", &out.path()]));
    let plugin = out.path().join(format!("{DLL_PREFIX}greeter{DLL_SUFFIX}"));
    (out, plugin)
}

fn signature(plugin: &Path) -> PathBuf {
    plugin_host::signature_file(plugin)
}

#[test]
fn what_is_signed_is_verified_and_nothing_else() {
    let (out, plugin) = staged();
    let [key, other] = ["key", "other"].map(|name| out.path().join(name));
    let public = |key: &Path| key.with_extension("pub");
    for key in [&key, &other] {
        passes(xtask(&[&"sign", &"--new-key", key, &"--no-password"]));
        #[cfg(unix)]
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&fs::metadata(key).unwrap()) & 0o777, 0o600);
    }
    let refused = fails(xtask(&[&"sign", &"--new-key", &key, &"--no-password"]));
    assert!(refused.contains("cannot create"), "no key is written over: {refused}");

    let verify = |public: &Path| xtask(&[&"verify", &"--key", &public, &plugin]);
    assert!(fails(verify(&public(&key))).contains("is not signed"));
    let said = passes(xtask(&[&"sign", &"--key", &key, &plugin]));
    assert!(said.contains("plugin:greeter version:0.1.0 target:"), "{said}");
    assert!(passes(verify(&public(&key))).contains("greeter 0.1.0 is good"));
    assert!(fails(verify(&public(&other))).contains("is signed by the key"));
    let both = xtask(&[&"verify", &"--key", &public(&other), &"--key", &public(&key), &plugin]);
    passes(both);

    let revoked = out.path().join("revoked.txt");
    fs::write(&revoked, "minimum greeter 0.2.0\n").unwrap();
    let verify = xtask(&[&"verify", &"--key", &public(&key), &"--revoked", &revoked, &plugin]);
    assert!(fails(verify).contains("greeter 0.1.0, which is too old: expected 0.2.0 or newer"));

    // The list of digests, which needs no key.
    let lock = out.path().join("plugins.lock");
    passes(xtask(&[&"verify", &"--lock", &lock, &plugin]));
    let mut bytes = fs::read(&plugin).unwrap();
    bytes.push(0);
    fs::write(&plugin, bytes).unwrap();
    assert!(fails(xtask(&[&"verify", &"--lock", &lock, &plugin])).contains("the digest of"));
    let forged = fails(xtask(&[&"verify", &"--key", &public(&key), &plugin]));
    assert!(forged.contains("is not one of these bytes") && forged.contains("1 of 1"), "{forged}");
}

#[test]
fn a_password_comes_from_the_standard_input_or_the_environment() {
    let (out, plugin) = staged();
    let key = out.path().join("key");
    let with_stdin = |mut command: Command, password: &str| {
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(password.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    };
    let made = with_stdin(xtask(&[&"sign", &"--new-key", &key, &"--password-stdin"]), "secret\n");
    assert!(made.status.success(), "{}", text(&made));
    let mut sign = xtask(&[&"sign", &"--key", &key, &plugin]);
    sign.env("PLUGIN_KEY_PASSWORD", "secret");
    passes(sign);
    passes(xtask(&[&"verify", &"--key", &key.with_extension("pub"), &plugin]));
    let mut wrong = xtask(&[&"sign", &"--key", &key, &plugin]);
    wrong.env("PLUGIN_KEY_PASSWORD", "guess");
    assert!(fails(wrong).contains("cannot use the key"));
}

/// Both ways: minisign verifies what this signs, and hosts take what minisign signs.
#[test]
fn signatures_and_keys_are_those_of_minisign() {
    if Command::new("minisign").arg("-v").output().is_err() {
        // Past the capture of what a test prints.
        writeln!(
            std::io::stderr(),
            "SKIPPED signatures_and_keys_are_those_of_minisign: there is no `minisign`"
        )
        .unwrap();
        assert!(std::env::var_os("CI").is_none(), "continuous integration has to have minisign");
        return;
    }
    let minisign = |arguments: &[&dyn AsRef<OsStr>]| {
        let mut command = Command::new("minisign");
        command.args(arguments);
        command
    };
    let (out, plugin) = staged();
    let [ours, theirs] = ["ours", "theirs"].map(|name| out.path().join(name));
    let public = |key: &Path| key.with_extension("pub");
    passes(xtask(&[&"sign", &"--new-key", &ours, &"--no-password"]));
    passes(minisign(&[&"-G", &"-W", &"-s", &theirs, &"-p", &public(&theirs)]));

    for key in [&ours, &theirs] {
        passes(xtask(&[&"sign", &"--key", key, &plugin]));
        let said = passes(minisign(&[&"-V", &"-p", &public(key), &"-m", &plugin]));
        assert!(said.contains("plugin:greeter"), "{said}");
        passes(xtask(&[&"verify", &"--key", &public(key), &plugin]));

        let comment = fs::read_to_string(signature(&plugin)).unwrap();
        let comment = comment.lines().nth(2).unwrap().trim_start_matches("trusted comment: ").to_owned();
        fs::remove_file(signature(&plugin)).unwrap();
        passes(minisign(&[&"-S", &"-W", &"-s", key, &"-t", &comment, &"-m", &plugin]));
        passes(xtask(&[&"verify", &"--key", &public(key), &plugin]));

        // Without the comment it is a good signature of minisign's, but not of this plugin.
        passes(minisign(&[&"-S", &"-W", &"-s", key, &"-m", &plugin]));
        passes(minisign(&[&"-V", &"-p", &public(key), &"-m", &plugin]));
        let refused = fails(xtask(&[&"verify", &"--key", &public(key), &plugin]));
        assert!(refused.contains("expected `plugin:greeter` in its comment, found none"), "{refused}");

        passes(minisign(&[&"-S", &"-l", &"-W", &"-s", key, &"-t", &comment, &"-m", &plugin]));
        let refused = fails(xtask(&[&"verify", &"--key", &public(key), &plugin]));
        assert!(refused.contains("legacy"), "{refused}");
    }
}
