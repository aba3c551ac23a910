//! Queries over the warehouse, as the space's objects filled it.

use std::time::Duration;

use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::api::{Answered, Problem};
use crate::local::answer::Answer;
use crate::local::routes::Door;
use crate::local::space;
use crate::warehouse::{self, Limits, query};

/// What an answer holds, at most, and how long it may take.
const LIMITS: Limits =
    Limits { time: Duration::from_secs(10), rows: 1_000, bytes: 8 * 1024 * 1024 };
/// The longest query.
const QUERY_BYTES_MAX: usize = 64 * 1024;

/// What a client asks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    sql: String,
}

/// Answers a query.
pub(super) async fn answer(door: &Door, space: &str, question: Question) -> Answered {
    if question.sql.len() > QUERY_BYTES_MAX {
        return Err(Problem::wrong(format!("a query has at most {QUERY_BYTES_MAX} bytes")));
    }
    let (reader, name) = (door.reader.clone(), space.to_owned());
    let answer = tokio::task::spawn_blocking(move || {
        let db = reader.connection()?;
        space::narrow(&db, &name)?;
        let warehouse = warehouse::Reader::over(db)?;
        query(&warehouse, &question.sql, LIMITS).map_err(|error| Problem::wrong(error.to_string()))
    });
    let answer = answer.await.unwrap_or_else(|error| Err(Problem::inside(error)))?;
    let row = |row: Vec<Value>| row.into_iter().map(json_of).collect::<Vec<_>>();
    Ok(Answer::json(
        200,
        &json!({
            "columns": answer.columns,
            "rows": answer.rows.into_iter().map(row).collect::<Vec<_>>(),
            "is_cut": answer.is_cut,
            "rows_max": LIMITS.rows,
        }),
    ))
}

fn json_of(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => number.into(),
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => format!("{} bytes", bytes.len()).into(),
    }
}

/// A query to begin with.
#[derive(Serialize)]
pub(super) struct Example {
    title: &'static str,
    sql: &'static str,
}

/// The queries that the page offers.
pub(super) const EXAMPLES: [Example; 8] = [
    Example {
        title: "The newest events",
        sql: "SELECT collected_at, app_id, event_name, user_id, page_urlhost, event_id\nFROM events\nORDER BY collected_at DESC\nLIMIT 50",
    },
    Example {
        title: "Events by application and name",
        sql: "SELECT app_id, event_name, COUNT(*) AS events, MIN(collected_at) AS first, MAX(collected_at) AS last\nFROM events\nGROUP BY app_id, event_name\nORDER BY events DESC",
    },
    Example {
        title: "Structured events of GitLab",
        sql: "SELECT behavior_at, event_category, event_action, event_label, event_property\nFROM mart_behavior_structured_event\nORDER BY behavior_at DESC\nLIMIT 50",
    },
    Example { title: "Bad events by cause", sql: "SELECT *\nFROM bad_event_groups\nLIMIT 50" },
    Example { title: "What bad events say", sql: "SELECT *\nFROM bad_event_messages\nLIMIT 50" },
    Example { title: "Which policy and key treated the rows", sql: "SELECT *\nFROM treatments" },
    Example {
        title: "What was loaded",
        sql: "SELECT object_key, table_name, status, row_count, error_count, last_load_time\nFROM _load_history\nORDER BY last_load_time DESC\nLIMIT 50",
    },
    Example {
        title: "Tables and views",
        sql: "SELECT type, name\nFROM sqlite_schema\nWHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'\nORDER BY type, name",
    },
];
