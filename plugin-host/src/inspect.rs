//! What a file says about itself, read without running or mapping it.
//!
//! What is checked when: the file is read once, and all of its object structure that is believed is checked then, with the head
//! of its descriptor (version, length, checksum, every text, the build, the interfaces, the exported symbols). The table of
//! types is checked when it is needed: where interfaces are not, by their digests, the ones that the host knows, before the file is
//! mapped; and in [`Inspected::descriptor`].
#![forbid(unsafe_code)]

use std::{
    borrow::Cow,
    fmt,
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
use xxhash_rust::xxh3::xxh3_64;

use crate::{
    file::{FileError, OpenFile},
    object_file::{self, EmbeddedDescriptor, Hazard, Marks, ObjectError, ObjectFormat},
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
        const MARKS: Marks = Marks {
            elf_note_owner: &NOTE_OWNER,
            elf_note_type: NOTE_TYPE,
            pe_section: PE_SECTION,
            macho_segment: MACHO_SEGMENT,
            macho_section: MACHO_SECTION,
        };
        let path = || file.path().to_owned();
        let facts = object_file::read(&file, &MARKS)
            .map_err(|source| InspectError::Object { path: path(), source })?;
        let mut descriptors = facts.descriptors;
        let descriptor = match (descriptors.pop(), descriptors.as_slice()) {
            (Some(only), []) => only,
            (None, _) => return Err(InspectError::NoDescriptor { path: path() }),
            (Some(last), others) => {
                let names = others.iter().chain([&last]).map(|found| name_in(&found.bytes)).collect();
                return Err(InspectError::SeveralPlugins { path: path(), names });
            }
        };
        let EmbeddedDescriptor { bytes, address } = descriptor;
        let description = Description::try_new(bytes, |bytes| Head::decode_by(xxh3_64, bytes))
            .map_err(|source| InspectError::Descriptor { path: path(), source })?;
        Ok(Self {
            plugin: name_and_version(description.borrow_dependent()),
            description,
            address,
            format: facts.format,
            architecture: facts.architecture,
            hazards: facts.hazards,
            needed: facts.needed,
            file,
        })
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

/// The name of the plugin in a descriptor, for a message.
fn name_in(bytes: &[u8]) -> String {
    match Head::decode(bytes) {
        Ok(head) => name_and_version(&head),
        Err(_) => "an unreadable one".to_owned(),
    }
}

/// Name and version of a plugin, fit to be shown.
pub(crate) fn name_and_version(plugin: &Head<'_>) -> String {
    format!("{} {}", display_text(plugin.name), display_text(plugin.version))
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
