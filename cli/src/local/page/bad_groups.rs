//! Bad events by fingerprint: the same failure is one group, with its cause and remedy.

use rusqlite::{Connection, params};
use serde::Serialize;
use serde_json::{Value, json};

use super::api::Answered;
use super::summary;
use crate::local::answer::Answer;
use crate::local::query::Query;
use crate::local::routes::Door;

/// How many groups an answer holds, if nobody says otherwise, and at most.
const GROUPS: usize = 200;
const GROUPS_MAX: usize = 1_000;

/// Everything of the classifier's line that concerns the whole group.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    fingerprint: String,
    pub(super) count: u64,
    first_seen: String,
    last_seen: String,
    /// The newest event of the group.
    example: i64,
    #[serde(flatten)]
    class: Value,
}

/// The groups that a request asks for, the largest first.
pub(super) async fn answer(door: &Door, space: &str, query: &Query) -> Answered {
    let limit = query.number("limit", 1..=GROUPS_MAX)?.unwrap_or(GROUPS);
    let space = space.to_owned();
    let (groups, total) = door.reader.read(move |db| groups(db, &space, limit)).await?;
    Ok(Answer::json(200, &json!({ "groups": groups, "total": total })))
}

/// The largest groups, and how many there are.
pub(super) fn groups(
    db: &Connection,
    space: &str,
    limit: usize,
) -> rusqlite::Result<(Vec<Group>, u64)> {
    let mut select = db.prepare_cached(
        "SELECT g.fingerprint, g.count, first.at, last.at, g.newest, c.class
         FROM (
           SELECT fingerprint, count(*) AS count, min(record) AS oldest, max(record) AS newest
           FROM _classes WHERE space = ?1 GROUP BY fingerprint
         ) AS g
         JOIN _events AS first ON first.record = g.oldest
         JOIN _events AS last ON last.record = g.newest
         JOIN _classes AS c ON c.record = g.newest
         ORDER BY g.count DESC, g.newest DESC LIMIT ?2",
    )?;
    let groups = select.query_map(params![space, limit], |row| {
        let class: String = row.get(5)?;
        let mut class = summary::class(&class);
        if let Some(fields) = class.as_object_mut() {
            fields.remove("fingerprint");
        } else {
            class = json!({});
        }
        Ok(Group {
            fingerprint: row.get(0)?,
            count: row.get(1)?,
            first_seen: timestamps::iso_millis(row.get(2)?),
            last_seen: timestamps::iso_millis(row.get(3)?),
            example: row.get(4)?,
            class,
        })
    })?;
    let groups = groups.collect::<Result<Vec<_>, _>>()?;
    let mut count =
        db.prepare_cached("SELECT count(DISTINCT fingerprint) FROM _classes WHERE space = ?")?;
    Ok((groups, count.query_row([space], |row| row.get(0))?))
}

impl Group {
    /// The family of all its events.
    pub(super) fn family(&self) -> &str {
        self.class.get("family").and_then(Value::as_str).unwrap_or("unknown")
    }
}
