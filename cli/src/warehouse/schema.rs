//! Makes the tables and views, and knows which layout a file has.

use rusqlite::{Connection, Error, OptionalExtension as _, ffi};

/// The layout of the tables. Raise it with a change of `30_tables.sql` that an existing file would not have.
const LAYOUT: i64 = 1;

const TABLES: &str = include_str!("../../../warehouse/local/30_tables.sql");
/// In the order in which they build upon each other.
const VIEWS: [&str; 4] = [
    include_str!("../../../warehouse/local/50_views.sql"),
    include_str!("../../../warehouse/local/55_contexts.sql"),
    include_str!("../../../warehouse/local/58_marts.sql"),
    include_str!("../../../warehouse/local/60_metrics.sql"),
];

const META: &str = "CREATE TABLE IF NOT EXISTS _warehouse_meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID";

/// Makes what is missing. Views are replaced when they are not those of this command; tables of another layout are
/// refused.
pub(crate) fn create(db: &Connection) -> Result<(), Error> {
    db.execute_batch("SAVEPOINT whiteout_warehouse")?;
    let created = tables(db).and_then(|()| views(db));
    if created.is_err() {
        db.execute_batch("ROLLBACK TO whiteout_warehouse")?;
    }
    db.execute_batch("RELEASE whiteout_warehouse")?;
    created
}

fn tables(db: &Connection) -> Result<(), Error> {
    db.execute(META, ())?;
    match meta::<i64>(db, "layout")? {
        Some(LAYOUT) => Ok(()),
        Some(layout) => Err(other_layout(layout)),
        None => {
            db.execute_batch(TABLES)?;
            set_meta(db, "layout", LAYOUT)
        }
    }
}

fn views(db: &Connection) -> Result<(), Error> {
    let wanted = VIEWS.concat();
    let found = meta::<String>(db, "views")?;
    if found.as_deref() == Some(&wanted) {
        return Ok(());
    }
    for name in names(found.as_deref().unwrap_or_default()).chain(names(&wanted)) {
        db.execute_batch(&format!("DROP VIEW IF EXISTS {name}"))?;
    }
    db.execute_batch(&wanted)?;
    set_meta(db, "views", wanted)
}

/// Lets a connection see only what these objects brought: all of a query's keys, which is part of the text.
///
/// The tables get views of the same names before them, for this connection alone, and so do all views.
pub(crate) fn narrow(db: &Connection, keys: &str) -> Result<(), Error> {
    for table in ["gitlab_events", "gitlab_bad_events", "gitlab_bad_event_classes", "service_ping"]
    {
        // The views ask for the rowid, which a view does not have by itself.
        db.execute_batch(&format!(
            "CREATE TEMP VIEW {table} AS
             SELECT *, rowid AS rowid FROM main.{table} WHERE object_key IN ({keys})"
        ))?;
    }
    db.execute_batch(&VIEWS.concat().replace("CREATE VIEW ", "CREATE TEMP VIEW "))
}

/// The views that a text makes.
fn names(sql: &str) -> impl Iterator<Item = &str> {
    sql.lines().filter_map(|line| line.strip_prefix("CREATE VIEW ")?.strip_suffix(" AS"))
}

fn meta<T: rusqlite::types::FromSql>(db: &Connection, name: &str) -> Result<Option<T>, Error> {
    let select = "SELECT value FROM _warehouse_meta WHERE name = ?1";
    db.query_row(select, [name], |row| row.get(0)).optional()
}

fn set_meta(db: &Connection, name: &str, value: impl rusqlite::ToSql) -> Result<(), Error> {
    let replace = "INSERT OR REPLACE INTO _warehouse_meta (name, value) VALUES (?1, ?2)";
    db.execute(replace, rusqlite::params![name, value]).map(|_| ())
}

fn other_layout(layout: i64) -> Error {
    let remedy = if layout > LAYOUT {
        "use the newer whiteout that wrote it"
    } else {
        "start with an empty data folder, or load its objects again"
    };
    let problem =
        format!("the warehouse has layout {layout}, this command's is {LAYOUT}: {remedy}");
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISMATCH), Some(problem))
}

#[cfg(test)]
mod tests {
    use enriched_event::{Column, Kind};

    use super::*;

    #[test]
    fn the_table_has_the_columns_of_a_row_with_their_types() {
        let db = Connection::open_in_memory().unwrap();
        create(&db).unwrap();
        let mut statement =
            db.prepare("SELECT name, type FROM pragma_table_info('gitlab_events')").unwrap();
        let found: Vec<(String, String)> = statement
            .query_map((), |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let of_row = Column::ALL.map(|column| (column.name(), declared(column.kind())));
        let of_loader =
            [("uploaded_at", "TEXT"), ("object_key", "TEXT"), ("object_line", "INTEGER")];
        let expected: Vec<_> = of_row
            .iter()
            .chain(&of_loader)
            .map(|(name, kind)| ((*name).to_owned(), (*kind).to_owned()))
            .collect();
        assert_eq!(found, expected);
    }

    fn declared(kind: Kind) -> &'static str {
        match kind {
            Kind::Text | Kind::Timestamp | Kind::Json => "TEXT",
            Kind::Int | Kind::Bool01 => "INTEGER",
            Kind::Float => "REAL",
            Kind::Decimal => "NUMERIC",
        }
    }

    #[test]
    fn creating_again_changes_nothing() {
        let db = Connection::open_in_memory().unwrap();
        create(&db).unwrap();
        let version = |db: &Connection| -> i64 {
            db.query_row("PRAGMA schema_version", (), |row| row.get(0)).unwrap()
        };
        let before = version(&db);
        create(&db).unwrap();
        assert_eq!(version(&db), before);
    }

    #[test]
    fn views_of_another_version_are_replaced() {
        let db = Connection::open_in_memory().unwrap();
        create(&db).unwrap();
        db.execute_batch(
            "CREATE VIEW gone AS SELECT 1; DROP VIEW events; CREATE VIEW events AS SELECT 1",
        )
        .unwrap();
        set_meta(&db, "views", "CREATE VIEW gone AS\nSELECT 1;\n").unwrap();
        create(&db).unwrap();
        assert!(db.prepare("SELECT * FROM gone").is_err());
        assert!(db.prepare("SELECT behavior_at FROM events").is_ok());
    }

    #[test]
    fn another_layout_is_refused_and_nothing_is_changed() {
        for (layout, remedy) in [(LAYOUT + 1, "newer whiteout"), (0, "empty data folder")] {
            let db = Connection::open_in_memory().unwrap();
            db.execute_batch(META).unwrap();
            set_meta(&db, "layout", layout).unwrap();
            let message = create(&db).unwrap_err().to_string();
            assert!(message.contains(remedy), "{message}");
            assert!(db.prepare("SELECT * FROM gitlab_events").is_err());
        }
    }
}
