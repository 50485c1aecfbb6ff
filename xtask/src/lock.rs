//! `plugins.lock`: the digests of the plugins in a directory, for hosts that trust nothing else.

use std::{collections::BTreeMap, path::Path};

use plugin_host::{Digest, DigestAlgorithm, DigestEntry, DigestList};

use crate::{
    error::TaskError,
    stage::{LOCK_FILE, Stage},
};

const HEADER: &str = "\
# Written by `cargo xtask build-plugins`. A host that trusts this list loads these files and no others.
# Check it with `sha256sum --check plugins.lock`.
";

/// A library that was staged.
pub(crate) struct Locked {
    /// Where it waits to be published.
    pub(crate) staged: std::path::PathBuf,
    /// What it will be called.
    pub(crate) file: String,
    /// The plugin's name and version.
    pub(crate) plugin: (String, String),
}

/// Puts a list of the directory's plugins on the stage: of those that are new, and those of the old list that stay.
///
/// Of files that nobody has just built only the old list's digests are taken over, never ones computed here: who knows
/// where such a file comes from.
pub(crate) fn write(stage: &Stage, directory: &Path, staged: &[Locked]) -> Result<(), TaskError> {
    let mut entries: BTreeMap<String, Vec<DigestEntry>> = BTreeMap::new();
    let old = directory.join(LOCK_FILE);
    if old.exists() {
        let list = DigestList::read(&old).map_err(TaskError::List)?;
        for entry in list.entries().iter().filter(|entry| directory.join(&entry.file).exists()) {
            entries.entry(entry.file.clone()).or_default().push(entry.clone());
        }
    }
    for Locked { staged, file, plugin } in staged {
        let digest = Digest::of_file(DigestAlgorithm::Sha256, staged).map_err(TaskError::Digest)?;
        let entry = DigestEntry { digest, file: file.clone(), plugin: Some(plugin.clone()) };
        entries.insert(file.clone(), vec![entry]);
    }
    let list = DigestList::new(entries.into_values().flatten().collect()).map_err(TaskError::Entry)?;
    stage.write(LOCK_FILE, &format!("{HEADER}\n{list}"))
}
