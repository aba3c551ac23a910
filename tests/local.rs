//! `whiteout local` over real sockets: odd and hostile clients, restarts, wrong usage.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

use base64_simd::STANDARD;
use collector_payload::CollectorPayload;
use serde_json::Value;

use crate::pipeline::{Pipeline, read_all, whiteout};

const TP2: &str = "/com.snowplowanalytics.snowplow/tp2";

fn bytes_of(record: &Value) -> Vec<u8> {
    STANDARD.decode_to_vec(record["data"].as_str().unwrap()).unwrap()
}

/// What the payload of a stored record says, as `field=value` texts.
fn payload(record: &Value) -> (String, Vec<String>, Vec<u8>) {
    let bytes = bytes_of(record);
    let payload = CollectorPayload::decode(&bytes).unwrap();
    let headers = payload.headers.unwrap().into_iter().map(Into::into).collect();
    let body = payload.body.map(Into::into).unwrap_or_default();
    (payload.querystring.unwrap().into_owned(), headers, body)
}

#[test]
fn a_target_that_is_no_uri_is_kept_and_names_keep_their_case() {
    let pipeline = Pipeline::start(&[]);
    let answer = pipeline.exchange(
        b"GET /i?e=pv&x={\"a b\"}|<\xc3\xa9> HTTP/1.1\r\nHOST: c.acme.com\r\nx-Odd: 1\r\nx-odd: 2\r\nConnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (query, headers, _) = payload(&pipeline.stream("raw-good")[0]);
    assert_eq!(query, "e=pv&x=%7B%22a%20b%22%7D%7C%3C%C3%A9%3E");
    assert_eq!(headers, ["HOST: c.acme.com", "x-Odd: 1", "x-odd: 2", "Connection: close"]);
}

#[test]
fn bodies_arrive_whole_however_they_are_framed() {
    let pipeline = Pipeline::start(&[]);
    let head = format!("POST {TP2} HTTP/1.1\r\nHost: c.acme.com\r\n");
    let chunked = format!(
        "{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n"
    );
    // The next request follows on the same connection before the first is answered.
    let plain = format!("{head}Content-Length: 5\r\nConnection: close\r\n\r\nagain");
    let answers = pipeline.exchange(format!("{chunked}{plain}").as_bytes());
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    let bodies: Vec<_> = pipeline.stream("raw-good").iter().map(|r| payload(r).2).collect();
    assert_eq!(bodies, [b"hello world".to_vec(), b"again".to_vec()]);
}

#[test]
fn a_client_that_asks_first_is_told_to_go_on() {
    let pipeline = Pipeline::start(&[]);
    let mut stream = pipeline.connect();
    let head = format!(
        "POST {TP2} HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"{}").unwrap();
    let answer = read_all(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[test]
fn what_is_no_request_is_refused_and_hurts_nobody() {
    let pipeline = Pipeline::start(&[]);
    let long_line = format!("GET /i?{} HTTP/1.1\r\n\r\n", "x".repeat(20_480));
    let long_header = format!("GET /i HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(40_960));
    let endless_head = format!("GET /i HTTP/1.1\r\n{}", "X: y\r\n".repeat(20_000));
    let too_large = format!("POST {TP2} HTTP/1.1\r\nContent-Length: 10485761\r\n\r\n");
    let too_many = format!("POST {TP2} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na00001\r\n");
    for (request, status) in [
        ("nonsense\r\n\r\n", 400),
        ("\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (long_line.as_str(), 400),
        (long_header.as_str(), 400),
        (endless_head.as_str(), 400),
        (too_large.as_str(), 413),
        (too_many.as_str(), 413),
    ] {
        let answer = pipeline.exchange(request.as_bytes());
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains("Connection: close\r\n"), "{answer}");
    }
    // One that says half of something and waits keeps nobody else waiting.
    let mut half = pipeline.connect();
    half.write_all(b"POST /a/b HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf").unwrap();
    let answer = pipeline.exchange(b"GET /health HTTP/1.0\r\n\r\n");
    assert!(answer.ends_with("\r\n\r\nok"), "{answer}");
    assert!(pipeline.stream("raw-good").is_empty() && pipeline.stream("raw-bad").is_empty());
}

#[test]
fn a_head_request_is_recorded_and_answered_without_a_body() {
    let pipeline = Pipeline::start(&[]);
    let answer = pipeline.exchange(b"HEAD /i?e=pv HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(
        answer.contains("Content-Type: image/gif\r\n") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
    assert_eq!(payload(&pipeline.stream("raw-good")[0]).0, "e=pv");
}

#[test]
fn a_configuration_file_of_snowplows_is_read() {
    let path = std::env::temp_dir().join(format!("whiteout-local-{}.hocon", std::process::id()));
    let file = r#"
        collector {
          license { accept = true }      # means nothing here
          interface = "0.0.0.0", port = 8080
          paths { "/com.acme/track" = "/com.snowplowanalytics.snowplow/tp2" }
          cookie { enabled = true, name = visitor, expiration = "30 days", fallbackDomain = "" }
          streams { good { name = good, maxBytes = 1000 }, bad { name = bad }, buffer { timeLimit = 500 } }
          networking.maxPayloadSize = 50000
        }"#;
    std::fs::write(&path, file).unwrap();
    let pipeline = Pipeline::start(&["--collector-config", path.to_str().unwrap()]);
    std::fs::remove_file(&path).unwrap();
    let body = "x".repeat(2_000);
    let request = format!(
        "POST /com.acme/track HTTP/1.1\r\nContent-Length: 2000\r\nConnection: close\r\n\r\n{body}"
    );
    let answer = pipeline.exchange(request.as_bytes());
    assert!(answer.contains("Set-Cookie: visitor="), "{answer}");
    let bad: Value = serde_json::from_slice(&bytes_of(&pipeline.stream("raw-bad")[0])).unwrap();
    assert_eq!(bad["data"]["failure"]["maximumAllowedSizeBytes"], 1000);
    let text = bad["data"]["payload"].as_str().unwrap();
    assert!(text.starts_with("CollectorPayload(") && text.chars().count() == 100, "{text}");
}

#[test]
fn the_signal_to_stop_ends_what_is_under_way_first() {
    let mut pipeline = Pipeline::start(&[]);
    let mut stream = pipeline.connect();
    let head = format!("POST {TP2} HTTP/1.1\r\nContent-Length: 4\r\n\r\nab");
    stream.write_all(head.as_bytes()).unwrap();
    // The request is under way once its connection was accepted, which an answer to a later one shows.
    pipeline.exchange(b"GET /health HTTP/1.0\r\n\r\n");
    let idle = pipeline.connect();
    let pid = pipeline.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    stream.write_all(b"cd").unwrap();
    let answer = read_all(stream);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(pipeline.child.wait().unwrap().success());
    drop(idle);
}

#[test]
fn wrong_usage_and_a_taken_port_are_explained() {
    let run = |args: &[&str]| {
        let output = Command::new(whiteout()).args(args).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), message)
    };
    let (code, message) = run(&["local", "--prot", "9090"]);
    assert_eq!(code, Some(2));
    assert!(message.contains("--prot") && message.contains("Usage:"), "{message}");

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, message) = run(&["local", "--port", &port]);
    assert_eq!(code, Some(1));
    assert!(message.contains(&port) && message.contains("--port"), "{message}");

    let (code, message) =
        run(&["local", "--set", "COOKIE_SECURE=maybe", "--set", "IP_SOURCE=left"]);
    assert_eq!(code, Some(1));
    assert!(message.contains("COOKIE_SECURE") && message.contains("IP_SOURCE"), "{message}");
}

#[test]
fn whatever_cannot_be_used_is_named() {
    let folder = std::env::temp_dir().join(format!("whiteout-unusable-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str, text: &str| {
        std::fs::write(folder.join(name), text).unwrap();
        folder.join(name).to_str().unwrap().to_owned()
    };
    let none = folder.join("none").to_str().unwrap().to_owned();
    let short = path("key", "short");
    let policy = path("policy.yaml", "version: 1\nname: x\nscheme: none\n");
    let enrichment = path("broken.json", "{}");
    for (option, value, said) in [
        ("--policy", &none, "none"),
        ("--policy", &policy, "line 3"),
        ("--key-file", &none, "none"),
        ("--key-file", &short, "key"),
        ("--iglu", &none, "none"),
        ("--iglu", &policy, "policy.yaml"),
        ("--enrichments", &none, "none"),
        ("--enrichments", &folder.to_str().unwrap().to_owned(), "broken.json"),
        ("--collector-config", &none, "none"),
    ] {
        let mut command = Command::new(whiteout());
        let args = ["local", "--port", "0", "--ephemeral", option, value];
        let out = command.args(args).output().unwrap();
        let message = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(1), "{option} {value}: {message}");
        assert!(message.contains(said) && !message.contains("started"), "{option}: {message}");
    }
    assert!(enrichment.ends_with("broken.json"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_reset_empties_the_streams_and_the_sequence_goes_on() {
    let pipeline = Pipeline::start(&[]);
    let pixel = b"GET /i?e=pv HTTP/1.1\r\nConnection: close\r\n\r\n";
    pipeline.exchange(pixel);
    let last = pipeline.stream("raw-good")[0]["sequence"].clone();
    let answer = pipeline.exchange(b"POST /whiteout/reset HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(pipeline.stream("raw-good").is_empty());
    pipeline.exchange(pixel);
    assert!(pipeline.stream("raw-good")[0]["sequence"].as_i64() > last.as_i64());
}
