//! The list of events: newest first, by kind, by what is in them, before or behind one of them, or as soon as there is one.

use std::time::Duration;

use rusqlite::{Connection, ToSql, named_params};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use super::api::{Answered, Problem};
use super::summary::{FIELDS, Summary, WITH_DATA, kind_number};
use crate::local::answer::Answer;
use crate::local::query::Query;
use crate::local::routes::Door;

/// How many events an answer holds, if nobody says otherwise, and at most.
const EVENTS: usize = 100;
const EVENTS_MAX: usize = 1_000;
/// How many of the newest events a text is looked for in.
const SEARCHED_EVENTS_MAX: usize = 20_000;
/// The longest text that is looked for.
const TEXT_CHARS_MAX: usize = 200;
/// How long an answer may wait for the first event.
const WAIT_SECONDS_MAX: u64 = 60;

/// What is asked for.
#[derive(Clone, Debug)]
struct Question {
    space: String,
    kind: Option<i64>,
    before: i64,
    after: i64,
    limit: usize,
    /// A pattern for `LIKE`.
    pattern: Option<String>,
}

#[derive(Debug, Serialize)]
struct List {
    events: Vec<Summary>,
    /// All events of this kind with this text, whatever `before`, `after` and `limit` say.
    total: u64,
    /// How many events a text was looked for in; none if there was no text.
    searched: Option<usize>,
    /// There are more between `after` and `before`.
    more: bool,
}

/// The events that a request asks for.
pub(super) async fn list(door: &Door, space: &str, query: &Query) -> Answered {
    let question = Question::read(space, query)?;
    let wait = query.number("wait", 0..=WAIT_SECONDS_MAX)?.unwrap_or(0);
    let until = Instant::now() + Duration::from_secs(wait);
    let mut changed = door.changed.clone();
    loop {
        changed.mark_unchanged();
        let asked = question.clone();
        let list = door.reader.read(move |db| asked.answer(db)).await?;
        let is_over = !list.events.is_empty() || Instant::now() >= until;
        // The end of the pipeline ends the wait, too.
        if is_over || !matches!(timeout_at(until, changed.changed()).await, Ok(Ok(()))) {
            return Ok(Answer::json(200, &list));
        }
    }
}

impl Question {
    fn read(space: &str, query: &Query) -> Result<Self, Problem> {
        let kind = match query.text("kind") {
            None => None,
            Some(name) => Some(
                kind_number(name)
                    .ok_or_else(|| Problem::wrong("kind is good, bad or incomplete"))?,
            ),
        };
        let text = query.text("q");
        if text.is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            return Err(Problem::wrong(format!("q has at most {TEXT_CHARS_MAX} characters")));
        }
        Ok(Self {
            space: space.to_owned(),
            kind,
            before: query.number("before", 0..=i64::MAX)?.unwrap_or(i64::MAX),
            after: query.number("after", 0..=i64::MAX)?.unwrap_or(0),
            limit: query.number("limit", 1..=EVENTS_MAX)?.unwrap_or(EVENTS),
            pattern: text.map(pattern),
        })
    }

    fn answer(&self, db: &Connection) -> rusqlite::Result<List> {
        let select = format!(
            "SELECT {FIELDS} FROM {} WHERE e.record < :before AND e.record > :after{}
             ORDER BY e.record DESC LIMIT :limit",
            self.source(),
            self.condition(),
        );
        let mut select = db.prepare_cached(&select)?;
        // One more tells whether there are more.
        let limit = self.limit + 1;
        let mut values = self.values();
        let bounds: [(&str, &dyn ToSql); 3] =
            [(":before", &self.before), (":after", &self.after), (":limit", &limit)];
        values.extend(bounds);
        let rows = select.query_map(values.as_slice(), Summary::of)?;
        let mut events = rows.collect::<Result<Vec<_>, _>>()?;
        let more = events.len() > self.limit;
        events.truncate(self.limit);
        let searched = self.pattern.is_some().then_some(SEARCHED_EVENTS_MAX);
        Ok(List { events, total: self.total(db)?, searched, more })
    }

    fn total(&self, db: &Connection) -> rusqlite::Result<u64> {
        let count = match (&self.pattern, self.kind) {
            (None, None) => "SELECT count(*) FROM _events AS e WHERE e.space = :space".to_owned(),
            (None, Some(_)) => {
                "SELECT count(*) FROM _events AS e WHERE e.space = :space AND e.kind = :kind"
                    .to_owned()
            }
            (Some(_), _) => {
                format!("SELECT count(*) FROM {} WHERE true{}", self.source(), self.condition())
            }
        };
        db.prepare_cached(&count)?.query_row(self.values().as_slice(), |row| row.get(0))
    }

    /// The events of the space and the kind; of many only the newest if a text is looked for.
    fn source(&self) -> String {
        let kind = if self.kind.is_some() { " AND kind = :kind" } else { "" };
        let newest = if self.pattern.is_some() {
            format!(" ORDER BY record DESC LIMIT {SEARCHED_EVENTS_MAX}")
        } else {
            String::new()
        };
        format!("(SELECT * FROM _events WHERE space = :space{kind}{newest}) AS e {WITH_DATA}")
    }

    fn condition(&self) -> &'static str {
        if self.pattern.is_some() {
            " AND (CAST(r.data AS TEXT) LIKE :pattern ESCAPE '\\' OR c.class LIKE :pattern ESCAPE '\\')"
        } else {
            ""
        }
    }

    fn values(&self) -> Vec<(&str, &dyn ToSql)> {
        let mut values: Vec<(&str, &dyn ToSql)> = named_params! { ":space": self.space }.to_vec();
        if let Some(kind) = &self.kind {
            values.push((":kind", kind));
        }
        if let Some(pattern) = &self.pattern {
            values.push((":pattern", pattern));
        }
        values
    }
}

/// A pattern that means the text itself, anywhere.
fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}
