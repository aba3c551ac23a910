//! The columns that events have, and what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow::{Break, Continue};
use std::sync::Arc;

use enriched_event::{Column, EnrichedEvent, Kind, SdkFlavour};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::answer::Answer;
use super::super::reader::ReadError;
use super::filter::{body, wrong_shape};
use super::row::{push_event, shown};
use super::selection::Selection;
use super::{Answered, Asked};

/// Most names of columns in an answer: whoever sends events chooses them.
const NAMES_MAX: usize = 10_000;
/// Most columns that are looked at for one answer.
const COLUMNS_MAX: usize = 200;
/// Most values of a column that are listed.
const VALUES_MAX: usize = 20;
/// What the SDK adds to an entity's own properties.
const ADDED_KEY: &str = "_schema_version";

/// The names of all columns, those of entities by their properties.
pub(super) async fn names(asked: &Asked<'_>) -> Answered {
    let selection = Selection::rows(Arc::clone(&asked.space));
    let names = asked.door.reader.read(move |db| collect(db, &selection)).await;
    names.map(|names| Answer::json(200, &names)).map_err(|error| Answer::unreadable(&error))
}

fn collect(db: &Connection, selection: &Selection) -> Result<BTreeSet<String>, ReadError> {
    let mut names = BTreeSet::new();
    selection.visit(db, i64::MAX, |found| {
        let text = str::from_utf8(&found.data).unwrap_or_default();
        let Ok(event) = EnrichedEvent::parse_tsv(text) else { return Ok(Continue(())) };
        let mut json = Vec::new();
        push_event(&mut json, &event, SdkFlavour::ScalaFlat);
        let columns: Map<String, Value> = serde_json::from_slice(&json).unwrap_or_default();
        for (name, value) in columns {
            add(&mut names, name, &value);
            if names.len() >= NAMES_MAX {
                return Ok(Break(()));
            }
        }
        Ok(Continue(()))
    })?;
    Ok(names)
}

fn add(names: &mut BTreeSet<String>, name: String, value: &Value) {
    if !is_complex(&name) {
        names.insert(name);
        return;
    }
    let one = std::slice::from_ref(value);
    let entities = value.as_array().map_or(one, Vec::as_slice);
    for key in entities.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if key != ADDED_KEY {
            names.insert(format!("{name}.{key}"));
        }
    }
}

/// Whether a column holds JSON.
fn is_complex(name: &str) -> bool {
    name.starts_with("contexts_")
        || name.starts_with("unstruct_event_")
        || Column::named(name).is_some_and(|column| column.kind() == Kind::Json)
}

#[derive(Deserialize)]
struct StatsRequest {
    columns: Vec<String>,
}

/// What each of some columns is good for, and its values if they are few.
pub(super) async fn stats(asked: &Asked<'_>) -> Answered {
    let StatsRequest { columns } = body(asked.request)?;
    if columns.len() > COLUMNS_MAX {
        return Err(wrong_shape(&format!("there are more than {COLUMNS_MAX} columns")));
    }
    let listed = columns.iter().filter_map(|name| Column::named(name));
    let listed = listed.filter(|column| !matches!(column.kind(), Kind::Json | Kind::Timestamp));
    let listed: BTreeMap<Column, BTreeSet<String>> =
        listed.map(|column| (column, BTreeSet::new())).collect();
    let selection = Selection::rows(Arc::clone(&asked.space));
    let read = asked.door.reader.read(move |db| values(db, &selection, listed)).await;
    let values = read.map_err(|error| Answer::unreadable(&error))?;
    let stats = columns.iter().map(|name| {
        let is_sortable = !is_complex(name);
        let is_filterable = is_sortable && !name.ends_with("_tstamp");
        let values = Column::named(name).and_then(|column| values.get(&column));
        let values = values.filter(|values| values.len() <= VALUES_MAX);
        let stats = json!({"sortable": is_sortable, "filterable": is_filterable, "values": values});
        (name.clone(), stats)
    });
    Ok(Answer::json(200, &stats.collect::<Map<String, Value>>()))
}

/// The different values of columns, up to one more than are listed.
fn values(
    db: &Connection,
    selection: &Selection,
    mut found: BTreeMap<Column, BTreeSet<String>>,
) -> Result<BTreeMap<Column, BTreeSet<String>>, ReadError> {
    selection.visit(db, i64::MAX, |row| {
        let text = str::from_utf8(&row.data).unwrap_or_default();
        let Ok(event) = EnrichedEvent::parse_tsv(text) else { return Ok(Continue(())) };
        for (column, values) in &mut found {
            let cell = event.get(*column);
            if !cell.is_empty() && values.len() <= VALUES_MAX {
                values.insert(shown(*column, cell).into_owned());
            }
        }
        Ok(Continue(()))
    })?;
    Ok(found)
}
