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

/// The list of a directory, on its way from what it was to what it will be.
///
/// Of files that nobody has just built only the old list's digests are taken over, never ones computed here: who knows
/// where such a file comes from.
pub(crate) struct Lock(BTreeMap<String, Vec<DigestEntry>>);

impl Lock {
    /// The list that is there, without the files that are not.
    pub(crate) fn of(directory: &Path) -> Result<Self, TaskError> {
        let mut entries: BTreeMap<String, Vec<DigestEntry>> = BTreeMap::new();
        let old = directory.join(LOCK_FILE);
        if old.exists() {
            let list = DigestList::read(&old).map_err(TaskError::List)?;
            for entry in list.entries().iter().filter(|entry| directory.join(&entry.file).exists()) {
                entries.entry(entry.file.clone()).or_default().push(entry.clone());
            }
        }
        Ok(Self(entries))
    }

    /// Whether the file at a place is the one that the list has under its name.
    pub(crate) fn has(&self, file: &str, place: &Path) -> Result<bool, TaskError> {
        let Some([only]) = self.0.get(file).map(Vec::as_slice) else { return Ok(false) };
        Ok(Digest::of_file(only.digest.algorithm(), place).map_err(TaskError::Digest)? == only.digest)
    }

    /// Lists a staged library, by the name that it will have, in place of what was listed so.
    pub(crate) fn put(
        &mut self,
        staged: &Path,
        file: &str,
        plugin: (String, String),
    ) -> Result<(), TaskError> {
        let digest = Digest::of_file(DigestAlgorithm::Sha256, staged).map_err(TaskError::Digest)?;
        let entry = DigestEntry { digest, file: file.to_owned(), plugin: Some(plugin) };
        self.0.insert(file.to_owned(), vec![entry]);
        Ok(())
    }

    /// Puts the list on the stage.
    pub(crate) fn write(self, stage: &Stage) -> Result<(), TaskError> {
        let list = DigestList::new(self.0.into_values().flatten().collect()).map_err(TaskError::Entry)?;
        stage.write(LOCK_FILE, &format!("{HEADER}\n{list}"))
    }
}
