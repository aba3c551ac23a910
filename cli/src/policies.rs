//! Policies and keys that options name, read, with everything that is wrong with them.

use std::fmt;
use std::path::Path;

use privacy::{Key, KeyRing, Policy, PolicyError, shipped};
use zeroize::Zeroizing;

/// How many bytes a new key has.
const KEY_BYTES: usize = 32;

/// Why a command for privacy did not end well.
#[derive(Debug)]
pub(crate) enum PrivacyError {
    /// Files cannot be used; each line names one and what is wrong with it.
    Unusable(Vec<String>),
    /// Reading or writing failed.
    Io(std::io::Error),
    /// A line of the input is longer than so many bytes; holds its number, from 1.
    Line(usize, usize),
    /// It was printed what is wrong; this says how much.
    Findings(String),
}

impl fmt::Display for PrivacyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable(problems) => f.write_str(&problems.join("\n")),
            Self::Io(error) => write!(f, "standard input or output: {error}"),
            Self::Line(number, most) => {
                write!(f, "standard input, line {number}: is longer than {most} bytes")
            }
            Self::Findings(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for PrivacyError {}

impl From<std::io::Error> for PrivacyError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// A problem with one file.
pub(crate) fn unusable(file: &Path, problem: impl fmt::Display) -> PrivacyError {
    PrivacyError::Unusable(vec![format!("{}: {problem}", file.display())])
}

/// The text of a policy: of one that comes with the command, or of a file.
pub(crate) fn text(file: &Path) -> Result<String, PrivacyError> {
    match file.to_str().and_then(shipped) {
        Some(text) => Ok(text.to_owned()),
        None => std::fs::read_to_string(file).map_err(|error| unusable(file, error)),
    }
}

/// A policy, or all that is wrong with it.
pub(crate) fn policy(file: &Path) -> Result<Policy, PrivacyError> {
    let complain = |error: PolicyError| {
        let lines = error.problems.iter().map(|problem| format!("{}: {problem}", file.display()));
        PrivacyError::Unusable(lines.collect())
    };
    Policy::parse(&text(file)?).map_err(complain)
}

/// The keys of a file.
pub(crate) fn keys(file: &Path) -> Result<KeyRing, PrivacyError> {
    let secret = std::fs::read(file).map_err(|error| unusable(file, error))?;
    KeyRing::parse(&Zeroizing::new(secret)).map_err(|error| unusable(file, error))
}

/// A policy and its key; if neither can be used, both are told.
pub(crate) fn policy_and_keys(
    policy_file: &Path,
    key_file: &Path,
) -> Result<(Policy, KeyRing), PrivacyError> {
    match (policy(policy_file), keys(key_file)) {
        (Ok(policy), Ok(keys)) => Ok((policy, keys)),
        (Err(PrivacyError::Unusable(mut all)), Err(PrivacyError::Unusable(more))) => {
            all.extend(more);
            Err(PrivacyError::Unusable(all))
        }
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// The bytes of a new key.
pub(crate) fn random_bytes() -> Result<Vec<u8>, PrivacyError> {
    let mut bytes = vec![0; KEY_BYTES];
    let filled = getrandom::fill(&mut bytes);
    filled.map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    Ok(bytes)
}

/// A key that nobody keeps.
pub(crate) fn throw_away_key() -> Result<Key, PrivacyError> {
    Key::new("k0", random_bytes()?).map_err(|error| std::io::Error::other(error).into())
}
