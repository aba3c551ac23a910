//! Files from servers and buckets, as an emulator's endpoint.

use std::time::{Duration, Instant};

use super::fake::aws_settings;
use super::server::{Server, answer};
use crate::{FetchLimits, Fetcher};

fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

#[tokio::test]
async fn files_come_as_they_are_up_to_their_limit() {
    let server = Server::start().await;
    let url = server.url("");
    let fetcher =
        Fetcher::new(&aws_settings([("AWS_ENDPOINT_URL_S3", &url)]), FetchLimits::default());
    let wanted = vec![
        (server.url("/a"), 4),
        (server.url("/a"), 3),
        ("s3://bucket/a".to_owned(), 4),
        ("s3://bucket".to_owned(), 4),
        ("ftp://a.b/c".to_owned(), 4),
    ];
    let script = |_: usize, _: &str| answer(200, &[], "\u{0}\u{1}\u{2}\u{3}");
    let (found, _) = server.during(script, fetcher.files(wanted, deadline())).await;
    let expected = [
        Ok(vec![0, 1, 2, 3]),
        Err("Server response is larger than 3 bytes".to_owned()),
        Ok(vec![0, 1, 2, 3]),
        Err("InvalidBucketOrKey".to_owned()),
        Err("InvalidUrl".to_owned()),
    ];
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_bucket_says_what_it_holds() {
    for (status, body, expected) in [
        (
            200,
            "<L><Contents><Key>e/a.json</Key></Contents><Contents><Key>e/b&amp;.json</Key></Contents></L>",
            Ok(vec!["s3://bucket/e/a.json".to_owned(), "s3://bucket/e/b&.json".to_owned()]),
        ),
        (
            200,
            "<IsTruncated>true</IsTruncated>",
            Err("there are more than a thousand objects".to_owned()),
        ),
        (403, "<Error/>", Err("Unexpected response code: 403".to_owned())),
    ] {
        let server = Server::start().await;
        let url = server.url("");
        let fetcher =
            Fetcher::new(&aws_settings([("AWS_ENDPOINT_URL_S3", &url)]), FetchLimits::default());
        let script = |_: usize, _: &str| answer(status, &[], body);
        let (found, seen) =
            server.during(script, fetcher.objects("s3://bucket/e".to_owned(), deadline())).await;
        assert_eq!(found, expected);
        assert!(
            seen[0].starts_with("GET /bucket/?list-type=2&prefix=e%2F HTTP/1.1"),
            "{}",
            seen[0]
        );
    }
}
