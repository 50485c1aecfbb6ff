//! A file in a directory that only this user can look into. It stays: the system may read it for as long as it is mapped.

use std::fs::{DirBuilder, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use crate::file::OpenFile;

/// How many names are tried for the directory.
const ATTEMPTS: u32 = 16;

/// Copies the file, as long as it was when it was opened.
pub(super) fn copy(file: &OpenFile) -> io::Result<(File, Option<PathBuf>, u64)> {
    let path = directory()?.join(file.path().file_name().unwrap_or_default());
    let mut copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    let mut failed = Ok(());
    file.each_chunk(|chunk| {
        if failed.is_ok() {
            failed = io::Write::write_all(&mut copy, chunk);
        }
    })?;
    failed?;
    // Opened anew, so that nothing can write through what is kept.
    Ok((File::open(&path)?, Some(std::fs::canonicalize(path)?), file.len()))
}

/// A new directory of mode `0700`; creating it fails if the name is taken, also by a link.
fn directory() -> io::Result<PathBuf> {
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for attempt in 0..ATTEMPTS {
        let name = format!(".plugin-{:016x}", RandomState::new().hash_one(attempt));
        let path = std::env::temp_dir().join(name);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::file::read_exact_at;

    #[test]
    fn a_copy_is_where_nobody_else_looks() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("liba.so");
        std::fs::write(&path, vec![7; 100_000]).unwrap();
        let (copied, place, len) = copy(&OpenFile::open(&path).unwrap()).unwrap();
        let place = place.unwrap();
        let directory = place.parent().unwrap();
        std::fs::write(&path, "changed").unwrap();

        let mut bytes = vec![0; 100_000];
        read_exact_at(&copied, &mut bytes, 0).unwrap();
        assert!((bytes.iter().all(|byte| *byte == 7), len) == (true, 100_000));
        assert_eq!(std::fs::metadata(directory).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(place.file_name(), path.file_name());
        std::fs::remove_dir_all(directory).unwrap();
    }
}
