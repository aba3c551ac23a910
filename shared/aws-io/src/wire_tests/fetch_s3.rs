//! The fetcher against S3, as an emulator's endpoint: addresses, signatures, error codes.

use std::time::{Duration, Instant};

use super::fake::aws_settings;
use super::server::{Answer, Server, answer, header};
use crate::{FetchLimits, Fetched, Fetcher, Place};

const KEY: &str = "schemas/com.acme/a b/jsonschema/1-0-0";
const EMPTY_HASH: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async fn get(script: impl Fn(usize, &str) -> Answer) -> (Fetched, Vec<String>) {
    let server = Server::start().await;
    let url = server.url("");
    let settings =
        aws_settings([("AWS_ENDPOINT_URL_S3", &url), ("AWS_SESSION_TOKEN", "tokensecret")]);
    let fetcher = Fetcher::new(&settings, FetchLimits::default());
    let place = Place::S3 { bucket: "registry".to_owned(), key: KEY.to_owned() };
    let deadline = Instant::now() + Duration::from_secs(5);
    server.during(script, fetcher.get(&place, deadline)).await
}

fn error(status: u16, code: &str) -> Answer {
    answer(
        status,
        &[],
        format!("<Error><Code>{code}</Code><BucketName>registry</BucketName></Error>"),
    )
}

#[tokio::test]
async fn a_request_is_signed_with_its_scope_and_the_session_token() {
    let (found, seen) = get(|_, _| answer(200, &[], "{}")).await;
    assert_eq!(found, Fetched::Found("{}".to_owned()));
    let head = &seen[0];
    let path = "/registry/schemas/com.acme/a%20b/jsonschema/1-0-0";
    assert!(head.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{head}");
    assert!(header(head, "host").unwrap().starts_with("127.0.0.1:"));
    assert_eq!(header(head, "x-amz-security-token"), Some("tokensecret"));
    assert_eq!(header(head, "x-amz-content-sha256"), Some(EMPTY_HASH));
    let date = header(head, "x-amz-date").unwrap();
    let (day, time) = date.split_once('T').unwrap();
    assert_eq!((day.len(), time.len(), time.ends_with('Z')), (8, 7, true));
    let (start, signature) =
        header(head, "authorization").unwrap().split_once(", Signature=").unwrap();
    let scope = format!("{day}/eu-west-1/s3/aws4_request");
    let names = "host;x-amz-content-sha256;x-amz-date;x-amz-security-token";
    let expected = format!("AWS4-HMAC-SHA256 Credential=AKID/{scope}, SignedHeaders={names}");
    assert_eq!(start, expected);
    assert!(signature.len() == 64 && signature.bytes().all(|b| b.is_ascii_hexdigit()));
    // The secret key is "secret".
    assert!(!head.replace("tokensecret", "").contains("secret"));
}

#[tokio::test]
async fn a_missing_object_is_not_found_and_a_missing_bucket_is_a_failure() {
    assert_eq!(get(|_, _| error(404, "NoSuchKey")).await.0, Fetched::NotFound);
    assert_eq!(get(|_, _| answer(404, &[], "")).await.0, Fetched::NotFound);
    for (status, code, message) in [
        (404, "NoSuchBucket", "Unexpected response code: 404 NoSuchBucket"),
        (403, "AccessDenied", "Unexpected response code: 403"),
        (400, "ExpiredToken", "Unexpected response code: 400"),
    ] {
        let (found, _) = get(|_, _| error(status, code)).await;
        assert_eq!(found, Fetched::ClientFailure(message.to_owned()));
    }
    let (found, _) = get(|_, _| answer(503, &[], "<Code>SlowDown</Code>")).await;
    let message = "Unexpected server response: <Code>SlowDown</Code>";
    assert_eq!(found, Fetched::RepoFailure(message.to_owned()));
}

#[tokio::test]
async fn a_redirect_of_s3_is_not_followed() {
    let (found, seen) = get(|_, _| answer(307, &[("location", "/elsewhere")], "")).await;
    let message = "Unexpected response code: 307".to_owned();
    assert_eq!((found, seen.len()), (Fetched::ClientFailure(message), 1));
}

#[tokio::test]
async fn what_can_be_no_object_is_not_asked_for() {
    let fetcher = Fetcher::new(&aws_settings([]), FetchLimits::default());
    for (bucket, key) in [("registry", ""), ("evil.org/x", "k"), ("a@b", "k"), ("", "k")] {
        let place = Place::S3 { bucket: bucket.to_owned(), key: key.to_owned() };
        let found = fetcher.get(&place, Instant::now() + Duration::from_secs(5)).await;
        assert_eq!(found, Fetched::ClientFailure("InvalidBucketOrKey".to_owned()));
    }
}
