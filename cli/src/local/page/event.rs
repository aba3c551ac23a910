//! One event's way: what was sent, what it was enriched to, what may be seen of it, and which rule says so.

use enriched_event::Column;
use privacy::Stream as Kind;
use privacy::explain::Explanation;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::api::{Answered, Problem};
use super::delivered::{Delivered, delivered};
use super::payload::{self, Sent};
use super::policy::{self, Value};
use super::summary::{self, FIELDS, Summary, WITH_DATA};
use crate::local::answer::Answer;
use crate::local::objects::Objects;
use crate::local::refused::{Parameter, Refused};
use crate::local::routes::Door;
use crate::local::stream::Stream;
use crate::policy::explain::explained;

/// How many events of the same request are told.
const SIBLINGS_MAX: usize = 50;

/// What the store knows of an event.
pub(super) struct Found {
    summary: Summary,
    pub(super) stream: i64,
    pub(super) data: Vec<u8>,
    class: Option<String>,
    /// Which of its request's events it is, if that is known.
    place: Option<usize>,
    raw: Option<Vec<u8>>,
    siblings: Vec<Summary>,
    delivered: Option<Delivered>,
}

#[derive(Serialize)]
struct Way<'a> {
    #[serde(flatten)]
    summary: &'a Summary,
    stream: &'static str,
    requests: Vec<Sent>,
    parameters: Option<Vec<Parameter>>,
    siblings: &'a [Summary],
    enriched: Vec<Cell<'a>>,
    values: Vec<Value<'a>>,
    /// Why the policy can treat nothing of it, so that it is quarantined.
    defect: Option<&'a str>,
    treated: Vec<Cell<'a>>,
    delivered: Option<&'a Delivered>,
    bad: Option<Bad<'a>>,
}

/// A column that is filled.
#[derive(Serialize)]
struct Cell<'a> {
    column: &'static str,
    value: &'a str,
    /// The parameter that fills it.
    parameter: Option<&'static str>,
}

#[derive(Serialize)]
struct Bad<'a> {
    row: Document<'a>,
    treated: Option<Document<'a>>,
    class: Option<Json>,
}

/// JSON as it stands, or text if it is none.
#[derive(Serialize)]
#[serde(untagged)]
enum Document<'a> {
    Json(&'a RawValue),
    Text(&'a str),
}

/// The way of an event.
pub(super) async fn answer(door: &Door, space: &str, id: i64) -> Answered {
    let found = find(door, space, id).await?;
    let (door_policy, key_file) = (door.policy.clone(), door.key_file.clone());
    // Opening a long event takes a while, so it is done where others need not wait.
    let answer = tokio::task::spawn_blocking(move || {
        let key = policy::key(&key_file)?;
        let explained = explained(&door_policy.policy, &key, (found.kind(), found.line()));
        Ok(Answer::json(200, &way(&found, &explained)))
    });
    answer.await.unwrap_or_else(|error| Err(Problem::inside(error)))
}

/// An event of a space.
pub(super) async fn find(door: &Door, space: &str, id: i64) -> Result<Found, Problem> {
    let (space, objects) = (space.to_owned(), door.reader.objects.clone());
    let found = door.reader.read(move |db| read(db, &objects, (&space, id))).await?;
    found.ok_or_else(|| Problem::missing("there is no such event in this space"))
}

fn read(
    db: &Connection,
    objects: &Objects,
    (space, id): (&str, i64),
) -> rusqlite::Result<Option<Found>> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {FIELDS}, r.stream, e.place FROM _events AS e {WITH_DATA} WHERE e.record = ? AND e.space = ?"
    ))?;
    let found = select.query_row(params![id, space], |row| {
        Ok(Found {
            summary: Summary::of(row)?,
            data: row.get(7)?,
            class: row.get(8)?,
            stream: row.get(9)?,
            place: row.get(10)?,
            raw: None,
            siblings: Vec::new(),
            delivered: None,
        })
    });
    let Some(mut found) = found.optional()? else { return Ok(None) };
    if let Some(raw) = found.summary.raw {
        let mut data = db.prepare_cached("SELECT data FROM _records WHERE sequence = ?")?;
        found.raw = data.query_row([raw], |row| row.get(0)).optional()?;
        let mut siblings = db.prepare_cached(&format!(
            "SELECT {FIELDS} FROM _events AS e {WITH_DATA}
             WHERE e.raw = ? AND e.record <> ? AND e.space = ? ORDER BY e.record LIMIT ?"
        ))?;
        let rows = siblings.query_map(params![raw, id, space, SIBLINGS_MAX], Summary::of)?;
        found.siblings = rows.collect::<Result<_, _>>()?;
    }
    found.delivered = delivered(db, objects, id)?;
    Ok(Some(found))
}

impl Found {
    /// What the pseudonymizer takes it for.
    pub(super) fn kind(&self) -> Kind {
        let stream = Stream::ALL.into_iter().find(|stream| stream.number() == self.stream);
        match stream {
            Some(Stream::RawBad) => Kind::RawBad,
            Some(Stream::EnrichedBad) => Kind::EnrichedBad,
            Some(Stream::RawGood | Stream::EnrichedGood | Stream::EnrichedFailed) | None => {
                Kind::EnrichedGood
            }
        }
    }

    /// Its record without the line break.
    pub(super) fn line(&self) -> &[u8] {
        self.data.strip_suffix(b"\n").unwrap_or(&self.data)
    }

    pub(super) fn summary(&self) -> &Summary {
        &self.summary
    }
}

fn way<'a>(found: &'a Found, explained: &'a Result<Explanation, String>) -> Way<'a> {
    let text = str::from_utf8(found.line()).unwrap_or_default();
    let seen = found.delivered.as_ref().and_then(|delivered| delivered.text.as_deref());
    let is_row = found.kind() == Kind::EnrichedGood;
    let requests = found.raw.as_deref().map(payload::requests).unwrap_or_default();
    let refused = if is_row { None } else { Refused::of(found.line()) };
    let parameters = refused.and_then(Refused::parameters).or_else(|| {
        payload::parameters(found.raw.as_deref()?, found.place, found.summary.event_id.as_deref())
    });
    let (values, defect) = match explained {
        Ok(explained) => (explained.leaves.iter().map(Value::from).collect(), None),
        Err(defect) => (Vec::new(), Some(defect.as_str())),
    };
    Way {
        summary: &found.summary,
        stream: Stream::ALL
            .into_iter()
            .find(|it| it.number() == found.stream)
            .map_or("", Stream::name),
        requests,
        parameters,
        siblings: &found.siblings,
        enriched: if is_row { cells(text) } else { Vec::new() },
        values,
        defect,
        treated: seen.filter(|_| is_row).map(cells).unwrap_or_default(),
        delivered: found.delivered.as_ref(),
        bad: (!is_row).then(|| Bad {
            row: document(text),
            treated: seen.map(document),
            class: found.class.as_deref().map(summary::class),
        }),
    }
}

fn document(text: &str) -> Document<'_> {
    serde_json::from_str(text).map_or(Document::Text(text), Document::Json)
}

/// The columns of a row that are filled. A quarantine line has none.
fn cells(row: &str) -> Vec<Cell<'_>> {
    if row.starts_with('{') {
        return Vec::new();
    }
    let filled =
        Column::ALL.into_iter().zip(row.split('\t')).filter(|(_, value)| !value.is_empty());
    filled
        .map(|(column, value)| Cell {
            column: column.name(),
            value,
            parameter: parameter(column.name()),
        })
        .collect()
}

/// The parameter that fills a column; of several that do, the first.
fn parameter(column: &str) -> Option<&'static str> {
    let named = tracker_protocol::mapping::MAPPINGS.iter().find(|mapping| {
        mapping.column.name == column || mapping.second.is_some_and(|second| second.name == column)
    });
    match named {
        Some(mapping) => Some(mapping.parameter),
        None if column.starts_with("page_url") => Some("url"),
        None if column.starts_with("refr_") => Some("refr"),
        None => None,
    }
}
