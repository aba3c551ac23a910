//! The functions as processes beside an empty one: time to the first poll, size, memory.
//!
//! The two start in turn, so that a busy machine slows both; the medians and their ratio count.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a bench prints its figures and may fail loudly"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const STARTS: usize = 41;
const REQUESTS: usize = 10_000;
const EVENT: &str = r#"{"version":"2.0","rawPath":"/i","rawQueryString":"e=pv&p=web&tv=bench&url=https%3A%2F%2Facme.com%2F","headers":{"host":"c.acme.com","user-agent":"bench","x-forwarded-for":"192.0.2.1"},"requestContext":{"http":{"method":"GET","sourceIp":"192.0.2.1"},"stage":"$default"},"isBase64Encoded":false}"#;

fn main() {
    let folder = release_folder();
    let empty = folder.join("examples/empty");
    println!(
        "{:<34} {:>10} {:>10} {:>7}",
        "start to first poll, median of 41", "function", "empty", "ratio"
    );
    for name in ["collector", "enricher"] {
        let function = folder.join(name);
        let (mut ours, mut floor): (Vec<_>, Vec<_>) =
            (0..STARTS).map(|_| (first_poll(&function), first_poll(&empty))).unzip();
        let (ours, floor) = (median(&mut ours), median(&mut floor));
        let millis = |seconds: f64| format!("{:.2} ms", seconds * 1e3);
        println!("{name:<34} {:>10} {:>10} {:>7.2}", millis(ours), millis(floor), ours / floor);
    }
    println!("\n{:<34} {:>10}", "size of the binary", "");
    for path in [folder.join("collector"), folder.join("enricher"), empty] {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let kilobytes = path.metadata().expect("a binary").len() / 1024;
        println!("{name:<34} {:>10}", format!("{kilobytes} kB"));
    }
    let kilobytes = memory_kilobytes(&folder.join("collector"));
    println!("\n{:<34} {:>10}", "collector after 10,000 requests", format!("{kilobytes} kB"));
}

/// Where cargo puts a release: this bench runs from `<target>/release/deps`.
fn release_folder() -> PathBuf {
    let bench = std::env::current_exe().expect("the bench's own path");
    bench.parent().and_then(Path::parent).expect("a target folder").to_owned()
}

/// Seconds from the start of the process to its first poll of the Runtime API.
fn first_poll(binary: &Path) -> f64 {
    let runtime = TcpListener::bind("127.0.0.1:0").unwrap();
    let start = Instant::now();
    let mut child = start_function(binary, &runtime, 1);
    let (mut poll, _) = runtime.accept().unwrap();
    read_request(&mut poll).expect("the first poll");
    let took = start.elapsed().as_secs_f64();
    stop(&mut child);
    took
}

/// The resident memory after so many pixels, each acknowledged by a stream that takes everything.
fn memory_kilobytes(binary: &Path) -> u64 {
    let runtime = TcpListener::bind("127.0.0.1:0").unwrap();
    let kinesis = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = kinesis.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in kinesis.incoming().map_while(Result::ok) {
            std::thread::spawn(move || acknowledge_everything(stream));
        }
    });
    let mut child = start_function(binary, &runtime, port);
    let (mut connection, _) = runtime.accept().unwrap();
    let mut answered = 0;
    while answered < REQUESTS {
        let Some(request) = read_request(&mut connection) else {
            connection = runtime.accept().unwrap().0;
            continue;
        };
        if request.contains("/invocation/next") {
            let deadline = std::time::UNIX_EPOCH.elapsed().unwrap() + Duration::from_secs(10);
            let head = format!(
                "Lambda-Runtime-Aws-Request-Id: r-{answered}\r\nLambda-Runtime-Deadline-Ms: {}\r\nLambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-west-1:123456789012:function:collector\r\n",
                deadline.as_millis()
            );
            respond(&mut connection, "200 OK", &head, EVENT);
        } else {
            assert!(request.contains("\"statusCode\":200"), "a pixel is answered with 200");
            answered += 1;
            respond(&mut connection, "202 Accepted", "", "{}");
        }
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    stop(&mut child);
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn start_function(binary: &Path, runtime: &TcpListener, kinesis_port: u16) -> Child {
    Command::new(binary)
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", runtime.local_addr().unwrap().to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "collector")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "log")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "log")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "bench")
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{kinesis_port}"))
        .env("STREAM_GOOD", "raw-good")
        .env("STREAM_BAD", "raw-bad")
        .stdout(Stdio::null())
        .spawn()
        .expect("built by `make bench`")
}

fn stop(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn acknowledge_everything(mut stream: TcpStream) {
    let body = r#"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"shardId-000000000000"}]}"#;
    while read_request(&mut stream).is_some() {
        respond(&mut stream, "200 OK", "Content-Type: application/x-amz-json-1.1\r\n", body);
    }
}

fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let answer =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(answer.as_bytes()).unwrap();
}

/// One request, head and body, as text; `None` at the end of the connection.
fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            let is_chunked = head.contains("transfer-encoding: chunked");
            if (is_chunked && body.ends_with("0\r\n\r\n")) || (!is_chunked && body.len() >= length)
            {
                return Some(text);
            }
        }
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        bytes.extend(chunk.iter().take(read));
    }
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().expect("figures")
}
