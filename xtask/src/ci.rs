//! `ci`: what continuous integration runs, one step each.

use std::time::Instant;

use clap::ValueEnum;

use crate::{bench, cargo, demo, error::TaskError, sanitize, size, workspace::Workspace};

/// The features that go together.
const FEATURES: &str = "codec-demo/linked,format/linked,plugin-core/log,plugin-core/tokio,plugin-core/tracing,plugin-host/cli,plugin-host/log,plugin-host/tracing";

/// The steps, in the order in which they run: the quick ones first. A new one is a variant here and an arm in
/// [`Step::run`].
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Step {
    Fmt,
    Clippy,
    Doc,
    Test,
    Size,
    Demo,
    Bench,
    Sanitize,
}

pub(crate) fn run(only: Vec<Step>, workspace: &Workspace) -> Result<(), TaskError> {
    let steps = if only.is_empty() {
        let all = Step::value_variants().iter().copied();
        all.filter(|step| {
            !matches!(step, Step::Demo | Step::Size | Step::Bench | Step::Sanitize)
                || demo::HOSTS.iter().all(|host| workspace.has_package(host))
        })
        .collect()
    } else {
        only
    };
    for step in steps {
        let name = step.name();
        let start = Instant::now();
        eprintln!("ci: {name}");
        step.run(workspace)
            .map_err(|source| TaskError::Step { step: name.clone(), source: Box::new(source) })?;
        eprintln!("ci: {name} passed in {:.1} s", start.elapsed().as_secs_f64());
    }
    Ok(())
}

impl Step {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    fn run(self, workspace: &Workspace) -> Result<(), TaskError> {
        match self {
            Self::Fmt => cargo::run(&["fmt", "--all", "--check"], &[]),
            // A program with an allocator of its own is incompatible with one feature, by intent.
            Self::Clippy => {
                cargo::run(
                    &["clippy", "--workspace", "--all-targets", "--features", FEATURES, "--", "-Dwarnings"],
                    &[],
                )?;
                let alone =
                    ["clippy", "-p", "plugin-core", "--features", "system-allocator", "--", "-Dwarnings"];
                cargo::run(&alone, &[])
            }
            Self::Doc => cargo::run(
                &["doc", "--workspace", "--no-deps", "--all-features"],
                &[("RUSTDOCFLAGS", "-Dwarnings")],
            ),
            // The README's command, and then what it leaves out: the command line is a feature.
            Self::Test => cargo::run(&["test", "--workspace"], &[]).and_then(|()| {
                cargo::run(&["test", "-p", "plugin-host", "--features", "cli", "--test", "cli"], &[])
            }),
            Self::Size => size::run(workspace),
            Self::Demo => demo::run(None, workspace).and_then(|()| demo::run_static(None, workspace)),
            // After the demonstration, which builds in release, too.
            Self::Bench => bench::run(&bench::Options::smoke(), workspace).and_then(|()| {
                cargo::run(&["bench", "--package", bench::PACKAGE, "--bench", "calls", "--", "--test"], &[])
            }),
            // Everything under both takes half an hour.
            Self::Sanitize => sanitize::run(&sanitize::Options::smoke(), workspace),
        }
    }
}
