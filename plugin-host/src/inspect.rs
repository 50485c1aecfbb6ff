//! What a file says about itself, read without running or mapping it.
//!
//! What is checked when: the file is read once, and all of its object structure that is believed is checked then, with the head
//! of its descriptor (version, length, checksum, every text, the build, the interfaces, the exported symbols). A host judges the
//! plugin by these as soon as they are known ([`Glance`]); of one that it refuses, the loader's instructions (`hazards`, `needed`) are
//! not read. The table of types is checked when it is needed: where interfaces are not, by their digests, the ones that the host knows, before the file is
//! mapped; and in [`Inspected::descriptor`].
#![forbid(unsafe_code)]

use std::{
    borrow::Cow,
    fmt::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use plugin_core::{
    compat::display_text,
    descriptor::{
        self, DecodeError, Descriptor, Head, MACHO_SECTION, MACHO_SEGMENT, NOTE_OWNER, NOTE_TYPE, PE_SECTION,
    },
};
use self_cell::self_cell;

use crate::{
    decode,
    file::{FileError, OpenFile},
    object_file::{self, EmbeddedDescriptor, Hazard, Marks, ObjectError, ObjectFacts, ObjectFormat, Stop},
};

/// A plugin file that was opened and read: its object structure is sound and it has one descriptor.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let inspected = plugin_host::Inspected::read("plugins/libcodec_lz4.so")?;
/// let descriptor = inspected.descriptor()?;
/// println!("{} {}", descriptor.name, descriptor.version);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Inspected {
    pub(crate) file: OpenFile,
    description: Description,
    /// Where the descriptor is mapped, from the base of the library.
    address: u64,
    /// Name and version, fit to be shown.
    pub(crate) plugin: String,
    format: ObjectFormat,
    architecture: Cow<'static, str>,
    hazards: Vec<Hazard>,
    needed: Vec<String>,
}

self_cell! {
    /// The bytes of a descriptor, and what their head says.
    struct Description {
        owner: Arc<[u8]>,
        #[covariant]
        dependent: Head,
    }

    impl {Debug}
}

impl Inspected {
    /// Opens and reads a file. Nothing of it is executed or mapped, and nobody needs to trust it.
    ///
    /// # Errors
    ///
    /// What kept the file from being read as a plugin.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, InspectError> {
        Self::read_open(OpenFile::open(path.as_ref())?)
    }

    pub(crate) fn read_open(file: OpenFile) -> Result<Self, InspectError> {
        Self::read_judging(file, |_| Ok(()))
    }

    /// Reads a file whose plugin is judged as soon as it has said who it is, before the rest of the library is looked at.
    pub(crate) fn read_judging<E: From<InspectError>>(
        file: OpenFile,
        judge: impl FnOnce(&Glance<'_>) -> Result<(), E>,
    ) -> Result<Self, E> {
        const MARKS: Marks = Marks {
            elf_note_owner: &NOTE_OWNER,
            elf_note_type: NOTE_TYPE,
            pe_section: PE_SECTION,
            macho_segment: MACHO_SEGMENT,
            macho_section: MACHO_SECTION,
        };
        let path = file.path();
        let read = object_file::read(&file, &MARKS, |architecture, descriptors| {
            let (description, address) = describe(path, descriptors)?;
            let plugin = name_and_version(description.borrow_dependent());
            judge(&Glance { path, plugin: &plugin, description: &description, architecture })?;
            Ok::<_, E>((description, address, plugin))
        });
        let (facts, (description, address, plugin)) = read.map_err(|stop| match stop {
            Stop::Object(source) => InspectError::Object { path: path.to_owned(), source }.into(),
            Stop::Judge(error) => error,
        })?;
        let ObjectFacts {
            format,
            architecture,
            // What a file for another machine says of these is refused with its architecture.
            pointer_width: _,
            endianness: _,
            hazards,
            needed,
            descriptors: _,
        } = facts;
        Ok(Self { description, address, plugin, format, architecture, hazards, needed, file })
    }

    /// What was known before the rest of the library was looked at.
    pub(crate) fn glance(&self) -> Glance<'_> {
        Glance {
            path: self.path(),
            plugin: &self.plugin,
            description: &self.description,
            architecture: &self.architecture,
        }
    }

    /// The plugin's own description, with the types, which are decoded here.
    ///
    /// # Errors
    ///
    /// What is wrong with the table of types; nothing in what a compiler wrote. All else was checked when the file was read.
    pub fn descriptor(&self) -> Result<Descriptor<'_>, DecodeError> {
        Descriptor::of(self.head().clone())
    }

    /// The plugin's own description but for the types, which was decoded when the file was read.
    #[must_use]
    pub fn head(&self) -> &Head<'_> {
        self.description.borrow_dependent()
    }

    pub(crate) fn descriptor_bytes(&self) -> &Arc<[u8]> {
        self.description.borrow_owner()
    }

    /// Where the descriptor is mapped, from the base of the library.
    pub(crate) fn descriptor_address(&self) -> u64 {
        self.address
    }

    /// Name and version of the plugin, fit to be shown.
    #[must_use]
    pub fn plugin(&self) -> &str {
        &self.plugin
    }

    /// The file, with every link resolved.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Size of the file in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.file.len()
    }

    /// The file's object format.
    #[must_use]
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// The processor that the object file is for, as `target_arch` names it.
    #[must_use]
    pub fn architecture(&self) -> &str {
        &self.architecture
    }

    /// What the library asks of the system's loader that no host grants: any of these is a refusal.
    #[must_use]
    pub fn hazards(&self) -> &[Hazard] {
        &self.hazards
    }

    /// The libraries that the system's loader brings for this one, as the file names them.
    #[must_use]
    pub fn needed(&self) -> &[String] {
        &self.needed
    }

    /// Digest of the whole descriptor, as 32 hexadecimal digits: equal for builds with equal interfaces, exports and
    /// toolchains.
    #[must_use]
    pub fn fingerprint(&self) -> plugin_core::Fingerprint {
        descriptor::fingerprint(self.descriptor_bytes())
    }
}

/// What a plugin says about itself, before the rest of its library is looked at.
pub(crate) struct Glance<'a> {
    pub(crate) path: &'a Path,
    /// Name and version, fit to be shown.
    pub(crate) plugin: &'a str,
    description: &'a Description,
    /// The processor that the object file is for.
    pub(crate) architecture: &'a str,
}

impl Glance<'_> {
    pub(crate) fn head(&self) -> &Head<'_> {
        self.description.borrow_dependent()
    }

    pub(crate) fn descriptor_bytes(&self) -> &Arc<[u8]> {
        self.description.borrow_owner()
    }
}

/// The one descriptor of a library, and where it will be mapped.
fn describe(path: &Path, descriptors: &[EmbeddedDescriptor]) -> Result<(Description, u64), InspectError> {
    let path = || path.to_owned();
    match descriptors {
        [EmbeddedDescriptor { bytes, address }] => {
            let description = Description::try_new(Arc::clone(bytes), |bytes| decode::head(bytes))
                .map_err(|source| InspectError::Descriptor { path: path(), source })?;
            Ok((description, *address))
        }
        [] => Err(InspectError::NoDescriptor { path: path() }),
        several => {
            let names = several.iter().map(|found| name_in(&found.bytes)).collect();
            Err(InspectError::SeveralPlugins { path: path(), names })
        }
    }
}

/// The name of the plugin in a descriptor, for a message.
fn name_in(bytes: &[u8]) -> String {
    match decode::head(bytes) {
        Ok(head) => name_and_version(&head),
        Err(_) => "an unreadable one".to_owned(),
    }
}

/// Name and version of a plugin, fit to be shown.
pub(crate) fn name_and_version(plugin: &Head<'_>) -> String {
    let mut text = String::with_capacity(plugin.name.len() + 1 + plugin.version.len());
    // Writing to a string does not fail.
    let _ = write!(text, "{} {}", display_text(plugin.name), display_text(plugin.version));
    text
}

/// Why a file cannot be read as a plugin.
#[non_exhaustive]
pub enum InspectError {
    /// It cannot be opened, or it is not a regular file.
    File(FileError),
    /// It is not a shared library, or a broken one.
    Object {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ObjectError,
    },
    /// A shared library, but not a plugin.
    NoDescriptor {
        /// The file.
        path: PathBuf,
    },
    /// One file with the descriptors of several plugins.
    SeveralPlugins {
        /// The file.
        path: PathBuf,
        /// Name and version of each.
        names: Vec<String>,
    },
    /// The descriptor cannot be read.
    Descriptor {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DecodeError,
    },
}

impl fmt::Display for InspectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::Object { path, source: _ } => {
                write!(f, "{} is not a shared library that can be a plugin", path.display())
            }
            Self::NoDescriptor { path } => write!(
                f,
                "{} is a shared library without a plugin in it: expected a descriptor, found none; mark an `impl` or a `mod` of the crate with `#[export_plugin]`",
                path.display()
            ),
            Self::SeveralPlugins { path, names } => write!(
                f,
                "{} holds {} plugins, expected one: {}; a plugin that depends on another plugin's crate includes it, so move what they share into a library of its own",
                path.display(),
                names.len(),
                names.join(", ")
            ),
            Self::Descriptor { path, source: _ } => {
                write!(f, "the plugin descriptor in {} cannot be read", path.display())
            }
        }
    }
}

impl std::error::Error for InspectError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::File(error) => error.source(),
            Self::Object { path: _, source } => Some(source),
            Self::Descriptor { path: _, source } => Some(source),
            Self::NoDescriptor { path: _ } | Self::SeveralPlugins { path: _, names: _ } => None,
        }
    }
}

impl From<FileError> for InspectError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}
