//! An object is loaded once, whole or not at all.

use serde_json::json;

use super::*;

/// Rows as the pipeline delivers them: enriched, then pseudonymized.
fn delivered(folder: &Folder) -> String {
    let standard = json!({
        "schema": "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7",
        "data": {"environment": "production", "source": "gitlab-rails", "user_id": 1, "project_id": 278_964,
                 "is_gitlab_team_member": true, "extra": {"note": "says \"hello\\world\"\tand\n\\N"}},
    });
    let contexts = json!({"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0", "data": [standard]});
    let event = |number: usize, label: &str| {
        json!({
            "e": "se", "p": "web", "aid": "gitlab", "tv": "js-3.24.0", "se_ca": "InternalEventTracking",
            "se_ac": "feature_used", "se_la": label, "se_va": "3.5", "dtm": "1772359200000",
            "eid": format!("00000000-0000-4000-8000-{number:012}"), "co": contexts.to_string(),
            "url": "https://gitlab.com/namespace1/project2", "res": "1920x1080", "cookie": "1", "vid": "3",
        })
    };
    let body = json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
        "data": [event(1, "\\N"), event(2, "a\tb\nc"), event(3, "\\\"")],
    });
    let payload = json!({
        "path": "/com.snowplowanalytics.snowplow/tp2", "contentType": "application/json", "collector": "c",
        "body": body.to_string(), "timestamp": 1_772_359_200_500_i64, "ipAddress": "192.0.2.7",
    });
    let enrich = ["enrich", "--format", "jsonl", "--output", "tsv"];
    let (rows, bad, _) = whiteout(&folder.0, &enrich, &payload.to_string());
    assert_eq!(bad, "");
    whiteout(&folder.0, &["key", "new", "keys"], "");
    let treat = ["pseudonymize", "--kind", "enriched", "--key-file", "keys"];
    let (treated, problems, _) = whiteout(&folder.0, &treat, &rows);
    assert_eq!((treated.lines().count(), problems.as_str()), (3, ""));
    treated
}

#[test]
fn what_the_pipeline_delivers_is_loaded_as_it_is() {
    let folder = Folder::new("delivered");
    let rows = delivered(&folder);
    let db = warehouse_in(None);
    let loaded = load(&db, "output/2026/03/01/10/a.gz", packed(&rows));
    assert_eq!((loaded.rows, loaded.rejected, loaded.was_known), (3, 0, false));
    // Every value is the text of its column, or the number that it writes.
    for (number, line) in (1..).zip(rows.lines()) {
        let sql = format!("SELECT * FROM gitlab_events WHERE object_line = {number}");
        let found: Vec<Value> =
            db.query_row(&sql, (), |row| (0..131).map(|index| row.get(index)).collect()).unwrap();
        for (index, (value, written)) in found.iter().zip(line.split('\t')).enumerate() {
            let is_as_written = match value {
                Value::Null => written.is_empty(),
                Value::Integer(found) => *found == written.parse::<i64>().unwrap(),
                Value::Real(found) => found.to_bits() == written.parse::<f64>().unwrap().to_bits(),
                Value::Text(found) => found == written,
                Value::Blob(_) => false,
            };
            assert!(is_as_written, "column {index}: {value:?} of {written:?}");
        }
    }
    assert_eq!(value(&db, "SELECT SUM(se_value) FROM gitlab_events"), Value::Real(10.5));
    assert_eq!(
        value(&db, "SELECT MAX(br_cookies + dvce_screenwidth) FROM events"),
        Value::Integer(1921)
    );
    let mart = "SELECT COUNT(*) FROM mart_behavior_structured_event WHERE gsc_project_id = 278964 \
                AND behavior_date = '2026-03-01' AND length(gsc_pseudonymized_user_id) = 64";
    assert_eq!(value(&db, mart), Value::Integer(3));
    let standard = "SELECT SUM(is_gitlab_team_member) FROM context_gitlab_standard";
    assert_eq!(value(&db, standard), Value::Integer(3));
}

#[test]
fn backslashes_and_their_like_are_only_text() {
    let contexts = r#"{"schema":"iglu:x","data":[{"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7","data":{"extra":{"note":"says \"hello\\world\"\t\\N"}}}]}"#;
    let columns = [
        ("event_id", "e1"),
        ("event", "struct"),
        ("se_label", "\\N"),
        ("se_property", "\\t\\\"'"),
        ("contexts", contexts),
    ];
    let db = warehouse_in(None);
    load(&db, "output/a", row(&columns) + "\r\n");
    let select = |column: &str| value(&db, &format!("SELECT {column} FROM events"));
    assert_eq!(select("se_label"), text("\\N"));
    assert_eq!(select("se_property"), text("\\t\\\"'"));
    assert_eq!(select("contexts"), text(contexts));
    assert_eq!(select("true_tstamp"), text("\r"));
    assert_eq!(select("typeof(app_id)"), text("null"));
    let note = value(&db, "SELECT extra ->> '$.note' FROM context_gitlab_standard");
    assert_eq!(note, text("says \"hello\\world\"\t\\N"));
}

#[test]
fn a_value_that_is_no_number_stays_the_text_that_it_is() {
    let db = warehouse_in(None);
    let pseudonym = "63bb79e4abeacdce9f16679b87530a85f6421a5797bcb1322030f4fd754c7a68";
    load(&db, "output/a", row(&[("event_id", "1"), ("txn_id", pseudonym), ("se_value", "1.50")]));
    assert_eq!(value(&db, "SELECT txn_id FROM events"), text(pseudonym));
    assert_eq!(value(&db, "SELECT se_value FROM events"), Value::Real(1.5));
    assert_eq!(value(&db, "SELECT event_id FROM events"), text("1"));
}

#[test]
fn an_object_is_loaded_once_and_can_be_forgotten() {
    let db = warehouse_in(None);
    let rows = format!("{}\n{}\n", row(&[("event_id", "a")]), row(&[("event_id", "b")]));
    assert_eq!(load(&db, "output/1", &rows).rows, 2);
    let again = load(&db, "output/1", &rows);
    assert_eq!((again.rows, again.rejected, again.was_known), (0, 0, true));
    // The same rows in another object are copies, and the views leave them out.
    assert_eq!(load(&db, "output/2", packed(&rows)).rows, 2);
    assert_eq!(value(&db, "SELECT COUNT(*) FROM gitlab_events"), Value::Integer(4));
    assert_eq!(value(&db, "SELECT COUNT(*) FROM events"), Value::Integer(2));
    warehouse::forget(&db, "output/1").unwrap();
    warehouse::forget(&db, "output/never").unwrap();
    assert_eq!(
        value(&db, "SELECT group_concat(DISTINCT object_key) FROM events"),
        text("output/2")
    );
    assert_eq!(load(&db, "output/1", &rows).rows, 2);
    assert_eq!(
        value(&db, "SELECT group_concat(DISTINCT object_key) FROM events"),
        text("output/2")
    );
    assert_eq!(
        value(&db, "SELECT COUNT(*) FROM _load_history WHERE row_count = 2"),
        Value::Integer(2)
    );
}

#[test]
fn a_line_that_cannot_be_loaded_keeps_its_object_out() {
    let good = row(&[("event_id", "a")]);
    let db = warehouse_in(None);
    let cut = {
        let mut packed = packed(&good);
        packed.truncate(packed.len() - 4);
        packed
    };
    for (key, object, rejected, line, reason) in [
        (
            "output/1",
            [good.as_bytes(), b"\n\n", good.as_bytes()].concat(),
            1,
            2,
            "the line is empty",
        ),
        ("output/2", [good.as_bytes(), b"\n\xff\n\xfe\n"].concat(), 2, 2, "the line is no UTF-8"),
        ("output/3", cut, 1, 0, "the object is no gzip"),
        ("enriched_bad_event/1", b"{}\n{\"a\":\n".to_vec(), 1, 2, "the line is no JSON"),
        ("bad_event_class/1", b"\xff".to_vec(), 1, 1, "the line is no UTF-8"),
    ] {
        let loaded = load(&db, key, &object);
        assert_eq!((loaded.rows, loaded.rejected), (0, rejected), "{key}");
        assert!(load(&db, key, &object).was_known);
        let sql = format!(
            "SELECT min(object_line) || ' ' || reason FROM _load_errors WHERE object_key = '{key}'"
        );
        assert_eq!(value(&db, &sql), text(&format!("{line} {reason}")));
    }
    assert_eq!(value(&db, "SELECT COUNT(*) FROM gitlab_events"), Value::Integer(0));
    assert_eq!(value(&db, "SELECT COUNT(*) FROM gitlab_bad_events"), Value::Integer(0));
    let failed = "SELECT SUM(error_count) FROM _load_history WHERE status = 'Load failed'";
    assert_eq!(value(&db, failed), Value::Integer(6));
    warehouse::forget(&db, "output/1").unwrap();
    assert_eq!(load(&db, "output/1", &good).rows, 1);
}

#[test]
fn lines_are_noted_up_to_a_limit_and_counted_beyond() {
    let db = warehouse_in(None);
    assert_eq!(load(&db, "output/1", "\n".repeat(101)).rejected, 101);
    assert_eq!(value(&db, "SELECT COUNT(*) FROM _load_errors"), Value::Integer(100));
}

#[test]
fn what_has_too_many_or_too_few_columns_is_loaded_as_snowflake_does() {
    let db = warehouse_in(None);
    let long = row(&[("event_id", "a"), ("true_tstamp", "t")]) + "\tmore";
    let quarantine =
        r#"{"schema":"iglu:io.whiteout/quarantine/jsonschema/1-0-0","data":{"reason":"json"}}"#;
    assert_eq!(load(&db, "output/1", format!("{long}\n{quarantine}\n")).rows, 2);
    assert_eq!(value(&db, "SELECT true_tstamp FROM events"), text("t"));
    assert_eq!(value(&db, "SELECT reason FROM quarantine"), text("json"));
}

#[test]
fn objects_go_where_their_key_says() {
    let db = warehouse_in(None);
    for (key, table) in [
        ("enriched_bad_event/2026/a.gz", "gitlab_bad_events"),
        ("bad_event_class/a.gz", "gitlab_bad_event_classes"),
        ("service_ping/usage_data/2026/a.json.gz", "service_ping"),
    ] {
        assert_eq!(load(&db, key, packed("{\"a\":1}\n\n{\"a\":2}")).rows, 2);
        let sql = format!("SELECT group_concat(object_line || jsontext) FROM {table}");
        assert_eq!(value(&db, &sql), text("1{\"a\":1},3{\"a\":2}"));
    }
    for key in ["bad_event/a.gz", "errors/output/a.gz", "output", "output_old/a.gz", ""] {
        let error = warehouse::load(&db, key, b"").unwrap_err();
        assert!(matches!(error, warehouse::LoadError::NoPipe), "{key}");
    }
}

#[test]
fn ten_thousand_rows_are_loaded_in_a_transaction() {
    let folder = Folder::new("many");
    let mut db = warehouse_in(Some(&folder.database()));
    let rows: Vec<_> = (0..10_000)
        .map(|number: i32| {
            row(&[("event_id", &number.to_string()), ("event", "struct"), ("app_id", "gitlab")])
        })
        .collect();
    let transaction = db.transaction().unwrap();
    assert_eq!(load(&transaction, "output/1", packed(&rows.join("\n"))).rows, 10_000);
    assert_eq!(load(&transaction, "output/2", packed(&rows[..10].join("\n"))).rows, 10);
    transaction.commit().unwrap();
    let reader = Reader::open(&folder.database(), |_| Ok(())).unwrap();
    let found = answer(
        &reader,
        "SELECT (SELECT COUNT(*) FROM gitlab_events), (SELECT COUNT(*) FROM events)",
    );
    assert_eq!(found.rows, [[Value::Integer(10_010), Value::Integer(10_000)]]);
}

#[test]
fn an_object_has_a_longest_length() {
    let db = warehouse_in(None);
    let line = vec![b' '; 1024 * 1024];
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..256 {
        packer.write_all(&line).unwrap();
    }
    assert_eq!(load(&db, "service_ping/1", packer.finish().unwrap()).rejected, 1);
    let reason = "SELECT reason FROM _load_errors";
    assert_eq!(value(&db, reason), text("the line is too long"));
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..256 {
        packer.write_all(&line).unwrap();
    }
    packer.write_all(b"\n").unwrap();
    assert_eq!(load(&db, "service_ping/2", packer.finish().unwrap()).rejected, 1);
    assert_eq!(
        value(&db, &format!("{reason} WHERE object_line = 0")),
        text("the object is too long")
    );
}
