//! What `whiteout local` keeps: through a restart, a kill, a full disk, and beside other tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use base64_simd::STANDARD;
use flate2::read::MultiGzDecoder;

use crate::pipeline::{Pipeline, whiteout};

const TP2: &str = "/com.snowplowanalytics.snowplow/tp2";
const APP_ID: usize = 0;
const EVENT_ID: usize = 6;

/// A folder of this test alone; it goes with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("whiteout-{name}-{}", std::process::id()));
        std::fs::remove_dir_all(&path).ok();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

fn id(number: usize) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

fn page_view(app_id: &str, event_id: &str) -> String {
    format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{{"e":"pv","p":"web","tv":"t","aid":"{app_id}","eid":"{event_id}","url":"https://gitlab.com/"}}]}}"#
    )
}

/// One column of every row of a stream.
fn column(pipeline: &Pipeline, stream: &str, column: usize) -> Vec<String> {
    let rows = pipeline.lines(&format!("{stream}/whiteout/streams/enriched-good"));
    let cell = |row: &serde_json::Value| {
        let row = STANDARD.decode_to_vec(row["data"].as_str().unwrap()).unwrap();
        let row = String::from_utf8(row).unwrap();
        row.split('\t').nth(column).unwrap().to_owned()
    };
    rows.iter().map(cell).collect()
}

/// How often each event is in the delivered rows.
fn delivered(pipeline: &Pipeline, folder: &Path) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for object in pipeline.lines("/whiteout/objects") {
        let key = object["key"].as_str().unwrap();
        if !key.starts_with("output/") {
            continue;
        }
        let file = std::fs::File::open(folder.join("objects").join(key)).unwrap();
        let text = std::io::read_to_string(MultiGzDecoder::new(file)).unwrap();
        for line in text.lines() {
            *found.entry(line.split('\t').nth(EVENT_ID).unwrap().to_owned()).or_default() += 1;
        }
    }
    found
}

/// What the warehouse answers, line by line, without the names of the columns.
fn sql(folder: &Path, query: &str) -> Vec<String> {
    sql_with(&[], folder, query)
}

fn sql_with(options: &[&str], folder: &Path, query: &str) -> Vec<String> {
    let mut command = Command::new(whiteout());
    command.args(["sql", "--format", "csv"]).args(options).arg("--data-dir").arg(folder).arg(query);
    let out = command.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_restart_keeps_everything_and_goes_on() {
    let folder = Folder::new("restart");
    let first = Pipeline::over(&folder.0, &[]);
    assert_eq!(first.post(TP2, &page_view("shop", &id(1))), Some(200));
    assert_eq!(first.post(TP2, "no payload"), Some(200));
    let before: Vec<_> =
        ["raw-good", "enriched-good", "enriched-bad"].map(|it| first.stream(it)).into();
    first.end("-TERM");
    // What an end in the middle of a turn would leave behind.
    let stray = folder.0.join("objects/output/2026/01/01/00/stray.gz");
    std::fs::create_dir_all(stray.parent().unwrap()).unwrap();
    std::fs::write(&stray, "half").unwrap();
    let second = Pipeline::over(&folder.0, &[]);
    let after: Vec<_> =
        ["raw-good", "enriched-good", "enriched-bad"].map(|it| second.stream(it)).into();
    assert_eq!(before, after);
    assert_eq!((before[0].len(), before[1].len(), before[2].len()), (2, 1, 1));
    assert!(!stray.exists());
    assert_eq!(second.post(TP2, &page_view("shop", &id(2))), Some(200));
    assert_eq!(column(&second, "", EVENT_ID), [id(1), id(2)]);
    assert_eq!(sql(&folder.0, "SELECT event_id FROM gitlab_events ORDER BY 1"), [id(1), id(2)]);
    assert_eq!(sql(&folder.0, "SELECT count(*) FROM gitlab_bad_events"), ["1"]);
}

#[test]
fn sql_and_exports_of_a_space_hold_its_events_only() {
    let folder = Folder::new("sql-space");
    let pipeline = Pipeline::over(&folder.0, &[]);
    let select = "SELECT event_id FROM gitlab_events ORDER BY 1";
    assert_eq!(
        pipeline.post(&format!("/whiteout/space/a{TP2}"), &page_view("shop", &id(1))),
        Some(200)
    );
    assert_eq!(sql_with(&["--space", "a"], &folder.0, select), [id(1)]);
    assert_eq!(pipeline.post(TP2, &page_view("shop", &id(2))), Some(200));
    for (space, expected) in [("a", vec![id(1)]), ("", vec![id(2)]), ("b", vec![])] {
        assert_eq!(sql_with(&["--space", space], &folder.0, select), expected, "{space:?}");
        let views = "SELECT event_id FROM events ORDER BY 1";
        assert_eq!(sql_with(&["--space", space], &folder.0, views), expected, "{space:?}");
        let file = folder.0.join("export.csv");
        let mut command = Command::new(whiteout());
        command.args(["export", "--space", space, "--data-dir"]).arg(&folder.0);
        assert!(command.arg(select).arg(&file).status().unwrap().success());
        let exported = std::fs::read_to_string(&file).unwrap();
        assert_eq!(exported.lines().skip(1).collect::<Vec<_>>(), expected, "{space:?}");
    }
    assert_eq!(sql(&folder.0, select), [id(1), id(2)]);
}

/// Sends events until the process is gone; gives those that were acknowledged.
fn flood_until_killed(pipeline: Pipeline) -> Vec<String> {
    let acknowledged = Mutex::new(Vec::new());
    let shared = &pipeline;
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let acknowledged = &acknowledged;
            scope.spawn(move || {
                for number in 0..100_000 {
                    let id = id(thread * 1_000_000 + number);
                    match shared.post(TP2, &page_view("shop", &id)) {
                        Some(200) => acknowledged.lock().unwrap().push(id),
                        _ => return,
                    }
                }
            });
        }
        // Long enough for turns of every kind; how many does not matter.
        std::thread::park_timeout(Duration::from_millis(1_500));
        let id = shared.child.id().to_string();
        assert!(Command::new("kill").args(["-KILL", &id]).status().unwrap().success());
    });
    drop(pipeline);
    acknowledged.into_inner().unwrap()
}

#[test]
fn a_kill_loses_nothing_that_was_acknowledged_and_doubles_nothing() {
    let folder = Folder::new("kill");
    let acknowledged = flood_until_killed(Pipeline::over(&folder.0, &[]));
    assert!(!acknowledged.is_empty());
    let pipeline = Pipeline::over(&folder.0, &[]);
    let delivered = delivered(&pipeline, &folder.0);
    for id in &acknowledged {
        assert_eq!(delivered.get(id), Some(&1), "{id} of {}", acknowledged.len());
    }
    let loaded = sql(&folder.0, "SELECT event_id, count(*) FROM gitlab_events GROUP BY 1");
    let loaded: BTreeMap<_, _> = loaded.iter().map(|line| line.split_once(',').unwrap()).collect();
    assert_eq!(loaded.len(), delivered.len());
    for id in delivered.keys() {
        assert_eq!(loaded.get(id.as_str()), Some(&"1"));
    }
}

#[test]
fn what_batching_held_back_is_delivered_after_a_kill() {
    let folder = Folder::new("batching");
    let held = Pipeline::over(&folder.0, &["--batching", "900"]);
    for number in 0..5 {
        assert_eq!(held.post(TP2, &page_view("shop", &id(number))), Some(200));
    }
    assert_eq!(held.lines("/whiteout/objects"), [] as [serde_json::Value; 0]);
    held.end("-KILL");
    let pipeline = Pipeline::over(&folder.0, &[]);
    // The first request behind them takes them along.
    assert_eq!(pipeline.post(TP2, &page_view("shop", &id(5))), Some(200));
    let delivered = delivered(&pipeline, &folder.0);
    assert_eq!(
        delivered.into_iter().collect::<Vec<_>>(),
        (0..6).map(|it| (id(it), 1)).collect::<Vec<_>>()
    );
}

#[test]
fn spaces_do_not_see_each_other() {
    let pipeline = Pipeline::start(&[]);
    std::thread::scope(|scope| {
        for space in 0..4 {
            let pipeline = &pipeline;
            scope.spawn(move || {
                let prefix = format!("/whiteout/space/test-{space}");
                for round in 0..10 {
                    let app = format!("app-{space}-{round}");
                    let path = format!("{prefix}{TP2}");
                    assert_eq!(pipeline.post(&path, &page_view(&app, &id(round))), Some(200));
                    assert_eq!(column(pipeline, &prefix, APP_ID), [app]);
                    assert_eq!(pipeline.lines(&format!("{prefix}/whiteout/objects")).len(), 1);
                    assert_eq!(pipeline.post(&format!("{prefix}/whiteout/reset"), ""), Some(200));
                    assert!(column(pipeline, &prefix, APP_ID).is_empty());
                }
            });
        }
    });
    assert!(pipeline.stream("raw-good").is_empty());
    assert_eq!(pipeline.post("/whiteout/space/a%20b/i", ""), Some(400));
}

#[test]
fn a_full_disk_refuses_what_it_cannot_keep_and_recovers() {
    let folder = Folder::new("full");
    // No file may grow beyond 2 MB, and a write beyond it is an error like that of a full disk.
    let script = format!(
        "trap '' XFSZ; ulimit -S -f 2000; exec '{}' local --port 0 --data-dir '{}'",
        whiteout().display(),
        folder.0.display()
    );
    let pipeline = Pipeline::spawn(Command::new("bash").args(["-c", &script]));
    let mut acknowledged = Vec::new();
    let full = (0..20_000).map(id).find(|id| {
        let status = pipeline.post(TP2, &page_view(&"x".repeat(200), id));
        if status == Some(200) {
            acknowledged.push(id.clone());
        }
        status == Some(503)
    });
    assert!(full.is_some() && !acknowledged.is_empty());
    assert_eq!(pipeline.get("/health").0, 200);
    let id = pipeline.child.id().to_string();
    let freed = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited"]).status().unwrap();
    assert!(freed.success());
    assert_eq!(pipeline.post(TP2, &page_view("shop", &full.unwrap())), Some(200));
    let delivered = delivered(&pipeline, &folder.0);
    assert_eq!(delivered.len(), acknowledged.len() + 1);
    for id in &acknowledged {
        assert_eq!(delivered.get(id), Some(&1));
    }
}

#[test]
fn a_pipeline_that_keeps_nothing_leaves_nothing() {
    let folder = Folder::new("nothing");
    std::fs::create_dir_all(&folder.0).unwrap();
    let start = || {
        let mut command = Command::new(whiteout());
        command.args(["local", "--port", "0", "--ephemeral"]).env("TMPDIR", &folder.0);
        Pipeline::spawn(&mut command)
    };
    let count = || std::fs::read_dir(&folder.0).unwrap().count();
    let killed = start();
    assert_eq!(count(), 1);
    killed.end("-KILL");
    assert_eq!(count(), 1);
    // The next one finds what the killed one left.
    let ended = start();
    assert_eq!(count(), 1);
    ended.end("-TERM");
    assert_eq!(count(), 0);
}

#[test]
fn a_pipeline_that_is_told_to_stop_while_it_starts_leaves_nothing() {
    let folder = Folder::new("starting");
    std::fs::create_dir_all(&folder.0).unwrap();
    for millis in 0..40 {
        let mut command = Command::new(whiteout());
        command.args(["local", "--port", "0", "--ephemeral"]).env("TMPDIR", &folder.0);
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        let kill = format!("sleep {}; kill -TERM {}", f64::from(millis) / 1e3, child.id());
        assert!(Command::new("bash").args(["-c", &kill]).status().unwrap().success());
        child.wait().unwrap();
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0, "after {millis} ms");
    }
}

#[test]
fn a_data_directory_that_cannot_be_used_is_named_with_the_way_out() {
    let folder = Folder::new("unusable");
    let refusal = |folder: &Path| {
        let mut command = Command::new(whiteout());
        let out =
            command.args(["local", "--port", "0", "--data-dir"]).arg(folder).output().unwrap();
        assert_eq!(out.status.code(), Some(1));
        String::from_utf8(out.stderr).unwrap()
    };
    let running = Pipeline::over(&folder.0, &[]);
    let message = refusal(&folder.0);
    assert!(message.contains("another whiteout uses it"), "{message}");
    running.end("-TERM");
    // Where SQLite keeps the number of the layout.
    let path = folder.0.join("whiteout.db");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let message = refusal(&folder.0);
    assert!(message.contains("another version") && message.contains("--data-dir"), "{message}");
    std::fs::write(&path, "this is no database, and long enough to be looked at as if it were one")
        .unwrap();
    let message = refusal(&folder.0);
    assert!(message.contains("whiteout.db"), "{message}");
    let file = folder.0.join("lock");
    let message = refusal(&file.join("below"));
    assert!(message.contains("the data directory"), "{message}");
}

#[test]
fn service_pings_are_taken_and_delivered() {
    let pipeline = Pipeline::start(&[]);
    let ping = r#"{"uuid":"00000000-0000-4000-8000-000000000001","recorded_at":"2026-11-20T12:00:00Z","hostname":"gitlab.example"}"#;
    assert_eq!(pipeline.post("/usage_data", ping), Some(201));
    assert_eq!(pipeline.post("/usage_data", "{}"), Some(422));
    assert_eq!(pipeline.get("/usage_data").0, 405);
    let objects = pipeline.lines("/whiteout/objects");
    let keys: Vec<_> = objects.iter().map(|object| object["key"].as_str().unwrap()).collect();
    assert!(matches!(keys[..], [key] if key.starts_with("service_ping/usage_data/")), "{keys:?}");
}
