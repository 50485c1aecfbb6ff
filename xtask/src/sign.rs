//! `sign` and `verify`: signatures of plugins, in minisign's format.

mod key;

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

use clap::Args;
use plugin_host::{DigestList, Inspected, PublicKey, Revocations, Signers, comment_to_sign, signature_file};

use crate::{error::TaskError, stage, workspace::Workspace};

#[derive(Args)]
pub(crate) struct Sign {
    /// The secret key: made by `--new-key` or by `minisign -G`
    #[arg(long, value_name = "FILE", required_unless_present = "new_key")]
    key: Option<PathBuf>,
    /// Make a key instead: FILE is secret, FILE.pub is for everybody
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "files"])]
    new_key: Option<PathBuf>,
    /// Make a key without a password, which whoever can read it can use
    #[arg(long, requires = "new_key", conflicts_with = "password_stdin")]
    no_password: bool,
    /// Read the password from the standard input; it may also be in the variable PLUGIN_KEY_PASSWORD, else you are asked
    #[arg(long)]
    password_stdin: bool,
    /// What to sign; if nothing is named, the plugins that `build-plugins` put into `plugins` in the target directory
    files: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Verify {
    /// A public key whose signatures suffice, in a file; may be repeated
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// What is revoked
    #[arg(long, value_name = "FILE", requires = "key")]
    revoked: Vec<PathBuf>,
    /// A list of digests that suffice
    #[arg(long, value_name = "FILE", required_unless_present = "key", conflicts_with = "key")]
    lock: Option<PathBuf>,
    /// What to verify; if nothing is named, the plugins in `plugins` in the target directory
    files: Vec<PathBuf>,
}

pub(crate) fn sign(options: &Sign, workspace: &Workspace) -> Result<(), TaskError> {
    if let Some(file) = &options.new_key {
        return key::create(file, options.no_password, options.password_stdin);
    }
    let Some(file) = &options.key else {
        return Ok(());
    };
    let key = key::read(file, options.password_stdin)?;
    let public = minisign::PublicKey::from_secret_key(&key).map_err(TaskError::Signing)?;
    for file in files(&options.files, workspace)? {
        let inspected = Inspected::read(&file).map_err(TaskError::NotAPlugin)?;
        let descriptor = inspected.descriptor().map_err(|source| {
            TaskError::NotAPlugin(plugin_host::InspectError::Descriptor { path: file.clone(), source })
        })?;
        let comment = comment_to_sign(&descriptor, SystemTime::now());
        let bytes = File::open(&file).map_err(TaskError::file("open", &file))?;
        let untrusted = format!("signature of {} {}", descriptor.name, descriptor.version);
        let signature = minisign::sign(Some(&public), &key, bytes, Some(&comment), Some(&untrusted))
            .map_err(TaskError::Signing)?;
        stage::replace(&signature_file(&file), &signature.to_string())?;
        say(&format!("{}: signed, {}", file.display(), comment.replace('\t', " ")))?;
    }
    Ok(())
}

pub(crate) fn verify(options: &Verify, workspace: &Workspace) -> Result<(), TaskError> {
    let mut signers = Signers::new();
    for file in &options.key {
        signers = signers.accepting(PublicKey::read(file).map_err(TaskError::Key)?);
    }
    for file in &options.revoked {
        signers = signers.revoking(Revocations::read(file).map_err(TaskError::List)?);
    }
    let list = options.lock.as_ref().map(DigestList::read).transpose().map_err(TaskError::List)?;
    let files = files(&options.files, workspace)?;
    let mut refused = 0;
    for file in &files {
        let checked = list.as_ref().map_or_else(|| signers.check(file), |list| list.check(file));
        match checked {
            Ok(inspected) => say(&format!("{}: {} is good", file.display(), inspected.plugin()))?,
            Err(error) => {
                refused += 1;
                eprintln!("error: {}", plugin_host::report(&error));
            }
        }
    }
    match refused {
        0 => Ok(()),
        refused => Err(TaskError::NotVerified { refused, of: files.len() }),
    }
}

/// What was named, else the workspace's plugins where they are staged.
fn files(named: &[PathBuf], workspace: &Workspace) -> Result<Vec<PathBuf>, TaskError> {
    if !named.is_empty() {
        return Ok(named.to_vec());
    }
    let directory = workspace.target_directory().join("plugins");
    let plugins = workspace.plugins()?.into_iter().map(|plugin| directory.join(plugin.file));
    let files: Vec<PathBuf> = plugins.filter(|file| file.exists()).collect();
    if files.is_empty() {
        return Err(TaskError::NothingStaged { directory });
    }
    Ok(files)
}

fn say(line: &str) -> Result<(), TaskError> {
    writeln!(io::stdout(), "{line}").map_err(TaskError::Output)
}

/// Writes a secret: nobody else may read it, and nothing is written over.
fn write_new(path: &Path, text: &str, is_secret: bool) -> Result<(), TaskError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if is_secret { 0o600 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = is_secret;
    let mut file = options.open(path).map_err(TaskError::file("create", path))?;
    file.write_all(text.as_bytes()).map_err(TaskError::file("write", path))
}
