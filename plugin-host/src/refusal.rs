//! A plugin whose build does not fit its host.
#![forbid(unsafe_code)]

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use plugin_core::compat::Mismatch;

use crate::{
    decode,
    verify::{Known, Policy},
};

/// The longest descriptor that is kept until somebody asks why its plugin was refused: the last events of a host are a thousand
/// of these at most. That of an interface with hundreds of methods is about as long.
const MAX_KEPT: usize = 64 << 10;

/// A plugin whose build does not fit the host, and every reason.
///
/// That it does not fit is found by the first thing that differs. What differs in all, and the words for it, are found when
/// somebody asks for the first time: [`mismatches`](Self::mismatches), `Display`, `Debug`. What the file said is kept for that.
#[derive(Clone)]
#[non_exhaustive]
pub struct Refusal {
    /// The file.
    pub path: PathBuf,
    /// Name and version of the plugin.
    pub plugin: String,
    reasons: Arc<Reasons>,
}

struct Reasons {
    case: Option<Case>,
    found: OnceLock<Vec<Mismatch>>,
}

/// What a refusal was found by.
pub(crate) struct Case {
    /// The plugin's descriptor.
    pub(crate) descriptor: Arc<[u8]>,
    /// The processor of its object file.
    pub(crate) architecture: String,
    pub(crate) policy: Arc<Policy>,
    pub(crate) required: Option<Known>,
}

impl Refusal {
    pub(crate) fn new(path: &Path, plugin: String, mismatches: Vec<Mismatch>) -> Self {
        let reasons = Arc::new(Reasons { case: None, found: OnceLock::from(mismatches) });
        Self { path: path.to_owned(), plugin, reasons }
    }

    /// One whose reasons are found when somebody asks.
    pub(crate) fn unexplained(path: &Path, plugin: String, case: Case) -> Self {
        if case.descriptor.len() > MAX_KEPT {
            return Self::new(path, plugin, case.explain());
        }
        let reasons = Arc::new(Reasons { case: Some(case), found: OnceLock::new() });
        Self { path: path.to_owned(), plugin, reasons }
    }

    /// Every difference, never empty. Computed when it is asked for the first time, by whichever thread.
    #[must_use]
    pub fn mismatches(&self) -> &[Mismatch] {
        let Reasons { case, found } = &*self.reasons;
        found.get_or_init(|| case.as_ref().map(Case::explain).unwrap_or_default())
    }
}

impl Case {
    fn explain(&self) -> Vec<Mismatch> {
        let Self { descriptor, architecture, policy, required } = self;
        // It was decoded before, or nothing would have been compared.
        decode::head(descriptor)
            .map_or_else(|_| Vec::new(), |plugin| policy.mismatches(&plugin, architecture, *required))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "plugin {} in {} does not fit this host", self.plugin, self.path.display())?;
        write_mismatches(f, self.mismatches())
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal")
            .field("path", &self.path)
            .field("plugin", &self.plugin)
            .field("mismatches", &self.mismatches())
            .finish()
    }
}

/// Two refusals are equal if they say the same.
impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        let Self { path, plugin, reasons } = self;
        *path == other.path
            && *plugin == other.plugin
            && (Arc::ptr_eq(reasons, &other.reasons) || self.mismatches() == other.mismatches())
    }
}

impl Eq for Refusal {}

/// Each mismatch on a line, and what to do about them, once.
pub(crate) fn write_mismatches(f: &mut fmt::Formatter<'_>, mismatches: &[Mismatch]) -> fmt::Result {
    for mismatch in mismatches {
        write!(f, "\n  {mismatch}")?;
    }
    let mut given: Vec<&str> = Vec::new();
    for advice in mismatches.iter().map(|mismatch| mismatch.advice.as_str()) {
        if !advice.is_empty() && !given.contains(&advice) {
            write!(f, "\n  help: {advice}")?;
            given.push(advice);
        }
    }
    Ok(())
}
