//! Streams and objects as a client reads them.

use base64_simd::STANDARD;
use rusqlite::params;
use serde_json::json;
use tokio::sync::mpsc;

use super::answer::{Answer, Content, PARTS_WAITING_MAX};
use super::reader::Reader;
use super::store;
use super::stream::Stream;

/// How many records are read at a time, so that a long stream never stands in memory.
const PAGE_RECORDS: usize = 200;

/// A stream as JSON lines, oldest record first.
pub(super) fn stream(reader: &Reader, (space, stream): (&str, Stream)) -> Answer {
    let (parts, received) = mpsc::channel(PARTS_WAITING_MAX);
    let (reader, space) = (reader.clone(), space.to_owned());
    tokio::task::spawn_blocking(move || {
        let mut behind = 0;
        loop {
            let page = reader.read_here(|db| stream_page(db, (&space, stream), behind));
            // A store that cannot be read ends the answer early, without its last chunk.
            let Ok((lines, last)) = page else { return };
            let Some(last) = last else { return };
            behind = last;
            if parts.blocking_send(lines.into_bytes()).is_err() {
                return;
            }
        }
    });
    Answer::parts("application/x-ndjson", received)
}

fn stream_page(
    db: &rusqlite::Connection,
    (space, stream): (&str, Stream),
    behind: i64,
) -> rusqlite::Result<(String, Option<i64>)> {
    let mut select = db.prepare_cached(
        "SELECT sequence, space, at, partition_key, data FROM _records
         WHERE stream = ? AND sequence > ? AND space = ? ORDER BY sequence LIMIT ?",
    )?;
    let mut rows = select.query(params![stream.number(), behind, space, PAGE_RECORDS])?;
    let (mut lines, mut last) = (String::new(), None);
    while let Some(row) = rows.next()? {
        let stored = store::stored(row)?;
        let line = json!({
            "sequence": stored.sequence,
            "partitionKey": stored.partition_key,
            "data": STANDARD.encode_to_string(&stored.data),
        });
        lines.push_str(&line.to_string());
        lines.push('\n');
        last = Some(stored.sequence);
    }
    Ok((lines, last))
}

/// The delivered objects as JSON lines, oldest first.
pub(super) async fn objects(reader: &Reader, space: &str) -> Answer {
    let space = space.to_owned();
    let lines = reader.read(move |db| {
        let mut select = db.prepare_cached(
            "SELECT key, bytes, lines, at FROM _objects WHERE space = ? ORDER BY id",
        )?;
        let mut rows = select.query([&space])?;
        let mut lines = String::new();
        while let Some(row) = rows.next()? {
            let (key, bytes, count, at): (String, u64, u64, i64) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let at = timestamps::iso_millis(at);
            let line = json!({"key": key, "bytes": bytes, "lines": count, "at": at});
            lines.push_str(&line.to_string());
            lines.push('\n');
        }
        Ok(lines)
    });
    match lines.await {
        Ok(lines) => Answer::new(200, "application/x-ndjson", Content::Whole(lines.into_bytes())),
        Err(error) => Answer::unreadable(&error),
    }
}

/// One object, as it was delivered.
pub(super) async fn object(reader: &Reader, key: &str) -> Answer {
    let (objects, key) = (reader.objects.clone(), key.to_owned());
    let bytes = reader.read(move |db| {
        // Only a key of the list is ever a path.
        Ok(store::has_object(db, &key)?.then(|| objects.read(&key)))
    });
    match bytes.await {
        Ok(Some(Ok(bytes))) => Answer::new(200, "application/gzip", Content::Whole(bytes)),
        Ok(Some(Err(_)) | None) => Answer::text(404, "there is no such object\n"),
        Err(error) => Answer::unreadable(&error),
    }
}
