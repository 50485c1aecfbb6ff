//! Who may write to a plugin file: the answer to "can somebody whom the host does not trust put code there?".
//! Opening the file is [`crate::file`]; digests and signatures, which do not care who wrote it, are elsewhere.
//!
//! Trusted owners are root and the effective user of this process. Permission bits are enough to judge by: where a
//! POSIX access control list grants a right to somebody else, the group bits show its mask.
//!
//! # Platform-specific behaviour
//!
//! Off Unix only the containment of the file in the directory is checked: who may write is up to the directory's
//! access control list, and to whoever declared it trusted.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::file::OpenFile;

/// A directory whose files may be loaded, because only trusted owners can write to it or to anything it lies in.
#[derive(Debug, Clone)]
pub(crate) struct TrustedDirectory {
    path: PathBuf,
}

impl TrustedDirectory {
    /// Resolves `path` and checks that nobody but a trusted owner can change what it leads to.
    pub(crate) fn declare(path: &Path) -> Result<TrustedDirectory, TrustError> {
        let unresolved = |source| TrustError::Unreadable { path: path.to_path_buf(), source };
        let resolved = std::fs::canonicalize(path).map_err(unresolved)?;
        if !std::fs::metadata(&resolved).map_err(unresolved)?.is_dir() {
            return Err(TrustError::NotADirectory { path: resolved });
        }
        judge_directory(&resolved)?;
        for parent in resolved.ancestors().skip(1) {
            judge_parent(parent)?;
        }
        Ok(TrustedDirectory { path: resolved })
    }

    /// The directory with every link resolved.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    fn holds(&self, file: &OpenFile) -> bool {
        file.path().starts_with(&self.path) && file.path() != self.path
    }
}

/// Checks that `file` lies in one of the directories, and that only trusted owners can write to it or to a directory on
/// the way: the trusted one and those between.
///
/// These are judged at each call: one that became writable since is refused from then on. What lies above the trusted
/// directory was judged when that was declared, and is not again.
pub(crate) fn admit(directories: &[TrustedDirectory], file: &OpenFile) -> Result<(), TrustError> {
    let path = || file.path().to_path_buf();
    let Some(trusted) = directories.iter().find(|directory| directory.holds(file)) else {
        let directories: Vec<_> = directories.iter().map(|directory| directory.path.clone()).collect();
        return Err(match directories.as_slice() {
            [] => TrustError::Nothing { path: path() },
            _ => TrustError::Outside { path: path(), directories },
        });
    };
    judge_open_file(file)?;
    for directory in file.path().ancestors().skip(1) {
        judge_directory(directory)?;
        if directory == trusted.path {
            break;
        }
    }
    Ok(())
}

/// Why a directory or a file is not trusted.
#[non_exhaustive]
pub enum TrustError {
    /// Nothing was declared trusted.
    Nothing {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused to say what is there.
    Unreadable {
        /// The path that was asked for.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
    /// A file, where a directory was expected.
    NotADirectory {
        /// The resolved path.
        path: PathBuf,
    },
    /// Owned by somebody who is neither root nor the user this process runs as.
    Owner {
        /// The resolved path.
        path: PathBuf,
        /// The user id this process runs as; root is trusted, too.
        expected: u32,
        /// The user id of the owner.
        found: u32,
    },
    /// Its group or everybody may write to it.
    Writable {
        /// The resolved path.
        path: PathBuf,
        /// The permission bits it should have.
        expected: u32,
        /// The permission bits it has.
        found: u32,
    },
    /// The file, with every link resolved, is in no trusted directory.
    Outside {
        /// The resolved file.
        path: PathBuf,
        /// The trusted directories, each resolved; it should be in one of them.
        directories: Vec<PathBuf>,
    },
}

impl fmt::Display for TrustError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TrustError::Unreadable { path, source: _ } => write!(f, "cannot examine {}", path.display()),
            TrustError::NotADirectory { path } => {
                write!(f, "expected a directory, found a file at {}", path.display())
            }
            TrustError::Owner { path, expected, found } => {
                let path = path.display();
                write!(f, "{path} is owned by user {found}, expected ")?;
                match expected {
                    0 => write!(f, "root (0)")?,
                    user => write!(f, "root (0) or user {user}")?,
                }
                write!(f, "; if you trust what is in it, run `chown {expected} {path}`")
            }
            TrustError::Writable { path, expected, found } => {
                let path = path.display();
                write!(
                    f,
                    "{path} can be written by users who are not trusted: its mode is {found:04o}, expected \
                     {expected:04o}; run `chmod go-w {path}`"
                )
            }
            TrustError::Nothing { path } => {
                write!(f, "{} is not trusted: no directory was declared trusted", path.display())
            }
            TrustError::Outside { path, directories } => {
                write!(f, "{} is in no trusted directory: expected it in ", path.display())?;
                for (count, directory) in directories.iter().enumerate() {
                    let or = if count == 0 { "" } else { " or " };
                    write!(f, "{or}{}", directory.display())?;
                }
                write!(f, "; if you trust it, copy it there")
            }
        }
    }
}

impl Error for TrustError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            TrustError::Unreadable { path: _, source } => Some(source),
            TrustError::NotADirectory { .. }
            | TrustError::Owner { .. }
            | TrustError::Writable { .. }
            | TrustError::Outside { .. }
            | TrustError::Nothing { .. } => None,
        }
    }
}

#[cfg(unix)]
use unix::{judge_directory, judge_open_file, judge_parent};

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::MetadataExt;

    use super::{OpenFile, Path, TrustError};

    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const STICKY: u32 = 0o1000;
    const ROOT: u32 = 0;

    pub(super) fn judge_open_file(file: &OpenFile) -> Result<(), TrustError> {
        judge(file.path(), file.owner(), file.mode())
    }

    /// A directory that plugins lie in. Sticky does not help here: anybody could still add a file.
    pub(super) fn judge_directory(path: &Path) -> Result<(), TrustError> {
        let (owner, mode) = examine(path)?;
        judge(path, owner, mode)
    }

    /// A directory above the trusted one. In a sticky one (`/tmp`) others can add entries, but cannot rename or remove
    /// the one that leads to the trusted directory, because that is owned by a trusted owner: it was judged, too.
    pub(super) fn judge_parent(path: &Path) -> Result<(), TrustError> {
        let (owner, mode) = examine(path)?;
        let counted = if mode & STICKY == 0 { mode } else { mode & !WRITABLE_BY_OTHERS };
        judge(path, owner, counted)
    }

    fn examine(path: &Path) -> Result<(u32, u32), TrustError> {
        let found = std::fs::symlink_metadata(path)
            .map_err(|source| TrustError::Unreadable { path: path.to_path_buf(), source })?;
        Ok((found.uid(), found.mode() & 0o7777))
    }

    fn judge(path: &Path, owner: u32, mode: u32) -> Result<(), TrustError> {
        let path = || path.to_path_buf();
        let user = rustix::process::geteuid().as_raw();
        if owner != ROOT && owner != user {
            return Err(TrustError::Owner { path: path(), expected: user, found: owner });
        }
        if mode & WRITABLE_BY_OTHERS != 0 {
            return Err(TrustError::Writable {
                path: path(),
                expected: mode & !WRITABLE_BY_OTHERS,
                found: mode,
            });
        }
        Ok(())
    }
}

#[cfg(not(unix))]
use elsewhere::{judge_directory, judge_open_file, judge_parent};

#[cfg(not(unix))]
mod elsewhere {
    use super::{OpenFile, Path, TrustError};

    pub(super) fn judge_open_file(_file: &OpenFile) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_directory(_path: &Path) -> Result<(), TrustError> {
        Ok(())
    }

    pub(super) fn judge_parent(_path: &Path) -> Result<(), TrustError> {
        Ok(())
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Place {
            let place = Place(tempfile::tempdir().unwrap());
            std::fs::create_dir_all(place.at("plugins/nested")).unwrap();
            for file in ["plugins/a.so", "plugins/nested/b.so", "outside.so"] {
                std::fs::write(place.at(file), b"x").unwrap();
                place.mode(file, 0o644);
            }
            for directory in ["plugins", "plugins/nested"] {
                place.mode(directory, 0o755);
            }
            place
        }

        fn at(&self, name: &str) -> PathBuf {
            std::fs::canonicalize(self.0.path()).unwrap().join(name)
        }

        fn mode(&self, name: &str, mode: u32) {
            std::fs::set_permissions(self.at(name), std::fs::Permissions::from_mode(mode)).unwrap();
        }

        fn declare(&self) -> Result<TrustedDirectory, TrustError> {
            TrustedDirectory::declare(&self.at("plugins"))
        }

        fn admit(&self, name: &str) -> Result<(), TrustError> {
            admit(&[self.declare()?], &OpenFile::open(&self.at(name)).unwrap())
        }

        fn assert_writable(&self, result: Result<(), TrustError>, name: &str, mode: u32) {
            let error = result.unwrap_err();
            assert!(
                matches!(&error, TrustError::Writable { path, expected, found }
                    if *path == self.at(name) && *expected == mode & !0o022 && *found == mode),
                "{error:?}"
            );
        }
    }

    #[test]
    fn a_directory_only_we_can_write_to_admits_its_files_and_links_that_stay_inside() {
        let place = Place::new();
        symlink("nested/b.so", place.at("plugins/inside.so")).unwrap();
        symlink(place.at("plugins"), place.at("elsewhere")).unwrap();
        for name in ["plugins/a.so", "plugins/nested/b.so", "plugins/inside.so", "elsewhere/a.so"] {
            place.admit(name).unwrap();
        }
        TrustedDirectory::declare(&place.at("elsewhere")).unwrap();
    }

    #[test]
    fn links_that_lead_out_and_neighbours_with_the_same_prefix_are_refused() {
        let place = Place::new();
        symlink("../outside.so", place.at("plugins/out.so")).unwrap();
        std::fs::write(place.at("plugins.so"), b"x").unwrap();
        for name in ["plugins/out.so", "outside.so", "plugins.so", "plugins/../outside.so"] {
            let error = place.admit(name).unwrap_err();
            assert!(matches!(error, TrustError::Outside { .. }), "{name}: {error:?}");
        }
    }

    #[test]
    fn a_file_in_no_trusted_directory_is_refused_by_the_names_of_all() {
        let place = Place::new();
        let [one, other] =
            ["plugins", "plugins/nested"].map(|name| TrustedDirectory::declare(&place.at(name)).unwrap());
        let file = OpenFile::open(&place.at("outside.so")).unwrap();
        let [one_path, other_path] = [&one, &other].map(|directory| directory.path().display().to_string());
        assert_eq!(
            admit(&[one, other], &file).unwrap_err().to_string(),
            format!(
                "{} is in no trusted directory: expected it in {one_path} or {other_path}; if you trust it, copy it there",
                file.path().display()
            )
        );
        assert!(matches!(admit(&[], &file), Err(TrustError::Nothing { .. })));
    }

    #[test]
    fn whatever_others_can_write_to_is_refused_with_the_cure() {
        for mode in [0o775, 0o757, 0o1777] {
            let place = Place::new();
            place.mode("plugins", mode);
            place.assert_writable(place.declare().map(drop), "plugins", mode);
        }
        let place = Place::new();
        place.mode("plugins/nested", 0o777);
        place.admit("plugins/a.so").unwrap();
        place.assert_writable(place.admit("plugins/nested/b.so"), "plugins/nested", 0o777);
        place.mode("plugins/a.so", 0o664);
        place.assert_writable(place.admit("plugins/a.so"), "plugins/a.so", 0o664);

        let text = place.admit("plugins/a.so").unwrap_err().to_string();
        assert!(text.contains("mode is 0664, expected 0644; run `chmod go-w /"), "{text}");
    }

    #[test]
    fn a_directory_that_becomes_writable_is_refused_from_then_on() {
        let place = Place::new();
        let trusted = place.declare().unwrap();
        place.mode("plugins", 0o777);
        let file = OpenFile::open(&place.at("plugins/a.so")).unwrap();
        place.assert_writable(admit(&[trusted], &file), "plugins", 0o777);
    }

    #[test]
    fn a_parent_others_can_write_to_is_accepted_only_when_sticky() {
        let place = Place::new();
        std::fs::create_dir(place.at("plugins/nested/deep")).unwrap();
        place.mode("plugins/nested/deep", 0o755);
        let deep = || TrustedDirectory::declare(&place.at("plugins/nested/deep")).map(drop);
        place.mode("plugins/nested", 0o1777);
        deep().unwrap();
        place.mode("plugins/nested", 0o777);
        place.assert_writable(deep(), "plugins/nested", 0o777);
    }

    #[test]
    fn the_file_that_was_opened_is_judged_not_the_one_that_took_its_name() {
        let place = Place::new();
        place.mode("plugins/a.so", 0o666);
        let file = OpenFile::open(&place.at("plugins/a.so")).unwrap();
        place.mode("outside.so", 0o644);
        std::fs::rename(place.at("outside.so"), place.at("plugins/a.so")).unwrap();
        place.assert_writable(admit(&[place.declare().unwrap()], &file), "plugins/a.so", 0o666);
    }

    /// Only root can give a file away; for other users this holds nothing.
    #[test]
    fn another_owner_is_refused() {
        if !rustix::process::geteuid().is_root() {
            return;
        }
        let owned_by_other = |name: &str| {
            let place = Place::new();
            chown(place.at(name), Some(12345), None).unwrap();
            let error = place.admit("plugins/nested/b.so").unwrap_err();
            assert!(
                matches!(&error, TrustError::Owner { path, expected: 0, found: 12345 } if *path == place.at(name)),
                "{error:?}"
            );
        };
        for name in ["plugins/nested/b.so", "plugins/nested", "plugins", ""] {
            owned_by_other(name);
        }
    }

    #[test]
    fn what_is_no_directory_is_not_declared() {
        let place = Place::new();
        let declare = |name: &str| TrustedDirectory::declare(&place.at(name)).unwrap_err();
        assert!(matches!(declare("outside.so"), TrustError::NotADirectory { .. }));
        assert!(matches!(declare("missing"), TrustError::Unreadable { .. }));
    }
}
