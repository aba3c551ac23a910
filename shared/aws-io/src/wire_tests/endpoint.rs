//! Clients built from variables against a real HTTP server on this machine.

use std::time::{Duration, Instant};

use record_sink::{RecordSink, WriteError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::fake::{aws_settings, records};
use crate::{Clients, SinkSettings};

const OK: &str = r#"{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}"#;

/// Reads one request: head and body, as far as `content-length` says.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let count = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if count == 0 || body.len() >= length.parse().unwrap() {
            return text;
        }
    }
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

fn soon(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

#[tokio::test]
async fn an_endpoint_url_is_where_the_records_go() {
    let (listener, url) = listen().await;
    let clients = Clients::new(&aws_settings([("AWS_ENDPOINT_URL", &url)]));
    let sink = clients.stream_sink(&SinkSettings::new("raw-good"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = Vec::new();
        // Twice over the same connection: it is kept open between writes.
        for _ in 0..2 {
            seen.push(read_request(&mut stream).await);
            let length = OK.len();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{OK}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
        seen
    };
    let writes = async {
        for _ in 0..2 {
            let report = sink.write(records(1), soon(10_000)).await;
            assert_eq!((report.is_complete(), report.calls), (true, 1), "{report:?}");
        }
    };
    let (seen, ()) = tokio::join!(server, writes);
    assert!(seen[0].contains("x-amz-target: Kinesis_20131202.PutRecords"), "{}", seen[0]);
    assert!(seen[1].contains("Credential=AKID/") && !seen[1].contains("secret"));
}

#[tokio::test]
async fn a_refused_connection_is_a_failed_call() {
    let (listener, url) = listen().await;
    drop(listener);
    let clients = Clients::new(&aws_settings([("AWS_ENDPOINT_URL_KINESIS", &url)]));
    let sink = clients.stream_sink(&SinkSettings::new("raw-good"));
    let report = sink.write(records(2), soon(300)).await;
    let failed = Err(WriteError::CallFailed("ConnectionFailed".to_owned()));
    assert_eq!(report.results, vec![failed; 2]);
    assert!(sink.primary.open(soon(300)).await.is_err());
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let (_listener, url) = listen().await;
    let clients = Clients::new(&aws_settings([("AWS_ENDPOINT_URL_KINESIS", &url)]));
    let sink = clients.stream_sink(&SinkSettings::new("raw-good"));
    let report = sink.write(records(2), soon(200)).await;
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 2]);
}

#[tokio::test]
async fn an_untrusted_certificate_is_a_failed_call() {
    // Not even TLS: enough to see that an https endpoint gets no plain text.
    let (listener, url) = listen().await;
    let url = url.replace("http://", "https://");
    let clients = Clients::new(&aws_settings([("AWS_ENDPOINT_URL_KINESIS", &url)]));
    let sink = clients.stream_sink(&SinkSettings::new("raw-good"));
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut hello = [0; 3];
        stream.read_exact(&mut hello).await.unwrap();
        drop(stream);
        hello
    };
    let (hello, report) = tokio::join!(server, sink.write(records(1), soon(300)));
    assert_eq!(hello[..2], [0x16, 0x03], "a TLS handshake");
    assert!(!report.is_complete());
}
