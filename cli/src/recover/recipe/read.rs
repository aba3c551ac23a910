//! Reads a recipe, and says everything that is wrong with it, each with its line.

use bad_event_classifier::Family;
use iglu::SchemaCriterion;
use yaml_tree::{Map, Node, Problem, Problems, Value, list, text};

use super::{RECIPE_BYTES_MAX, Recipe, Rule, Wanted, When, step};

/// What problems call the whole.
const DOCUMENT: &str = "the recipe";
/// The version of the language.
const VERSION: &str = "1";
/// What rows can be made of, by the types of bad rows.
const KINDS: [&str; 8] = [
    "adapter_failures",
    "collector_payload_format_violation",
    "enrichment_failures",
    "legacy",
    "recovery_error",
    "schema_violations",
    "size_violation",
    "tracker_protocol_violations",
];

/// Reads a recipe.
pub(crate) fn read(recipe: &str) -> Result<Recipe, Vec<Problem>> {
    if recipe.len() > RECIPE_BYTES_MAX {
        let message = format!("is larger than {RECIPE_BYTES_MAX} bytes");
        return Err(vec![Problem::at(0, DOCUMENT, message)]);
    }
    let tree = yaml_tree::parse(recipe, DOCUMENT).map_err(|problem| vec![problem])?;
    let mut problems = Problems::of(DOCUMENT);
    let mut rules = Vec::new();
    if let Some(mut map) = Map::of(&tree, "", &mut problems) {
        let version = map.require("version", &mut problems);
        if let Some((node, found)) =
            version.and_then(|it| Some((it, text(it, "version", &mut problems)?)))
            && found != VERSION
        {
            problems.add(node.line, "version", format!("is {found:?} and can only be {VERSION}"));
        }
        let nodes = map.require("rules", &mut problems);
        for (place, node) in nodes
            .and_then(|it| list(it, "rules", &mut problems))
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            rules.extend(rule(node, place + 1, &mut problems));
        }
        map.finish(&mut problems);
    }
    problems.finish(Recipe { rules })
}

fn rule(node: &Node, number: usize, problems: &mut Problems) -> Option<Rule> {
    let subject = format!("rule {number}");
    let mut map = Map::of(node, &subject, problems)?;
    let name = map.take("name").and_then(|it| text(it, &format!("{subject}: name"), problems));
    let name = name.map_or_else(|| subject.clone(), str::to_owned);
    let when = map.require("match", problems);
    let when = when.and_then(|it| condition(it, &format!("{subject}: match"), problems));
    let nodes = map.require("steps", problems);
    let nodes = nodes.and_then(|it| list(it, &format!("{subject}: steps"), problems));
    let steps = nodes.unwrap_or_default().iter().enumerate().filter_map(|(place, node)| {
        step::read(node, &format!("{subject}, step {}", place + 1), problems)
    });
    let steps = steps.collect();
    map.finish(problems);
    Some(Rule { name, when: when?, steps })
}

fn condition(node: &Node, subject: &str, problems: &mut Problems) -> Option<When> {
    let mut map = Map::of(node, subject, problems)?;
    let mut texts = |key: &str, problems: &mut Problems| {
        let node = map.take(key);
        node.map(|node| one_or_many(node, &format!("{subject}.{key}"), problems))
            .unwrap_or_default()
    };
    let kinds = texts("type", problems);
    let families = texts("family", problems);
    let schemas = texts("schema", problems);
    let own = |texts: Vec<(&str, usize)>| texts.into_iter().map(|(it, _)| it.to_owned()).collect();
    let when = When {
        classes: own(texts("class", problems)),
        fingerprints: own(texts("fingerprint", problems)),
        app_ids: own(texts("app_id", problems)),
        pointers: own(texts("pointer", problems)),
        keywords: own(texts("keyword", problems)),
        schemas: schemas
            .iter()
            .filter_map(|(text, line)| wanted(text, *line, &format!("{subject}.schema"), problems))
            .collect(),
        kinds: known(&kinds, &KINDS, &format!("{subject}.type"), problems),
        families: known(
            &families,
            &Family::ALL.map(Family::name),
            &format!("{subject}.family"),
            problems,
        ),
    };
    map.finish(problems);
    Some(when)
}

/// A text, or a list of texts, each with its line.
fn one_or_many<'a>(
    node: &'a Node,
    subject: &str,
    problems: &mut Problems,
) -> Vec<(&'a str, usize)> {
    let nodes = match &node.value {
        Value::List(nodes) => nodes.as_slice(),
        Value::Text(_) | Value::Map(_) => std::slice::from_ref(node),
    };
    if nodes.is_empty() {
        problems.add(node.line, subject, "names nothing");
    }
    nodes.iter().filter_map(|it| Some((text(it, subject, problems)?, it.line))).collect()
}

fn known(
    texts: &[(&str, usize)],
    all: &[&str],
    subject: &str,
    problems: &mut Problems,
) -> Vec<String> {
    for (text, line) in texts {
        if !all.contains(text) {
            problems.add(*line, subject, format!("is {text:?} and none of {}", all.join(", ")));
        }
    }
    texts.iter().map(|(text, _)| (*text).to_owned()).collect()
}

/// `vendor/name`, or a schema whose version may have stars.
pub(super) fn wanted(
    text: &str,
    line: usize,
    subject: &str,
    problems: &mut Problems,
) -> Option<Wanted> {
    if text.starts_with("iglu:") {
        if let Ok(criterion) = SchemaCriterion::parse(text) {
            return Some(Wanted::Versions(criterion));
        }
    } else if let Some((vendor, name)) = text.split_once('/')
        && !(vendor.is_empty() || name.is_empty() || name.contains('/'))
    {
        return Some(Wanted::Named(vendor.to_owned(), name.to_owned()));
    }
    let forms = "com.acme/cart nor iglu:com.acme/cart/jsonschema/1-*-*";
    problems.add(line, subject, format!("is {text:?}, which has neither the form {forms}"));
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(recipe: &str) -> Vec<String> {
        read(recipe).err().unwrap_or_default().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_problem_is_said_at_once_with_its_line() {
        let recipe = "version: 2
rules:
  - match:
      type: [schema_violations, nope]
      schema: cart
      family: typo
      color: red
    steps:
      - jump
      - {cast: /price, in: event, to: text}
      - {cast: price, remove: /x, in: event}
      - {cast: price, in: nowhere, to: number}
      - {remove: price, in: event}
      - {rename: path, in: request, to: body}
      - {replace: query, in: request, pattern: '(', with: ''}
      - {become: com.acme/cart, in: event, schema: com.acme/cart}
      - {become: 'iglu:com.acme/cart/jsonschema/1-0-1', in: parameters}
      - {remove: size, in: request}
      - {set: /a, in: event, json: '{'}
      - {set: /a, in: event}
      - {remove: /, in: event}
      - {remove: tid, in: parameters, schema: com.acme/cart}
  - steps: {}
more: 1
";
        let all = problems(recipe);
        let expected = [
            "line 1: version is \"2\" and can only be 1",
            "line 4: rule 1: match.type is \"nope\" and none of adapter_failures",
            "line 5: rule 1: match.schema is \"cart\", which has neither the form",
            "line 6: rule 1: match.family is \"typo\" and none of schema-drift",
            "line 7: rule 1: match.color is not known",
            "line 9: rule 1, step 1 is \"jump\" and can only be drop, or a map",
            "line 10: rule 1, step 2: to is \"text\" and none of integer, number, boolean, string",
            "line 11: rule 1, step 3 needs exactly one of cast, remove, rename, set, replace, become",
            "line 12: rule 1, step 4: in is \"nowhere\" and none of event, entities, parameters, request",
            "line 13: rule 1, step 5: remove is \"price\", and a path begins with a slash",
            "line 14: rule 1, step 6: rename is nothing that can be done to a request",
            "line 15: rule 1, step 7: pattern is no pattern",
            "line 16: rule 1, step 8: become is \"com.acme/cart\" and no schema",
            "line 17: rule 1, step 9: become is nothing that can be done to parameters",
            "line 18: rule 1, step 10: remove is \"size\" and none of path, query",
            "line 19: rule 1, step 11: json is no JSON",
            "line 20: rule 1, step 12 needs exactly one of text, json",
            "line 21: rule 1, step 13: remove is the whole event: use drop",
            "line 22: rule 1, step 14.schema is not known",
            "line 23: rule 2 lacks `match`",
            "line 23: rule 2: steps is no list",
            "line 24: more is not known",
        ];
        for (problem, expected) in all.iter().zip(expected) {
            assert!(problem.starts_with(expected), "{problem}\n{expected}");
        }
        assert_eq!(all.len(), expected.len(), "{all:#?}");
    }

    #[test]
    fn a_recipe_ends_at_the_limit() {
        let start = "version: 1\nrules: []\n#";
        let fill = "x".repeat(RECIPE_BYTES_MAX - start.len());
        assert_eq!(problems(&format!("{start}{fill}")), [""; 0]);
        assert_eq!(problems(&format!("{start}{fill}x")).len(), 1);
        assert!(problems("").iter().all(|it| it.contains("the recipe holds nothing")));
        assert_eq!(problems("7").len(), 1);
    }

    #[test]
    fn json_is_read_as_well() {
        let recipe = r#"{"version": 1, "rules": [{"match": {"schema": "a.b/c", "keyword": ["type"]},
            "steps": ["drop"]}]}"#;
        assert_eq!(read(recipe).ok().map(|it| it.rules.len()), Some(1));
    }
}
