//! The fields that a schema knows: paths with what may stand there.

use std::collections::{BTreeMap, BTreeSet};

use privacy::inventory::{Path, Step};
use serde_json::{Map, Value};

/// How many steps into a schema are looked at; policies go less deep.
const DEPTH_MAX: usize = 32;
/// The most fields of one schema.
const FIELDS_MAX: usize = 10_000;

type Object = Map<String, Value>;

/// What a schema says of one path.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    types: BTreeSet<String>,
    /// The longest text.
    pub(super) chars_max: Option<u64>,
    /// Whether paths below it are known.
    has_inside: bool,
    /// Whether paths below it may exist that nobody knows.
    pub(super) is_open: bool,
}

impl Field {
    /// Whether it is an object or an array, and nothing else.
    pub(super) fn holds_others(&self) -> bool {
        let others = self.types.iter().all(|name| ["object", "array", "null"].contains(&&**name));
        let is_one = self.types.contains("object") || self.types.contains("array");
        others && (is_one || self.types.is_empty() && self.has_inside)
    }

    /// Whether it may be a text, as far as the schema says.
    pub(super) fn is_text(&self) -> bool {
        self.types.is_empty() || self.types.contains("string")
    }

    /// Its types, for people.
    pub(super) fn types(&self) -> String {
        let types: Vec<_> = self.types.iter().filter(|it| *it != "null").cloned().collect();
        types.join(" or ")
    }

    /// Whether it is a value, or something whose inside nobody knows.
    pub(super) fn is_leaf(&self) -> bool {
        !self.has_inside
    }
}

/// The fields of a schema, or of several versions together.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    all: BTreeMap<Path, Field>,
}

impl Fields {
    /// Those of a schema's text; none if it is no JSON.
    pub(super) fn of(text: &str) -> Self {
        let mut fields = Self::default();
        if let Ok(Value::Object(schema)) = serde_json::from_str(text) {
            fields.node(&schema, &schema, (&Path::default(), 0));
        }
        fields
    }

    pub(super) fn get(&self, path: &Path) -> Option<&Field> {
        self.all.get(path)
    }

    /// The paths of values.
    pub(super) fn leaves(&self) -> impl Iterator<Item = &Path> {
        let leaves = self.all.iter().filter(|(path, field)| !path.0.is_empty() && field.is_leaf());
        leaves.map(|(path, _)| path)
    }

    /// Whether an event may have something at the path.
    pub(super) fn allows(&self, path: &Path) -> bool {
        let mut above = path.clone();
        loop {
            match self.all.get(&above) {
                Some(field) if above == *path || field.is_open => return true,
                _ => {}
            }
            if above.0.pop().is_none() {
                return false;
            }
        }
    }

    /// Takes over what another version says.
    pub(super) fn merge(&mut self, other: Self) {
        for (path, field) in other.all {
            let own = self.all.entry(path).or_default();
            own.types.extend(field.types);
            // The newest version comes last.
            own.chars_max = field.chars_max;
            own.has_inside |= field.has_inside;
            own.is_open |= field.is_open;
        }
    }

    /// A schema that stands at a path, so many steps inside of the whole.
    fn node(&mut self, root: &Object, schema: &Object, (path, depth): (&Path, usize)) {
        if depth > DEPTH_MAX || self.all.len() >= FIELDS_MAX {
            return;
        }
        if let Some(definition) = schema.get("$ref").and_then(|name| referred(root, name)) {
            return self.node(root, definition, (path, depth + 1));
        }
        let types = types(schema);
        let inside = inside(schema);
        let may_hold = types.is_empty() || types.contains("object") || types.contains("array");
        let others = match schema.get("additionalProperties") {
            Some(Value::Object(_) | Value::Bool(true)) => true,
            Some(_) => false,
            None => !schema.contains_key("properties") && types.contains("object"),
        };
        let field = self.all.entry(path.clone()).or_default();
        field.types.extend(types.iter().cloned());
        field.chars_max = field.chars_max.max(schema.get("maxLength").and_then(Value::as_u64));
        field.has_inside |= !inside.is_empty();
        field.is_open |= others && may_hold || schema.contains_key("patternProperties");
        for (step, inner) in inside {
            let mut path = path.clone();
            path.0.push(step);
            self.node(root, inner, (&path, depth + 1));
        }
        for name in ["anyOf", "oneOf", "allOf"] {
            let ways = schema.get(name).and_then(Value::as_array).map(Vec::as_slice);
            for way in ways.unwrap_or_default().iter().filter_map(Value::as_object) {
                self.node(root, way, (path, depth + 1));
            }
        }
    }
}

/// The part of a schema that `#/definitions/a` names.
fn referred<'a>(root: &'a Object, name: &Value) -> Option<&'a Object> {
    let mut names = name.as_str()?.strip_prefix('#')?.split('/').filter(|it| !it.is_empty());
    names.try_fold(root, |place, name| place.get(name)?.as_object())
}

/// The schemas of what stands in an object or an array.
fn inside(schema: &Object) -> Vec<(Step, &Object)> {
    let mut inside = Vec::new();
    if let Some(Value::Object(properties)) = schema.get("properties") {
        let known = properties.iter().filter_map(|(key, inner)| Some((key, inner.as_object()?)));
        inside.extend(known.map(|(key, inner)| (Step::Key(key.clone()), inner)));
    }
    match schema.get("items") {
        Some(Value::Object(items)) => inside.push((Step::Items, items)),
        Some(Value::Array(each)) => {
            inside.extend(each.iter().filter_map(|it| Some((Step::Items, it.as_object()?))));
        }
        _ => {}
    }
    inside
}

/// The types that a schema names, or those of the values that it lists.
fn types(schema: &Object) -> BTreeSet<String> {
    let name = |value: &Value| value.as_str().map(str::to_owned);
    match (schema.get("type"), schema.get("enum")) {
        (Some(Value::Array(types)), _) => types.iter().filter_map(name).collect(),
        (Some(one), _) => name(one).into_iter().collect(),
        (None, Some(Value::Array(values))) => values
            .iter()
            .map(|value| match value {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Number(_) => "number",
                Value::String(_) => "string",
                Value::Array(_) => "array",
                Value::Object(_) => "object",
            })
            .map(str::to_owned)
            .collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_found_wherever_they_stand() {
        let fields = Fields::of(
            r#"{"type":"object","properties":{"a":{"type":["integer","null"]},"b":{"type":"array",
            "items":{"type":"object","properties":{"c":{"type":"string","maxLength":9}},
            "additionalProperties":false}},"d":{"type":"object"},"e":{"oneOf":[{"type":"string"},
            {"type":"object","properties":{"f":{"enum":[1,"x"]}}}]}},"additionalProperties":false}"#,
        );
        let leaves: Vec<_> = fields.leaves().map(ToString::to_string).collect();
        assert_eq!(leaves, ["a", "b[].c", "d", "e.f"]);
        let path = |keys: &[&str]| Path(keys.iter().map(|it| Step::Key((*it).into())).collect());
        assert!(fields.allows(&path(&["a"])) && fields.allows(&path(&["d", "x"])));
        assert!(!fields.allows(&path(&["x"])) && !fields.allows(&path(&["b", "x"])));
        assert!(!fields.get(&path(&["a"])).unwrap().is_text());
        assert!(fields.get(&path(&["b"])).unwrap().holds_others());
        assert!(!fields.get(&path(&["e"])).unwrap().holds_others());
    }

    #[test]
    fn definitions_are_looked_up() {
        let fields = Fields::of(
            r##"{"properties":{"a":{"type":"array","items":{"$ref":"#/definitions/x"}},
            "b":{"$ref":"#/nowhere"}},"definitions":{"x":{"properties":{"c":{"type":"string"},
            "again":{"$ref":"#/definitions/x"}}}}}"##,
        );
        let leaves: Vec<_> = fields.leaves().map(ToString::to_string).collect();
        assert!(leaves.iter().any(|leaf| leaf == "a[].again.c"), "{leaves:?}");
        assert!(leaves.len() < DEPTH_MAX, "{leaves:?}");
    }

    #[test]
    fn a_schema_of_too_many_fields_is_cut() {
        let schema = |count: usize| {
            let fields: Vec<_> = (0..count).map(|at| format!(r#""f{at}":{{}}"#)).collect();
            Fields::of(&format!(r#"{{"properties":{{{}}}}}"#, fields.join(",")))
        };
        // The whole is a place too.
        assert_eq!(schema(FIELDS_MAX - 1).leaves().count(), FIELDS_MAX - 1);
        assert_eq!(schema(FIELDS_MAX).leaves().count(), FIELDS_MAX - 1);
    }
}
