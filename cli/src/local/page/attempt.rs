//! A policy tried on an event: what is wrong with it, or what the event would become and what it would show.

use std::collections::BTreeMap;

use privacy::explain::ExplainedLeaf;
use privacy::{Policy, PolicyError};
use rusqlite::OptionalExtension as _;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::api::{Answered, Problem};
use super::event::{self, Found};
use super::policy::{self, Fate, InUse, Value, fate};
use crate::local::answer::Answer;
use crate::local::routes::Door;
use crate::policy::diff::{Change, Kind, compare};
use crate::policy::explain::explained;

/// The longest policy that is tried.
const POLICY_BYTES_MAX: usize = 1024 * 1024;

/// What a client wants to know.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempt {
    policy: String,
    /// The newest good one, if none is named.
    event: Option<i64>,
}

/// A value under both policies.
#[derive(Serialize)]
struct Tried<'a> {
    #[serde(flatten)]
    value: Value<'a>,
    /// What the policy in use shows of it.
    now: Option<&'a str>,
    now_fate: Option<Fate>,
    now_treatment: Option<&'a str>,
    /// More can be seen of it than with the policy in use.
    leaks: bool,
}

/// Tries a policy.
pub(super) async fn answer(door: &Door, space: &str, attempt: &Attempt) -> Answered {
    if attempt.policy.len() > POLICY_BYTES_MAX {
        return Err(Problem::wrong(format!("a policy has at most {POLICY_BYTES_MAX} bytes")));
    }
    let tried = match Policy::parse(&attempt.policy) {
        Ok(tried) => tried,
        Err(error) => return Ok(Answer::json(200, &problems(&error))),
    };
    let event = match attempt.event {
        Some(id) => Some(event::find(door, space, id).await?),
        None => match newest(door, space).await? {
            Some(id) => Some(event::find(door, space, id).await?),
            None => None,
        },
    };
    let (in_use, key_file) = (door.policy.clone(), door.key_file.clone());
    let answer = tokio::task::spawn_blocking(move || {
        let key = policy::key(&key_file)?;
        let changes = compare(&in_use.policy, &tried);
        let Some(event) = event else {
            let nothing = json!({
                "ok": true, "problems": [], "event": null, "values": [], "defect": null,
                "changes": shown(&changes), "counts": {}, "leaks": 0,
            });
            return Ok(Answer::json(200, &nothing));
        };
        Ok(compared((&in_use, &tried), &changes, (&event, &key)))
    });
    answer.await.unwrap_or_else(|error| Err(Problem::inside(error)))
}

async fn newest(door: &Door, space: &str) -> Result<Option<i64>, Problem> {
    let space = space.to_owned();
    let newest = door.reader.read(move |db| {
        let mut select = db.prepare_cached(
            "SELECT record FROM _events WHERE space = ? AND kind = 0 ORDER BY record DESC LIMIT 1",
        )?;
        select.query_row([space], |row| row.get(0)).optional()
    });
    Ok(newest.await?)
}

fn problems(error: &PolicyError) -> serde_json::Value {
    let problem = |problem: &privacy::Problem| json!({ "line": problem.line, "subject": problem.subject, "message": problem.message });
    json!({ "ok": false, "problems": error.problems.iter().map(problem).collect::<Vec<_>>() })
}

fn compared(
    (in_use, tried): (&InUse, &Policy),
    changes: &[Change],
    (event, key): (&Found, &privacy::Key),
) -> Answer {
    let line = (event.kind(), event.line());
    let now = explained(&in_use.policy, key, line);
    let then = explained(tried, key, line);
    let (now, then) = match (&now, &then) {
        (Ok(now), Ok(then)) => (now, then),
        // Whether a line can be treated at all does not depend on the policy.
        (Err(defect), _) | (_, Err(defect)) => {
            return Answer::json(
                200,
                &json!({
                    "ok": true, "problems": [], "event": event.summary(), "values": [],
                    "defect": defect, "changes": shown(changes), "counts": {}, "leaks": 0,
                }),
            );
        }
    };
    let mut by_place: BTreeMap<&str, Vec<&ExplainedLeaf>> = BTreeMap::new();
    for leaf in now.leaves.iter().rev() {
        by_place.entry(&leaf.place).or_default().push(leaf);
    }
    let values: Vec<Tried<'_>> = then
        .leaves
        .iter()
        .map(|leaf| {
            let now = by_place.get_mut(leaf.place.as_str()).and_then(Vec::pop);
            Tried {
                value: leaf.into(),
                now: now.and_then(|now| now.after.as_deref()),
                now_fate: now.map(fate),
                now_treatment: now.map(|now| now.treatment.as_str()),
                leaks: leaks(now, leaf, changes),
            }
        })
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for leaf in &then.leaves {
        let name = match fate(leaf) {
            Fate::Dropped => "dropped",
            Fate::Pseudonymized => "pseudonymized",
            Fate::Reduced => "reduced",
            Fate::Kept => "kept",
        };
        *counts.entry(name).or_default() += 1;
    }
    let leaks = values.iter().filter(|value| value.leaks).count();
    Answer::json(
        200,
        &json!({
            "ok": true, "problems": [], "event": event.summary(), "values": values, "defect": null,
            "changes": shown(changes), "counts": counts, "leaks": leaks,
        }),
    )
}

/// Whether more of a value can be seen than now. What was not told apart before was a pseudonym as a whole.
fn leaks(now: Option<&ExplainedLeaf>, then: &ExplainedLeaf, changes: &[Change]) -> bool {
    let more = fate(then);
    let Some(now) = now else { return more >= Fate::Reduced };
    if now.after == then.after {
        return false;
    }
    let is_exposed = || {
        let own = |change: &&Change| change.kind == Kind::Exposed && change.place == then.place;
        changes.iter().any(|change| own(&change))
    };
    more > fate(now) || (more == Fate::Reduced && fate(now) == Fate::Reduced && is_exposed())
}

/// What differs between the policies, whatever the event.
fn shown(changes: &[Change]) -> Vec<serde_json::Value> {
    let shown = |change: &Change| {
        let kind = match change.kind {
            Kind::Exposed => "exposed",
            Kind::Hidden => "hidden",
            Kind::Otherwise => "otherwise",
        };
        json!({
            "kind": kind, "place": change.place, "before": change.before,
            "after": change.after, "what": change.what, "line": change.line,
        })
    };
    changes.iter().map(shown).collect()
}
