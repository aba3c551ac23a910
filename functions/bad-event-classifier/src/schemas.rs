//! Which versions of a schema there are, and which of them has a field.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;
use std::sync::OnceLock;

use iglu::{SCHEMA_DEPTH_MAX, SchemaKey, Version};
use json_tree::Json;

/// The most places of one schema that are remembered.
const PLACES_MAX: usize = 20_000;
/// The deepest place of a schema.
const PLACE_DEPTH_MAX: usize = 32;
/// The largest schema that is read from a file, in bytes.
const SCHEMA_BYTES_MAX: u64 = 1_048_576;
/// A registry's folders: vendor, name, format, version.
const FOLDER_DEPTH: usize = 4;

/// What is known about schemas.
pub trait Catalogue {
    /// The newest version of this schema.
    fn newest(&self, key: &SchemaKey) -> Option<Version>;

    /// Another version that has this place: the first later one, or else the last earlier one.
    fn other_with(&self, key: &SchemaKey, pointer: &str) -> Option<Version>;
}

/// Schemas in memory; each is looked into when it is first asked about.
#[derive(Debug, Default)]
pub struct Schemas {
    by_name: BTreeMap<String, BTreeMap<Version, Entry>>,
}

#[derive(Debug)]
struct Entry {
    text: Cow<'static, str>,
    places: OnceLock<BTreeSet<String>>,
}

impl Schemas {
    /// Those that every program of the pipeline carries along.
    pub fn embedded() -> Self {
        let mut schemas = Self::default();
        for path in embedded_schemas::paths() {
            if let Some(text) = embedded_schemas::schema(path) {
                schemas.insert(path, Cow::Borrowed(text));
            }
        }
        schemas
    }

    /// Adds a schema by its path `vendor/name/format/version`, unless it is there already.
    pub fn add(&mut self, path: &str, text: String) {
        self.insert(path, Cow::Owned(text));
    }

    /// Adds the schemas of a registry's folder: the one with `schemas/` in it, or that one.
    pub fn add_folder(&mut self, folder: &Path) -> std::io::Result<()> {
        let inner = folder.join("schemas");
        let root = if inner.is_dir() { inner } else { folder.to_owned() };
        self.walk(&root, &root, FOLDER_DEPTH)
    }

    fn walk(&mut self, root: &Path, folder: &Path, depth: usize) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if depth > 1 {
                    self.walk(root, &path, depth - 1)?;
                }
            } else if depth == 1 {
                let mut text = Vec::new();
                #[allow(clippy::disallowed_methods, reason = "the file is cut at its limit")]
                std::fs::File::open(&path)?.take(SCHEMA_BYTES_MAX).read_to_end(&mut text)?;
                let own = path.strip_prefix(root).unwrap_or(&path);
                let parts: Vec<_> = own.iter().map(|part| part.to_string_lossy()).collect();
                self.add(&parts.join("/"), String::from_utf8_lossy(&text).into_owned());
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &str, text: Cow<'static, str>) {
        let Ok(key) = SchemaKey::parse(&format!("iglu:{path}")) else { return };
        let versions = self.by_name.entry(name(&key)).or_default();
        versions.entry(key.version()).or_insert_with(|| Entry { text, places: OnceLock::new() });
    }

    fn versions(&self, key: &SchemaKey) -> Option<&BTreeMap<Version, Entry>> {
        self.by_name.get(&name(key))
    }
}

impl Catalogue for Schemas {
    fn newest(&self, key: &SchemaKey) -> Option<Version> {
        self.versions(key)?.keys().next_back().copied()
    }

    fn other_with(&self, key: &SchemaKey, pointer: &str) -> Option<Version> {
        let versions = self.versions(key)?;
        let own = key.version();
        let has = |(version, entry): &(&Version, &Entry)| {
            **version != own && entry.places().contains(pointer)
        };
        let later = versions.iter().filter(|(version, _)| **version > own).find(has);
        let earlier = || versions.iter().rev().filter(|(version, _)| **version < own).find(has);
        later.or_else(earlier).map(|(version, _)| *version)
    }
}

impl Entry {
    fn places(&self) -> &BTreeSet<String> {
        self.places.get_or_init(|| {
            let mut places = BTreeSet::new();
            if let Ok(schema) = Json::parse(&self.text, SCHEMA_DEPTH_MAX) {
                collect(&schema, "", PLACE_DEPTH_MAX, &mut places);
            }
            places
        })
    }
}

fn name(key: &SchemaKey) -> String {
    format!("{}/{}/{}", key.vendor(), key.name(), key.format())
}

/// Every place that a schema declares, as pointers spell it.
fn collect(schema: &Json<'_>, at: &str, depth: usize, places: &mut BTreeSet<String>) {
    let Some(schema) = schema.as_object().filter(|_| depth > 0) else { return };
    for (keyword, value) in schema.iter() {
        match (keyword, value) {
            ("properties", Json::Object(properties)) => {
                for (name, inner) in properties.iter() {
                    if places.len() == PLACES_MAX {
                        return;
                    }
                    let place = format!("{at}/{name}");
                    places.insert(place.clone());
                    collect(inner, &place, depth - 1, places);
                }
            }
            ("items", Json::Object(_)) => collect(value, &format!("{at}/[*]"), depth - 1, places),
            ("items", Json::Array(items)) => {
                for item in items {
                    collect(item, &format!("{at}/[*]"), depth - 1, places);
                }
            }
            ("allOf" | "anyOf" | "oneOf", Json::Array(ways)) => {
                for way in ways {
                    collect(way, at, depth - 1, places);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(version: &str) -> SchemaKey {
        SchemaKey::parse(&format!("iglu:com.acme/cart/jsonschema/{version}")).unwrap()
    }

    fn schemas() -> Schemas {
        let mut schemas = Schemas::default();
        for (version, properties) in [
            ("1-0-0", r#"{"old":{}}"#),
            ("1-0-1", r#"{"items":{"items":{"properties":{"sku":{}}}}}"#),
            ("1-0-2", r#"{"items":{"items":[{"oneOf":[{"properties":{"sku":{}}}]}]},"new":{}}"#),
        ] {
            let text = format!("{{\"properties\":{properties}}}");
            schemas.add(&format!("com.acme/cart/jsonschema/{version}"), text);
        }
        schemas
    }

    #[test]
    fn the_nearest_later_version_is_named_first() {
        let schemas = schemas();
        for (version, pointer, expected) in [
            ("1-0-0", "/items/[*]/sku", Some("1-0-1")),
            ("1-0-1", "/items/[*]/sku", Some("1-0-2")),
            ("1-0-1", "/new", Some("1-0-2")),
            ("1-0-2", "/old", Some("1-0-0")),
            ("1-0-2", "/new", None),
            ("2-0-0", "/new", Some("1-0-2")),
            ("1-0-0", "/nope", None),
        ] {
            let found = schemas.other_with(&key(version), pointer).map(|it| it.to_string());
            assert_eq!(found.as_deref(), expected, "{version} {pointer}");
        }
        assert_eq!(schemas.newest(&key("9-0-0")).unwrap().to_string(), "1-0-2");
    }

    #[test]
    fn places_end_at_their_limits() {
        let schema = |count: usize| {
            let properties: Vec<_> = (0..count).map(|n| format!("\"p{n}\":{{}}")).collect();
            format!("{{\"properties\":{{{}}}}}", properties.join(","))
        };
        for count in [PLACES_MAX, PLACES_MAX + 1] {
            let mut places = BTreeSet::new();
            let text = schema(count);
            collect(&Json::parse(&text, 8).unwrap(), "", PLACE_DEPTH_MAX, &mut places);
            assert_eq!(places.len(), PLACES_MAX);
        }
        let mut text = "{}".to_owned();
        for _ in 0..=PLACE_DEPTH_MAX {
            text = format!("{{\"properties\":{{\"a\":{text}}}}}");
        }
        let mut places = BTreeSet::new();
        collect(&Json::parse(&text, 256).unwrap(), "", PLACE_DEPTH_MAX, &mut places);
        assert_eq!(places.len(), PLACE_DEPTH_MAX);
    }

    #[test]
    fn the_embedded_schemas_are_there() {
        let key = SchemaKey::parse("iglu:com.gitlab/gitlab_standard/jsonschema/1-0-8").unwrap();
        let schemas = Schemas::embedded();
        let found = schemas.other_with(&key, "/correlation_id").unwrap().to_string();
        assert_eq!(found, "1-1-1");
    }
}
