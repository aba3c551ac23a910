//! Which spaces there are.

use serde_json::json;

use super::api::Answered;
use crate::local::answer::Answer;
use crate::local::routes::Door;

/// The most spaces that are told.
const SPACES_MAX: usize = 1_000;

/// Every space that holds something, with its events. The one of everybody is always there.
pub(super) async fn answer(door: &Door) -> Answered {
    let found = door.reader.read(|db| {
        let mut select = db.prepare_cached(
            "SELECT space, count(*) FROM _events GROUP BY space ORDER BY space LIMIT ?",
        )?;
        let spaces = select.query_map([SPACES_MAX], |row| {
            Ok(json!({ "name": row.get::<_, String>(0)?, "events": row.get::<_, u64>(1)? }))
        })?;
        spaces.collect::<Result<Vec<_>, _>>()
    });
    let mut spaces = found.await?;
    if !spaces.iter().any(|space| space["name"] == "") {
        spaces.insert(0, json!({ "name": "", "events": 0 }));
    }
    Ok(Answer::json(200, &json!({ "spaces": spaces })))
}
