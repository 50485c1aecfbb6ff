//! A new content for a file, all of it or nothing: whoever reads the file sees the old text or the new one, also after a
//! crash or an interrupt.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use crate::error::FileError;

/// The start of the name of a file that is being written. It is hidden, so one that a killed process leaves behind is not
/// formatted by the next.
const PREFIX: &str = ".format-";

/// Puts `formatted` in the place of a file that contained `text`, with its permissions. Links to the file stay links.
pub(crate) fn replace(path: &Path, text: &str, formatted: &str) -> Result<(), FileError> {
    // Renaming over a link would replace the link.
    let path = path.canonicalize().map_err(FileError::Read)?;
    let permissions = fs::metadata(&path).map_err(FileError::Read)?.permissions();
    // A rename asks the directory alone.
    if permissions.readonly() {
        return Err(FileError::ReadOnly);
    }
    let failed = |source| FileError::Replace { path: path.clone(), source };
    let directory = path.parent().ok_or_else(|| failed(io::ErrorKind::NotFound.into()))?;
    // Removed when it is dropped, unless it gets to its place.
    let mut file = tempfile::Builder::new().prefix(PREFIX).tempfile_in(directory).map_err(failed)?;
    file.write_all(formatted.as_bytes()).map_err(failed)?;
    file.as_file().set_permissions(permissions).map_err(failed)?;
    // Else a crash of the system may keep the rename and lose the content.
    file.as_file().sync_all().map_err(failed)?;
    if fs::read(&path).map_err(FileError::Read)? != text.as_bytes() {
        return Err(FileError::Changed);
    }
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.json");
        fs::write(&path, "theirs").unwrap();
        let refused = replace(&path, "read before", "formatted").unwrap_err();
        assert!(matches!(refused, FileError::Changed), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn links_stay_links() {
        let directory = tempfile::tempdir().unwrap();
        let (path, link) = (directory.path().join("a.json"), directory.path().join("b.json"));
        fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, "old", "new").unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
