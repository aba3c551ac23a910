//! What `whiteout local` takes over from Micro beside its API: options, variables, mounts, output.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use enriched_event::EnrichedEvent;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{ask, get, track};
use crate::pipeline::{Pipeline, read_all, whiteout};

const PATIENCE: Duration = Duration::from_mins(1);
const SCHEMA: &str = r#"{"self":{"vendor":"com.acme","name":"seen","format":"jsonschema","version":"1-0-0"},"type":"object","properties":{"id":{"type":"integer"}},"required":["id"]}"#;

fn seen(id: &Value) -> Value {
    let data = json!({"schema": "iglu:com.acme/seen/jsonschema/1-0-0", "data": {"id": id}});
    let contexts = json!({"schema": "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0", "data": [data]});
    json!({"e": "se", "p": "srv", "tv": "t", "aid": "orbit", "se_ca": "query", "se_ac": "run", "co": contexts.to_string()})
}

/// A folder as Micro's container has it, with a resolver that names it.
fn mounted(name: &str) -> (PathBuf, PathBuf) {
    let folder = std::env::temp_dir().join(format!("whiteout-{name}-{}", std::process::id()));
    let schemas = folder.join("iglu-client-embedded/schemas/com.acme/seen/jsonschema");
    std::fs::create_dir_all(&schemas).unwrap();
    std::fs::write(schemas.join("1-0-0"), SCHEMA).unwrap();
    let resolver = json!({
        "schema": "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3",
        "data": {"cacheSize": 500, "repositories": [{
            "name": "Mounted", "priority": 0, "vendorPrefixes": ["com.acme"],
            "connection": {"embedded": {"path": folder.join("iglu-client-embedded")}},
        }]},
    });
    let file = folder.join("iglu.json");
    std::fs::write(&file, resolver.to_string()).unwrap();
    (folder, file)
}

#[test]
fn a_test_suite_finds_its_events() {
    let (folder, resolver) = mounted("orbit");
    // It waits for the line with `started at http://` on standard error, as the start of any test here.
    let pipeline = Pipeline::start(&["--iglu", resolver.to_str().unwrap()]);
    track(&pipeline, &json!([seen(&json!(1))]));
    assert_eq!(get(&pipeline, "/micro/all"), json!({"total": 1, "good": 1, "bad": 0}));
    let good = get(&pipeline, "/micro/good");
    let last = good.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["event"]["se_category"], &last["event"]["se_action"]),
        (&json!("query"), &json!("run"))
    );
    assert_eq!(last["contexts"], json!(["iglu:com.acme/seen/jsonschema/1-0-0"]));
    let entity = json!({"schema": "iglu:com.acme/seen/jsonschema/1-0-0", "data": {"id": 1}});
    assert_eq!(last["event"]["contexts"]["data"], json!([entity]));
    track(&pipeline, &json!([seen(&json!("x"))]));
    assert_eq!(get(&pipeline, "/micro/bad").as_array().unwrap().len(), 1);
    let schema = get(&pipeline, "/micro/iglu/com.acme/seen/jsonschema/1-0-0");
    assert_eq!(schema["self"]["name"], "seen");
    drop(pipeline);
    std::fs::remove_dir_all(folder).unwrap();
}

/// A server that answers each request with this, and gives what it was asked.
fn server(status: &'static str, body: &'static str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (asked, received) = mpsc::channel();
    thread::spawn(move || {
        while let Ok((stream, _)) = listener.accept() {
            let request = serve(stream, status, body);
            if asked.send(request).is_err() {
                return;
            }
        }
    });
    (address, received)
}

fn serve(mut stream: TcpStream, status: &str, body: &str) -> String {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut content = vec![0; length];
    reader.read_exact(&mut content).unwrap();
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(answer.as_bytes()).unwrap();
    format!("{head}\n{}", String::from_utf8(content).unwrap())
}

#[test]
fn the_environment_names_a_registry() {
    let (address, asked) = server("200 OK", SCHEMA);
    let mut command = Command::new(whiteout());
    command
        .args(["local", "--port", "0", "--ephemeral"])
        .env("MICRO_IGLU_REGISTRY_URL", format!("{address}/registry"))
        .env("MICRO_IGLU_API_KEY", "0000-key");
    let pipeline = Pipeline::spawn(&mut command);
    track(&pipeline, &json!([seen(&json!(1)), seen(&json!("x"))]));
    assert_eq!(get(&pipeline, "/micro/all"), json!({"total": 2, "good": 1, "bad": 1}));
    let request = asked.recv_timeout(PATIENCE).unwrap();
    assert!(
        request.starts_with("GET /registry/schemas/com.acme/seen/jsonschema/1-0-0 "),
        "{request}"
    );
    assert!(request.to_ascii_lowercase().contains("apikey: 0000-key"), "{request}");
}

#[test]
fn events_are_posted_to_a_destination() {
    for (flag, content_type) in
        [("-t", "text/tab-separated-values"), ("--output-json", "application/json")]
    {
        // A destination that refuses is told of on standard error, and changes nothing else.
        let (address, posted) = server("503 Service Unavailable", "");
        let pipeline = Pipeline::start(&[flag, "-d", &address]);
        track(
            &pipeline,
            &json!([{"e": "pv", "p": "web", "tv": "t"}, {"e": "no", "p": "web", "tv": "t"}]),
        );
        let request = posted.recv_timeout(PATIENCE).unwrap();
        let (head, body) = request.split_once("\n\n").unwrap_or_else(|| panic!("{request}"));
        assert!(head.starts_with("POST / "), "{head}");
        assert!(
            head.to_ascii_lowercase().contains(&format!("content-type: {content_type}")),
            "{head}"
        );
        let lines: Vec<&str> = body.split('\n').collect();
        assert_eq!(lines.len(), 2, "{body}");
        for line in lines {
            if flag == "-t" {
                EnrichedEvent::parse_tsv(line).unwrap();
            } else {
                let event: Value = serde_json::from_str(line).unwrap();
                assert_eq!(event["platform"], "web");
            }
        }
        assert_eq!(get(&pipeline, "/micro/all"), json!({"total": 2, "good": 1, "bad": 1}));
    }
}

#[test]
fn a_destination_that_hangs_holds_nobody_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", silent.local_addr().unwrap());
    let pipeline = Pipeline::start(&["-j", "-d", &address]);
    for _ in 0..3 {
        track(&pipeline, &json!([{"e": "pv", "p": "web", "tv": "t"}]));
    }
    assert_eq!(get(&pipeline, "/micro/all")["good"], 3);
}

#[test]
fn events_are_written_and_logged_as_they_come() {
    let mut child = Command::new(whiteout())
        .args(["local", "--port", "0", "--ephemeral", "--output-json", "--log-events"])
        .args(["-Dcollector.cookie.name=visitor", "-Denrich.input.type=x", "--yauaa"])
        .env("MICRO_SSL_CERT_PASSWORD", "x")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut until = |text: &str| {
        let mut lines = String::new();
        for line in said.by_ref() {
            lines.push_str(&line);
            lines.push('\n');
            if line.contains(text) {
                return lines;
            }
        }
        panic!("{text} is not in {lines}");
    };
    let start = until("started at http://");
    for text in ["enrich.input.type has no effect", "--yauaa", "MICRO_SSL_CERT_PASSWORD"] {
        assert!(start.contains(text), "{text}: {start}");
    }
    let address = start.split("http://").nth(1).unwrap().split_whitespace().next().unwrap();
    let send = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).unwrap();
        read_all(stream)
    };
    let answer = send("/i?e=pv&p=web&tv=t&aid=shop&uid=secret");
    assert!(answer.contains("Set-Cookie: visitor="), "{answer}");
    let good = until("EventLog");
    assert!(good.contains("[INFO] EventLog - GOOD id:"), "{good}");
    let rest = " app_id:shop type:page_view (iglu:com.snowplowanalytics.snowplow/page_view/jsonschema/1-0-0)";
    assert!(good.contains(rest) && !good.contains("secret"), "{good}");
    send("/i?p=web&tv=t&aid=shop&uid=secret");
    let bad = until("[WARN] EventLog - BAD id:");
    assert!(bad.contains("app_id:shop") && !bad.contains("secret"), "{bad}");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for is_failed in [false, true] {
        let event: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let failure = &event["contexts_com_snowplowanalytics_snowplow_failure_1"];
        assert_eq!((&event["user_id"], failure.is_array()), (&json!("secret"), is_failed));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn without_storage_nothing_is_shown() {
    let pipeline = Pipeline::start(&["--no-storage"]);
    track(&pipeline, &json!([{"e": "pv", "p": "web", "tv": "t"}]));
    for path in ["/micro/all", "/micro/good", "/micro/ui", "/micro/auth-config", "/micro/nope"] {
        assert_eq!(ask(&pipeline, ("GET", path), "", "").status, 404, "{path}");
    }
    assert_eq!(ask(&pipeline, ("GET", "/health"), "", "").body, "ok");
}

#[test]
fn answers_are_compressed_for_those_who_ask() {
    let pipeline = Pipeline::start(&[]);
    track(&pipeline, &json!([{"e": "pv", "p": "web", "tv": "t"}]));
    for path in ["/micro/all", "/micro/good", "/micro/good?wait=1", "/micro/auth-config"] {
        let plain = ask(&pipeline, ("GET", path), "", "");
        assert!(!plain.head.contains("Content-Encoding"), "{}", plain.head);
        let request = format!("GET {path} HTTP/1.0\r\nAccept-Encoding: deflate, gzip\r\n\r\n");
        let mut stream = pipeline.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        std::io::copy(&mut stream.take(1_000_000), &mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        assert!(head.contains("Content-Encoding: gzip\r\n"), "{head}");
        let text = std::io::read_to_string(GzDecoder::new(&answer[end..])).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), plain.json(), "{path}");
    }
}

#[test]
fn what_is_too_large_for_the_collector_is_bad() {
    let pipeline = Pipeline::start(&[]);
    let body = "x".repeat(1_100_000);
    ask(&pipeline, ("POST", super::TP2), "Content-Type: application/json\r\n", &body);
    assert_eq!(get(&pipeline, "/micro/all"), json!({"total": 1, "good": 0, "bad": 1}));
    let bad = get(&pipeline, "/micro/bad");
    assert_eq!((&bad[0]["collectorPayload"], &bad[0]["rawEvent"]), (&Value::Null, &Value::Null));
    assert!(bad[0]["errors"][1].as_str().unwrap().contains("size_violation"));
}

#[test]
fn a_configuration_reaches_both_functions() {
    let path = std::env::temp_dir().join(format!("whiteout-micro-{}.hocon", std::process::id()));
    let file = r#"
        collector { paths { "/com.acme/track" = "/com.snowplowanalytics.snowplow/tp2" } }
        enrich { validation { atomicFieldsLimits { app_id = 3 } } }"#;
    std::fs::write(&path, file).unwrap();
    let pipeline = Pipeline::start(&["-c", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    let body = json!({"schema": super::PAYLOAD_DATA, "data": [{"e": "pv", "p": "web", "tv": "t", "aid": "long"}]});
    let headers = "Content-Type: application/json\r\n";
    ask(&pipeline, ("POST", "/com.acme/track"), headers, &body.to_string());
    assert_eq!(get(&pipeline, "/micro/all"), json!({"total": 1, "good": 0, "bad": 1}));
}
