//! Puts hashes in place of what the configuration calls personal, in columns and in JSON.

mod json_path;
mod json_text;

use std::borrow::Cow;

use enriched_event::Column;
use iglu::{SchemaCriterion, SchemaKey};
use json_tree::{Json, Malformed, Scanner};

use self::json_path::JsonPath;
use self::json_text::Rewriting;
use super::assets::Assets;
use super::digest::Hash;
use super::document::{Document, Fields};
use super::work::{Context, Enrichment, Facts, Fault, Work, replace};

/// Most fields that a configuration may name.
const FIELDS_MAX: usize = 500;
/// Deepest JSON; what is in the columns was read with a limit that is no larger.
const DEPTH_MAX: usize = 256;
/// The levels that a value of such JSON may have, with those of its wrapper.
const LEVELS_MAX: usize = DEPTH_MAX + 1;
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
            if let Some(rewritten) = self.rewritten(context) {
                *context = rewritten;
            }
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
        // What a script left there was not written by us: the same name can be written in many ways.
        let written = if work.rewritten.has(column) {
            let Ok(json) = Json::parse(text, DEPTH_MAX) else { return };
            Cow::Owned(json.to_text())
        } else {
            Cow::Borrowed(text)
        };
        let is_here = |place: &&Place| place.column == column && written.contains(&place.trace);
        let places: Vec<&Place> = self.places.iter().filter(is_here).collect();
        if places.is_empty() {
            return;
        }
        let mut rewriting = Rewriting::new(&written, |text| self.scrambler.text(text));
        if rewrite_wrapped(&mut rewriting, &places).is_ok()
            && let Some(rewritten) = rewriting.finish()
        {
            work.event.set(column, rewritten);
        }
    }

    /// An entity with what is meant in it scrambled, if anything is.
    fn rewritten(&self, context: &Context) -> Option<Context> {
        let key = context.key();
        let here = |place: &&Place| {
            place.column == Column::DerivedContexts && place.criterion.matches(key)
        };
        let mut places = self.places.iter().filter(here).peekable();
        places.peek()?;
        let text = context.data().to_text();
        let mut rewriting = Rewriting::new(&text, |text| self.scrambler.text(text));
        rewriting.value(places.map(|place| place.path.steps()), LEVELS_MAX).ok()?;
        let data = rewriting.finish()?;
        let data = Json::parse(&data, DEPTH_MAX).ok()?;
        Some(Context::new(key.clone(), data.into_owned()))
    }
}

/// Scrambles what is meant in a column's wrapper.
fn rewrite_wrapped<'p, C: FnMut(&str) -> String>(
    rewriting: &mut Rewriting<'p, '_, C>,
    places: &[&'p Place],
) -> Result<(), Malformed> {
    rewriting.members(|wrapper, name| {
        if name != "data" {
            return wrapper.skip(LEVELS_MAX);
        }
        if wrapper.here().peek()? == b'[' {
            return wrapper.items(|entities, _| rewrite_entity(entities, places));
        }
        rewrite_entity(wrapper, places)
    })
}

/// Scrambles what is meant in an entity, or in an event.
fn rewrite_entity<'p, C: FnMut(&str) -> String>(
    rewriting: &mut Rewriting<'p, '_, C>,
    places: &[&'p Place],
) -> Result<(), Malformed> {
    let schema = schema_ahead(rewriting.here())?;
    let schema = schema.as_deref().unwrap_or_default();
    // Most entities are none of those that are meant, and reading a key costs more than a look.
    let is_meant =
        |place: &&Place| place.trace.strip_prefix('"').is_some_and(|stem| schema.starts_with(stem));
    let Some(key) = places.iter().any(is_meant).then(|| SchemaKey::parse(schema).ok()).flatten()
    else {
        return rewriting.skip(LEVELS_MAX);
    };
    rewriting.members(|entity, name| {
        if name != "data" {
            return entity.skip(LEVELS_MAX);
        }
        let meant = places.iter().filter(|place| place.criterion.matches(&key));
        entity.value(meant.map(|place| place.path.steps()), LEVELS_MAX)
    })
}

/// The schema of the object that comes next.
fn schema_ahead(mut scanner: Scanner<'_>) -> Result<Option<Cow<'_, str>>, Malformed> {
    if !scanner.takes(b'{')? {
        return Ok(None);
    }
    let mut is_first = true;
    while scanner.more(is_first, b'}')? {
        is_first = false;
        let name = scanner.string()?.text()?;
        scanner.take(b':')?;
        if name == "schema" && scanner.peek()? == b'"' {
            return scanner.string()?.text().map(Some);
        }
        scanner.skip(LEVELS_MAX)?;
    }
    Ok(None)
}

impl Scrambler {
    /// The hash of a text or of a number as it is written.
    fn text(&self, text: &str) -> String {
        self.hash.hex([text, &self.salt])
    }
}
