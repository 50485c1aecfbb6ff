//! What cargo said of a workspace the last time. It most likely says the same again, so a build need not wait for that.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use super::Workspace;
use crate::stage;

/// In the target directory.
const FILE: &str = "xtask-workspace.json";

/// A workspace as it was, and cargo's words.
pub(crate) struct Remembered {
    pub(crate) workspace: Workspace,
    pub(crate) text: String,
}

impl Remembered {
    /// What is remembered of the workspace of the current directory, if none of its manifests was changed since. Only cargo
    /// knows whether it holds: a member may be new.
    pub(crate) fn find() -> Option<Self> {
        let here = env::current_dir().ok()?;
        let (file, text) =
            places(&here).find_map(|file| fs::read_to_string(&file).ok().map(|text| (file, text)))?;
        let workspace = Workspace::parse(&text).ok()?;
        let nearest = here.ancestors().map(manifest_in).find(|manifest| manifest.is_file())?;
        let manifests = workspace.manifests();
        let written = modified(&file)?;
        let is_older = |manifest: &PathBuf| modified(manifest).is_some_and(|changed| changed < written);
        let is_fresh = manifests.contains(&nearest) && manifests.iter().all(is_older);
        is_fresh.then_some(Self { workspace, text })
    }
}

/// Remembers a workspace; if that fails, the next build asks first.
pub(super) fn remember(workspace: &Workspace, text: &str) {
    let directory = workspace.target_directory();
    let _ = fs::create_dir_all(directory).map(|()| stage::replace(&directory.join(FILE), text));
}

/// Where the workspace of a directory may have its target directory, as far as that can be told without cargo.
fn places(here: &Path) -> impl Iterator<Item = PathBuf> {
    let named = ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"].into_iter().find_map(env::var_os);
    let usual = here.ancestors().filter(|directory| manifest_in(directory).is_file());
    let usual = usual.map(|directory| directory.join("target")).filter({
        let is_named = named.is_some();
        move |_| !is_named
    });
    named.map(|named| here.join(named)).into_iter().chain(usual).map(|directory| directory.join(FILE))
}

fn manifest_in(directory: &Path) -> PathBuf {
    directory.join("Cargo.toml")
}

fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|metadata| metadata.modified()).ok()
}
