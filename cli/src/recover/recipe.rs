//! What a recipe says: which bad rows are meant, and what is changed in them.

mod read;
mod step;

use bad_event_classifier::{Classification, Place};
use iglu::{SchemaCriterion, SchemaKey};
use json_tree::Json;
use regex::Regex;

pub(crate) use read::read;

/// The largest recipe, in bytes.
pub(crate) const RECIPE_BYTES_MAX: usize = 1_048_576;

/// Rules, of which every one that fits is followed, in their order.
pub(crate) struct Recipe {
    pub(super) rules: Vec<Rule>,
}

/// One failure and what mends it.
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) when: When,
    /// None send the payload again as it is.
    pub(super) steps: Vec<Step>,
}

/// Which bad rows a rule is for. All conditions must hold; of each list one is enough, and an empty
/// list holds always.
#[derive(Default)]
pub(super) struct When {
    pub(super) kinds: Vec<String>,
    pub(super) families: Vec<String>,
    pub(super) classes: Vec<String>,
    pub(super) fingerprints: Vec<String>,
    pub(super) app_ids: Vec<String>,
    /// These three speak of one and the same place in the event.
    pub(super) schemas: Vec<Wanted>,
    pub(super) pointers: Vec<String>,
    pub(super) keywords: Vec<String>,
}

/// A schema in all versions, or in some.
#[derive(Debug)]
pub(super) enum Wanted {
    /// `vendor/name`
    Named(String, String),
    /// `iglu:vendor/name/jsonschema/1-*-*`
    Versions(SchemaCriterion),
}

/// One change.
pub(super) enum Step {
    /// The row is not wanted any more.
    Drop,
    /// An event or an entity names another schema.
    Become { inside: Inside, to: SchemaKey },
    /// Something happens to a value in an event or in entities.
    Json { inside: Inside, path: Vec<PathStep>, act: Act },
    /// Something happens to a parameter.
    Parameter { name: String, act: Act },
    /// Something happens to a part of the request.
    Request { part: Part, act: Act },
}

/// Which self-describing JSON is changed.
pub(super) struct Inside {
    pub(super) place: Described,
    /// All of them without one.
    pub(super) schema: Option<Wanted>,
}

/// Where self-describing JSON stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Described {
    Event,
    Entities,
}

/// One step of a path into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PathStep {
    /// A field, or the place of an item.
    Name(String),
    /// Every item.
    Items,
}

/// What happens to a value.
pub(super) enum Act {
    Cast(Type),
    Remove,
    Rename(String),
    Set(Json<'static>),
    Replace(Regex, String),
}

/// What a value is cast to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Integer,
    Number,
    Boolean,
    Text,
}

/// A part of a request, by its name in recipes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Path,
    Query,
    Body,
    ContentType,
    Hostname,
    IpAddress,
    UserAgent,
    Referer,
    NetworkUserId,
}

impl Wanted {
    pub(super) fn fits(&self, key: &SchemaKey) -> bool {
        match self {
            Self::Named(vendor, name) => key.vendor() == vendor && key.name() == name,
            Self::Versions(criterion) => criterion.matches(key),
        }
    }
}

impl When {
    /// Whether a bad row is meant, by what the classifier says of it.
    pub(super) fn holds(&self, class: &Classification, places: &[Place]) -> bool {
        is_one_of(&self.kinds, Some(class.kind))
            && is_one_of(&self.families, Some(class.family.name()))
            && is_one_of(&self.classes, Some(&class.class))
            && is_one_of(&self.fingerprints, Some(&class.fingerprint))
            && is_one_of(&self.app_ids, class.app_id.as_deref())
            && (self.names_no_place() || places.iter().any(|place| self.is_at(place)))
    }

    fn names_no_place(&self) -> bool {
        self.schemas.is_empty() && self.pointers.is_empty() && self.keywords.is_empty()
    }

    fn is_at(&self, place: &Place) -> bool {
        let is_schema = self.schemas.is_empty()
            || place.schema.as_ref().is_some_and(|key| self.schemas.iter().any(|it| it.fits(key)));
        is_schema
            && is_one_of(&self.pointers, Some(&place.pointer))
            && is_one_of(&self.keywords, place.keyword.as_deref())
    }
}

fn is_one_of(wanted: &[String], found: Option<&str>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.iter().any(|it| it == found))
}

impl Part {
    /// Every part with its name.
    pub(super) const NAMED: [(&'static str, Self); 9] = [
        ("path", Self::Path),
        ("query", Self::Query),
        ("body", Self::Body),
        ("content_type", Self::ContentType),
        ("hostname", Self::Hostname),
        ("ip_address", Self::IpAddress),
        ("user_agent", Self::UserAgent),
        ("referer", Self::Referer),
        ("network_user_id", Self::NetworkUserId),
    ];
}
