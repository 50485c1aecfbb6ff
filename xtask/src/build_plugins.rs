//! `build-plugins`: one cargo build, then every shared library staged, read and judged as a host would.

use std::{
    collections::HashSet,
    env::{self, consts::DLL_SUFFIX},
    ffi::OsString,
    fs,
    io::{self, Write},
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
};

use clap::Args;
use plugin_host::{InspectError, Inspected, ToolchainPolicy};

use crate::{
    cargo::{self, Built},
    error::TaskError,
    lock::Lock,
    stage::{DebugInfo, Purpose, Stage},
    table,
    workspace::{PluginCrate, Remembered, Workspace},
};

#[derive(Args, Default)]
pub(crate) struct Options {
    /// Where the plugins go; if not given, `plugins` in the target directory
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// Only this plugin crate; may be repeated
    #[arg(short, long, value_name = "NAME")]
    package: Vec<String>,
    /// Features to activate, separated by commas or spaces; may be repeated
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    #[arg(skip)]
    hosts: &'static [&'static str],
}

impl Options {
    /// All plugins and some programs with optimisations; in one build, so that what they share is compiled once.
    pub(crate) fn optimised_with(hosts: &'static [&'static str]) -> Self {
        Self { release: true, hosts, ..Self::default() }
    }

    /// Where the plugins go.
    pub(crate) fn directory(&self, workspace: &Workspace) -> PathBuf {
        self.out.clone().unwrap_or_else(|| workspace.target_directory().join("plugins"))
    }

    pub(crate) fn and_features(mut self, features: &[&str]) -> Self {
        self.features.extend(features.iter().map(ToString::to_string));
        self
    }
}

/// What was put where.
pub(crate) struct Plugins {
    pub(crate) directory: PathBuf,
    pub(crate) built: Built,
    /// The files that were not there before, or were others.
    pub(crate) replaced: Vec<String>,
}

/// Only cargo's part of it.
pub(crate) fn compile(options: &Options, workspace: &Workspace) -> Result<Built, TaskError> {
    let chosen = choose(&workspace.plugins()?, &options.package)?;
    cargo::build(build_arguments(options, &chosen))
}

/// The task, on the workspace of the current directory. Cargo is asked about that while it builds what it said the last time,
/// and builds once more in the rare case that it says something else now.
pub(crate) fn run_here(options: &Options) -> Result<(), TaskError> {
    let (said, ahead) = thread::scope(|scope| {
        let asked = scope.spawn(Workspace::ask);
        let ahead = Remembered::find().map(|Remembered { workspace, text }| {
            let built = compile(options, &workspace);
            (workspace, text, built)
        });
        (asked.join(), ahead)
    });
    let said = said.unwrap_or_else(|panic| resume_unwind(panic))?;
    let (workspace, built) = match ahead {
        Some((workspace, text, built)) if text == said => (workspace, built?),
        _ => {
            let workspace = Workspace::said(&said)?;
            let built = compile(options, &workspace)?;
            (workspace, built)
        }
    };
    show(put(options, &workspace, built)?, &workspace).map(drop)
}

pub(crate) fn run(options: &Options, workspace: &Workspace) -> Result<Plugins, TaskError> {
    show(build(options, workspace)?, workspace)
}

fn show((plugins, rows): (Plugins, Vec<[String; 5]>), workspace: &Workspace) -> Result<Plugins, TaskError> {
    let table = table::aligned(&rows);
    let directory = briefly(&plugins.directory);
    writeln!(io::stdout(), "{table}\n{} in {}", count(rows.len()), directory.display())
        .map_err(TaskError::Output)?;
    strangers(&plugins.directory, &workspace.plugins()?)?;
    Ok(plugins)
}

/// Builds, stages and judges; returns what was done, and a row about each plugin.
pub(crate) fn build(
    options: &Options,
    workspace: &Workspace,
) -> Result<(Plugins, Vec<[String; 5]>), TaskError> {
    put(options, workspace, compile(options, workspace)?)
}

/// Puts what was built in its place, once it is judged.
fn put(
    options: &Options,
    workspace: &Workspace,
    built: Built,
) -> Result<(Plugins, Vec<[String; 5]>), TaskError> {
    let chosen = choose(&workspace.plugins()?, &options.package)?;
    let directory = options.directory(workspace);
    let purpose = if options.release { Purpose::Shipping } else { Purpose::Development };

    let stage = Stage::new(&directory)?;
    let mut lock = Lock::of(&directory)?;
    let mut rows = Vec::new();
    let mut unsplit = Vec::new();
    for plugin in &chosen {
        let artefact = built
            .shared_library(&plugin.id)
            .ok_or_else(|| TaskError::NoLibrary { package: plugin.package.clone() })?;
        if let Some(place) = stage.made_before(&artefact, &plugin.file)
            && lock.has(&plugin.file, &place)?
        {
            rows.push(judge(plugin, &place)?);
            continue;
        }
        let format = read(plugin, &artefact)?.format();
        let (staged, debug_info) = stage.add(&artefact, &plugin.file, format, purpose)?;
        let row = judge(plugin, &staged)?;
        let [name, version, ..] = &row;
        lock.put(&staged, &plugin.file, (name.clone(), version.clone()))?;
        rows.push(row);
        if let DebugInfo::Inside { reason } = debug_info {
            unsplit.push((plugin.file.as_str(), reason));
        }
    }
    lock.write(&stage)?;
    // Only now, when all of them are good, does any of them replace what is there.
    let replaced = stage.publish()?;
    for (file, reason) in unsplit {
        eprintln!("note: {file} keeps its debug information inside: {reason}");
    }
    Ok((Plugins { directory, built, replaced }, rows))
}

fn choose(all: &[PluginCrate], names: &[String]) -> Result<Vec<PluginCrate>, TaskError> {
    if names.is_empty() {
        return Ok(all.to_vec());
    }
    if let Some(name) = names.iter().find(|name| !all.iter().any(|plugin| plugin.package == **name)) {
        return Err(TaskError::UnknownPlugin {
            name: name.clone(),
            known: all.iter().map(|plugin| plugin.package.clone()).collect(),
        });
    }
    Ok(all.iter().filter(|plugin| names.contains(&plugin.package)).cloned().collect())
}

fn build_arguments(options: &Options, chosen: &[PluginCrate]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["--lib".into()];
    for plugin in chosen {
        arguments.extend(["--package".into(), plugin.package.clone().into()]);
    }
    for host in options.hosts {
        arguments.extend(["--package", host, "--bin", host].map(Into::into));
    }
    for features in &options.features {
        arguments.extend(["--features".into(), features.into()]);
    }
    if options.release {
        arguments.push("--release".into());
    }
    arguments
}

fn read(plugin: &PluginCrate, file: &Path) -> Result<Inspected, TaskError> {
    Inspected::read(file).map_err(|error| match error {
        InspectError::NoDescriptor { path } => TaskError::NoPlugin {
            package: plugin.package.clone(),
            file: path,
            manifest: plugin.manifest.clone(),
        },
        source => TaskError::Unreadable { package: plugin.package.clone(), source },
    })
}

/// Judges a staged file as a host would, and describes it in a row.
fn judge(plugin: &PluginCrate, staged: &Path) -> Result<[String; 5], TaskError> {
    let inspected = read(plugin, staged)?;
    plugin_host::check(&inspected, ToolchainPolicy::Strict)
        .map_err(|source| TaskError::Unfit { package: plugin.package.clone(), source: Box::new(source) })?;
    let descriptor = inspected.descriptor().map_err(|source| TaskError::Unreadable {
        package: plugin.package.clone(),
        source: InspectError::Descriptor { path: staged.to_owned(), source },
    })?;
    let mut provides: Vec<String> =
        descriptor.provides().map(|interface| format!("{} {}", interface.id, interface.version)).collect();
    provides.extend(descriptor.symbols().iter().map(|symbol| symbol.name.to_owned()));
    Ok([
        descriptor.name.to_owned(),
        descriptor.version.to_owned(),
        provides.join(", "),
        format!("{:.1} kB", inspected.size() as f64 / 1e3),
        inspected.fingerprint().to_string(),
    ])
}

/// Says which libraries in the directory are not this workspace's: a host that discovers plugins would open them, too.
fn strangers(directory: &Path, all: &[PluginCrate]) -> Result<(), TaskError> {
    let own: HashSet<&str> = all.iter().map(|plugin| plugin.file.as_str()).collect();
    for entry in fs::read_dir(directory).map_err(TaskError::file("list", directory))? {
        let name = entry.map_err(TaskError::file("list", directory))?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(DLL_SUFFIX) && !own.contains(&*name) {
            eprintln!("note: {name} is there as well, which no plugin crate of the workspace builds");
        }
    }
    Ok(())
}

/// A path as somebody in the current directory would type it.
fn briefly(path: &Path) -> PathBuf {
    let here = env::current_dir().ok();
    let inside = here.and_then(|here| path.strip_prefix(here).ok());
    inside.unwrap_or(path).to_owned()
}

fn count(plugins: usize) -> String {
    match plugins {
        1 => "1 plugin".to_owned(),
        _ => format!("{plugins} plugins"),
    }
}
