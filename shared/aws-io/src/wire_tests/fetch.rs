//! The fetcher against HTTP repositories: every kind of answer, redirects, limits, broken connections.

use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fake::aws_settings;
use super::server::{Answer, Server, answer, header};
use crate::{FetchLimits, Fetched, Fetcher, Place, Secret};

const SCHEMA: &str = r#"{"self":{"name":"é"}}"#;

fn fetcher(limits: FetchLimits) -> Fetcher {
    Fetcher::new(&aws_settings([]), limits)
}

fn soon(millis: u64) -> Instant {
    Instant::now() + Duration::from_millis(millis)
}

fn place(url: impl Into<String>) -> Place {
    Place::Http { url: url.into(), api_key: None }
}

fn client_failure(message: &str) -> Fetched {
    Fetched::ClientFailure(message.to_owned())
}

/// One fetch of `/schemas/s` from a server with this script.
async fn get(
    limits: FetchLimits,
    script: impl Fn(usize, &str) -> Answer,
) -> (Fetched, Vec<String>) {
    let server = Server::start().await;
    let (fetcher, place) = (fetcher(limits), place(server.url("/schemas/s")));
    server.during(script, fetcher.get(&place, soon(5_000))).await
}

async fn get_one(reply: impl Fn() -> Answer) -> Fetched {
    get(FetchLimits::default(), move |_, _| reply()).await.0
}

#[tokio::test]
async fn a_schema_is_found() {
    let (found, seen) = get(FetchLimits::default(), |_, _| answer(200, &[], SCHEMA)).await;
    assert_eq!(found, Fetched::Found(SCHEMA.to_owned()));
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("GET /schemas/s HTTP/1.1\r\n"), "{}", seen[0]);
    assert_eq!(header(&seen[0], "accept-encoding"), Some("identity"));
    assert!(header(&seen[0], "user-agent").unwrap().starts_with("whiteout/"));
    assert_eq!(header(&seen[0], "apikey"), None);
    assert_eq!(header(&seen[0], "authorization"), None);
}

#[tokio::test]
async fn a_status_says_whose_failure_it_is() {
    assert_eq!(get_one(|| answer(404, &[], "no")).await, Fetched::NotFound);
    let found = get_one(|| answer(403, &[], "no")).await;
    assert_eq!(found, client_failure("Unexpected response code: 403"));
    // A redirect without an aim is a status like any other.
    let found = get_one(|| answer(302, &[], "")).await;
    assert_eq!(found, client_failure("Unexpected response code: 302"));
    let found = get_one(|| answer(500, &[], "out of \"disk\"\n")).await;
    let message = "Unexpected server response: out of \"disk\"\n";
    assert_eq!(found, Fetched::RepoFailure(message.to_owned()));
    let found = get_one(|| answer(503, &[], "x".repeat(100_000))).await;
    let message = format!("Unexpected server response: {}", "x".repeat(256));
    assert_eq!(found, Fetched::RepoFailure(message));
    let broken = || Answer::BreakAfter(b"HTTP/1.1 502 B\r\ncontent-length: 9\r\n\r\nbad".to_vec());
    let message = "Unexpected server response: bad";
    assert_eq!(get_one(broken).await, Fetched::RepoFailure(message.to_owned()));
}

#[tokio::test]
async fn a_body_has_a_limit() {
    let limits = FetchLimits { body_bytes_max: 100, ..FetchLimits::default() };
    let chunked = |length: usize| {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        Answer::Bytes(format!("{head}{length:x}\r\n{}\r\n0\r\n\r\n", "x".repeat(length)).into())
    };
    let too_large = client_failure("Server response is larger than 100 bytes");
    let (found, _) = get(limits.clone(), |_, _| answer(200, &[], "x".repeat(100))).await;
    assert_eq!(found, Fetched::Found("x".repeat(100)));
    let (found, _) = get(limits.clone(), |_, _| answer(200, &[], "x".repeat(101))).await;
    assert_eq!(found, too_large);
    let (found, _) = get(limits.clone(), |_, _| chunked(100)).await;
    assert_eq!(found, Fetched::Found("x".repeat(100)));
    let (found, _) = get(limits, |_, _| chunked(101)).await;
    assert_eq!(found, too_large);
    let mib = 1_048_576;
    let found = get_one(|| answer(200, &[], vec![b'x'; mib])).await;
    assert!(matches!(found, Fetched::Found(body) if body.len() == mib));
    let found = get_one(|| answer(200, &[], vec![b'x'; mib + 1])).await;
    assert_eq!(found, client_failure("Server response is larger than 1048576 bytes"));
}

#[tokio::test]
async fn a_body_that_is_no_text_is_refused() {
    let found = get_one(|| answer(200, &[], b"{\"a\":\"\xff\"}")).await;
    assert_eq!(found, client_failure("Could not decode server response. The body is not UTF-8"));
    let found = get_one(|| answer(200, &[("content-encoding", "gzip")], "{}")).await;
    assert_eq!(found, client_failure("Could not decode server response. The body is compressed"));
}

#[tokio::test]
async fn redirects_are_followed_within_their_limit() {
    let hops = |last: usize| {
        move |number: usize, _: &str| {
            let next = format!("../s{}?n={number}", number + 1);
            if number == last {
                answer(200, &[], SCHEMA)
            } else {
                answer([301, 302, 307][number % 3], &[("Location", &next)], "moved")
            }
        }
    };
    let (found, seen) = get(FetchLimits::default(), hops(3)).await;
    assert_eq!(found, Fetched::Found(SCHEMA.to_owned()));
    let paths: Vec<_> = seen.iter().map(|head| head.split(' ').nth(1).unwrap()).collect();
    assert_eq!(paths, ["/schemas/s", "/s1?n=0", "/s2?n=1", "/s3?n=2"]);
    let (found, seen) = get(FetchLimits::default(), hops(4)).await;
    assert_eq!((found, seen.len()), (client_failure("More than 3 redirects"), 4));
}

#[tokio::test]
async fn a_loop_of_redirects_ends() {
    let to_itself = |_: usize, _: &str| answer(308, &[("location", "/schemas/s")], "");
    let (found, seen) = get(FetchLimits::default(), to_itself).await;
    assert_eq!((found, seen.len()), (client_failure("More than 3 redirects"), 4));
    let none = FetchLimits { redirects_max: 0, ..FetchLimits::default() };
    let (found, seen) = get(none, to_itself).await;
    assert_eq!((found, seen.len()), (client_failure("More than 0 redirects"), 1));
}

#[tokio::test]
async fn a_redirect_to_another_host_is_refused() {
    for (location, message) in [
        ("http://evil.org/x", "Redirect refused: to evil.org"),
        ("//169.254.169.254/latest", "Redirect refused: to 169.254.169.254"),
        ("http://127.0.0.1:1/x", "Redirect refused: to 127.0.0.1:1"),
        ("http://u:hidden@evil.org/x", "Redirect to an invalid URL"),
        ("file:///etc/passwd", "Redirect to an invalid URL"),
    ] {
        let (found, seen) =
            get(FetchLimits::default(), |_, _| answer(302, &[("location", location)], "")).await;
        assert_eq!((found, seen.len()), (client_failure(message), 1), "{location}");
    }
}

#[tokio::test]
async fn the_key_is_sent_to_the_first_host_only() {
    let server = Server::start().await;
    let other = format!("localhost:{}", server.port);
    let limits = FetchLimits { hosts: Some(vec![other.clone()]), ..FetchLimits::default() };
    let key = Some(Secret::new("hidden"));
    let place = Place::Http { url: server.url("/0"), api_key: key };
    // At home, at home, abroad, and home again.
    let aims = [server.url("/1"), format!("http://{other}/2"), server.url("/3")];
    let script = |number: usize, _: &str| match aims.get(number) {
        Some(aim) => answer(302, &[("location", aim)], ""),
        None => answer(200, &[], SCHEMA),
    };
    let fetcher = fetcher(limits);
    let (found, seen) = server.during(script, fetcher.get(&place, soon(5_000))).await;
    assert_eq!(found, Fetched::Found(SCHEMA.to_owned()));
    let keys: Vec<_> = seen.iter().map(|head| header(head, "apikey")).collect();
    assert_eq!(keys, [Some("hidden"), Some("hidden"), None, None]);
    assert_eq!(header(&seen[2], "host"), Some(&*other));
}

#[tokio::test]
async fn a_key_that_comes_back_is_not_repeated() {
    let server = Server::start().await;
    let place = Place::Http { url: server.url("/s"), api_key: Some(Secret::new("hidden")) };
    let fetcher = fetcher(FetchLimits::default());
    let echo = |_: usize, head: &str| answer(500, &[], head);
    let (found, _) = server.during(echo, fetcher.get(&place, soon(5_000))).await;
    assert!(matches!(&found, Fetched::RepoFailure(text) if !text.contains("hidden")), "{found:?}");
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    let server = Server::start().await;
    let place = place(server.url("/s"));
    for (attempt_timeout, deadline, message) in
        [(5_000, 500, "DeadlineReached"), (500, 5_000, "AttemptTimeout")]
    {
        let limits = FetchLimits {
            attempt_timeout: Duration::from_millis(attempt_timeout),
            ..FetchLimits::default()
        };
        let fetcher = fetcher(limits);
        let start = Instant::now();
        let get = fetcher.get(&place, soon(deadline));
        let (found, seen) = server.during(|_, _| Answer::Hang, get).await;
        assert_eq!((found, seen.len()), (client_failure(message), 1));
        assert!(start.elapsed() < Duration::from_secs(2));
    }
    // A body can hang as well.
    let fetcher = fetcher(FetchLimits::default());
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec();
    let script = move |_: usize, _: &str| Answer::Bytes(head.clone());
    let (found, _) = server.during(script, fetcher.get(&place, soon(200))).await;
    assert_eq!(found, client_failure("DeadlineReached"));
}

#[tokio::test]
async fn nothing_is_sent_after_the_deadline() {
    let server = Server::start().await;
    let (fetcher, place) = (fetcher(FetchLimits::default()), place(server.url("/s")));
    let (found, seen) = server.during(|_, _| Answer::Hang, fetcher.get(&place, soon(0))).await;
    assert_eq!((found, seen.len()), (client_failure("DeadlineReached"), 0));
}

#[tokio::test]
async fn a_broken_connection_is_tried_once_more() {
    let first_breaks = |breaks: usize| {
        move |number: usize, _: &str| {
            if number < breaks {
                Answer::BreakAfter(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_vec())
            } else {
                answer(200, &[], SCHEMA)
            }
        }
    };
    let (found, seen) = get(FetchLimits::default(), first_breaks(1)).await;
    assert_eq!((found, seen.len()), (Fetched::Found(SCHEMA.to_owned()), 2));
    let (found, seen) = get(FetchLimits::default(), first_breaks(2)).await;
    assert_eq!(seen.len(), 2);
    assert!(
        matches!(&found, Fetched::ClientFailure(text) if text.starts_with("ConnectionFailed")),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_failed_connection_is_named_by_its_kind() {
    let Server { port, .. } = Server::start().await;
    let fetcher = fetcher(FetchLimits::default());
    let found = fetcher.get(&place(format!("http://127.0.0.1:{port}/s")), soon(5_000)).await;
    assert_eq!(found, client_failure("ConnectionFailed: connection refused"));
    for url in ["", "s", "ftp://a.b/s", "http://u:p@a.b/s"] {
        assert_eq!(fetcher.get(&place(url), soon(5_000)).await, client_failure("InvalidUrl"));
    }
}

#[tokio::test]
async fn https_gets_no_plain_text() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = place(format!("https://{}/s", listener.local_addr().unwrap()));
    let fetcher = fetcher(FetchLimits::default());
    let server = async {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 2];
            stream.read_exact(&mut hello).await.unwrap();
            assert_eq!(hello, [0x16, 0x03], "a TLS handshake");
            stream.write_all(b"HTTP/1.1 400 No\r\n\r\n").await.unwrap();
        }
    };
    let (found, ()) = tokio::join!(fetcher.get(&place, soon(5_000)), server);
    assert_eq!(found, client_failure("ConnectionFailed: TLS"));
}

#[tokio::test]
async fn many_are_fetched_at_once_and_stay_in_order() {
    let server = Server::start().await;
    let fetcher = fetcher(FetchLimits::default());
    let places = |count: usize| (0..count).map(|n| place(server.url(&format!("/{n}")))).collect();
    let script = |_: usize, head: &str| {
        let path = head.split(' ').nth(1).unwrap();
        if path.ends_with('3') { answer(404, &[], "") } else { answer(200, &[], path) }
    };
    let (found, seen) = server.during(script, fetcher.get_all(places(30), soon(5_000))).await;
    assert_eq!((found.len(), seen.len()), (30, 30));
    for (n, found) in found.into_iter().enumerate() {
        let expected =
            if n % 10 == 3 { Fetched::NotFound } else { Fetched::Found(format!("/{n}")) };
        assert_eq!(found, expected);
    }
    let hang = |_: usize, _: &str| Answer::Hang;
    let (found, seen) = server.during(hang, fetcher.get_all(places(20), soon(800))).await;
    assert_eq!((found.len(), seen.len()), (20, 8), "at most eight at a time");
    assert!(found.iter().all(|found| *found == client_failure("DeadlineReached")));
    let (found, _) = server.during(hang, fetcher.get_all(Vec::new(), soon(300))).await;
    assert_eq!(found, []);
}

#[test]
fn a_fetch_can_move_between_threads() {
    fn check<T: Send>(_: T) {}
    let fetcher = fetcher(FetchLimits::default());
    check(fetcher.get(&place("http://a.b/"), soon(1)));
    check(fetcher.get_all(Vec::new(), soon(1)));
}
