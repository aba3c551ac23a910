//! `whiteout sql` and `whiteout export`, as the README shows them.

use super::*;

/// A folder with a warehouse in it that holds the rows of `tests/warehouse`.
fn filled(test: &str) -> Folder {
    let folder = Folder::new(test);
    answers::load_shared(&warehouse_in(Some(&folder.database())));
    folder
}

#[test]
fn rows_are_printed_in_three_formats() {
    let folder = filled("formats");
    let query = "SELECT event_id, se_value, se_label FROM events WHERE event_id < 'e3' ORDER BY 1";
    for (format, expected) in [
        (
            "table",
            "event_id | se_value | se_label\n---------+----------+---------\ne1       | 3.5      | \\N\ne2       |          |\n(2 rows)\n",
        ),
        ("csv", "event_id,se_value,se_label\r\ne1,3.5,\\N\r\ne2,,\r\n"),
        (
            "json",
            "[{\"event_id\":\"e1\",\"se_value\":3.5,\"se_label\":\"\\\\N\"},\n{\"event_id\":\"e2\",\"se_value\":null,\"se_label\":null}]\n",
        ),
    ] {
        let (out, err, is_good) = whiteout(&folder.0, &["sql", "--format", format, query], "");
        assert_eq!((out.as_str(), err.as_str(), is_good), (expected, "", true), "{format}");
        let (same, _, _) = whiteout(&folder.0, &["sql", "--format", format], query);
        assert_eq!(same, expected);
    }
}

#[test]
fn what_goes_wrong_is_told() {
    let folder = filled("wrong");
    for (args, expected) in [
        (
            &["sql", "--data-dir", "nowhere", "SELECT 1"][..],
            "there is no nowhere/whiteout.db: `whiteout local` writes it",
        ),
        (
            &["export", "--data-dir", "nowhere", "events", "a.csv"],
            "there is no nowhere/whiteout.db",
        ),
        (
            &["sql", "DELETE FROM gitlab_events"],
            "only a query that reads is run here (not authorized)",
        ),
        (&["sql", "SELECT * FROM nowhere"], "no such table: nowhere"),
        (&["export", "nowhere", "a.csv"], "no such table: nowhere"),
        (&["export", "events", "no/such/folder.csv"], "no/such/folder.csv: "),
    ] {
        let (out, err, is_good) = whiteout(&folder.0, args, "");
        assert!(err.contains(expected) && out.is_empty() && !is_good, "{args:?}: {err}");
    }
    let mut left: Vec<_> = std::fs::read_dir(&folder.0)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["whiteout-data"]);
    std::fs::write(
        folder.0.join("whiteout-data/whiteout.db"),
        "no database, but long enough to look at",
    )
    .unwrap();
    let (_, err, _) = whiteout(&folder.0, &["sql", "SELECT 1 FROM events"], "");
    assert!(err.contains("not a database"), "{err}");
}

#[test]
fn a_query_sees_what_a_writer_has_just_loaded() {
    let folder = filled("beside");
    let db = Connection::open(folder.database()).unwrap();
    load(&db, "output/more", row(&[("event_id", "more")]));
    let query = "SELECT COUNT(*) FROM events WHERE event_id = 'more'";
    let (out, _, _) = whiteout(&folder.0, &["sql", "--format", "csv", query], "");
    assert_eq!(out, "COUNT(*)\r\n1\r\n");
    // The reader has locked nothing.
    load(&db, "output/other", row(&[("event_id", "other")]));
}

#[test]
fn an_export_is_whole() {
    let folder = filled("export");
    let read = |name: &str| std::fs::read(folder.0.join(name)).unwrap();
    let (out, err, is_good) =
        whiteout(&folder.0, &["export", "prep.snowplow.events", "events.csv"], "");
    assert_eq!((out.as_str(), err.as_str(), is_good), ("", "", true));
    let csv = String::from_utf8(read("events.csv")).unwrap();
    assert!(csv.starts_with("app_id,platform,") && csv.ends_with("\r\n"));
    assert_eq!(csv.lines().count(), 10);
    let query = "SELECT event_id, se_value FROM events WHERE event_id = 'e1'";
    let (_, err, is_good) = whiteout(&folder.0, &["export", query, "one.parquet"], "");
    assert_eq!((err.as_str(), is_good), ("", true));
    let parquet = read("one.parquet");
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}

/// The commands of the README's sections and what is shown below them.
fn shown(document: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for section in document
        .split("\n## ")
        .filter(|text| text.starts_with("sql\n") || text.starts_with("export\n"))
    {
        for block in section.split("```console\n").skip(1) {
            for line in block.split("```").next().unwrap().lines() {
                match (line.strip_prefix("$ "), found.last_mut()) {
                    (Some(command), _) => found.push((command.to_owned(), String::new())),
                    (None, Some((_, output))) => output.extend([line, "\n"]),
                    (None, None) => panic!("no command before {line}"),
                }
            }
        }
    }
    found
}

#[test]
fn the_readme_shows_what_is_printed() {
    let folder = filled("readme");
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let shown = shown(&readme);
    assert!(shown.iter().any(|(command, _)| command.contains("whiteout export")), "{shown:?}");
    for (command, expected) in shown {
        let binary = Path::new(BINARY).parent().unwrap().display();
        let script = format!("exec 2>&1; PATH={binary}:$PATH; {command}");
        let ran =
            Command::new("bash").args(["-c", &script]).current_dir(&folder.0).output().unwrap();
        assert_eq!(String::from_utf8(ran.stdout).unwrap().replace('\r', ""), expected, "{command}");
    }
}
