//! An HTTP client that answers like AWS: it reads the request's JSON and says what the test tells it.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use function_env::{Reader, Variables};
use record_sink::Record;
use serde_json::{Value, json};

use crate::{AwsSettings, Clients, SinkSettings, StreamSink};

/// One request as AWS would see it.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// The operation, such as `PutRecords`.
    pub(super) operation: String,
    pub(super) uri: String,
    /// JSON, or a form as a text.
    pub(super) body: Value,
}

impl Request {
    /// The partition keys of a `PutRecords` call.
    pub(super) fn keys(&self) -> Vec<String> {
        let records = self.body["Records"].as_array().unwrap();
        records.iter().map(|record| record["PartitionKey"].as_str().unwrap().to_owned()).collect()
    }
}

/// What the test lets AWS say.
pub(super) enum Answer {
    Json(u16, Value),
    Text(u16, &'static str),
    Xml(u16, String),
    Hang,
    ConnectionRefused,
}

type Script = dyn Fn(usize, &Request) -> Answer + Send + Sync;

/// AWS, as far as a test needs it.
#[derive(Clone)]
pub(super) struct FakeAws {
    requests: Arc<Mutex<Vec<Request>>>,
    script: Arc<Script>,
}

impl fmt::Debug for FakeAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeAws")
    }
}

impl FakeAws {
    /// The script is given the number of the request (from 0) and the request.
    pub(super) fn new(script: impl Fn(usize, &Request) -> Answer + Send + Sync + 'static) -> Self {
        Self { requests: Arc::default(), script: Arc::new(script) }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn operations(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.operation).collect()
    }

    pub(super) fn clients(&self, settings: &AwsSettings) -> Clients {
        let connector = SharedHttpConnector::new(self.clone());
        let http = http_client_fn(move |_, _| connector.clone());
        Clients::with_http(settings, http)
    }

    pub(super) fn sink(&self, settings: &SinkSettings) -> StreamSink {
        self.clients(&aws_settings([])).stream_sink(settings)
    }
}

impl HttpConnector for FakeAws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let uri = request.uri().to_owned();
        let bytes = request.body().bytes().unwrap();
        let form = std::str::from_utf8(bytes).unwrap().strip_prefix("Action=");
        let request = if let Some((action, fields)) = form.and_then(|form| form.split_once('&')) {
            assert!(request.headers().get("authorization").unwrap().contains("/sns/"));
            Request { operation: action.to_owned(), uri, body: fields.into() }
        } else {
            let operation = target.rsplit('.').next().unwrap().to_owned();
            Request { operation, uri, body: serde_json::from_slice(bytes).unwrap() }
        };
        let number = {
            let mut requests = self.requests.lock().unwrap();
            requests.push(request.clone());
            requests.len() - 1
        };
        let (status, text) = match (self.script)(number, &request) {
            Answer::Json(status, body) => (status, body.to_string()),
            Answer::Text(status, text) => (status, text.to_owned()),
            Answer::Xml(status, text) => (status, text),
            Answer::Hang => return HttpConnectorFuture::new(std::future::pending()),
            Answer::ConnectionRefused => {
                let error = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
                return HttpConnectorFuture::ready(Err(ConnectorError::io(error.into())));
            }
        };
        let response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(text));
        HttpConnectorFuture::ready(Ok(response))
    }
}

pub(crate) fn aws_settings<const N: usize>(more: [(&str, &str); N]) -> AwsSettings {
    let mut variables = Variables::from([
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
    ]);
    for (name, value) in more {
        variables.set(name, value);
    }
    let mut reader = Reader::new(&variables);
    let settings = AwsSettings::read(&mut reader);
    reader.finish(settings).unwrap()
}

/// The answer to `PutRecords` that fails the entries for which the function gives a code.
pub(super) fn put_records(
    request: &Request,
    code: impl Fn(&str) -> Option<&'static str>,
) -> Answer {
    let results: Vec<_> = request
        .keys()
        .iter()
        .map(|key| match code(key) {
            Some(code) => json!({"ErrorCode": code, "ErrorMessage": "slow down, visitor 1.2.3.4"}),
            None => json!({"SequenceNumber": "4959", "ShardId": "shardId-000000000000"}),
        })
        .collect();
    let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
    Answer::Json(200, json!({"FailedRecordCount": failed, "Records": results}))
}

pub(super) fn error(status: u16, code: &str) -> Answer {
    Answer::Json(status, json!({"__type": code, "message": "not for logs: visitor 1.2.3.4"}))
}

pub(super) fn records(count: usize) -> Vec<Record> {
    (0..count).map(|n| Record { partition_key: format!("k{n}"), data: vec![b'x'; 20] }).collect()
}

/// By tokio's clock, which the tests pause.
pub(super) fn within(time: Duration) -> Instant {
    (tokio::time::Instant::now() + time).into_std()
}

pub(super) const MINUTE: Duration = Duration::from_mins(1);
