//! Self-describing JSON in a column: which rules hold is said by the `schema` beside the `data`.

use enriched_event::Column;
use iglu::SchemaKey;

use super::data::{At, Rules};
use super::tree::Tree;
use super::{ExplainedLeaf, Explainer};
use crate::defect::Defect;
use crate::policy::SchemaRules;
use crate::pseudonym::Pseudonyms;

const CONTEXTS: &str = "contexts";
const UNSTRUCT_EVENT: &str = "unstruct_event";
const VENDOR: &str = "com.snowplowanalytics.snowplow";
/// The highest number in a version that has rules.
const VERSION_PART_MAX: u32 = 999;
const EMPTY_CONTEXTS: &str =
    r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[]}"#;

impl<'a, P: Pseudonyms> Explainer<'a, P> {
    /// A column of self-describing JSON.
    pub(super) fn envelope(&mut self, column: Column, text: &str) -> Result<String, Defect> {
        let tree = Tree::parse(text).ok_or(Defect::Json(Some(column)))?;
        let treated = self.opened(column, &tree).ok_or(Defect::Shape(Some(column)))?;
        Ok(treated.text().into_owned())
    }

    /// What the column of derived contexts holds if there are none but ours.
    pub(super) fn audited(&mut self) -> Option<String> {
        let entity = Tree::parse(self.audit.entity.as_deref()?)?;
        let mut tree = Tree::parse(EMPTY_CONTEXTS)?;
        if let Tree::Object(pairs) = &mut tree
            && let Some((_, data)) = pairs.last_mut()
        {
            *data = Tree::Array(vec![entity]);
        }
        Some(tree.text().into_owned())
    }

    /// Exactly one `schema` of the expected kind and one `data`, in any order.
    fn opened(&mut self, column: Column, tree: &Tree) -> Option<Tree> {
        let Tree::Object(pairs) = tree else { return None };
        let only = |name: &str| pairs.iter().filter(|(key, _)| key == name).count() == 1;
        if pairs.len() != 2 || !only("schema") || !only("data") {
            return None;
        }
        let key = SchemaKey::parse(schema_text(pairs)?).ok()?;
        let name = if column == Column::UnstructEvent { UNSTRUCT_EVENT } else { CONTEXTS };
        if key.vendor() != VENDOR || key.name() != name || short_version(&key).is_none() {
            return None;
        }
        let mut shown = Vec::new();
        for (name, value) in pairs {
            let value = match (name.as_str(), value) {
                ("schema", _) => value.clone(),
                (_, data) if column == Column::UnstructEvent => {
                    self.entity(data, UNSTRUCT_EVENT)?
                }
                (_, Tree::Array(items)) => Tree::Array(self.entities(column, items)?),
                _ => return None,
            };
            shown.push((name.clone(), value));
        }
        Some(Tree::Object(shown))
    }

    fn entities(&mut self, column: Column, items: &[Tree]) -> Option<Vec<Tree>> {
        let mut shown = Vec::new();
        for (place, item) in items.iter().enumerate() {
            shown.push(self.entity(item, &format!("{column}[{place}]"))?);
        }
        if column == Column::DerivedContexts
            && let Some(entity) = self.audit.entity.clone()
        {
            shown.push(Tree::parse(&entity)?);
        }
        Some(shown)
    }

    /// One entity or event; none if it is no object.
    fn entity(&mut self, tree: &Tree, shown: &str) -> Option<Tree> {
        let Tree::Object(pairs) = tree else { return None };
        let at = |name: &str, domain: &str| At {
            prefix: format!("{shown} {name}"),
            path: String::new(),
            domain: format!("@{domain}"),
        };
        let Some(uri) = schema_text(pairs) else {
            return self.value(tree, Rules::Unlisted, &at("(no schema)", "no-schema"));
        };
        let key = SchemaKey::parse(uri).ok();
        let name = key.as_ref().map(|key| format!("{}/{}", key.vendor(), key.name()));
        let at = match &name {
            Some(name) => at(name, name),
            None => at("(no schema)", "no-schema"),
        };
        let is_plain = |name: &str| pairs.iter().filter(|(key, _)| key == name).count() <= 1;
        let has_others = pairs.iter().any(|(key, _)| key != "schema" && key != "data");
        if has_others || !is_plain("schema") || !is_plain("data") {
            return self.value(tree, Rules::Unlisted, &at);
        }
        let version = key.as_ref().and_then(short_version);
        let schema = version.and_then(|version| self.policy.schema(name.as_deref()?, version));
        let mut treated = Vec::new();
        for (name, value) in pairs {
            let value = if name == "schema" {
                Some(Tree::Text(self.uri(uri, schema, format!("{shown} schema"))))
            } else {
                let root = schema.map(|schema| self.policy.nodes.get(schema.root));
                self.value(value, root.map_or(Rules::Unlisted, Rules::Tree), &at)
            };
            treated.extend(value.map(|value| (name.clone(), value)));
        }
        Some(Tree::Object(treated))
    }

    /// The name of a schema, which the sender chose like everything else.
    fn uri(&mut self, uri: &str, schema: Option<&'a SchemaRules>, place: String) -> String {
        let leaf = self.leaf(None, place, uri);
        let unknown = self.policy.unknown_uris;
        let leaf = match (schema, unknown) {
            (Some(schema), _) => ExplainedLeaf {
                rule: format!("schema {}", schema.name),
                line: schema.line,
                treatment: "keep schema".to_owned(),
                after: Some(uri.to_owned()),
                ..leaf
            },
            (None, Some(class)) if self.policy.classes.accepts(class, uri) => ExplainedLeaf {
                rule: "unknown_schemas".to_owned(),
                treatment: format!("keep {}", self.policy.classes.name(class)),
                after: Some(uri.to_owned()),
                ..leaf
            },
            _ => ExplainedLeaf { after: Some(self.unlisted("@schema-uri", uri)), ..leaf },
        };
        let after = leaf.after.clone().unwrap_or_default();
        self.leaves.push(leaf);
        after
    }
}

/// The first `schema` that is a text.
fn schema_text(pairs: &[(String, Tree)]) -> Option<&str> {
    pairs.iter().find_map(|(key, value)| {
        if let Tree::Text(uri) = value { (key == "schema").then_some(uri.as_str()) } else { None }
    })
}

fn short_version(key: &SchemaKey) -> Option<[u32; 3]> {
    let version = key.version();
    let parts = [version.model, version.revision, version.addition];
    let is_short = parts.iter().all(|part| *part <= VERSION_PART_MAX);
    (is_short && key.format() == "jsonschema").then_some(parts)
}
