//! What came of reading a secret: its bytes, which nothing shows and which are wiped, or why there are none.

use std::fmt;

use zeroize::Zeroizing;

/// A secret's bytes. No `Debug` shows them, and they are wiped when they are dropped.
pub struct SecretText(Zeroizing<Vec<u8>>);

impl SecretText {
    pub(super) fn new(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// The bytes as they are stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as a text, if they are one.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for SecretText {
    /// Not even its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Why a secret could not be read; may be logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// The call failed; holds the service's error code, such as `AccessDeniedException`, or the kind
    /// of failure, such as `AttemptTimeout`.
    CallFailed(String),
    /// The parameter is there, but not encrypted; holds its type.
    NotSecureString(String),
    /// The deadline came before an answer.
    DeadlineReached,
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallFailed(code) => write!(f, "call failed: {code}"),
            Self::NotSecureString(found) => {
                write!(f, "the parameter's type is {found}, accepted is SecureString")
            }
            Self::DeadlineReached => f.write_str("deadline reached before an answer"),
        }
    }
}

impl std::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_nothing() {
        let secret = SecretText::new(Zeroizing::new(b"hidden".to_vec()));
        assert_eq!(format!("{secret:?}"), "SecretText(..)");
        assert_eq!((secret.as_bytes(), secret.as_str()), (&b"hidden"[..], Some("hidden")));
        assert_eq!(SecretText::new(Zeroizing::new(vec![0xff])).as_str(), None);
    }
}
