//! A file that is changed between any two steps of an open.

use std::{fs, path::Path, time::Duration};

use integration::{Child, Stage};
use plugin_host::{
    FileError, Host, InspectError, LoadError, OpenError, Plugin, TrustError,
    test_hooks::{Step, observe},
};

use super::{signatures::Key, tracing, trusting};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Policy {
    Directory,
    Digests,
    Signers,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    /// Another file takes the name.
    Rename,
    /// The file itself gets other bytes.
    Rewrite,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    /// The code that was there runs.
    Old,
    /// The code that came runs: it was there before the file was opened, and is as trusted.
    New,
    /// Neither runs.
    Refused(&'static str),
}

fn expected(policy: Policy, change: Change, step: Step) -> Outcome {
    use Outcome::{New, Old, Refused};
    use Step::{Copied, Inspected, Judged, Loading, Mapped, Opened, Resolved, Trusted};
    let refused = match policy {
        Policy::Directory => Refused("changed in place"),
        Policy::Digests => Refused("another digest"),
        Policy::Signers => Refused("another file's signature"),
    };
    match (policy, change, step) {
        (Policy::Directory, _, Resolved) => New,
        (Policy::Digests | Policy::Signers, _, Resolved) => refused,
        (Policy::Digests | Policy::Signers, Change::Rewrite, Opened) => refused,
        (Policy::Digests | Policy::Signers, Change::Rewrite, _) | (_, Change::Rename, _) => Old,
        (Policy::Directory, Change::Rewrite, Opened | Trusted | Inspected | Judged | Loading) => refused,
        // Never reached, and: mapped code that is changed in place is beyond help.
        (Policy::Directory, Change::Rewrite, Copied | Mapped) => Old,
    }
}

struct Scene {
    stage: Stage,
    policy: Policy,
    key: Key,
}

impl Scene {
    fn new(policy: Policy) -> Self {
        let stage = Stage::new();
        let plugin = stage.write("libplugin.so", tracing(&stage.path().join("old")));
        // Long ago, so that a change is seen where the file system counts time in coarse steps.
        let file = fs::File::options().write(true).open(plugin).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
        Self { stage, policy, key: Key::new() }
    }

    fn path(&self) -> std::path::PathBuf {
        self.stage.path().join("libplugin.so")
    }

    fn host(&self) -> Host {
        match self.policy {
            Policy::Directory => self.stage.host(),
            Policy::Digests => trusting(&[&self.path()]).searching(self.stage.path()),
            Policy::Signers => {
                self.key.sign(&self.path());
                self.key.host().searching(self.stage.path())
            }
        }
    }

    /// Opens the plugin, and changes it at a step.
    fn open(&self, change: Change, step: Step) -> Result<Plugin, OpenError> {
        let host = self.host();
        let new = self.stage.write("new", tracing(&self.stage.path().join("new-ran")));
        let path = self.path();
        let at = move |reached| {
            if reached == step {
                self::change(change, &new, &path);
            }
        };
        observe(at, || host.open("plugin"))
    }

    fn outcome(&self, opened: Result<Plugin, OpenError>) -> Outcome {
        let ran = ["old", "new-ran"].map(|trace| self.stage.path().join(trace).exists());
        match (opened, ran) {
            (Ok(_), [true, false]) => Outcome::Old,
            (Ok(_), [false, true]) => Outcome::New,
            (Err(OpenError::Untrusted(TrustError::Digest { .. })), [false, false]) => {
                Outcome::Refused("another digest")
            }
            (Err(OpenError::Untrusted(TrustError::Forged { .. })), [false, false]) => {
                Outcome::Refused("another file's signature")
            }
            (Err(OpenError::Load(LoadError::Rewritten { .. })), [false, false]) => {
                Outcome::Refused("changed in place")
            }
            (opened, ran) => panic!("{opened:?}, the old code and the new ran: {ran:?}"),
        }
    }
}

fn change(change: Change, new: &Path, path: &Path) {
    match change {
        Change::Rename => fs::rename(new, path).unwrap(),
        Change::Rewrite => fs::write(path, fs::read(new).unwrap()).unwrap(),
    }
}

#[test]
fn what_was_verified_is_what_runs_whenever_the_file_is_changed() {
    let body = || {
        for policy in [Policy::Directory, Policy::Digests, Policy::Signers] {
            for change in [Change::Rename, Change::Rewrite] {
                for step in Step::ALL {
                    if (policy, change, step) == (Policy::Directory, Change::Rewrite, Step::Mapped) {
                        continue;
                    }
                    let scene = Scene::new(policy);
                    let opened = scene.open(change, step);
                    assert_eq!(
                        scene.outcome(opened),
                        expected(policy, change, step),
                        "{policy:?}, {change:?} after {step:?}"
                    );
                }
            }
        }
    };
    Child::of("trust::changes::what_was_verified_is_what_runs_whenever_the_file_is_changed")
        .within(Duration::from_secs(300))
        .passes(body);
}

/// Else the test above would hold for a plugin that leaves no trace, or for steps that nobody takes.
#[test]
fn the_new_file_would_run_and_every_step_is_taken() {
    let body = || {
        let scene = Scene::new(Policy::Digests);
        let steps = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let seen = std::rc::Rc::clone(&steps);
        observe(move |step| seen.borrow_mut().push(step), || scene.host().open("plugin")).unwrap();
        assert_eq!(*steps.borrow(), Step::ALL);
        let scene = Scene::new(Policy::Directory);
        change(
            Change::Rename,
            &scene.stage.write("new", tracing(&scene.stage.path().join("new-ran"))),
            &scene.path(),
        );
        let opened = scene.host().open("plugin");
        assert_eq!(scene.outcome(opened), Outcome::New);
    };
    Child::of("trust::changes::the_new_file_would_run_and_every_step_is_taken").passes(body);
}

/// A link that comes between the resolution and the opening of a path leads nowhere, also in a trusted directory: neither
/// by a path that has to be resolved first, nor by one that is opened at once.
#[test]
fn a_link_that_comes_after_the_path_was_resolved_is_not_followed() {
    for is_plain in [false, true] {
        let stage = Stage::new();
        let inside = stage.path().join("inside");
        fs::create_dir(&inside).unwrap();
        let outside = Stage::new();
        for stage in [&inside, outside.path()] {
            fs::write(stage.join("libplugin.so"), tracing(&outside.path().join("ran"))).unwrap();
        }
        let link = outside.path().join("link");
        std::os::unix::fs::symlink(&inside, &link).unwrap();
        let swap = {
            let (inside, to) = (inside.clone(), outside.path().to_owned());
            move |step| {
                if step == Step::Resolved {
                    fs::remove_dir_all(&inside).unwrap();
                    std::os::unix::fs::symlink(&to, &inside).unwrap();
                }
            }
        };
        let path = if is_plain { inside } else { link }.join("libplugin.so");
        let error = observe(swap, || stage.host().open(path)).unwrap_err();
        let is_expected = match &error {
            // As if it had been opened a moment later.
            OpenError::Untrusted(TrustError::Outside { .. }) => is_plain,
            OpenError::Inspect(InspectError::File(FileError::Io { .. })) => !is_plain,
            _ => false,
        };
        assert!(is_expected, "{error:?}");
        assert!(!outside.path().join("ran").exists());
    }
}
