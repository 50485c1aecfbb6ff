//! A plugin before it is loaded: a file that was read, or what is linked into this program.
#![forbid(unsafe_code)]

use std::path::Path;

use plugin_core::descriptor::{Descriptor, Head};

use crate::{
    error::OpenError,
    file::FileIdentity,
    inspect::{InspectError, Inspected},
    linked::{self, LinkedPlugin},
};

/// What a host judges, and loads if it fits.
#[derive(Debug)]
pub(crate) enum Subject {
    File(Inspected),
    Linked(InProgram),
}

/// What is linked into this program.
#[derive(Debug)]
pub(crate) struct InProgram {
    pub(crate) plugin: LinkedPlugin,
    pub(crate) descriptor: Descriptor<'static>,
    /// Name and version, fit to be shown.
    pub(crate) name_and_version: String,
}

/// What tells one plugin from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    File(FileIdentity),
    /// The address of its root module in this program.
    Linked(usize),
}

impl Subject {
    /// The file that it is in: its own, or that of this program.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::File(inspected) => inspected.path(),
            Self::Linked(_) => linked::program(),
        }
    }

    /// Name and version, fit to be shown.
    pub(crate) fn plugin(&self) -> &str {
        match self {
            Self::File(inspected) => &inspected.plugin,
            Self::Linked(linked) => &linked.name_and_version,
        }
    }

    pub(crate) fn place(&self) -> Place {
        match self {
            Self::File(inspected) => Place::File(inspected.file.identity()),
            Self::Linked(linked) => Place::Linked(linked.plugin.address()),
        }
    }

    /// Whether its file is the one that is open under its identity, bytes and all, where somebody vouches for bytes.
    pub(crate) fn is_what_is_open(&self) -> Result<(), OpenError> {
        match self {
            Self::File(inspected) => Ok(inspected.file.is_what_is_open()?),
            Self::Linked(_) => Ok(()),
        }
    }

    /// Its description but for the types.
    pub(crate) fn head(&self) -> &Head<'_> {
        match self {
            Self::File(inspected) => inspected.head(),
            Self::Linked(linked) => &linked.descriptor,
        }
    }

    /// Its description, with the types of a file decoded here.
    pub(crate) fn descriptor(&self) -> Result<Descriptor<'_>, OpenError> {
        match self {
            Self::File(inspected) => inspected.descriptor().map_err(|source| {
                InspectError::Descriptor { path: inspected.path().to_owned(), source }.into()
            }),
            Self::Linked(linked) => Ok(linked.descriptor.clone()),
        }
    }
}
