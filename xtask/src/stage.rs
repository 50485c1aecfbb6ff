//! Putting shared libraries into a directory that hosts open plugins from.
//!
//! What cargo built stays as it is. A library gets to its place by a rename, because a host may have the old one
//! mapped, and code that is changed under a running program crashes it.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    io::{self, BufRead as _, BufReader, ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};

use plugin_host::ObjectFormat;
use tempfile::TempDir;

use crate::{cargo, error::TaskError};

/// Files on their way into a directory; dropped before they are published, they leave nothing behind.
pub(crate) struct Stage {
    /// In the directory itself: a rename works within one file system.
    waiting: TempDir,
    directory: PathBuf,
}

/// What plugins are staged for.
#[derive(Clone, Copy)]
pub(crate) enum Purpose {
    /// To be run here, soon: the file with the debug information is what cargo built, under another name.
    Development,
    /// To be sent to others: each file has what the other has not.
    Shipping,
}

/// Where the debug information of a staged library is.
pub(crate) enum DebugInfo {
    /// In a file beside it, where debuggers and the standard library's backtraces look for it.
    Beside,
    /// Still in it.
    Inside { reason: String },
    /// Wherever the platform's linker puts it.
    Elsewhere,
}

impl Stage {
    pub(crate) fn new(directory: &Path) -> Result<Self, TaskError> {
        create_directory(directory).map_err(TaskError::file("create", directory))?;
        let waiting = tempfile::Builder::new()
            .prefix(".staging-")
            .tempdir_in(directory)
            .map_err(TaskError::file("write to", directory))?;
        Ok(Self { waiting, directory: directory.to_owned() })
    }

    /// The place of a library, if the one that is there was made of this very artefact: it then has its time.
    pub(crate) fn made_before(&self, artefact: &Path, name: &str) -> Option<PathBuf> {
        let place = self.directory.join(name);
        let time = |file: &Path| file.symlink_metadata().and_then(|metadata| metadata.modified()).ok();
        let is_whole = place.is_file() && debug_file(&place).is_file();
        (is_whole && time(&place)? == time(artefact)?).then_some(place)
    }

    /// Prepares a library; returns where it waits.
    pub(crate) fn add(
        &self,
        artefact: &Path,
        name: &str,
        format: ObjectFormat,
        purpose: Purpose,
    ) -> Result<(PathBuf, DebugInfo), TaskError> {
        let staged = self.waiting.path().join(name);
        let debug_info = if format == ObjectFormat::Elf {
            split(artefact, &staged, purpose)?
        } else {
            DebugInfo::Elsewhere
        };
        match debug_info {
            DebugInfo::Beside => {}
            DebugInfo::Inside { .. } | DebugInfo::Elsewhere => {
                fs::copy(artefact, &staged).map_err(TaskError::file("copy", artefact))?;
            }
        }
        set_mode(&staged, 0o755)?;
        set_time(&staged, artefact).map_err(TaskError::file("set the time of", &staged))?;
        if let (DebugInfo::Beside, Purpose::Shipping) = (&debug_info, purpose) {
            set_mode(&debug_file(&staged), 0o644)?;
        }
        Ok((staged, debug_info))
    }

    /// Writes a text beside the libraries.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), TaskError> {
        let file = self.waiting.path().join(name);
        fs::write(&file, text).map_err(TaskError::file("write", &file))?;
        set_mode(&file, 0o644)
    }

    /// Moves everything to its place, but for what is there already: a host takes a file that was replaced for a new build.
    /// The debug information goes first: what is not there yet cannot be missed. The list of digests goes last: it is right
    /// as soon as it is there. Returns the libraries that were moved.
    pub(crate) fn publish(self) -> Result<Vec<String>, TaskError> {
        let waiting = self.waiting.path();
        let mut names = Vec::new();
        for entry in fs::read_dir(waiting).map_err(TaskError::file("list", waiting))? {
            names.push(entry.map_err(TaskError::file("list", waiting))?.file_name());
        }
        names.sort_by_key(|name| (!is_debug_info(name), is_list(name)));
        let mut moved = Vec::new();
        for name in names {
            let (new, place) = (waiting.join(&name), self.directory.join(&name));
            // Nobody minds where debug information was replaced by the same, and it is large.
            if !is_debug_info(&name) && is_same(&new, &place).map_err(TaskError::file("compare", &new))? {
                continue;
            }
            fs::rename(&new, &place).map_err(TaskError::file("replace", &place))?;
            if !is_debug_info(&name) && !is_list(&name) {
                moved.push(name.to_string_lossy().into_owned());
            }
        }
        Ok(moved)
    }
}

/// Writes a text that everybody may read to a place, at once.
pub(crate) fn replace(place: &Path, text: &str) -> Result<(), TaskError> {
    let directory = place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || TaskError::file("write to", directory);
    let mut file = tempfile::NamedTempFile::new_in(directory).map_err(failed())?;
    file.write_all(text.as_bytes()).map_err(failed())?;
    set_mode(file.path(), 0o644)?;
    let placed = file.persist(place).map_err(|error| error.error);
    placed.map(drop).map_err(TaskError::file("replace", place))
}

/// Whether the file at a place has the bytes and the mode of a new one.
fn is_same(new: &Path, place: &Path) -> io::Result<bool> {
    let (found, wanted) = match place.symlink_metadata() {
        Ok(found) if found.is_file() => (found, new.metadata()?),
        _ => return Ok(false),
    };
    Ok(found.len() == wanted.len()
        && found.permissions() == wanted.permissions()
        && fs::read(new)? == fs::read(place)?)
}

/// The list of the digests of all plugins in the directory.
pub(crate) const LOCK_FILE: &str = "plugins.lock";

fn is_list(name: &OsStr) -> bool {
    name == LOCK_FILE
}

const DEBUG_SUFFIX: &str = ".debug";

fn is_debug_info(name: &OsStr) -> bool {
    name.to_string_lossy().ends_with(DEBUG_SUFFIX)
}

fn debug_file(library: &Path) -> PathBuf {
    let mut name = library.as_os_str().to_owned();
    name.push(DEBUG_SUFFIX);
    name.into()
}

/// Writes the library without symbols and debug information.
pub(crate) fn strip(library: &Path, stripped: &Path) -> Result<(), TaskError> {
    let mut command = Command::new(objcopy());
    command.arg("--strip-all").args([library, stripped]);
    match command.status().map_err(|source| cargo::spawn(&command, source))? {
        status if status.success() => Ok(()),
        _ => Err(TaskError::Strip { tool: objcopy().display().to_string(), file: library.to_owned() }),
    }
}

fn objcopy() -> OsString {
    env::var_os("OBJCOPY").unwrap_or_else(|| "objcopy".into())
}

/// Writes the library without symbols and debug information, and those into a file beside it that it names.
fn split(artefact: &Path, staged: &Path, purpose: Purpose) -> Result<DebugInfo, TaskError> {
    let debug_file = debug_file(staged);
    let is_kept = match purpose {
        // Cargo never writes into a file that it has built before: the next one is another one.
        Purpose::Development => fs::hard_link(artefact, &debug_file).is_ok(),
        Purpose::Shipping => false,
    };
    let keep = ["--only-keep-debug".as_ref(), artefact.as_os_str(), debug_file.as_os_str()];
    let mut kept = if is_kept { Ok(()) } else { run_objcopy(&keep)? };
    if kept.is_ok() {
        let link = tempfile::NamedTempFile::new().map_err(TaskError::file("write to", &env::temp_dir()))?;
        let bytes = debug_link(&debug_file).map_err(TaskError::file("read", &debug_file))?;
        fs::write(link.path(), bytes).map_err(TaskError::file("write", link.path()))?;
        let mut section = OsString::from("--add-section=.gnu_debuglink=");
        section.push(link.path());
        // What the loader needs stays: dynamic symbols, and the note with the descriptor.
        kept = run_objcopy(&["--strip-all".as_ref(), &section, artefact.as_ref(), staged.as_ref()])?;
    }
    let Err(reason) = kept else { return Ok(DebugInfo::Beside) };
    for file in [&debug_file, staged] {
        remove(file).map_err(TaskError::file("remove", file))?;
    }
    Ok(DebugInfo::Inside { reason })
}

/// Runs `objcopy`, or says why it does not do this.
fn run_objcopy(arguments: &[&OsStr]) -> Result<Result<(), String>, TaskError> {
    let tool = objcopy();
    let mut command = Command::new(&tool);
    command.args(arguments);
    let shown = tool.display();
    Ok(match command.status() {
        Ok(status) if status.success() => Ok(()),
        // Of another architecture, say.
        Ok(_) => Err(format!("`{shown}` failed; the variable OBJCOPY can name another one")),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!(
            "there is no `{shown}`; install GNU binutils or LLVM, or name one in the variable OBJCOPY"
        )),
        Err(source) => return Err(cargo::spawn(&command, source)),
    })
}

/// What a library says of the file with its debug information, as GDB's manual has it ("Separate Debug Files"): the name, a NUL,
/// zeros up to a multiple of four, and the CRC-32 of the file in the byte order of the library. `objcopy --add-gnu-debuglink`
/// writes the same, but takes longer for the checksum than for all else.
fn debug_link(file: &Path) -> io::Result<Vec<u8>> {
    /// Where an ELF file says its byte order, and what stands for big.
    const BYTE_ORDER: (usize, u8) = (5, 2);
    let mut link = file.file_name().unwrap_or_default().as_encoded_bytes().to_vec();
    link.push(0);
    link.resize(link.len().next_multiple_of(4), 0);
    let mut reader = BufReader::with_capacity(64 << 10, fs::File::open(file)?);
    let (at, big) = BYTE_ORDER;
    let is_big = reader.fill_buf()?.get(at) == Some(&big);
    let mut hasher = crc32fast::Hasher::new();
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        hasher.update(chunk);
        let read = chunk.len();
        reader.consume(read);
    }
    let checksum = hasher.finalize();
    link.extend(if is_big { checksum.to_be_bytes() } else { checksum.to_le_bytes() });
    Ok(link)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Gives a file the time of the one that it was made of.
fn set_time(file: &Path, origin: &Path) -> io::Result<()> {
    fs::File::options().write(true).open(file)?.set_modified(origin.metadata()?.modified()?)
}

/// Hosts trust neither a directory nor a file that anybody else can write to, whatever the umask allows.
#[cfg(unix)]
fn create_directory(directory: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o755).create(directory)
}

#[cfg(not(unix))]
fn create_directory(directory: &Path) -> io::Result<()> {
    fs::create_dir_all(directory)
}

#[cfg(unix)]
fn set_mode(file: &Path, mode: u32) -> Result<(), TaskError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(mode))
        .map_err(TaskError::file("set the mode of", file))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> Result<(), TaskError> {
    Ok(())
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;

    #[test]
    fn debug_information_is_named_as_objcopy_names_it() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        // A distribution's program names a file of its own.
        let plain = at("plain");
        let bare = ["--remove-section=.gnu_debuglink".as_ref(), OsStr::new("/bin/true"), plain.as_os_str()];
        if let Err(reason) = run_objcopy(&bare).unwrap() {
            assert!(env::var_os("CI").is_none(), "continuous integration has objcopy: {reason}");
            eprintln!("skipped: {reason}");
            return;
        }
        for name in ["even.debug", "another.debug"] {
            fs::write(at(name), [&*fs::read(&plain).unwrap(), name.as_bytes()].concat()).unwrap();
            let run = |option: &str, file: &str, files: [PathBuf; 2]| {
                let option = format!("{option}={}", at(file).display());
                run_objcopy(&[option.as_ref(), files[0].as_os_str(), files[1].as_os_str()]).unwrap()
            };
            run("--add-gnu-debuglink", name, [plain.clone(), at("linked")]).unwrap();
            run("--dump-section=.gnu_debuglink", "section", [at("linked"), at("other")]).unwrap();
            assert_eq!(debug_link(&at(name)).unwrap(), fs::read(at("section")).unwrap(), "{name}");
        }
    }
}
