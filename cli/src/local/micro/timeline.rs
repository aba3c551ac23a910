//! How many events came when.

use std::ops::ControlFlow::Continue;
use std::sync::Arc;

use enriched_event::Column;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::answer::Answer;
use super::filter::{body, wrong_shape};
use super::selection::Selection;
use super::{Answered, Asked, instant};

/// Most buckets of one answer.
const BUCKETS_MAX: usize = 1_000;

#[derive(Deserialize)]
struct TimelineRequest {
    buckets: Vec<Bucket>,
}

#[derive(Deserialize)]
struct Bucket {
    start: Value,
    end: Value,
}

struct Point {
    bucket: Value,
    start_millis: i64,
    end_millis: i64,
    valid: u64,
    failed: u64,
}

/// Counts events by when the collector took them, a bucket's start included and its end not.
pub(super) async fn answer(asked: &Asked<'_>) -> Answered {
    let request: TimelineRequest = body(asked.request)?;
    if request.buckets.len() > BUCKETS_MAX {
        return Err(wrong_shape(&format!("there are more than {BUCKETS_MAX} buckets")));
    }
    let points = request.buckets.into_iter().map(|Bucket { start, end }| {
        let millis = |value: &Value| {
            instant::of_json(value).ok_or_else(|| {
                wrong_shape("a bucket begins and ends at points in time in ISO 8601")
            })
        };
        let (start_millis, end_millis) = (millis(&start)?, millis(&end)?);
        let bucket = json!({"start": start, "end": end});
        Ok(Point { bucket, start_millis, end_millis, valid: 0, failed: 0 })
    });
    let mut points = points.collect::<Result<Vec<_>, Answer>>()?;
    let selection = Selection::rows(Arc::clone(&asked.space));
    let counted = asked.door.reader.read(move |db| {
        selection.visit(db, i64::MAX, |found| {
            let mut cells = found.data.split(|byte| *byte == b'\t');
            let cell = cells.nth(Column::CollectorTstamp.index()).unwrap_or_default();
            let Some(at) = instant::millis(str::from_utf8(cell).unwrap_or_default()) else {
                return Ok(Continue(()));
            };
            for point in &mut points {
                if (point.start_millis..point.end_millis).contains(&at) {
                    *(if found.is_good { &mut point.valid } else { &mut point.failed }) += 1;
                }
            }
            Ok(Continue(()))
        })?;
        Ok(points)
    });
    let points = counted.await.map_err(|error| Answer::unreadable(&error))?;
    let point = |Point { bucket, valid, failed, .. }: &Point| json!({"validEvents": valid, "failedEvents": failed, "bucket": bucket});
    Ok(Answer::json(200, &json!({"points": points.iter().map(point).collect::<Vec<_>>()})))
}
