//! `watch`: `build-plugins` again and again, whenever a source has changed, until Ctrl-C.

mod sources;

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use notify::Watcher;
use plugin_host::report;

use crate::{
    build_plugins::{self, Options},
    error::TaskError,
    watch::sources::Sources,
    workspace::Workspace,
};

/// Editors write a file in several steps, and tools write many files: what comes within this time is one change.
const QUIET: Duration = Duration::from_millis(100);
/// A build does not wait longer than this for quiet.
const PATIENCE: Duration = Duration::from_secs(2);

enum Message {
    /// Something happened to a file. Whether it matters shows when the sources are looked at.
    Touched,
    Stop,
}

pub(crate) fn run(options: &Options, workspace: Workspace) -> Result<(), TaskError> {
    let (send, messages) = mpsc::channel();
    let stop = send.clone();
    // Whoever does not listen any more has stopped already.
    ctrlc::set_handler(move || _ = stop.send(Message::Stop)).map_err(TaskError::Interrupt)?;
    let mut watcher =
        notify::recommended_watcher(move |_| _ = send.send(Message::Touched)).map_err(TaskError::Watcher)?;

    let mut workspace = workspace;
    let mut sources = Sources::default();
    loop {
        let found = look(options, &workspace, &sources, &mut watcher)?;
        let changed = found.differing(&sources);
        let is_changed = !changed.is_empty();
        if is_changed {
            say(Changed(&changed, workspace.root()));
        }
        // Looked at before the build, so that what is changed during the build counts as changed after it.
        sources = found;
        if is_changed {
            let built = Workspace::of_current_directory().and_then(|now| {
                workspace = now;
                build(options, &workspace)
            });
            if let Err(error) = built {
                say(format_args!("error: {}\nwatch: waiting for a change", report(&error)));
            }
        }
        if let Next::Stop = wait(&messages) {
            say("stopped");
            return Ok(());
        }
    }
}

/// The sources as they are, with all of their directories watched: what changes after this is told.
fn look(
    options: &Options,
    workspace: &Workspace,
    before: &Sources,
    watcher: &mut impl Watcher,
) -> Result<Sources, TaskError> {
    let look = || Sources::of(&workspace.source_directories(), &excluded(options, workspace));
    let mut found = look();
    let mut new: Vec<PathBuf> = found.directories_beyond(before).map(Path::to_owned).collect();
    while !new.is_empty() {
        for directory in &new {
            watch(watcher, directory)?;
        }
        // Again: something may have got into them before they were watched.
        let again = look();
        new = again.directories_beyond(&found).map(Path::to_owned).collect();
        found = again;
    }
    Ok(found)
}

fn build(options: &Options, workspace: &Workspace) -> Result<(), TaskError> {
    let start = Instant::now();
    let (plugins, _) = build_plugins::build(options, workspace)?;
    let seconds = start.elapsed().as_secs_f64();
    match plugins.replaced.as_slice() {
        [] => say(format_args!("no plugin changed, {seconds:.1} s")),
        replaced => say(format_args!(
            "replaced {} in {}, {seconds:.1} s",
            replaced.join(", "),
            plugins.directory.display()
        )),
    }
    Ok(())
}

/// Where the builds write.
fn excluded(options: &Options, workspace: &Workspace) -> [PathBuf; 2] {
    [workspace.target_directory().to_owned(), options.directory(workspace)]
        .map(|directory| std::path::absolute(&directory).unwrap_or(directory))
}

fn watch(watcher: &mut impl Watcher, directory: &Path) -> Result<(), TaskError> {
    match watcher.watch(directory, notify::RecursiveMode::NonRecursive) {
        // Gone again; its parent tells when it comes back.
        Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => Ok(()),
        Err(source) => Err(TaskError::Watch { path: directory.to_owned(), source }),
        Ok(()) => Ok(()),
    }
}

enum Next {
    Look,
    Stop,
}

/// Waits until something happened, and then until nothing does.
fn wait(messages: &Receiver<Message>) -> Next {
    // Both senders live as long as this: one in the watcher, one in the handler.
    let Ok(Message::Touched) = messages.recv() else {
        return Next::Stop;
    };
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        match messages.recv_timeout(QUIET) {
            Ok(Message::Touched) => {}
            Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return Next::Stop,
            Err(RecvTimeoutError::Timeout) => break,
        }
    }
    Next::Look
}

fn say(what: impl fmt::Display) {
    eprintln!("watch: {what}");
}

/// The changed files, the first few by name.
struct Changed<'c>(&'c [&'c Path], &'c Path);

impl fmt::Display for Changed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMED: usize = 3;
        let Self(changed, root) = self;
        if changed.len() > NAMED {
            return write!(f, "{} files", changed.len());
        }
        for (count, path) in changed.iter().enumerate() {
            let comma = if count == 0 { "" } else { ", " };
            write!(f, "{comma}{}", path.strip_prefix(root).unwrap_or(path).display())?;
        }
        f.write_str(" changed")
    }
}
