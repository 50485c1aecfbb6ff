//! The file itself: it was opened so that nobody else can write to it, delete it or rename it while it is open, and it
//! stays open.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use crate::file::OpenFile;

pub(super) fn copy(file: &OpenFile) -> io::Result<(File, Option<PathBuf>, u64)> {
    Ok((file.file().try_clone()?, Some(file.path().to_path_buf()), file.len()))
}
