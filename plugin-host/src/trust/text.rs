//! Reads what says who is trusted: regular files of a bounded size, since such a file may lie where others can put
//! something else in its place.

#![forbid(unsafe_code)]

use std::io;
use std::path::Path;

use crate::file::{FileError, MaxFileSize, OpenFile};

/// All of a text file, if it has no more bytes than `limit`.
pub(super) fn read(path: &Path, limit: u64) -> Result<String, FileError> {
    let failed = |source| FileError::Io { path: path.to_path_buf(), source };
    let file = match OpenFile::open_within(path, MaxFileSize(limit)) {
        Err(FileError::Empty { .. }) => return Ok(String::new()),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.each_chunk(|chunk| bytes.extend_from_slice(chunk)).map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
}
