//! What can go wrong. No error carries a byte of a key, a header or the content.

use std::fmt;

use crate::{HEADER_BYTES_MAX, STANZAS_MAX};

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The text of another kind of key, or of none.
    NotRecipient,
    /// The text of another kind of key, or of none.
    NotIdentity,
    /// A secret key where a public one is wanted.
    SecretGiven,
    /// A public key where a secret one is wanted.
    RecipientGiven,
    /// A key that is too short or too long.
    Length {
        /// How many characters follow the prefix.
        characters: usize,
        /// How many there have to be.
        expected: usize,
    },
    /// A character that no key has, or one in the other case.
    Character {
        /// Its place in the text, counted from 1.
        position: usize,
    },
    /// A mistyped key.
    Checksum,
    /// A recipient for whom nothing can be sealed, because everybody could open it.
    LowOrderPoint,
    /// A file without an identity.
    NoIdentity,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRecipient => write!(f, "no X25519 recipient, which is `age1` and 58 letters"),
            Self::NotIdentity => {
                write!(f, "no X25519 identity, which is `AGE-SECRET-KEY-1` and 58 letters")
            }
            Self::SecretGiven => {
                write!(f, "a secret identity was given where its public recipient is wanted")
            }
            Self::RecipientGiven => {
                write!(f, "a public recipient was given where its secret identity is wanted")
            }
            Self::Length { characters, expected } => {
                write!(f, "the key has {characters} characters after its prefix, not {expected}")
            }
            Self::Character { position } => {
                write!(f, "character {position} does not occur in keys or is in the wrong case")
            }
            Self::Checksum => write!(f, "the key's checksum is wrong: it was mistyped"),
            Self::LowOrderPoint => {
                write!(f, "the key is one of the few points that keep no secret")
            }
            Self::NoIdentity => write!(f, "the file has no identity, only comments"),
        }
    }
}

impl std::error::Error for KeyError {}

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRandomness;

impl fmt::Display for NoRandomness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the operating system gave no random bytes")
    }
}

impl std::error::Error for NoRandomness {}

/// Why nothing was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// Nobody could open it.
    NoRecipients,
    /// More recipients than a reader accepts.
    TooManyRecipients {
        /// How many there are.
        count: usize,
    },
    /// A recipient with whom no secret can be shared.
    LowOrderPoint,
    /// The operating system gave no random bytes.
    NoRandomness,
    /// The cipher refused a chunk, which it does for far longer ones only.
    Cipher,
}

impl From<NoRandomness> for SealError {
    fn from(NoRandomness: NoRandomness) -> Self {
        Self::NoRandomness
    }
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRecipients => write!(f, "there is no recipient to seal to"),
            Self::TooManyRecipients { count } => {
                write!(f, "{count} recipients are more than {STANZAS_MAX}")
            }
            Self::LowOrderPoint => write!(f, "{}", KeyError::LowOrderPoint),
            Self::NoRandomness => write!(f, "{NoRandomness}"),
            Self::Cipher => write!(f, "the cipher refused a chunk"),
        }
    }
}

impl std::error::Error for SealError {}

/// What is wrong with a line of the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderProblem {
    /// Neither a stanza's first line nor the header's last.
    Line,
    /// A stanza's arguments are empty or hold more than visible ASCII.
    Arguments,
    /// A stanza's body is no canonical base64 in lines of 64 characters.
    Body,
    /// An X25519 stanza that does not hold one point and one wrapped key.
    X25519,
    /// A passphrase beside other stanzas, which age forbids.
    PassphraseNotAlone,
    /// The last line holds no code of 32 bytes.
    Code,
    /// The header ends before its first stanza.
    NoStanza,
}

impl fmt::Display for HeaderProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "is neither a stanza nor the header's end",
            Self::Arguments => "has an argument that is empty or not visible ASCII",
            Self::Body => "is not canonical base64 of at most 64 characters",
            Self::X25519 => "belongs to an X25519 stanza without one point and one wrapped key",
            Self::PassphraseNotAlone => "has a passphrase beside other stanzas",
            Self::Code => "does not end the header with a code of 32 bytes",
            Self::NoStanza => "ends a header without stanzas",
        })
    }
}

/// Why bytes cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// No age file of version 1.
    NotAge,
    /// An age file in its text form.
    Armoured,
    /// A header that breaks the format.
    Header {
        /// How.
        problem: HeaderProblem,
        /// The line, counted from 1.
        line: usize,
    },
    /// A header longer than [`HEADER_BYTES_MAX`].
    HeaderTooLong,
    /// More stanzas than [`STANZAS_MAX`].
    TooManyStanzas,
    /// Sealed with a passphrase or to other kinds of keys only.
    NoX25519Stanza,
    /// A stanza whose secret everybody knows.
    LowOrderPoint,
    /// Sealed to other identities.
    WrongKey,
    /// The header is not as it was written.
    DamagedHeader,
    /// The bytes end before the last chunk does.
    Truncated,
    /// A chunk that is not as it was written, or not where it was written.
    DamagedChunk {
        /// Which, counted from 0.
        index: u64,
    },
    /// Bytes after the last chunk.
    TrailingBytes,
    /// A last chunk without content after others, which no honest writer makes.
    EmptyLastChunk,
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAge => write!(f, "this is no age file of version 1"),
            Self::Armoured => {
                write!(f, "this is an age file in text form, the binary one is wanted")
            }
            Self::Header { problem, line } => write!(f, "line {line} of the header {problem}"),
            Self::HeaderTooLong => write!(f, "the header has more than {HEADER_BYTES_MAX} bytes"),
            Self::TooManyStanzas => write!(f, "the header has more than {STANZAS_MAX} stanzas"),
            Self::NoX25519Stanza => {
                write!(f, "this was sealed with a passphrase or to other kinds of keys only")
            }
            Self::LowOrderPoint => write!(f, "a stanza's point keeps no secret"),
            Self::WrongKey => {
                write!(f, "this was not sealed to this identity, or its stanza is damaged")
            }
            Self::DamagedHeader => write!(f, "the header is not as it was written"),
            Self::Truncated => write!(f, "the bytes end too early"),
            Self::DamagedChunk { index } => {
                write!(f, "chunk {index} is damaged, cut, out of its place or followed by more")
            }
            Self::TrailingBytes => write!(f, "bytes follow the last chunk"),
            Self::EmptyLastChunk => write!(f, "the last chunk is empty and not the only one"),
        }
    }
}

impl std::error::Error for OpenError {}
