//! Whether a file may be loaded: trust, then object, target, toolchain and interfaces, in this order.
#![forbid(unsafe_code)]

use std::{env::consts::ARCH, path::Path, sync::Arc, time::Instant};

use plugin_core::{
    Interface, InterfaceLayout, Toolchain,
    compat::{self, Mismatch, Note, ToolchainPolicy, Verdict, display_provided},
    descriptor::{self, Descriptor, InterfaceEntry},
};

use crate::{
    error::{OpenError, Refusal},
    file::{Look, MaxFileSize},
    host::{Event, EventKind, EventLog, HostObject},
    inspect::{InspectError, Inspected, name_and_version},
    linked::{Linked, LinkedPlugin},
    needed::AllowedLibraries,
    object_file::Hazard,
    probe::{Probe, ProbeError},
    steps::{Step, reached},
    subject::{InProgram, Subject},
    trust::Trust,
};

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
    /// None in practice: it was decoded once when the plugin was verified.
    pub fn descriptor(&self) -> Result<Descriptor<'_>, OpenError> {
        self.subject.descriptor()
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
        let descriptor = self.descriptor()?;
        match fit(plugin_core::__private::known::<I>(), &descriptor) {
            Ok(place) => Ok(place.is_some()),
            Err(mismatches) => {
                Err(OpenError::Refused(Refusal::new(self.path(), name_and_version(&descriptor), mismatches)))
            }
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
    let policy = Policy { toolchain, ..Policy::default() };
    let descriptor = plugin
        .descriptor()
        .map_err(|source| InspectError::Descriptor { path: plugin.path().to_owned(), source })?;
    policy.judge(&Judged::file(plugin, &descriptor), None)
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
        let inspected = self.trust.inspect(look, self.max_file_size)?;
        reached(Step::Inspected);
        events.record(Event::new(EventKind::Inspected, &inspected.plugin, inspected.path(), start.elapsed()));
        self.verified(Subject::File(inspected), required, events)
    }

    /// Judges a plugin that is linked into this program as if it were in a file. Nobody has to be trusted: it is the
    /// program's own code.
    pub(crate) fn verify_linked(
        self: &Arc<Self>,
        plugin: LinkedPlugin,
        required: Option<Known>,
        events: &EventLog,
    ) -> Result<Verified, OpenError> {
        let descriptor = plugin.descriptor()?;
        let name_and_version = name_and_version(&descriptor);
        let linked = InProgram { plugin, descriptor, name_and_version };
        self.verified(Subject::Linked(linked), required, events)
    }

    fn verified(
        self: &Arc<Self>,
        subject: Subject,
        required: Option<Known>,
        events: &EventLog,
    ) -> Result<Verified, OpenError> {
        let start = Instant::now();
        let descriptor = subject.descriptor()?;
        let judged = match &subject {
            Subject::File(inspected) => Judged::file(inspected, &descriptor),
            Subject::Linked(_) => Judged::linked(subject.path(), &descriptor),
        };
        self.judge(&judged, required)?;
        if let Subject::File(inspected) = &subject {
            self.libraries.judge(inspected)?;
            reached(Step::Judged);
        }
        events.record(Event::new(EventKind::Verified, subject.plugin(), subject.path(), start.elapsed()));
        Ok(Verified { subject, policy: Arc::clone(self) })
    }

    /// Judges what a plugin says about itself, whoever wrote it.
    fn judge(&self, plugin: &Judged<'_>, required: Option<Known>) -> Result<(), OpenError> {
        if let Some(hazard) = plugin.hazards.first() {
            return Err(OpenError::Hazard { path: plugin.path.to_owned(), hazard: hazard.clone() });
        }
        let mismatches = self.mismatches(plugin, required);
        if !mismatches.is_empty() {
            let name = name_and_version(plugin.descriptor);
            return Err(OpenError::Refused(Refusal::new(plugin.path, name, mismatches)));
        }
        Ok(())
    }

    fn mismatches(&self, judged: &Judged<'_>, required: Option<Known>) -> Vec<Mismatch> {
        let plugin = judged.descriptor;
        let mut mismatches = compat::toolchain(&Toolchain::CURRENT, &plugin.toolchain, self.toolchain);
        if judged.architecture != ARCH {
            mismatches.push(Mismatch {
                path: "processor of the object file".to_owned(),
                expected: ARCH.to_owned(),
                found: judged.architecture.to_owned(),
                advice: "build the plugin for the host's target".to_owned(),
            });
        }
        if !mismatches.is_empty() {
            // Layouts of another target or toolchain differ as a matter of course: the cause is enough.
            return mismatches;
        }
        for known in
            self.expected.iter().filter(|known| !required.is_some_and(|required| same(known, required)))
        {
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
}

/// What is judged of a plugin.
struct Judged<'a> {
    path: &'a Path,
    descriptor: &'a Descriptor<'a>,
    architecture: &'a str,
    hazards: &'a [Hazard],
}

impl<'a> Judged<'a> {
    fn file(file: &'a Inspected, descriptor: &'a Descriptor<'a>) -> Self {
        Self { path: file.path(), descriptor, architecture: file.architecture(), hazards: file.hazards() }
    }

    fn linked(path: &'a Path, descriptor: &'a Descriptor<'a>) -> Self {
        Self { path, descriptor, architecture: ARCH, hazards: &[] }
    }
}

fn same(one: &Known, other: Known) -> bool {
    one.iter().zip(other).all(|(one, other)| {
        one.id == other.id && one.version == other.version && one.fingerprint == other.fingerprint
    })
}

/// The place of the constructor for an interface among those that a plugin provides; `None` if it provides no version
/// of it, an error if every version of it that it provides differs.
pub(crate) fn fit(known: Known, plugin: &Descriptor<'_>) -> Result<Option<usize>, Vec<Mismatch>> {
    let mut mismatches = None;
    for interface in known {
        for (index, entry) in plugin.provides().enumerate().filter(|(_, entry)| entry.id == interface.id) {
            if compat::fits_at_once(interface, plugin, entry) {
                return Ok(Some(index));
            }
            match judge(known, plugin, entry) {
                Some(verdict) if verdict.fits() => return Ok(Some(index)),
                Some(verdict) => mismatches = Some(verdict.mismatches),
                None => {}
            }
        }
    }
    match mismatches {
        Some(mismatches) => Err(mismatches),
        None => Ok(None),
    }
}

/// What is to be said of the first version of an interface that fits.
fn notes(known: Known, plugin: &Descriptor<'_>) -> Vec<Note> {
    let mut verdicts = plugin.provides().filter_map(|entry| judge(known, plugin, entry));
    verdicts.find(Verdict::fits).unwrap_or_default().notes
}

/// What comes of one interface of a plugin; `None` if it is another one than the host knows.
fn judge(known: Known, plugin: &Descriptor<'_>, entry: &InterfaceEntry<'_>) -> Option<Verdict> {
    let interface = known.iter().find(|interface| interface.id == entry.id)?;
    let expected = descriptor::encode_expected(known, &[]);
    match Descriptor::decode(&expected) {
        Ok(host) => {
            let wanted = host.provides().find(|wanted| wanted.id == entry.id)?;
            compat::is_namesake((&host, wanted), (plugin, entry))
                .then(|| compat::judge((&host, wanted), (plugin, entry)))
        }
        Err(error) => Some(Verdict { mismatches: vec![unreadable(interface, &error)], notes: Vec::new() }),
    }
}

pub(crate) fn not_provided(known: Known, plugin: &Descriptor<'_>) -> Mismatch {
    let wanted = descriptor::encode_expected(known, &[]);
    Mismatch {
        path: "provided interfaces".to_owned(),
        expected: match Descriptor::decode(&wanted) {
            Ok(wanted) => display_provided(&wanted).to_string(),
            Err(_) => known.iter().map(|interface| interface.id).collect::<Vec<_>>().join(", "),
        },
        found: display_provided(plugin).to_string(),
        advice: "open a plugin that implements the interface".to_owned(),
    }
}

fn unreadable(interface: &InterfaceLayout, error: &descriptor::DecodeError) -> Mismatch {
    Mismatch {
        path: interface.id.to_owned(),
        expected: "an interface that a descriptor can hold".to_owned(),
        found: error.to_string(),
        advice: String::new(),
    }
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
