//! Secret keys, and the passwords that protect them.

use std::{
    env, fs,
    io::{self, BufRead},
    path::Path,
};

use ct_codecs::{Base64, Decoder};
use minisign::{KeyPair, SecretKey, SecretKeyBox};

use super::write_new;
use crate::error::TaskError;

/// Where continuous integration keeps the password.
const PASSWORD: &str = "PLUGIN_KEY_PASSWORD";

/// Writes a new key, and its public half beside it.
pub(super) fn create(file: &Path, no_password: bool, from_stdin: bool) -> Result<(), TaskError> {
    let pair = match no_password {
        true => KeyPair::generate_unencrypted_keypair(),
        false => KeyPair::generate_encrypted_keypair(password(from_stdin)?),
    };
    let KeyPair { pk, sk } = pair.map_err(TaskError::Signing)?;
    let secret = sk.to_box(Some("secret key of a signer of plugins")).map_err(TaskError::Signing)?;
    let public = pk.to_box().map_err(TaskError::Signing)?;
    let mut public_file = file.as_os_str().to_owned();
    public_file.push(".pub");
    write_new(file, &secret.into_string(), true)?;
    write_new(public_file.as_ref(), &public.into_string(), false)?;
    super::say(&format!(
        "{} is secret: keep it where nobody else can read it\n{} is for everybody: hosts accept what it verifies",
        file.display(),
        Path::new(&public_file).display()
    ))
}

/// Reads a key, and asks for its password if it has one.
pub(super) fn read(file: &Path, from_stdin: bool) -> Result<SecretKey, TaskError> {
    let text = fs::read_to_string(file).map_err(TaskError::file("read", file))?;
    // One without a password is taken as it is: minisign writes no checksum into it, which the library misses.
    let bytes = text.lines().nth(1).and_then(|line| Base64::decode_to_vec(line.trim(), None).ok());
    if let Some(Ok(key)) = bytes.map(|bytes| SecretKey::from_bytes(&bytes))
        && !key.is_encrypted()
    {
        return Ok(key);
    }
    let password = password(from_stdin)?;
    SecretKeyBox::from_string(&text)
        .and_then(|secret| secret.into_secret_key(password))
        .map_err(|source| TaskError::SecretKey { path: file.to_owned(), source })
}

/// `None` if it is to be asked for at the terminal.
fn password(from_stdin: bool) -> Result<Option<String>, TaskError> {
    if !from_stdin {
        return Ok(env::var(PASSWORD).ok());
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(TaskError::Input)?;
    Ok(Some(line.trim_end_matches(['\r', '\n']).to_owned()))
}
