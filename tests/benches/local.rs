//! `whiteout local` under load: events a second from socket to warehouse, the time to get ready, the memory.
//!
//! Clients and pipeline share the machine, so the figure is that of both together.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "a bench prints its figures and may fail loudly"
)]

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

const STARTS: usize = 21;
const CLIENTS: usize = 32;
const EVENTS_A_REQUEST: usize = 10;
const EVENTS: usize = 100_000;

fn main() {
    let binary = binary();
    let mut starts: Vec<f64> = (0..STARTS).map(|_| Pipeline::start(&binary).took).collect();
    starts.sort_by(f64::total_cmp);
    println!("{:<44} {:>12}", "whiteout local", "");
    println!(
        "{:<44} {:>9.0} ms",
        "start to ready, median of 21",
        starts.get(STARTS / 2).unwrap() * 1e3
    );
    let pipeline = Pipeline::start(&binary);
    println!("{:<44} {:>9} MB", "resident at start", pipeline.resident_megabytes());
    let request = post();
    let begun = Instant::now();
    flood(&pipeline.address, &request);
    let took = begun.elapsed().as_secs_f64();
    let rate = EVENTS as f64 / took;
    println!("{:<44} {rate:>10.0} /s", "events, accepted, processed and loaded");
    println!("{:<44} {:>9} MB", "resident after 100,000 events", pipeline.resident_megabytes());
    assert_eq!(pipeline.loaded(), EVENTS, "every event is in the warehouse");
}

/// The command as `make run` builds it: this bench runs from `<target>/release/deps`.
fn binary() -> PathBuf {
    let bench = std::env::current_exe().expect("the bench's own path");
    bench.ancestors().nth(3).expect("a target folder").join("quick/whiteout")
}

/// A running pipeline with a data directory of its own; both end with the value.
struct Pipeline {
    child: Child,
    address: String,
    folder: PathBuf,
    took: f64,
}

impl Pipeline {
    fn start(binary: &Path) -> Self {
        let folder = std::env::temp_dir().join(format!("whiteout-bench-{}", std::process::id()));
        std::fs::remove_dir_all(&folder).ok();
        let begun = Instant::now();
        let mut child = Command::new(binary)
            .args(["local", "--port", "0", "--data-dir"])
            .arg(&folder)
            .stderr(Stdio::piped())
            .spawn()
            .expect("whiteout starts");
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let ready = lines.find(|line| line.contains("started at http://")).expect("it gets ready");
        let took = begun.elapsed().as_secs_f64();
        std::thread::spawn(move || lines.for_each(drop));
        let address = ready.rsplit_once("http://").unwrap().1.trim().to_owned();
        Self { child, address, folder, took }
    }

    fn resident_megabytes(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(status).expect("the process runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    /// How many rows the warehouse has, as the command says.
    fn loaded(&self) -> usize {
        let out = Command::new(binary())
            .args(["sql", "--format", "csv", "--data-dir"])
            .arg(&self.folder)
            .arg("SELECT count(*) AS events FROM gitlab_events")
            .output()
            .unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        text.lines().nth(1).and_then(|line| line.trim().parse().ok()).expect("a count")
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        std::fs::remove_dir_all(&self.folder).ok();
    }
}

/// Sends all events over connections that stay open; every answer must be a 200.
fn flood(address: &str, request: &[u8]) {
    let left = AtomicUsize::new(EVENTS / EVENTS_A_REQUEST);
    let take = || left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |it| it.checked_sub(1));
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                while take().is_ok() {
                    stream.write_all(request).unwrap();
                    read_ok(&mut stream);
                }
            });
        }
    });
}

/// Reads one answer with its body.
fn read_ok(stream: &mut TcpStream) {
    let (mut answer, mut part) = (Vec::new(), [0; 2_048]);
    loop {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "the connection stays open");
        answer.extend_from_slice(part.get(..read).unwrap());
        let text = String::from_utf8_lossy(&answer);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        if body.len() >= length.parse::<usize>().unwrap() {
            return;
        }
    }
}

/// A tracker's POST of ten structured events, each with GitLab's standard context.
fn post() -> Vec<u8> {
    let context = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-0-9","data":{"environment":"production","source":"gitlab-rails","plan":"ultimate","user_id":1234,"namespace_id":56,"project_id":78,"context_generated_at":"2026-01-02T03:04:05.678Z","extra":{"label":"x"}}}]}"#;
    let context = serde_json::to_string(context).unwrap();
    let mut events = String::new();
    for number in 0..EVENTS_A_REQUEST {
        let comma = if number == 0 { "" } else { "," };
        write!(
            events,
            r#"{comma}{{"e":"se","se_ca":"projects","se_ac":"create","se_la":"label","p":"srv","tv":"rb-0.8.0","aid":"gitlab","tna":"gl","dtm":"1795165200000","uid":"u{number}","co":{context}}}"#
        )
        .unwrap();
    }
    let body = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{events}]}}"#
    );
    let head = format!(
        "POST /com.snowplowanalytics.snowplow/tp2 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nUser-Agent: bench\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head, body].concat().into_bytes()
}
