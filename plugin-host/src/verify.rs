//! Whether a file may be loaded: trust, then object, target, toolchain and interfaces, and what it asks of the system's loader, in
//! this order.
#![forbid(unsafe_code)]

mod fit;

use std::{env::consts::ARCH, path::Path, sync::Arc, time::Instant};

use plugin_core::{
    Interface, InterfaceLayout, Toolchain,
    compat::{self, Mismatch, Note, ToolchainPolicy},
    descriptor::{DecodeError, Descriptor, Head},
};

pub(crate) use fit::{fit, not_provided};

use crate::{
    error::OpenError,
    file::{Look, MaxFileSize},
    host::{Event, EventKind, EventLog, HostObject},
    inspect::{Glance, InspectError, Inspected, name_and_version},
    linked::{self, Linked, LinkedPlugin},
    needed::AllowedLibraries,
    probe::{Probe, ProbeError},
    refusal::{Case, Refusal},
    steps::{Step, reached},
    subject::{InProgram, Subject},
    trust::Trust,
};
use fit::{Fit, notes};

/// A plugin that passed every check of a host, in a file or [linked](crate::link) into this program: the only thing that can
/// be loaded, by that host ([`Host::load`](crate::Host::load)).
#[derive(Debug)]
pub struct Verified {
    subject: Subject,
    /// Whose checks it passed.
    policy: Arc<Policy>,
}

impl Verified {
    /// What was read of the file; `None` for a plugin that is linked into this program, which has none.
    #[must_use]
    pub fn inspected(&self) -> Option<&Inspected> {
        match &self.subject {
            Subject::File(inspected) => Some(inspected),
            Subject::Linked(_) => None,
        }
    }

    /// The plugin's own description.
    ///
    /// # Errors
    ///
    /// What is wrong with the table of types, if the plugin was verified without it: its interfaces are, by their digests, those
    /// that the host knows.
    pub fn descriptor(&self) -> Result<Descriptor<'_>, OpenError> {
        self.subject.descriptor()
    }

    /// The plugin's own description but for the types, which was decoded when the plugin was verified.
    #[must_use]
    pub fn head(&self) -> &Head<'_> {
        self.subject.head()
    }

    /// The file that the plugin is in, with every link resolved: its own, or this program's where it is linked into that.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.subject.path()
    }

    pub(crate) fn subject(&self) -> &Subject {
        &self.subject
    }

    /// Whether the plugin provides an interface: what a host asks that takes whatever plugins there are, before it loads one.
    ///
    /// ```no_run
    /// # #[plugin_core::plugin_interface]
    /// # trait Codec: Send + Sync {}
    /// use plugin_host::{Host, OpenError, Root};
    ///
    /// /// The codecs among the plugins; of the others, nothing runs.
    /// fn codecs(host: &Host) -> Result<Vec<Root<dyn Codec>>, Box<dyn std::error::Error>> {
    ///     let mut codecs = Vec::new();
    ///     for path in host.discover()? {
    ///         let verified = host.verify(path)?;
    ///         if verified.provides::<dyn Codec>()? {
    ///             codecs.push(host.load(verified)?.root::<dyn Codec>()?);
    ///         }
    ///     }
    ///     Ok(codecs)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`OpenError::Refused`] if it provides the interface in a form that does not fit.
    pub fn provides<I: ?Sized + Interface>(&self) -> Result<bool, OpenError> {
        match fit(plugin_core::__private::known::<I>(), self.subject.head()) {
            Ok(place) => Ok(place.is_some()),
            Err(mismatches) => Err(OpenError::Refused(Refusal::new(
                self.path(),
                self.subject.plugin().to_owned(),
                mismatches,
            ))),
        }
    }

    /// In what the plugin differs from the interfaces that the host [expects](crate::Host::expecting), and why it fits all
    /// the same: which side is newer, which methods run their default. Computed here: an open does not ask.
    ///
    /// ```no_run
    /// # use plugin_core::plugin_interface;
    /// # #[plugin_interface]
    /// # pub trait Codec: Send + Sync { fn compress(&self, input: &[u8]) -> Vec<u8>; }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # // SAFETY: an example that is not run.
    /// # let host = unsafe { plugin_host::Host::trusting_dir("plugins") }?;
    /// let verified = host.expecting::<dyn Codec>().verify("lz4")?;
    /// for note in verified.notes() {
    ///     println!("{note}"); // Codec::level: the plugin lacks it; the host's default runs (since 1.1.0)
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let Ok(plugin) = self.descriptor() else {
            return Vec::new();
        };
        self.policy.expected.iter().flat_map(|known| notes(known, &plugin)).collect()
    }

    /// Loads it in a process of its own, if its host asks for that.
    pub(crate) fn probe(&self) -> Result<(), ProbeError> {
        // What is linked is in this process already.
        let probed = self.policy.probe.as_ref().zip(self.inspected());
        probed.map_or(Ok(()), |(probe, inspected)| probe.load(inspected))
    }

    /// Whether it passed the checks of this very policy: another one may have asked for less.
    pub(crate) fn is_by(&self, policy: &Arc<Policy>) -> bool {
        Arc::ptr_eq(&self.policy, policy)
    }
}

/// Whether a host that is built like this program takes the build of a plugin; for tools, which load nothing.
///
/// Nobody is asked for trust here, and no interface is expected: [`Host::verify`](crate::Host::verify) is the whole answer.
///
/// ```no_run
/// use plugin_host::{Inspected, ToolchainPolicy};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let built = Inspected::read("target/debug/libcodec_lz4.so")?;
/// plugin_host::check(&built, ToolchainPolicy::Strict)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// The reason why it would not be opened.
pub fn check(plugin: &Inspected, toolchain: ToolchainPolicy) -> Result<(), OpenError> {
    let policy = Arc::new(Policy { toolchain, ..Policy::default() });
    let unreadable = |source| InspectError::Descriptor { path: plugin.path().to_owned(), source };
    // A tool is not to pass what a host would find unreadable when it needs the types.
    plugin.descriptor().map_err(unreadable)?;
    policy.judge(&Judged::seen(&plugin.glance()), None)?;
    no_hazard(plugin)
}

/// One interface that a host knows: a slice of length one, because that is what a constant can refer to.
pub(crate) type Known = &'static [&'static InterfaceLayout];

/// What a host asks of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    pub(crate) trust: Trust,
    /// What is linked into this program, in the order in which names are looked for.
    pub(crate) linked: Vec<Linked>,
    pub(crate) toolchain: ToolchainPolicy,
    pub(crate) expected: Vec<Known>,
    /// What the host provides to plugins that require it.
    pub(crate) provided: Vec<HostObject>,
    /// Whether plugins of one name may be open from several files.
    pub(crate) side_by_side: bool,
    pub(crate) libraries: AllowedLibraries,
    pub(crate) max_file_size: MaxFileSize,
    pub(crate) probe: Option<Probe>,
}

impl Policy {
    /// Judges a file; `required` must be provided, what is expected must fit where it is provided.
    pub(crate) fn verify(
        self: &Arc<Self>,
        look: &Look<'_>,
        required: Option<Known>,
        events: &EventLog,
    ) -> Result<Verified, OpenError> {
        let start = Instant::now();
        let mut seen_at = start;
        let inspected = self.trust.inspect(look, self.max_file_size, |seen| {
            events.record(Event::new(EventKind::Inspected, seen.plugin, seen.path, start.elapsed()));
            seen_at = Instant::now();
            self.judge(&Judged::seen(seen), required)
        })?;
        reached(Step::Inspected);
        no_hazard(&inspected)?;
        self.libraries.judge(&inspected)?;
        reached(Step::Judged);
        Ok(self.verified(Subject::File(inspected), seen_at, events))
    }

    /// Judges a plugin that is linked into this program as if it were in a file. Nobody has to be trusted: it is the
    /// program's own code.
    pub(crate) fn verify_linked(
        self: &Arc<Self>,
        plugin: LinkedPlugin,
        required: Option<Known>,
        events: &EventLog,
    ) -> Result<Verified, OpenError> {
        let start = Instant::now();
        let descriptor = plugin.descriptor()?;
        let name_and_version = name_and_version(&descriptor);
        let linked = InProgram { plugin, descriptor, name_and_version };
        self.judge(&Judged::linked(&linked), required)?;
        Ok(self.verified(Subject::Linked(linked), start, events))
    }

    fn verified(self: &Arc<Self>, subject: Subject, since: Instant, events: &EventLog) -> Verified {
        events.record(Event::new(EventKind::Verified, subject.plugin(), subject.path(), since.elapsed()));
        Verified { subject, policy: Arc::clone(self) }
    }

    /// Judges what a plugin says about itself, whoever wrote it.
    fn judge(self: &Arc<Self>, plugin: &Judged<'_>, required: Option<Known>) -> Result<(), OpenError> {
        let &Judged { path, name, head, architecture, kept } = plugin;
        let fits = self.fits(head, architecture, required);
        if fits.map_err(|source| InspectError::Descriptor { path: path.to_owned(), source })? {
            return Ok(());
        }
        Err(OpenError::Refused(match kept {
            Some(descriptor) => Refusal::unexplained(
                path,
                name.to_owned(),
                Case {
                    descriptor: Arc::clone(descriptor),
                    architecture: architecture.to_owned(),
                    policy: Arc::clone(self),
                    required,
                },
            ),
            None => Refusal::new(path, name.to_owned(), self.mismatches(head, architecture, required)),
        }))
    }

    /// Whether [`mismatches`](Self::mismatches) finds nothing; ends at the first thing that it would find.
    fn fits(
        &self,
        plugin: &Head<'_>,
        architecture: &str,
        required: Option<Known>,
    ) -> Result<bool, DecodeError> {
        if architecture != ARCH
            || !compat::toolchain_fits(&Toolchain::CURRENT, &plugin.toolchain, self.toolchain)
        {
            return Ok(false);
        }
        for known in self.expected_but(required) {
            if fit::find(known, plugin)? == Fit::Differs {
                return Ok(false);
            }
        }
        match required.map(|required| fit::find(required, plugin)).transpose()? {
            None | Some(Fit::At(_)) => Ok(true),
            Some(Fit::Absent | Fit::Differs) => Ok(false),
        }
    }

    /// Everything in which a plugin does not fit.
    pub(crate) fn mismatches(
        &self,
        plugin: &Head<'_>,
        architecture: &str,
        required: Option<Known>,
    ) -> Vec<Mismatch> {
        let mut mismatches = compat::toolchain(&Toolchain::CURRENT, &plugin.toolchain, self.toolchain);
        if architecture != ARCH {
            mismatches.push(Mismatch {
                path: "processor of the object file".to_owned(),
                expected: ARCH.to_owned(),
                found: architecture.to_owned(),
                advice: "build the plugin for the host's target".to_owned(),
            });
        }
        if !mismatches.is_empty() {
            // Layouts of another target or toolchain differ as a matter of course: the cause is enough.
            return mismatches;
        }
        for known in self.expected_but(required) {
            mismatches.extend(fit(known, plugin).err().unwrap_or_default());
        }
        if let Some(required) = required {
            match fit(required, plugin) {
                Ok(Some(_)) => {}
                Ok(None) => mismatches.push(not_provided(required, plugin)),
                Err(found) => mismatches.extend(found),
            }
        }
        mismatches
    }

    /// What is expected, without what is required anyway.
    fn expected_but(&self, required: Option<Known>) -> impl Iterator<Item = Known> {
        let expected = self.expected.iter().copied();
        expected.filter(move |known| !required.is_some_and(|required| same(known, required)))
    }
}

/// What is judged of a plugin.
struct Judged<'a> {
    path: &'a Path,
    /// Name and version.
    name: &'a str,
    head: &'a Head<'a>,
    architecture: &'a str,
    /// The descriptor, where it can be kept for whoever asks later.
    kept: Option<&'a Arc<[u8]>>,
}

impl<'a> Judged<'a> {
    fn seen(file: &'a Glance<'_>) -> Self {
        let (head, kept) = (file.head(), Some(file.descriptor_bytes()));
        Self { path: file.path, name: file.plugin, head, architecture: file.architecture, kept }
    }

    fn linked(plugin: &'a InProgram) -> Self {
        let InProgram { plugin: _, descriptor, name_and_version } = plugin;
        let path = linked::program();
        Self { path, name: name_and_version, head: descriptor, architecture: ARCH, kept: None }
    }
}

/// Whether a library asks nothing of the system's loader that no host grants.
fn no_hazard(library: &Inspected) -> Result<(), OpenError> {
    match library.hazards().first() {
        Some(hazard) => Err(OpenError::Hazard { path: library.path().to_owned(), hazard: hazard.clone() }),
        None => Ok(()),
    }
}

fn same(one: Known, other: Known) -> bool {
    one.iter().zip(other).all(|(one, other)| {
        one.id == other.id && one.version == other.version && one.fingerprint == other.fingerprint
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::TrustError;

    #[test]
    fn nothing_is_trusted_by_default() {
        let file = std::env::current_exe().unwrap();
        let refused =
            Arc::new(Policy::default()).verify(&Look::at(file), None, &EventLog::default()).unwrap_err();
        assert!(matches!(refused, OpenError::Untrusted(TrustError::Nothing { .. })), "{refused:?}");
    }
}
