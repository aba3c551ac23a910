//! Puts hashes in place of what the configuration calls personal, in columns and in JSON.

mod json_path;

use enriched_event::Column;
use iglu::{SchemaCriterion, SchemaKey};
use json_tree::Json;

use self::json_path::JsonPath;
use super::assets::Assets;
use super::digest::Hash;
use super::document::{Document, Fields};
use super::work::{Context, Enrichment, Facts, Fault, Work, replace};

/// Most fields that a configuration may name.
const FIELDS_MAX: usize = 500;
/// Deepest JSON; what is in the columns was read with a limit that is no larger.
const DEPTH_MAX: usize = 256;
/// The header by which a visitor asks not to be known.
const ANONYMOUS_HEADER: &str = "sp-anonymous";

/// What is hashed, and how.
pub(crate) struct Pii {
    columns: Vec<Column>,
    places: Vec<Place>,
    scrambler: Scrambler,
    anonymous_only: bool,
}

/// A place in the JSON of a column.
struct Place {
    column: Column,
    criterion: SchemaCriterion,
    /// What the JSON holds if an entity can be meant; finding it is quicker than reading JSON.
    trace: String,
    path: JsonPath,
}

struct Scrambler {
    hash: Hash,
    salt: String,
}

impl Enrichment for Pii {
    const IDENTIFIER: &'static str = "pii-pseudonymizer";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let strategy = parameters.object("strategy").object("pseudonymize");
        let mut problems = Vec::new();
        let hash = strategy.text("hashFunction").and_then(Hash::named);
        if hash.is_none() {
            problems.push("$.data.parameters.strategy: no known hash function".to_owned());
        }
        let (mut columns, mut places) = (Vec::new(), Vec::new());
        let fields = parameters.object("pii").json().and_then(Json::as_array).unwrap_or_default();
        if fields.len() > FIELDS_MAX {
            problems.push(format!("$.data.parameters.pii: more than {FIELDS_MAX} fields"));
        }
        for (at, field) in fields.iter().take(FIELDS_MAX).enumerate() {
            let field = Fields(Some(field));
            let column = field.object("pojo").text("field").and_then(Column::named);
            match column
                .map_or_else(|| place(field.object("json")).map(Err), |column| Ok(Ok(column)))
            {
                Ok(Ok(column)) => columns.push(column),
                Ok(Err(place)) => places.push(place),
                Err(problem) => problems.push(format!("$.data.parameters.pii[{at}]: {problem}")),
            }
        }
        let salt = strategy.text("salt").unwrap_or_default().to_owned();
        let anonymous_only = document.all().truth("anonymousOnly").unwrap_or(false);
        match hash.filter(|_| problems.is_empty()) {
            Some(hash) => {
                Ok(Self { columns, places, scrambler: Scrambler { hash, salt }, anonymous_only })
            }
            None => Err(problems),
        }
    }

    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        if self.anonymous_only && !is_anonymous(facts) {
            return Ok(Vec::new());
        }
        for column in &self.columns {
            replace(work.event, *column, |text| self.scrambler.text(text));
        }
        for column in [Column::Contexts, Column::UnstructEvent] {
            self.rewrite_column(work, column);
        }
        for context in &mut work.contexts {
            let key = context.key();
            let places = || {
                let here = |place: &&Place| place.column == Column::DerivedContexts;
                self.places.iter().filter(here).filter(|place| place.criterion.matches(key))
            };
            if places().next().is_none() {
                continue;
            }
            let mut data = context.data().clone();
            places().for_each(|place| self.scramble(place, &mut data));
            *context = Context::new(key.clone(), data);
        }
        Ok(Vec::new())
    }
}

/// A place, or what is wrong with it.
fn place(field: Fields<'_>) -> Result<Place, String> {
    let text = |name| field.text(name).ok_or_else(|| format!("has no {name}"));
    let criterion = text("schemaCriterion")?;
    let stem = criterion.rsplit_once('/').map_or(criterion, |(stem, _)| stem);
    Ok(Place {
        column: Column::named(text("field")?).ok_or("names no column")?,
        trace: format!("\"{stem}/"),
        criterion: SchemaCriterion::parse(criterion).map_err(|error| error.to_string())?,
        path: JsonPath::parse(text("jsonPath")?)?,
    })
}

fn is_anonymous(facts: &Facts<'_>) -> bool {
    let mut names = facts.headers().filter_map(|line| line.split_once(':')).map(|(name, _)| name);
    names.any(|name| name.trim().eq_ignore_ascii_case(ANONYMOUS_HEADER))
}

impl Pii {
    /// Scrambles what is meant in the entities or the event of a column.
    fn rewrite_column(&self, work: &mut Work<'_, '_>, column: Column) {
        let text = work.event.get(column);
        let is_here = |place: &&Place| place.column == column && text.contains(&place.trace);
        let places: Vec<&Place> = self.places.iter().filter(is_here).collect();
        if places.is_empty() {
            return;
        }
        // What the column holds was written by us.
        let Ok(mut json) = Json::parse(text, DEPTH_MAX) else { return };
        match json.get_mut("data") {
            Some(Json::Array(entities)) => {
                for entity in entities {
                    self.rewrite_entity(&places, entity);
                }
            }
            Some(event) => self.rewrite_entity(&places, event),
            None => {}
        }
        let text = json.to_text();
        work.event.set(column, text);
    }

    fn rewrite_entity(&self, places: &[&Place], entity: &mut Json<'_>) {
        let Some(schema) = entity.get("schema").and_then(Json::as_str) else { return };
        // Most entities are none of those that are meant, and reading a key costs more than a look.
        let is_meant = |place: &&Place| {
            place.trace.strip_prefix('"').is_some_and(|stem| schema.starts_with(stem))
        };
        if !places.iter().any(is_meant) {
            return;
        }
        let Ok(key) = SchemaKey::parse(schema) else { return };
        for place in places.iter().filter(|place| place.criterion.matches(&key)) {
            if let Some(data) = entity.get_mut("data") {
                self.scramble(place, data);
            }
        }
    }

    fn scramble(&self, place: &Place, data: &mut Json<'_>) {
        place.path.visit(data, &mut |value| {
            if let Some(values) = value.as_array_mut() {
                for value in values {
                    self.scrambler.value(value);
                }
            } else {
                self.scrambler.value(value);
            }
        });
    }
}

impl Scrambler {
    fn text(&self, text: &str) -> String {
        self.hash.hex([text, &self.salt])
    }

    /// A text or a number; anything else stays as it is.
    fn value(&self, value: &mut Json<'_>) {
        let scrambled = match &*value {
            Json::Text(text) | Json::Number(text) => self.text(text),
            Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => return,
        };
        *value = Json::text(scrambled);
    }
}
