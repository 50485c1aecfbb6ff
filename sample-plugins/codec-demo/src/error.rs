//! What can go wrong in the demonstration.

use std::{io, path::PathBuf};

use codec_api::CodecError;
use plugin_host::{OpenError, RootError, TrustError};

#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Root(#[from] RootError),
    #[error(
        "no plugin is a codec: expected at least one; run `cargo xtask build-plugins`, and name its directory"
    )]
    NoCodec,
    #[error("plugin {plugin} was opened: expected a refusal, because its interface is not the host's")]
    NotRefused { plugin: String },
    #[error("cannot write to the standard output")]
    Output(#[from] io::Error),
    #[error("plugin {plugin} did not give back what it was given")]
    RoundTrip { plugin: String, source: RoundTripError },
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum RoundTripError {
    #[error("it did not compress")]
    Compress(#[source] CodecError),
    #[error("it did not decompress what it had compressed")]
    Decompress(#[source] CodecError),
    #[error("expected {expected} bytes equal to the input, found {found}")]
    Differs { expected: usize, found: usize },
}
