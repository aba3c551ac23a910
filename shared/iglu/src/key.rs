//! Names of schemas: `iglu:vendor/name/format/model-revision-addition`.

use std::cmp::Ordering;
use std::fmt;

/// Longest vendor and longest name.
pub const NAME_CHARACTERS_MAX: usize = 128;

/// Why a text names no schema, or JSON is not self-describing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The version is none.
    Version,
    /// The text is no Iglu URI.
    Uri,
    /// The value is no object of `schema` and `data`.
    Data,
}

impl KeyError {
    /// The code that bad rows carry.
    pub fn code(self) -> &'static str {
        match self {
            Self::Version => "INVALID_SCHEMAVER",
            Self::Uri => "INVALID_IGLUURI",
            Self::Data => "INVALID_DATA_PAYLOAD",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for KeyError {}

/// A version; a later one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Breaking changes; 1 at least.
    pub model: u32,
    /// Changes that may break.
    pub revision: u32,
    /// Compatible changes.
    pub addition: u32,
}

impl Version {
    /// Reads `1-0-0`: no leading zeros, no model 0, every part fits 31 bits.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.split('-').map(part);
        let mut next = || parts.next().flatten().ok_or(KeyError::Version);
        let version = Self { model: next()?, revision: next()?, addition: next()? };
        if version.model == 0 || parts.next().is_some() {
            return Err(KeyError::Version);
        }
        Ok(version)
    }
}

/// A number as versions write it.
pub(crate) fn part(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = text == "0" || !text.starts_with('0');
    let number: i32 = (is_plain && is_short).then(|| text.parse().ok())??;
    u32::try_from(number).ok()
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.model, self.revision, self.addition)
    }
}

/// The name of a schema. Ordered by vendor, name, format, version.
#[derive(Clone, PartialEq, Eq)]
pub struct SchemaKey {
    uri: Box<str>,
    // Where the slashes stand; vendor and name have a limit, so these fit.
    vendor_end: u16,
    name_end: u16,
    format_end: u16,
    version: Version,
}

const SCHEME: &str = "iglu:";

impl SchemaKey {
    /// Reads an Iglu URI.
    pub fn parse(uri: &str) -> Result<Self, KeyError> {
        let path = uri.strip_prefix(SCHEME).ok_or(KeyError::Uri)?;
        let mut parts = path.split('/');
        let mut next = || parts.next().ok_or(KeyError::Uri);
        let (vendor, name, format, version) = (next()?, next()?, next()?, next()?);
        let is_uri = parts.next().is_none()
            && is_word(vendor, true)
            && is_word(name, false)
            && is_word(format, false)
            && looks_like_a_version(version);
        let is_short = vendor.len().max(name.len()).max(format.len()) <= NAME_CHARACTERS_MAX;
        if !is_uri || !is_short {
            return Err(KeyError::Uri);
        }
        let version = Version::parse(version)?;
        let vendor_end = SCHEME.len() + vendor.len();
        let name_end = vendor_end + 1 + name.len();
        let format_end = name_end + 1 + format.len();
        let place = |end: usize| u16::try_from(end).map_err(|_| KeyError::Uri);
        Ok(Self {
            uri: uri.into(),
            vendor_end: place(vendor_end)?,
            name_end: place(name_end)?,
            format_end: place(format_end)?,
            version,
        })
    }

    /// Puts a name together.
    pub fn new(vendor: &str, name: &str, format: &str, version: Version) -> Result<Self, KeyError> {
        Self::parse(&format!("{SCHEME}{vendor}/{name}/{format}/{version}"))
    }

    /// The whole URI.
    pub fn as_str(&self) -> &str {
        &self.uri
    }

    /// `com.acme`
    pub fn vendor(&self) -> &str {
        self.between(SCHEME.len(), self.vendor_end.into())
    }

    /// `add_to_cart`
    pub fn name(&self) -> &str {
        self.between(usize::from(self.vendor_end) + 1, self.name_end.into())
    }

    /// `jsonschema`
    pub fn format(&self) -> &str {
        self.between(usize::from(self.name_end) + 1, self.format_end.into())
    }

    /// `1-0-0`
    pub fn version(&self) -> Version {
        self.version
    }

    /// `com.acme/add_to_cart/jsonschema/1-0-0`
    pub fn path(&self) -> &str {
        self.between(SCHEME.len(), self.uri.len())
    }

    /// The same schema in another version.
    #[must_use]
    pub fn with_version(&self, version: Version) -> Self {
        let stem = self.between(0, self.format_end.into());
        Self { uri: format!("{stem}/{version}").into(), version, ..self.clone() }
    }

    fn between(&self, start: usize, end: usize) -> &str {
        self.uri.get(start..end).unwrap_or_default()
    }
}

fn is_word(text: &str, may_have_dots: bool) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') || may_have_dots && byte == b'.'
    };
    !text.is_empty() && text.bytes().all(fits)
}

fn looks_like_a_version(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && text.bytes().filter(|byte| *byte == b'-').count() == 2
}

impl Ord for SchemaKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.by_names().cmp(&other.by_names()).then(self.version.cmp(&other.version))
    }
}

impl SchemaKey {
    fn by_names(&self) -> [&str; 3] {
        [self.vendor(), self.name(), self.format()]
    }
}

impl PartialOrd for SchemaKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for SchemaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.uri)
    }
}

impl fmt::Debug for SchemaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SchemaKey({})", self.uri)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_has_its_parts() {
        let key = SchemaKey::parse("iglu:com.acme-x/add_to_cart/jsonschema/1-12-3").expect("valid");
        assert_eq!(key.vendor(), "com.acme-x");
        assert_eq!(key.name(), "add_to_cart");
        assert_eq!(key.format(), "jsonschema");
        assert_eq!(key.version(), Version { model: 1, revision: 12, addition: 3 });
        assert_eq!(key.path(), "com.acme-x/add_to_cart/jsonschema/1-12-3");
        let next = key.with_version(Version { addition: 4, ..key.version() });
        assert_eq!(next.to_string(), "iglu:com.acme-x/add_to_cart/jsonschema/1-12-4");
        assert!(next > key);
    }

    #[test]
    fn what_is_wrong_has_a_code() {
        let long = |length| format!("iglu:com.acme/{}/jsonschema/1-0-0", "n".repeat(length));
        assert!(SchemaKey::parse(&long(NAME_CHARACTERS_MAX)).is_ok());
        for (uri, code) in [
            (long(NAME_CHARACTERS_MAX + 1).as_str(), "INVALID_IGLUURI"),
            ("iglu:a/b/c", "INVALID_IGLUURI"),
            ("iglu:a/b/c/1-0-0/", "INVALID_IGLUURI"),
            ("a/b/c/1-0-0", "INVALID_IGLUURI"),
            ("iglu:a/b.c/d/1-0-0", "INVALID_IGLUURI"),
            ("iglu:/b/c/1-0-0", "INVALID_IGLUURI"),
            ("iglu:a/b/c/1-0", "INVALID_IGLUURI"),
            ("iglu:a/b/c/1-0-x", "INVALID_IGLUURI"),
            ("iglu:a/b/c/1-0-00", "INVALID_SCHEMAVER"),
            ("iglu:a/b/c/0-0-0", "INVALID_SCHEMAVER"),
            ("iglu:a/b/c/01-0-0", "INVALID_SCHEMAVER"),
            ("iglu:a/b/c/1--0", "INVALID_SCHEMAVER"),
            ("iglu:a/b/c/2147483648-0-0", "INVALID_SCHEMAVER"),
        ] {
            assert_eq!(SchemaKey::parse(uri).map_err(KeyError::code), Err(code), "{uri}");
        }
        assert!(SchemaKey::parse("iglu:a/b/c/2147483647-0-0").is_ok());
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        let key =
            |version: &str| SchemaKey::parse(&format!("iglu:a/b/c/{version}")).expect("valid");
        assert!(key("1-0-9") < key("1-0-10"));
        assert!(key("1-9-0") < key("2-0-0"));
    }

    proptest! {
        #[test]
        fn a_key_prints_as_it_was_read(uri in "iglu:[a-z.]{1,9}/[a-z_]{1,9}/[a-z]{1,9}/[1-9]{1,3}-(0|[1-9][0-9]?)-(0|[1-9])") {
            prop_assert_eq!(SchemaKey::parse(&uri).expect("valid").to_string(), uri);
        }

        #[test]
        fn any_text_is_a_key_or_not(text in ".*", tail in "(iglu:)?[a-z/0-9.-]*") {
            for text in [text, tail] {
                if let Ok(key) = SchemaKey::parse(&text) {
                    prop_assert_eq!(key.as_str(), text);
                } else if let Ok(version) = Version::parse(&text) {
                    prop_assert_eq!(version.to_string(), text);
                }
            }
        }
    }
}
