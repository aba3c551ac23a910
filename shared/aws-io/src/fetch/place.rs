//! Where a schema is, and what came of fetching it.

use std::fmt;

/// Where a schema is.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// In a repository behind HTTP.
    Http {
        /// The schema's whole URL, `http://` or `https://`, without credentials in it.
        url: String,
        /// What the header `apikey` carries.
        api_key: Option<Secret>,
    },
    /// An object in S3, in the region of the settings.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The object's key, not encoded.
        key: String,
    },
}

impl fmt::Debug for Place {
    /// Without what can be a secret: the key, and a URL's credentials and query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { url, api_key } => f
                .debug_struct("Http")
                .field("url", &without_secrets(url))
                .field("api_key", api_key)
                .finish(),
            Self::S3 { bucket, key } => {
                f.debug_struct("S3").field("bucket", bucket).field("key", key).finish()
            }
        }
    }
}

fn without_secrets(url: &str) -> &str {
    if url.contains('@') {
        return "(a URL with credentials)";
    }
    url.split(['?', '#']).next().unwrap_or_default()
}

/// A text that no `Debug` shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text from being shown.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What came of a fetch, in the terms of an Iglu client's look-up history.
#[derive(Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The body; whether it is JSON is for the caller to find out.
    Found(String),
    /// The repository does not have the schema.
    NotFound,
    /// The repository is in trouble: a status of 500 or more.
    RepoFailure(String),
    /// Anything else: what was sent, the connection, or the limits.
    ClientFailure(String),
}

impl fmt::Debug for Fetched {
    /// With the size of a body in place of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(body) => write!(f, "Found({} bytes)", body.len()),
            Self::NotFound => f.write_str("NotFound"),
            Self::RepoFailure(message) => f.debug_tuple("RepoFailure").field(message).finish(),
            Self::ClientFailure(message) => f.debug_tuple("ClientFailure").field(message).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_no_secret_and_no_body() {
        let secret = || Some(Secret::new("hidden"));
        for url in ["https://a.b/s", "https://a.b/s?token=hidden", "https://u:hidden@a.b/s"] {
            let text = format!("{:?}", Place::Http { url: url.to_owned(), api_key: secret() });
            assert!(!text.contains("hidden"), "{text}");
        }
        let place = Place::Http { url: "https://a.b/s?t=1".to_owned(), api_key: secret() };
        assert_eq!(
            format!("{place:?}"),
            r#"Http { url: "https://a.b/s", api_key: Some(Secret(..)) }"#
        );
        assert_eq!(format!("{:?}", Fetched::Found("hidden".to_owned())), "Found(6 bytes)");
    }
}
