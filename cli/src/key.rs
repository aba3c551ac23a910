//! `whiteout key`: new keys and identities, and a look at keys that shows none of them.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use privacy::{Key, KeyRing};
use sealed::Identity;
use zeroize::Zeroizing;

use crate::config::KeyOptions;
use crate::policies::{PrivacyError, keys, random_bytes, unusable};

/// Only the owner may read a file of keys.
const MODE: u32 = 0o600;

/// Does what is asked for.
pub(crate) fn run(options: &KeyOptions) -> Result<(), PrivacyError> {
    match options {
        KeyOptions::New(file) => new(file.as_deref()),
        KeyOptions::Add(file) => add(file),
        KeyOptions::Identity(file) => identity(file.as_deref()),
        KeyOptions::Check(file) => check(file),
    }
}

/// Writes a file with a new key, or prints it.
pub(crate) fn new(file: Option<&Path>) -> Result<(), PrivacyError> {
    let key = Key::new("k1", random_bytes()?).map_err(std::io::Error::other)?;
    let mut secret = KeyRing::of(key).to_secret();
    secret.push('\n');
    write_new(file, &secret)
}

/// Writes to a file that must not exist, or to standard output.
fn write_new(file: Option<&Path>, secret: &str) -> Result<(), PrivacyError> {
    let Some(path) = file else {
        return Ok(std::io::stdout().write_all(secret.as_bytes())?);
    };
    create(path)
        .and_then(|mut file| file.write_all(secret.as_bytes()).and_then(|()| file.sync_all()))
        .map_err(|error| unusable(path, error))
}

fn create(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(MODE).open(path)
}

/// Adds a key and makes it the current one. The old file stays whole until the new one is.
fn add(path: &Path) -> Result<(), PrivacyError> {
    let mut ring = keys(path)?;
    ring.rotate(random_bytes()?).map_err(|error| unusable(path, error))?;
    let mut secret = ring.to_secret();
    secret.push('\n');
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let beside = path.with_file_name(name);
    write_new(Some(&beside), &secret)?;
    std::fs::rename(&beside, path).map_err(|error| {
        // What is left of a failure would be one more place with keys.
        std::fs::remove_file(&beside).ok();
        unusable(path, error)
    })
}

/// As age-keygen writes it.
fn identity(file: Option<&Path>) -> Result<(), PrivacyError> {
    let identity = Identity::generate().map_err(std::io::Error::other)?;
    #[allow(clippy::disallowed_methods, reason = "the command is the edge where time comes in")]
    let created = timestamps::iso_millis(function_env::epoch_micros().div_euclid(1_000));
    let recipient = identity.recipient();
    let text = Zeroizing::new(format!(
        "# created: {created}\n# public key: {recipient}\n{}\n",
        identity.to_text().as_str()
    ));
    write_new(file, &text)?;
    if file.is_some() {
        writeln!(std::io::stdout(), "{recipient}")?;
    }
    Ok(())
}

/// Prints what a file holds, without the keys.
fn check(path: &Path) -> Result<(), PrivacyError> {
    let ring = keys(path)?;
    let current = ring.current().map(Key::id);
    let mut weak = 0;
    let mut out = std::io::stdout().lock();
    for key in ring.keys() {
        let is_current = if current == Some(key.id()) { ", current" } else { "" };
        let looks = if key.looks_random() {
            ""
        } else {
            weak += 1;
            ", does not look random: pseudonyms made with it can be guessed"
        };
        // Whoever closed the pipe has read enough.
        let (id, length, value) = (key.id(), key.length(), key.check_value());
        writeln!(out, "{id}: {length} bytes, check value {value}{is_current}{looks}").ok();
    }
    if weak == 0 { Ok(()) } else { Err(PrivacyError::Findings(format!("{weak} weak keys"))) }
}
