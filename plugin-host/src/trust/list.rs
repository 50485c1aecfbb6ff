//! Lists of digests: `plugins.lock`.
//!
//! # The format
//!
//! Text, a file on each line, as `sha256sum --tag` and `b3sum --tag` write it:
//!
//! ```text
//! # plugin codec-lz4 0.1.0
//! SHA256 (libcodec_lz4.so) = 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
//! ```
//!
//! A line names its algorithm, so the list can go over to another one file by file. Lines that begin with `#` are
//! comments to the tools, so `sha256sum --check plugins.lock` checks the list where no Rust is installed; the comment
//! `# plugin NAME VERSION` says what the next line's file is. Empty lines count for nothing. Nothing else is in a list:
//! what cannot be read is an error with its line, not a file that is missing from the list without a word. A name with a
//! control character is not in a list: it could be taken for another line.

#![forbid(unsafe_code)]

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use super::digest::{Digest, DigestAlgorithm, Measured, Wanted};
use super::{Trust, TrustError, text};
use crate::error::OpenError;
use crate::file::{FileError, Look, MaxFileSize};
use crate::inspect::Inspected;

/// The most bytes of a list: those of some ten thousand files.
const MAX_LIST: u64 = 4 << 20;

/// The digests of files that may be loaded, as `cargo xtask build-plugins` writes them into `plugins.lock`.
///
/// ```
/// use plugin_host::DigestList;
///
/// let list: DigestList = "\
/// ## plugin codec-lz4 0.1.0
/// SHA256 (libcodec_lz4.so) = 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
/// "
/// .parse()?;
/// assert_eq!(list.entries()[0].file, "libcodec_lz4.so");
///
/// let error = "SHA256 (libcodec_lz4.so) = 2cf24d".parse::<DigestList>().unwrap_err();
/// assert_eq!(error.to_string(), "line 1: expected 64 hexadecimal digits, found `2cf24d`");
/// # Ok::<(), plugin_host::ListError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestList {
    entries: Vec<DigestEntry>,
}

/// A file of a [`DigestList`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestEntry {
    /// Its digest, which alone decides.
    pub digest: Digest,
    /// Its name when the list was written, for whoever reads the list; files are admitted under any name.
    pub file: String,
    /// The plugin's name and version, if the list says them.
    pub plugin: Option<(String, String)>,
}

impl DigestList {
    /// A list of these files.
    ///
    /// ```
    /// use plugin_host::{Digest, DigestAlgorithm, DigestEntry, DigestList};
    ///
    /// let digest = Digest::of(DigestAlgorithm::Sha256, b"the bytes of the file");
    /// let entry = |file: &str| DigestEntry { digest, file: file.to_owned(), plugin: None };
    /// assert_eq!(DigestList::new(vec![entry("liblz4.so")])?.entries().len(), 1);
    /// // As text it would be two lines.
    /// assert!(DigestList::new(vec![entry("liblz4.so\nSHA256 (x")]).is_err());
    /// # Ok::<(), plugin_host::LineError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`LineError::File`] or [`LineError::Plugin`] if an entry has a name that its line cannot have.
    pub fn new(entries: Vec<DigestEntry>) -> Result<Self, LineError> {
        for DigestEntry { digest: _, file, plugin } in &entries {
            check_file(file)?;
            for word in plugin.iter().flat_map(|(name, version)| [name, version]) {
                if !is_word(word) {
                    return Err(LineError::Plugin { found: word.clone() });
                }
            }
        }
        Ok(Self { entries })
    }

    /// Reads a list.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is no regular one or larger than 4 MiB, or has a line that is no digest: the error has its
    /// number.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ListError> {
        let path = path.as_ref();
        Self::parse(&read(path)?).map_err(|error| error.in_file(path))
    }

    /// The files, in the order of the list.
    #[must_use]
    pub fn entries(&self) -> &[DigestEntry] {
        &self.entries
    }

    /// Judges a file as a host that trusts this list, and loads nothing: for tools.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let list = plugin_host::DigestList::read("target/plugins/plugins.lock")?;
    /// println!("{} is listed", list.check("target/plugins/libcodec_lz4.so")?.plugin());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The reason why the file would not be trusted, or is no plugin.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<Inspected, OpenError> {
        let trust = Trust { digests: Some(self.clone()), ..Trust::default() };
        trust.inspect(&Look::at(path.as_ref()), MaxFileSize::default(), |_| Ok(()))
    }

    pub(crate) fn extend(&mut self, other: DigestList) {
        self.entries.extend(other.entries);
    }

    /// The digests that a file has to be measured by. One at least: what is refused is shown with what it has.
    pub(super) fn wanted(&self) -> Wanted {
        let has = |algorithm| self.entries.iter().any(|entry| entry.digest.algorithm() == algorithm);
        let blake3 = has(DigestAlgorithm::Blake3);
        Wanted { sha256: has(DigestAlgorithm::Sha256) || !blake3, blake3 }
    }

    /// Whether one of the entries is a file of these digests.
    pub(super) fn admit(&self, path: &Path, measured: &Measured) -> Result<(), TrustError> {
        let same = |entry: &DigestEntry| measured.of(entry.digest.algorithm()) == Some(entry.digest);
        if self.entries.iter().any(same) {
            return Ok(());
        }
        let namesakes = self.entries.iter().filter(|entry| path.ends_with(&entry.file));
        let expected: Vec<_> = namesakes.map(|entry| entry.digest).collect();
        let comparable = expected.iter().find_map(|digest| measured.of(digest.algorithm()));
        let path = path.to_path_buf();
        match comparable.or(measured.first()) {
            Some(found) => Err(TrustError::Digest { path, expected, found }),
            None => Err(TrustError::Nothing { path }),
        }
    }

    fn parse(text: &str) -> Result<Self, ListError> {
        let mut entries = Vec::new();
        let mut plugin = None;
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_end();
            if let Some(comment) = line.strip_prefix('#') {
                plugin = described(comment).or(plugin);
            } else if !line.is_empty() {
                let (digest, file) = entry(line).map_err(|cause| ListError::line(number, cause))?;
                entries.push(DigestEntry { digest, file, plugin: plugin.take() });
            }
        }
        Ok(Self { entries })
    }
}

/// What the comment ` plugin NAME VERSION` says.
fn described(comment: &str) -> Option<(String, String)> {
    let mut words = comment.split_ascii_whitespace();
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("plugin"), Some(name), Some(version), None) if is_word(name) && is_word(version) => {
            Some((name.to_owned(), version.to_owned()))
        }
        _ => None,
    }
}

/// Whether a name or a version can stand in the comment.
fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|character: char| character.is_whitespace() || character.is_control())
}

/// Whether a file's name can stand in a line.
fn check_file(file: &str) -> Result<(), LineError> {
    if file.contains(char::is_control) { Err(LineError::File { found: file.to_owned() }) } else { Ok(()) }
}

/// The text of a list.
pub(super) fn read(path: &Path) -> Result<String, ListError> {
    text::read(path, MAX_LIST).map_err(|error| match error {
        FileError::TooLarge { path, limit, found } => ListError::TooLarge { path, limit, found },
        source => ListError::Unreadable { path: path.to_path_buf(), source },
    })
}

/// `SHA256 (libcodec_lz4.so) = 2cf2…`
pub(super) fn entry(line: &str) -> Result<(Digest, String), LineError> {
    let syntax = || LineError::Syntax { found: line.to_owned() };
    let (algorithm, rest) = line.split_once(" (").ok_or_else(syntax)?;
    let (file, digits) = rest.rsplit_once(") = ").ok_or_else(syntax)?;
    let digest = digest(algorithm, digits)?;
    check_file(file)?;
    Ok((digest, file.to_owned()))
}

/// A digest of an algorithm by its name.
pub(super) fn digest(algorithm: &str, digits: &str) -> Result<Digest, LineError> {
    let algorithm = DigestAlgorithm::ALL
        .into_iter()
        .find(|known| known.name() == algorithm)
        .ok_or_else(|| LineError::Algorithm { found: algorithm.to_owned() })?;
    Digest::from_hex(algorithm, digits).ok_or_else(|| LineError::Digits { found: digits.to_owned() })
}

impl std::str::FromStr for DigestList {
    type Err = ListError;

    fn from_str(text: &str) -> Result<Self, ListError> {
        Self::parse(text)
    }
}

/// The text of the list, which parses as the same list.
impl fmt::Display for DigestList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for DigestEntry { digest, file, plugin } in &self.entries {
            if let Some((name, version)) = plugin {
                writeln!(f, "# plugin {name} {version}")?;
            }
            writeln!(f, "{} ({file}) = {}", digest.algorithm(), digest.hex())?;
        }
        Ok(())
    }
}

/// Why a list was not read.
#[non_exhaustive]
pub enum ListError {
    /// The file cannot be read.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: FileError,
    },
    /// The file has more bytes than a list may have.
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        limit: u64,
        /// The bytes it has.
        found: u64,
    },
    /// One of the lines is wrong.
    Line {
        /// The file, if the list was read from one.
        path: Option<PathBuf>,
        /// The number of the line, from 1.
        line: usize,
        /// What is wrong with it.
        cause: LineError,
    },
}

/// What is wrong with a line of a list, or with what would be one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineError {
    /// It is no digest of a file.
    Syntax {
        /// The line.
        found: String,
    },
    /// A digest of an unknown kind.
    Algorithm {
        /// What it is called.
        found: String,
    },
    /// The digest is none.
    Digits {
        /// What stands in its place.
        found: String,
    },
    /// The name of the file has a control character, such as the end of a line.
    File {
        /// The name.
        found: String,
    },
    /// The plugin's name or version is not one word.
    Plugin {
        /// What stands in its place.
        found: String,
    },
    /// It revokes nothing.
    Revocation {
        /// The line.
        found: String,
    },
    /// The number of a key is none.
    Key {
        /// What stands in its place.
        found: String,
    },
    /// The version is none.
    Version {
        /// What stands in its place.
        found: String,
    },
}

impl ListError {
    pub(super) fn line(line: usize, cause: LineError) -> ListError {
        ListError::Line { path: None, line, cause }
    }

    pub(super) fn in_file(self, path: &Path) -> ListError {
        match self {
            ListError::Line { path: None, line, cause } => {
                ListError::Line { path: Some(path.to_path_buf()), line, cause }
            }
            other => other,
        }
    }
}

impl fmt::Display for ListError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListError::Unreadable { path, source: _ } => write!(f, "cannot read {}", path.display()),
            ListError::TooLarge { path, limit, found } => {
                write!(f, "{} has {found} bytes; expected a list, and at most {limit}", path.display())
            }
            ListError::Line { path: Some(path), line, cause } => {
                write!(f, "{}:{line}: {cause}", path.display())
            }
            ListError::Line { path: None, line, cause } => write!(f, "line {line}: {cause}"),
        }
    }
}

impl Error for ListError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            ListError::Unreadable { path: _, source } => Some(source),
            ListError::TooLarge { .. } | ListError::Line { .. } => None,
        }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LineError::Syntax { found } => {
                write!(f, "expected `SHA256 (FILE) = DIGEST`, found `{}`", found.escape_debug())
            }
            LineError::Algorithm { found } => {
                write!(f, "expected the algorithm SHA256 or BLAKE3, found `{}`", found.escape_debug())
            }
            LineError::Digits { found } => {
                write!(f, "expected 64 hexadecimal digits, found `{}`", found.escape_debug())
            }
            LineError::File { found } => write!(
                f,
                "expected the name of a file without control characters, found `{}`; rename the file",
                found.escape_debug()
            ),
            LineError::Plugin { found } => write!(
                f,
                "expected a plugin's name and version, each without spaces and control characters, found `{}`",
                found.escape_debug()
            ),
            LineError::Revocation { found } => write!(
                f,
                "expected `key ID`, `minimum PLUGIN VERSION` or `SHA256 (FILE) = DIGEST`, found `{}`",
                found.escape_debug()
            ),
            LineError::Key { found } => write!(
                f,
                "expected the 16 hexadecimal digits of a key's number, found `{}`",
                found.escape_debug()
            ),
            LineError::Version { found } => {
                write!(f, "expected a version such as 1.2.0, found `{}`", found.escape_debug())
            }
        }
    }
}

impl Error for LineError {}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn what_is_written_is_what_is_read() {
        let entry = |algorithm, file: &str, plugin: Option<(&str, &str)>| DigestEntry {
            digest: Digest::of(algorithm, file.as_bytes()),
            file: file.to_owned(),
            plugin: plugin.map(|(name, version)| (name.to_owned(), version.to_owned())),
        };
        let list = DigestList::new(vec![
            entry(DigestAlgorithm::Sha256, "liba.so", Some(("a", "1.0.0-rc.1+build"))),
            entry(DigestAlgorithm::Blake3, "lib (b) = c.so", None),
        ])
        .unwrap();
        assert_eq!(list.to_string().parse::<DigestList>().unwrap(), list);
    }

    /// What is written would be read as an entry that nobody made.
    #[test]
    fn no_name_begins_another_line() {
        let check = |file: &str, plugin: Option<(&str, &str)>| {
            let plugin = plugin.map(|(name, version)| (name.to_owned(), version.to_owned()));
            let digest = Digest::of(DigestAlgorithm::Sha256, b"");
            DigestList::new(vec![DigestEntry { digest, file: file.to_owned(), plugin }])
        };
        let forged = format!("a) = {EMPTY}\nSHA256 (b");
        for file in [&*forged, "a\r", "a\0", "\u{85}", "\u{1b}[2J"] {
            assert_eq!(check(file, None), Err(LineError::File { found: file.to_owned() }));
        }
        let forged = format!("1.0.0\nSHA256 (b) = {EMPTY}");
        for word in [&*forged, "", "a b", "a\tb", "\u{1b}[2J", "a\u{2028}"] {
            for plugin in [(word, "1.0.0"), ("a", word)] {
                assert_eq!(check("a", Some(plugin)), Err(LineError::Plugin { found: word.to_owned() }));
            }
        }
        // A name that others have written so is refused, a comment is none of the plugin.
        let error = format!("SHA256 (\u{1b}) = {EMPTY}").parse::<DigestList>().unwrap_err();
        assert!(error.to_string().contains("without control characters, found `\\u{1b}`"), "{error}");
        let list: DigestList = format!("# plugin a \u{1b}\nSHA256 (a) = {EMPTY}").parse().unwrap();
        assert_eq!(list, check("a", None).unwrap());
    }

    /// Neither waits nor fills the memory.
    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_no_list_of_a_bounded_size_is_not_read() {
        use crate::{KeyError, PublicKey, Revocations};

        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        for path in [&*fifo, Path::new("/dev/zero"), dir.path()] {
            let errors = [DigestList::read(path).map(drop), Revocations::read(path).map(drop)];
            for error in errors.map(Result::unwrap_err) {
                assert!(matches!(error, ListError::Unreadable { .. }), "{error:?}");
            }
            assert!(matches!(PublicKey::read(path), Err(KeyError::Unreadable { .. })));
        }
        let large = dir.path().join("large");
        std::fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(DigestList::read(&large), Err(ListError::TooLarge { limit: MAX_LIST, .. })));
        assert!(matches!(Revocations::read(&large), Err(ListError::TooLarge { .. })));
        assert!(matches!(PublicKey::read(&large), Err(KeyError::TooLarge { .. })));
        std::fs::write(&large, "").unwrap();
        assert_eq!(DigestList::read(&large).unwrap(), DigestList::default());
        std::fs::write(&large, b"\xff").unwrap();
        assert!(matches!(DigestList::read(&large), Err(ListError::Unreadable { .. })));
    }

    #[test]
    fn comments_and_line_ends_of_any_system_are_read() {
        let text =
            format!("# written by hand\r\n\r\n# plugin a 1.0.0\r\n# why: …\r\nSHA256 (a) = {EMPTY}\r\n");
        let list: DigestList = text.parse().unwrap();
        assert_eq!(list.entries()[0].plugin, Some(("a".to_owned(), "1.0.0".to_owned())));
        assert_eq!(list.entries()[0].digest, Digest::of(DigestAlgorithm::Sha256, b""));
        assert_eq!("".parse::<DigestList>().unwrap().entries(), []);
    }

    #[test]
    fn a_line_that_is_no_digest_is_an_error_with_its_number() {
        let check = |line: &str, expected: &str| {
            let error = format!("# a comment\n\n{line}\n").parse::<DigestList>().unwrap_err();
            assert_eq!(error.to_string(), format!("line 3: {expected}"));
        };
        check(&format!("{EMPTY}  a"), &format!("expected `SHA256 (FILE) = DIGEST`, found `{EMPTY}  a`"));
        check(&format!("MD5 (a) = {EMPTY}"), "expected the algorithm SHA256 or BLAKE3, found `MD5`");
        check("SHA256 (a) = 12", "expected 64 hexadecimal digits, found `12`");
        check(
            &format!("SHA256 (a) = {EMPTY}00"),
            &format!("expected 64 hexadecimal digits, found `{EMPTY}00`"),
        );
        check(
            &format!("BLAKE3 (a) = {}", EMPTY.replace('e', "g")),
            &format!("expected 64 hexadecimal digits, found `{}`", EMPTY.replace('e', "g")),
        );
        check("SHA256 (a) = \u{1b}[2J", "expected 64 hexadecimal digits, found `\\u{1b}[2J`");
    }

    #[test]
    fn the_error_names_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plugins.lock");
        std::fs::write(&path, "nonsense").unwrap();
        let error = DigestList::read(&path).unwrap_err();
        assert!(error.to_string().starts_with(&format!("{}:1: expected", path.display())), "{error}");
        assert!(matches!(DigestList::read(dir.path().join("missing")), Err(ListError::Unreadable { .. })));
    }
}
