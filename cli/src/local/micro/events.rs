//! Good and incomplete events as the analytics SDK gives them: all of them, or page by page.

use std::sync::Arc;

use enriched_event::{Column, EnrichedEvent, Kind as ColumnKind, SdkFlavour};
use rusqlite::{Connection, OptionalExtension as _};
use serde::Deserialize;
use serde_json::Value;

use super::super::answer::Answer;
use super::super::reader::ReadError;
use super::super::store::Kind;
use super::filter::{body, wrong_shape};
use super::listing::{Item, Listing, Parts, answer_when};
use super::row::{push_sdk_json, shown};
use super::selection::{Found, Selection, SortKey};
use super::wait::Wait;
use super::{Answered, Asked, instant};

/// The largest page; more would be one answer without an end.
const PAGE_EVENTS_MAX: u64 = 10_000;
/// How large a part becomes before it is sent.
const PART_BYTES: usize = 64 * 1024;

/// All events, newest first, as Micro 3 gives them.
pub(super) fn all(asked: &Asked<'_>) -> Answered {
    let selection = Selection {
        event_id: asked.query.text("event_id").map(str::to_owned),
        ..Selection::rows(Arc::clone(&asked.space))
    };
    let parts =
        Listing::new(selection.clone(), asked.query.number("limit", 0..=u64::MAX)?, SdkEvents);
    Ok(answer_when(asked.door, (Wait::of(&asked.query)?, selection), parts))
}

struct SdkEvents;

impl Item for SdkEvents {
    fn write(&mut self, _: &Connection, found: &Found, out: &mut Vec<u8>) -> Result<(), ReadError> {
        push_sdk_json(out, &found.data, SdkFlavour::ScalaFlat);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageRequest {
    filters: Vec<Filter>,
    page: u64,
    page_size: u64,
    valid_events: Option<bool>,
    time_range: Option<TimeRange>,
    sorting: Option<Sorting>,
}

#[derive(Deserialize)]
struct Filter {
    column: String,
    /// What Micro called it before it could be several.
    #[serde(alias = "value", default)]
    values: Value,
}

#[derive(Deserialize)]
struct TimeRange {
    start: Option<Value>,
    end: Option<Value>,
}

#[derive(Deserialize)]
struct Sorting {
    column: String,
    #[serde(default)]
    desc: bool,
}

/// One page of the events that pass filters.
pub(super) fn paged(asked: &Asked<'_>) -> Answered {
    let request: PageRequest = body(asked.request)?;
    if request.page == 0 || request.page_size == 0 {
        return Err(wrong_shape("page and pageSize begin at 1"));
    }
    let page_size = request.page_size.min(PAGE_EVENTS_MAX);
    let test = Test::of(&request)?;
    let kinds = match request.valid_events {
        Some(true) => vec![Kind::Good],
        Some(false) => vec![Kind::Incomplete],
        None => vec![Kind::Good, Kind::Incomplete],
    };
    let selection = Selection {
        kinds,
        event_id: asked.query.text("event_id").map(str::to_owned),
        test: (!test.is_open()).then(|| Arc::new(move |row: &[u8]| test.passes(row)) as _),
        ..Selection::of(Arc::clone(&asked.space))
    };
    let sort_key = request.sorting.as_ref().map(|sorting| sort_key(&sorting.column));
    let page = Page {
        selection: selection.clone(),
        sort_key,
        is_descending: request.sorting.is_some_and(|sorting| sorting.desc),
        limit: page_size,
        offset: (request.page - 1).saturating_mul(page_size).min(u64::from(u32::MAX)),
        records: None,
    };
    Ok(answer_when(asked.door, (Wait::of(&asked.query)?, selection), page))
}

fn sort_key(column: &str) -> SortKey {
    let column = Column::named(column);
    Arc::new(move |row| {
        let cell = column.map(|column| cell(row, column));
        cell.unwrap_or_default().to_owned()
    })
}

/// A cell of a row.
fn cell(row: &[u8], column: Column) -> &str {
    let cell = row.split(|byte| *byte == b'\t').nth(column.index()).unwrap_or_default();
    str::from_utf8(cell).unwrap_or_default()
}

/// Filters and times that a row has to pass.
struct Test {
    /// Nothing stands for a column that no row has.
    filters: Vec<(Option<Column>, Vec<String>)>,
    start_millis: Option<i64>,
    end_millis: Option<i64>,
}

impl Test {
    fn of(request: &PageRequest) -> Result<Self, Answer> {
        let mut filters = Vec::new();
        for Filter { column, values } in &request.filters {
            let values = texts(values)?;
            let is_complex = column.starts_with("contexts_")
                || column.starts_with("unstruct_event")
                || Column::named(column).is_some_and(|it| it.kind() == ColumnKind::Json);
            if !values.is_empty() && !is_complex {
                filters.push((Column::named(column), values));
            }
        }
        let range = request.time_range.as_ref();
        let moment = |value: Option<&Value>| match value {
            None | Some(Value::Null) => Ok(None),
            Some(value) => instant::of_json(value)
                .map(Some)
                .ok_or_else(|| wrong_shape("timeRange has points in time in ISO 8601")),
        };
        Ok(Self {
            filters,
            start_millis: moment(range.and_then(|range| range.start.as_ref()))?,
            end_millis: moment(range.and_then(|range| range.end.as_ref()))?,
        })
    }

    fn is_open(&self) -> bool {
        self.filters.is_empty() && self.start_millis.is_none() && self.end_millis.is_none()
    }

    fn passes(&self, row: &[u8]) -> bool {
        let Ok(event) = EnrichedEvent::parse_tsv(str::from_utf8(row).unwrap_or_default()) else {
            return false;
        };
        let at = instant::millis(event.get(Column::CollectorTstamp));
        let is_in_time = self.start_millis.is_none_or(|start| at.is_some_and(|at| at >= start))
            && self.end_millis.is_none_or(|end| at.is_some_and(|at| at < end));
        is_in_time
            && self.filters.iter().all(|(column, values)| {
                let Some(column) = column else { return false };
                let cell = event.get(*column);
                let (stored, shown) = (cell.to_lowercase(), shown(*column, cell).to_lowercase());
                values.iter().any(|value| *value == stored || *value == shown)
            })
    }
}

/// The values of a filter in lower case, those that are empty left out.
fn texts(values: &Value) -> Result<Vec<String>, Answer> {
    let one = std::slice::from_ref(values);
    let all = values.as_array().map_or(one, Vec::as_slice);
    let mut texts = Vec::new();
    for value in all {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => texts.push(text.to_lowercase()),
            Value::Bool(_) | Value::Number(_) => texts.push(value.to_string()),
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong_shape("a filter's values are texts, numbers or booleans"));
            }
        }
    }
    Ok(texts)
}

/// One page, part by part.
struct Page {
    selection: Selection,
    sort_key: Option<SortKey>,
    is_descending: bool,
    limit: u64,
    offset: u64,
    /// What is still to be written; nothing before it begins.
    records: Option<std::vec::IntoIter<i64>>,
}

impl Parts for Page {
    fn next_part(&mut self, db: &Connection) -> Result<Option<Vec<u8>>, ReadError> {
        let mut out = Vec::new();
        if self.records.is_none() {
            let total = self.selection.count(db, 0)?.0;
            let pages = total.div_ceil(self.limit).max(1);
            let head = format!("{{\"totalPages\":{pages},\"totalItems\":{total},\"events\":[");
            out.extend_from_slice(head.as_bytes());
            let order = (self.sort_key.as_ref(), self.is_descending);
            let records = self.selection.page(db, order, (self.limit, self.offset))?;
            self.records = Some(records.into_iter());
        }
        let Some(records) = &mut self.records else { return Ok(None) };
        let is_first = |out: &Vec<u8>| out.ends_with(b"[");
        let mut needs_comma = out.is_empty();
        let mut select = db.prepare_cached("SELECT data FROM _records WHERE sequence = ?")?;
        for record in records.by_ref() {
            let row: Option<Vec<u8>> = select.query_row([record], |row| row.get(0)).optional()?;
            // It was forgotten in between.
            let Some(row) = row else { continue };
            if needs_comma || !is_first(&out) {
                out.push(b',');
            }
            needs_comma = false;
            push_sdk_json(&mut out, &row, SdkFlavour::ScalaFlat);
            if out.len() >= PART_BYTES {
                return Ok(Some(out));
            }
        }
        if self.limit == 0 {
            return Ok(None);
        }
        self.limit = 0;
        out.extend_from_slice(b"]}");
        Ok(Some(out))
    }
}
