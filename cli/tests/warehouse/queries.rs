//! A query reads, and ends.

use std::time::Instant;

use super::*;
use warehouse::QueryError;

fn refused(reader: &Reader, sql: &str) -> QueryError {
    warehouse::query(reader, sql, LIMITS).expect_err(sql)
}

#[test]
fn the_queries_of_the_documentation_run() {
    let db = warehouse_in(None);
    answers::load_shared(&db);
    let reader = Reader::over(db).unwrap();
    let events = "SELECT
      behavior_date,
      COUNT(*) as event_occurences
    FROM prod.common_mart.mart_behavior_structured_event
    WHERE event_action = 'feature_used'
    AND behavior_date > '2023-08-01' --restricted minimum date for performance
    AND app_id='gitlab' -- use gitlab for production events and gitlab-staging for events from staging
    GROUP BY 1 ORDER BY 1 desc";
    let found = answer(&reader, events);
    assert_eq!(found.columns, ["behavior_date", "event_occurences"]);
    let days = [[text("2026-03-02"), Value::Integer(2)], [text("2026-03-01"), Value::Integer(2)]];
    assert_eq!(found.rows, days);
    let metrics = "SELECT
      date_trunc('week', ping_created_at),
      dim_instance_id,
      metric_value
    FROM prod.common.fct_ping_instance_metric_rolling_6_months --model limited to last 6 months for performance
    WHERE metrics_path = 'counts.issues' --set to metric of interest
    ORDER BY ping_created_at DESC";
    let week = [text("2999-02-25 00:00:00.000"), text("u1"), text("5")];
    assert_eq!(answer(&reader, metrics).rows, [week]);
}

#[test]
fn what_writes_is_refused() {
    let folder = Folder::new("refused");
    warehouse_in(Some(&folder.database()));
    let in_file = Reader::open(&folder.database(), |_| Ok(())).unwrap();
    let in_memory = Reader::over(warehouse_in(None)).unwrap();
    for sql in [
        "DELETE FROM gitlab_events",
        "INSERT INTO gitlab_events (app_id) VALUES ('a')",
        "UPDATE gitlab_events SET app_id = 'a'",
        "DROP TABLE gitlab_events",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "CREATE VIRTUAL TABLE t USING fts5 (a)",
        "ATTACH 'elsewhere.db' AS elsewhere",
        "DETACH main",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "BEGIN",
        "COMMIT",
        "VACUUM INTO 'copy.db'",
        "REINDEX",
        "ANALYZE",
        "SELECT load_extension('a')",
        "WITH a AS (SELECT 1) DELETE FROM gitlab_events",
        "INSERT INTO gitlab_events (app_id) VALUES ('a') RETURNING app_id",
        "",
        "-- nothing",
    ] {
        for reader in [&in_file, &in_memory] {
            let error = refused(reader, sql);
            assert!(matches!(error, QueryError::Refused(_)), "{sql}: {error:?}");
            assert!(error.to_string().contains("only a query that reads is run here"));
        }
    }
    for sql in [
        "PRAGMA table_info(gitlab_events)",
        "SELECT * FROM pragma_table_list",
        "EXPLAIN QUERY PLAN SELECT 1",
    ] {
        assert!(!answer(&in_file, sql).rows.is_empty(), "{sql}");
    }
}

#[test]
fn errors_say_what_sqlite_says() {
    let reader = Reader::over(warehouse_in(None)).unwrap();
    for (sql, expected) in [
        ("SELECT * FROM nowhere", "no such table: nowhere"),
        ("SELEC 1", "syntax error"),
        ("SELECT \"gitlab\"", "no such column"),
        ("SELECT 1; SELECT 2", "Multiple statements"),
        ("SELECT date_trunc('age', '2026-03-01')", "no unit of time called age"),
        ("SELECT abs(-9223372036854775808)", "integer overflow"),
    ] {
        let message = refused(&reader, sql).to_string();
        assert!(message.contains(expected), "{sql}: {message}");
    }
}

#[test]
fn what_does_not_end_is_stopped() {
    let reader = Reader::over(warehouse_in(None)).unwrap();
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n";
    let limits = Limits { time: Duration::from_millis(200), ..LIMITS };
    let begun = Instant::now();
    let error = warehouse::query(&reader, endless, limits).unwrap_err();
    assert!(matches!(error, QueryError::Stopped(_)), "{error:?}");
    assert!(error.to_string().contains("stopped after 0.2 seconds"), "{error}");
    assert!(begun.elapsed() >= limits.time);
    // The next one has its own time.
    assert_eq!(answer(&reader, "SELECT 1").rows, [[Value::Integer(1)]]);
    assert!(
        refused(&reader, "SELECT length(zeroblob(1000000000))").to_string().contains("too big")
    );
}

#[test]
fn rows_and_bytes_have_limits() {
    let reader = Reader::over(warehouse_in(None)).unwrap();
    let count = |sql: &str, limits: Limits| {
        let answer = warehouse::query(&reader, sql, limits).unwrap();
        (answer.rows.len(), answer.is_cut)
    };
    let many =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'a' FROM n";
    let three = format!("{many} LIMIT 3");
    assert_eq!(count(many, Limits { rows: 3, ..LIMITS }), (3, true));
    assert_eq!(count(&three, Limits { rows: 3, ..LIMITS }), (3, false));
    let bytes = 3 * (2 * size_of::<Value>() + 1);
    assert_eq!(count(&three, Limits { bytes, ..LIMITS }), (3, false));
    assert_eq!(count(&three, Limits { bytes: bytes - 1, ..LIMITS }), (2, true));
}

#[test]
fn a_file_is_read_while_it_is_written() {
    let folder = Folder::new("while");
    let mut db = warehouse_in(Some(&folder.database()));
    let begun = db.transaction().unwrap();
    load(&begun, "output/1", row(&[("event_id", "a")]));
    let reader = Reader::open(&folder.database(), |_| Ok(())).unwrap();
    let count = || answer(&reader, "SELECT COUNT(*) FROM gitlab_events").rows[0][0].clone();
    assert_eq!(count(), Value::Integer(0));
    begun.commit().unwrap();
    assert_eq!(count(), Value::Integer(1));
}
