//! Tests in processes of their own: what may crash, hang, or leave something behind in the process.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::Read,
    path::Path,
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Names the test that a child process is to run.
const CHILD: &str = "INTEGRATION_CHILD";

/// Names the file that is there while a child builds fixtures, which may wait long for another build: its time stands still.
const BUILDING: &str = "INTEGRATION_BUILDING";

/// Which sanitizer watches the tests, under `cargo xtask sanitize`: `address` or `thread`.
const SANITIZER: &str = "SANITIZER";

/// At most so many times longer is what a sanitizer watches.
const SLOWDOWN: u32 = 10;

/// Runs a build, whose time is not that of the test.
pub(crate) fn building<R>(build: impl FnOnce() -> R) -> R {
    let Some(marker) = env::var_os(BUILDING) else { return build() };
    fs::write(&marker, "").unwrap();
    let built = build();
    fs::remove_file(&marker).unwrap();
    built
}

/// A process of its own for the body of a test.
///
/// ```no_run
/// # use integration::Child;
/// #[test]
/// fn it_ends_the_process() {
///     let Some(ended) = Child::of("module::it_ends_the_process").run(|| std::process::abort()) else { return };
///     assert!(!ended.status.success());
/// }
/// ```
#[derive(Debug)]
pub struct Child {
    test: &'static str,
    command: Command,
    limit: Duration,
}

/// What came of a [`Child`].
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// All that it wrote.
    pub output: String,
    /// All that it wrote to standard error.
    pub errors: String,
}

impl Child {
    /// For the test of this name, with its modules. It has two minutes, for which building fixtures does not count, and more
    /// under a sanitizer.
    pub fn of(test: &'static str) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", test, "--nocapture"]).env(CHILD, test);
        command.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
        Self { test, command, limit: Duration::from_secs(120) }
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Has the runtime of a sanitizer, if there is one, go by these options besides those of the run.
    #[must_use]
    pub fn sanitizer_options(mut self, options: &str) -> Self {
        for variable in ["ASAN_OPTIONS", "TSAN_OPTIONS"] {
            let of_the_run = env::var(variable).unwrap_or_default();
            self.command.env(variable, format!("{of_the_run}:{options}"));
        }
        self
    }

    /// Runs it from a copy of this program.
    #[must_use]
    pub fn program(mut self, copy: &Path) -> Self {
        let mut command = Command::new(copy);
        command.args(self.command.get_args());
        for (name, value) in self.command.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.command = command;
        self
    }

    /// Gives it another time than two minutes.
    #[must_use]
    pub const fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs the body in the child, and returns `None` there; returns to the test how the child ended. One that takes too
    /// long is killed, and fails the test.
    #[track_caller]
    pub fn run(mut self, body: impl FnOnce()) -> Option<Ended> {
        if env::var(CHILD).is_ok_and(|child| child == self.test) {
            body();
            return None;
        }
        let limit = self.limit * if env::var_os(SANITIZER).is_some() { SLOWDOWN } else { 1 };
        let directory = tempfile::tempdir().unwrap();
        let marker = directory.path().join("building");
        self.command.env(BUILDING, &marker);
        let (mut last, mut taken) = (Instant::now(), Duration::ZERO);
        let mut child = self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = collect(child.stdout.take().unwrap());
        let errors = collect(child.stderr.take().unwrap());
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            let now = Instant::now();
            if !marker.exists() {
                taken += now - last;
            }
            last = now;
            if taken > limit {
                child.kill().unwrap();
                child.wait().unwrap();
                break None;
            }
            thread::sleep(Duration::from_millis(2));
        };
        let (output, errors) = (output.join().unwrap(), errors.join().unwrap());
        let Some(status) = status else {
            panic!("{} took more than {limit:?}\n{output}\n{errors}", self.test);
        };
        // The test program takes a name that no test has for no failure.
        assert!(output.contains("running 1 test"), "there is no test {}", self.test);
        Some(Ended { status, output, errors })
    }

    /// As [`run`](Self::run), and holds that the body passes.
    #[track_caller]
    pub fn passes(self, body: impl FnOnce()) -> Option<Ended> {
        let test = self.test;
        let ended = self.run(body)?;
        assert!(ended.status.success(), "{test}: {}\n{}\n{}", ended.status, ended.output, ended.errors);
        Some(ended)
    }
}

fn collect(mut pipe: impl Read + Send + 'static) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
