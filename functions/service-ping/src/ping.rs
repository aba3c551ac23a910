//! What GitLab's client sends: three kinds of pings, and what tells two of them apart.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// The kinds of pings, each with a path of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What the installation counts.
    UsageData,
    /// How long each metric took.
    Metadata,
    /// Why there is no usage data.
    Error,
}

impl Kind {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::UsageData, Self::Metadata, Self::Error];

    /// What the client's path, and the place in the bucket, call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::UsageData => "usage_data",
            Self::Metadata => "usage_ping_metadata",
            Self::Error => "usage_ping_errors",
        }
    }

    /// The schema that a policy's rules for it stand under.
    pub fn schema(self) -> &'static str {
        match self {
            Self::UsageData => "com.gitlab/service_ping",
            Self::Metadata => "com.gitlab/service_ping_metadata",
            Self::Error => "com.gitlab/service_ping_error",
        }
    }

    /// The kind that is posted to this path.
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.strip_prefix('/')?;
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What a body of this kind is, for whoever sent another one.
    pub(crate) fn shape(self) -> &'static str {
        match self {
            Self::UsageData => "a JSON object with the texts uuid and recorded_at",
            Self::Metadata => "a JSON object with the object metadata",
            Self::Error => "a JSON object with the object error",
        }
    }
}

/// A ping, as far as it is looked at before it is treated.
pub struct Ping<'a> {
    /// What it is.
    pub kind: Kind,
    /// The object with its content.
    pub payload: &'a str,
    /// Who sent it and when it was made, if it says so.
    made: Option<(String, String)>,
}

impl std::fmt::Debug for Ping<'_> {
    /// Sizes only: a ping is payload.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.payload.len();
        f.debug_struct("Ping").field("payload_bytes", &bytes).finish_non_exhaustive()
    }
}

/// What stays the same when a ping is sent again, and is different for any other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// From 1 to 2^53 - 1, so that it is the same number in every language.
    pub id: u64,
    /// 32 hex digits.
    pub duplicate_key: String,
}

/// What surrounds metadata and errors. A field given twice is none: nobody knows which one is meant.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    metadata: Option<&'a RawValue>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Made<'a> {
    #[serde(borrow, default)]
    uuid: Option<&'a RawValue>,
    #[serde(borrow, default)]
    recorded_at: Option<&'a RawValue>,
    #[serde(borrow, default)]
    time: Option<&'a RawValue>,
}

impl<'a> Ping<'a> {
    /// Reads a body; none if it is not of this kind.
    pub fn read(kind: Kind, body: &'a [u8]) -> Option<Self> {
        let body = object(str::from_utf8(body).ok()?)?;
        let payload = match kind {
            Kind::UsageData => body,
            Kind::Metadata => {
                object(serde_json::from_str::<Envelope<'_>>(body).ok()?.metadata?.get())?
            }
            Kind::Error => object(serde_json::from_str::<Envelope<'_>>(body).ok()?.error?.get())?,
        };
        let made: Made<'_> = serde_json::from_str(payload).ok()?;
        let time = match kind {
            Kind::UsageData => made.recorded_at,
            // The client says no time in it.
            Kind::Metadata => None,
            Kind::Error => made.time,
        };
        let made = made.uuid.and_then(text).zip(time.and_then(text));
        let is_whole = made.is_some() || kind != Kind::UsageData;
        is_whole.then_some(Self { kind, payload, made })
    }

    /// Its identity. Without a maker and a time it is told by all of its content; only a keyed
    /// pseudonym of that may leave a trace, which the caller makes.
    pub fn identity(&self, pseudonym: impl FnOnce(&[u8]) -> String) -> Identity {
        let (who, what) = match &self.made {
            Some((uuid, time)) => (Cow::Borrowed(uuid.as_str()), Cow::Borrowed(time.as_str())),
            None => (Cow::Borrowed(""), Cow::Owned(pseudonym(self.payload.as_bytes()))),
        };
        let mut digest = Sha256::new();
        for part in [self.kind.name(), &who, &what] {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part.as_bytes());
        }
        let digest = digest.finalize();
        let number = digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte));
        let duplicate_key = digest.iter().skip(8).take(16).fold(String::new(), |mut hex, byte| {
            hex.extend([byte >> 4, byte & 15].map(digit));
            hex
        });
        Identity { id: usable(number), duplicate_key }
    }
}

/// 53 bits of it, but never 0, which the client takes for a failure.
fn usable(number: u64) -> u64 {
    (number >> 11).max(1)
}

fn digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or('0')
}

/// The text without the space around it, if it begins as an object does. Serde would take a list of
/// the fields' values as well.
fn object(text: &str) -> Option<&str> {
    let text = text.trim_matches([' ', '\n', '\r', '\t']);
    text.starts_with('{').then_some(text)
}

/// A text that is not empty.
fn text(json: &RawValue) -> Option<String> {
    serde_json::from_str(json.get()).ok().filter(|text: &String| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: &str = r#"{"uuid":"u","recorded_at":"t","counts":{}}"#;

    fn identity(kind: Kind, body: &str, pseudonym: &str) -> Identity {
        Ping::read(kind, body.as_bytes()).unwrap().identity(|_| pseudonym.to_owned())
    }

    #[test]
    fn a_path_is_a_kind() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_path(&format!("/{}", kind.name())), Some(kind));
        }
        for path in ["", "/", "usage_data", "/usage_data/", "/Usage_data", "/check.svg"] {
            assert_eq!(Kind::of_path(path), None, "{path}");
        }
    }

    #[test]
    fn a_body_has_the_shape_of_its_kind() {
        for (kind, body, is_ping) in [
            (Kind::UsageData, USAGE, true),
            (Kind::UsageData, " \n{\"recorded_at\":\"t\",\"uuid\":\"u\"}\r\n", true),
            (Kind::UsageData, r#"{"uuid":"u"}"#, false),
            (Kind::UsageData, r#"{"uuid":"","recorded_at":"t"}"#, false),
            (Kind::UsageData, r#"{"uuid":7,"recorded_at":"t"}"#, false),
            (Kind::UsageData, r#"{"uuid":null,"recorded_at":"t"}"#, false),
            (Kind::UsageData, r#"{"uuid":"u","uuid":"v","recorded_at":"t"}"#, false),
            (Kind::UsageData, r#"["u","t","x"]"#, false),
            (Kind::UsageData, r#"{"uuid":"u","recorded_at":"t"} 1"#, false),
            (Kind::UsageData, "", false),
            (Kind::Metadata, r#"{"metadata":{"metrics":[]}}"#, true),
            (Kind::Metadata, r#"{"metadata":{"uuid":7}}"#, true),
            (Kind::Metadata, r#"{"metadata":[]}"#, false),
            (Kind::Metadata, r#"{"metadata":null}"#, false),
            (Kind::Metadata, r#"{"error":{}}"#, false),
            (Kind::Error, r#"{"error":{}}"#, true),
            (Kind::Error, r#"{"error":"words"}"#, false),
            (Kind::Error, r#"{"error":{},"error":{}}"#, false),
        ] {
            assert_eq!(Ping::read(kind, body.as_bytes()).is_some(), is_ping, "{body}");
        }
        assert!(
            Ping::read(Kind::UsageData, b"{\"uuid\":\"\xff\",\"recorded_at\":\"t\"}").is_none()
        );
    }

    #[test]
    fn a_ping_that_is_sent_again_is_the_same() {
        let again = r#"{"recorded_at":"t","hostname":"h","uuid":"\u0075"}"#;
        let first = identity(Kind::UsageData, USAGE, "");
        assert_eq!(first, identity(Kind::UsageData, again, "other"));
        let error = |time: &str| format!(r#"{{"error":{{"uuid":"u","time":"{time}"}}}}"#);
        let metadata = r#"{"metadata":{"uuid":"u","metrics":[]}}"#;
        let others = [
            identity(Kind::UsageData, r#"{"uuid":"u","recorded_at":"t2"}"#, ""),
            identity(Kind::UsageData, r#"{"uuid":"ut","recorded_at":"2"}"#, ""),
            identity(Kind::Error, &error("t"), ""),
            identity(Kind::Error, &error("t2"), ""),
            identity(Kind::Metadata, metadata, "p1"),
            identity(Kind::Metadata, metadata, "p2"),
        ];
        for (place, other) in others.iter().enumerate() {
            assert_ne!(first.id, other.id);
            assert_ne!(first.duplicate_key, other.duplicate_key);
            assert_eq!(others.iter().position(|it| it.id == other.id), Some(place));
            assert!((1..1 << 53).contains(&other.id) && other.duplicate_key.len() == 32);
        }
    }

    #[test]
    fn a_number_is_never_none() {
        for (number, expected) in
            [(0, 1), (2047, 1), (2048, 1), (4096, 2), (u64::MAX, (1 << 53) - 1)]
        {
            assert_eq!(usable(number), expected);
        }
    }
}
