//! Anonymous memory under a descriptor, sealed: not even this process can write to it.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;

use crate::file::OpenFile;

/// The most bytes of a name, of which the kernel takes 249.
const NAME: usize = 200;

/// Copies the file, as long as it was when it was opened, or shorter.
pub(super) fn copy(file: &OpenFile) -> io::Result<(File, Option<PathBuf>, u64)> {
    let name = file.path().file_name().unwrap_or_default().as_encoded_bytes();
    let mut copy = File::from(create(name.get(..NAME).unwrap_or(name))?);
    let mut original = file.file();
    original.rewind()?;
    let len = io::copy(&mut original.take(file.len()), &mut copy)?;
    copy.flush()?;
    fcntl_add_seals(&copy, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    Ok((copy, None, len))
}

/// It is mapped, never executed as a program; kernels before 6.3 do not know that word.
fn create(name: &[u8]) -> rustix::io::Result<rustix::fd::OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    match memfd_create(name, flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(name, flags),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_can_be_changed_by_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("liba.so");
        let bytes: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        std::fs::write(&path, &bytes).unwrap();
        let copy = OpenFile::open(&path).unwrap().sealed().unwrap();
        std::fs::write(&path, "changed").unwrap();

        let mut held = Vec::new();
        copy.each_chunk(|chunk| held.extend_from_slice(chunk)).unwrap();
        assert_eq!(held, bytes);
        let through_proc = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(copy.file()));
        let again = std::fs::OpenOptions::new().read(true).write(true).open(through_proc).unwrap();
        for handle in [copy.file(), &again] {
            assert!((&*handle).write(b"x").is_err());
            assert!(handle.set_len(1).is_err());
            assert!(handle.set_len(1 << 20).is_err());
            assert!(fcntl_add_seals(handle, SealFlags::empty()).is_err(), "more seals, or fewer");
        }
    }
}
