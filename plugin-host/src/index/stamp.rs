//! The status of a file, by which a change of it shows.

use std::{fs::Metadata, time::SystemTime};

/// The status of a file: whoever changes the file changes this, too, unless it was changed a moment before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) size: u64,
    pub(super) modified: Time,
    /// Of the status, which nobody can set.
    pub(super) changed: Time,
}

/// Seconds since 1970, and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time {
    pub(super) seconds: i64,
    pub(super) nanoseconds: i64,
}

/// The coarsest clock of a file system that is in use (FAT) counts in steps of this many seconds.
const RESOLUTION: i64 = 2;

impl Stamp {
    #[cfg(unix)]
    pub(crate) fn of(metadata: &Metadata) -> Option<Stamp> {
        use std::os::unix::fs::MetadataExt;
        Some(Stamp {
            device: metadata.dev(),
            inode: metadata.ino(),
            size: metadata.size(),
            modified: Time { seconds: metadata.mtime(), nanoseconds: metadata.mtime_nsec() },
            changed: Time { seconds: metadata.ctime(), nanoseconds: metadata.ctime_nsec() },
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_metadata: &Metadata) -> Option<Stamp> {
        None
    }

    /// Whether a change since `now` would have given the file another status.
    pub(crate) fn was_settled(&self, now: SystemTime) -> bool {
        let Ok(now) = now.duration_since(SystemTime::UNIX_EPOCH) else {
            return false;
        };
        let settled = i64::try_from(now.as_secs()).unwrap_or_default().saturating_sub(RESOLUTION);
        self.modified.max(self.changed).seconds < settled
    }
}
