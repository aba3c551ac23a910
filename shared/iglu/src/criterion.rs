//! Which versions of a schema are accepted: `iglu:vendor/name/format/1-0-*`.

use std::fmt;

use crate::SchemaKey;
use crate::key::{KeyError, Version, part};

/// A schema with some parts of its version left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaCriterion {
    // With every open part as 1 or 0.
    key: SchemaKey,
    parts: [Option<u32>; 3],
}

impl SchemaCriterion {
    /// Reads a criterion; `*` leaves a part open.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (stem, version) = text.rsplit_once('/').ok_or(KeyError::Uri)?;
        let mut parts = [None; 3];
        let mut texts = version.split('-');
        for place in &mut parts {
            *place = match texts.next().ok_or(KeyError::Version)? {
                "*" => None,
                number => Some(part(number).ok_or(KeyError::Version)?),
            };
        }
        if texts.next().is_some() {
            return Err(KeyError::Version);
        }
        let [model, revision, addition] = parts;
        let version = Version {
            model: model.unwrap_or(1),
            revision: revision.unwrap_or(0),
            addition: addition.unwrap_or(0),
        };
        Ok(Self { key: SchemaKey::parse(&format!("{stem}/{version}"))?, parts })
    }

    /// Whether the schema is meant.
    pub fn matches(&self, key: &SchemaKey) -> bool {
        let Version { model, revision, addition } = key.version();
        let fits = |(part, number): (Option<u32>, u32)| part.is_none_or(|part| part == number);
        self.key.vendor() == key.vendor()
            && self.key.name() == key.name()
            && self.key.format() == key.format()
            && self.parts.into_iter().zip([model, revision, addition]).all(fits)
    }
}

impl fmt::Display for SchemaCriterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "iglu:{}/{}/{}/", self.key.vendor(), self.key.name(), self.key.format())?;
        for (place, part) in self.parts.iter().enumerate() {
            let dash = if place == 0 { "" } else { "-" };
            match part {
                Some(number) => write!(f, "{dash}{number}")?,
                None => write!(f, "{dash}*")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_parts_match_anything() {
        let criterion =
            SchemaCriterion::parse("iglu:com.acme/ctx/jsonschema/1-0-*").expect("valid");
        let matches = |uri: &str| criterion.matches(&SchemaKey::parse(uri).expect("valid"));
        assert!(matches("iglu:com.acme/ctx/jsonschema/1-0-0"));
        assert!(matches("iglu:com.acme/ctx/jsonschema/1-0-17"));
        assert!(!matches("iglu:com.acme/ctx/jsonschema/1-1-0"));
        assert!(!matches("iglu:com.acme/other/jsonschema/1-0-0"));
        assert_eq!(criterion.to_string(), "iglu:com.acme/ctx/jsonschema/1-0-*");
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "1-0-*", "iglu:a/b/c/1-*", "iglu:a/b/c/1-0-0-0", "iglu:a/b/c/0-0-0"] {
            assert!(SchemaCriterion::parse(text).is_err(), "{text}");
        }
    }
}
