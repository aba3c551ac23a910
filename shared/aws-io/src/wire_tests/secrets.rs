//! The reader of secrets against a server that answers like Secrets Manager and like SSM.

use std::time::{Duration, Instant, UNIX_EPOCH};

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::json;
use tokio::time::Instant as Clock;

use super::fake::{self, FakeAws, MINUTE, aws_settings, within};
use super::server::{Answer, Server, answer, header};
use crate::sign::{Scope, sign};
use crate::{AwsSettings, SecretError, SecretSource, Secrets};

type Found = Result<Vec<u8>, SecretError>;

fn settings(url: &str) -> AwsSettings {
    aws_settings([("AWS_ENDPOINT_URL", url), ("AWS_SESSION_TOKEN", "tokensecret")])
}

async fn get_within(
    millis: u64,
    source: &str,
    script: impl Fn(usize, &str) -> Answer,
) -> (Found, Vec<String>) {
    let server = Server::start().await;
    let secrets = Secrets::new(&settings(&server.url("")));
    let source = SecretSource::parse(source).unwrap();
    let deadline = Instant::now() + Duration::from_millis(millis);
    let (found, seen) = server.during(script, secrets.get(&source, deadline)).await;
    (found.map(|secret| secret.as_bytes().to_vec()), seen)
}

async fn get(source: &str, script: impl Fn(usize, &str) -> Answer) -> (Found, Vec<String>) {
    get_within(8_000, source, script).await
}

fn string(text: &str) -> Answer {
    let body = json!({"Name": "n", "SecretString": text, "VersionStages": ["AWSCURRENT"]});
    answer(200, &[], body.to_string())
}

fn parameter(kind: &str, text: &str) -> Answer {
    let body = json!({"Parameter": {"Name": "n", "Type": kind, "Value": text, "Version": 1}});
    answer(200, &[], body.to_string())
}

fn error(status: u16, code: &str) -> Answer {
    let body = json!({"__type": code, "message": "not for logs: visitor 1.2.3.4"});
    answer(status, &[], body.to_string())
}

fn failed(code: &str) -> Found {
    Err(SecretError::CallFailed(code.to_owned()))
}

fn body(request: &str) -> &str {
    request.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn each_kind_of_secret_is_read() {
    let text = "{\"salt\":\"p\u{e9}per\"}\n";
    let (found, seen) = get("secretsmanager:pii/salt", |_, _| string(text)).await;
    assert_eq!(found, Ok(text.as_bytes().to_vec()));
    assert!(seen[0].starts_with("POST / HTTP/1.1\r\n"), "{}", seen[0]);
    assert_eq!(header(&seen[0], "x-amz-target"), Some("secretsmanager.GetSecretValue"));
    assert_eq!(header(&seen[0], "content-type"), Some("application/x-amz-json-1.1"));
    assert_eq!(body(&seen[0]), r#"{"SecretId":"pii/salt"}"#);

    let binary = |_, _: &str| answer(200, &[], r#"{"SecretBinary":"AP8K"}"#);
    assert_eq!(get("secretsmanager:pii/salt", binary).await.0, Ok(vec![0x00, 0xff, 0x0a]));

    let arn = "arn:aws:ssm:eu-west-1:123456789012:parameter/pii/salt";
    for (source, id) in [("ssm:/pii/salt", "/pii/salt"), (arn, arn)] {
        let (found, seen) = get(source, |_, _| parameter("SecureString", text)).await;
        assert_eq!(found, Ok(text.as_bytes().to_vec()));
        assert_eq!(header(&seen[0], "x-amz-target"), Some("AmazonSSM.GetParameter"));
        assert_eq!(body(&seen[0]), format!(r#"{{"Name":"{id}","WithDecryption":true}}"#));
    }
}

/// Signs what arrived anew, as the service does.
fn expected_signature(settings: &AwsSettings, service: &str, request: &str) -> String {
    let date = header(request, "x-amz-date").unwrap();
    let part = |from: usize| date.get(from..from + 2).unwrap();
    let [century, year, month, day, hour, minute, second] = [0, 2, 4, 6, 9, 11, 13].map(part);
    let date = format!("{century}{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let seconds = DateTime::from_str(&date, Format::DateTime).unwrap().secs();
    let time = UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap());
    let names = ["content-type", "x-amz-target"];
    let headers = names.map(|name| (name, header(request, name).unwrap()));
    let url = format!("http://{}/", header(request, "host").unwrap());
    let bytes = SignableBody::Bytes(body(request).as_bytes());
    let signable = SignableRequest::new("POST", url, headers.into_iter(), bytes).unwrap();
    let credentials = &settings.credentials;
    let scope = Scope { credentials, region: "eu-west-1", service, time };
    let signed = sign(signable, SigningSettings::default(), scope).unwrap();
    signed.headers().find(|(name, _)| *name == "authorization").unwrap().1.to_owned()
}

#[tokio::test]
async fn a_request_is_signed_for_its_service_and_carries_the_session_token() {
    for (source, service, script) in [
        ("secretsmanager:s", "secretsmanager", string("x")),
        ("ssm:s", "ssm", parameter("SecureString", "x")),
    ] {
        let Answer::Bytes(bytes) = script else { unreachable!() };
        let (found, seen) = get(source, |_, _| Answer::Bytes(bytes.clone())).await;
        assert_eq!(found, Ok(b"x".to_vec()));
        let request = &seen[0];
        assert_eq!(header(request, "x-amz-security-token"), Some("tokensecret"));
        let authorization = header(request, "authorization").unwrap();
        let day = header(request, "x-amz-date").unwrap().split_once('T').unwrap().0;
        let names = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
        let start = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/{day}/eu-west-1/{service}/aws4_request, \
             SignedHeaders={names}, Signature="
        );
        assert!(authorization.starts_with(&start), "{authorization}");
        assert_eq!(authorization, expected_signature(&settings("http://x"), service, request));
        // The secret key is "secret".
        let rest = request.replace("tokensecret", "").replace("secretsmanager", "");
        assert!(!rest.contains("secret"), "{rest}");
    }
}

#[tokio::test]
async fn what_stays_is_reported_at_once() {
    for (source, status, code) in [
        ("secretsmanager:s", 400, "ResourceNotFoundException"),
        ("secretsmanager:s", 400, "AccessDeniedException"),
        ("secretsmanager:s", 400, "DecryptionFailure"),
        ("ssm:s", 400, "ParameterNotFound"),
        ("ssm:s", 400, "AccessDeniedException"),
        ("ssm:s", 400, "ExpiredTokenException"),
    ] {
        let (found, seen) = get(source, |_, _| error(status, code)).await;
        assert_eq!((found, seen.len()), (failed(code), 1));
    }
    let (found, seen) = get("ssm:s", |_, _| answer(403, &[], "hidden")).await;
    assert_eq!((found, seen.len()), (failed("UnreadableResponse403"), 1));
    let (found, seen) = get("ssm:s", |_, _| answer(200, &[], "hidden")).await;
    assert_eq!((found, seen.len()), (failed("UnreadableResponse200"), 1));
}

#[tokio::test]
async fn what_passes_is_asked_for_again() {
    type Make = fn() -> Answer;
    let failures: [Make; 4] = [
        || error(400, "ThrottlingException"),
        || error(500, "InternalServiceError"),
        || answer(502, &[], "<html>bad gateway</html>"),
        || Answer::BreakAfter(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{".to_vec()),
    ];
    for failure in failures {
        let script = |number, _: &str| if number == 0 { failure() } else { string("x") };
        let (found, seen) = get("secretsmanager:s", script).await;
        assert_eq!((found, seen.len()), (Ok(b"x".to_vec()), 2));
    }
}

#[tokio::test]
async fn three_failures_are_enough() {
    let (found, seen) = get("ssm:s", |_, _| error(400, "ThrottlingException")).await;
    assert_eq!((found, seen.len()), (failed("ThrottlingException"), 3));
    // No pause fits into what remains.
    let (found, seen) = get_within(150, "ssm:s", |_, _| error(400, "ThrottlingException")).await;
    assert_eq!((found, seen.len()), (failed("ThrottlingException"), 1));
}

#[tokio::test]
async fn a_parameter_that_is_not_encrypted_is_refused() {
    let (found, seen) = get("ssm:s", |_, _| parameter("String", "hidden")).await;
    assert_eq!((found, seen.len()), (Err(SecretError::NotSecureString("String".to_owned())), 1));
}

#[tokio::test]
async fn an_answer_has_a_limit() {
    let sized = |length: usize| {
        let frame = r#"{"SecretString":""}"#.len();
        answer(200, &[], format!(r#"{{"SecretString":"{}"}}"#, "x".repeat(length - frame)))
    };
    let (found, _) = get("secretsmanager:s", |_, _| sized(131_072)).await;
    assert_eq!(found.unwrap().len(), 131_072 - 19);
    let (found, seen) = get("secretsmanager:s", |_, _| sized(131_073)).await;
    assert_eq!(found, failed("Server response is larger than 131072 bytes"));
    assert_eq!(seen.len(), 1);
}

#[tokio::test]
async fn a_hanging_endpoint_does_not_outlast_the_deadline() {
    let start = Instant::now();
    let (found, seen) = get_within(200, "ssm:s", |_, _| Answer::Hang).await;
    assert_eq!((found, seen.len()), (Err(SecretError::DeadlineReached), 1));
    assert!(start.elapsed() < Duration::from_secs(2));
    let (found, seen) = get_within(0, "ssm:s", |_, _| Answer::Hang).await;
    assert_eq!((found, seen.len()), (Err(SecretError::DeadlineReached), 0));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_too_long_is_given_up_and_repeated() {
    let aws = FakeAws::new(|_, _| fake::Answer::Hang);
    let secrets = Secrets::with_connector(&aws_settings([]), SharedHttpConnector::new(aws.clone()));
    let source = SecretSource::parse("ssm:s").unwrap();
    let start = Clock::now();
    let error = secrets.get(&source, within(MINUTE)).await.unwrap_err();
    assert_eq!(error, SecretError::CallFailed("AttemptTimeout".to_owned()));
    assert_eq!(aws.operations(), ["GetParameter"; 3]);
    let time = Duration::from_millis(15_400)..=Duration::from_millis(17_010);
    assert!(time.contains(&start.elapsed()), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_refused_connection_is_a_failed_call() {
    let server = Server::start().await;
    let secrets = Secrets::new(&settings(&server.url("")));
    drop(server);
    let source = SecretSource::parse("ssm:s").unwrap();
    let deadline = Instant::now() + Duration::from_millis(150);
    let error = secrets.get(&source, deadline).await.unwrap_err();
    let code = "ConnectionFailed: connection refused".to_owned();
    assert_eq!(error, SecretError::CallFailed(code));
}

#[test]
fn shows_no_secret() {
    let text = format!("{:?}", Secrets::new(&settings("http://x")));
    assert!(text.contains("eu-west-1") && !text.contains("tokensecret"), "{text}");
    assert!(!text.contains("AKID") && !text.contains("\"secret\""), "{text}");
}
