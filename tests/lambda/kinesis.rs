//! Kinesis: a real implementation (moto) to read back from, and a trivial one that only says yes.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use regex_lite::Regex;
use serde_json::{Value, json};

use super::http::{Message, post, serve};
use crate::house_rules::root;

const JSON: &str = "application/x-amz-json-1.1";

/// moto's server; it ends with the value.
pub(crate) struct Moto {
    pub(crate) port: u16,
    child: Child,
}

impl Moto {
    /// Starts it with these streams, of one shard each.
    pub(crate) fn start(streams: [&str; 2]) -> Self {
        let mut child = Command::new(tool("moto", "moto_server"))
            .args(["-H", "127.0.0.1", "-p", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let running = Regex::new(r"Running on http://127\.0\.0\.1:([0-9]+)").unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.find_map(|line| running.captures(&line)?[1].parse().ok());
        // It logs every request; somebody has to take that off its hands.
        std::thread::spawn(move || lines.for_each(drop));
        let moto = Self { port: port.expect("moto says where it runs"), child };
        for stream in streams {
            moto.call("CreateStream", &json!({"StreamName": stream, "ShardCount": 1}));
        }
        moto
    }

    pub(crate) fn call(&self, operation: &str, input: &Value) -> Value {
        self.ask(("kinesis", "Kinesis_20131202"), operation, input)
    }

    /// Makes a secret and returns its ARN.
    pub(crate) fn secret(&self, name: &str, text: &str) -> String {
        let input =
            json!({"Name": name, "SecretString": text, "ClientRequestToken": "0".repeat(32)});
        let answer = self.ask(("secretsmanager", "secretsmanager"), "CreateSecret", &input);
        answer["ARN"].as_str().unwrap().to_owned()
    }

    fn ask(&self, (service, api): (&str, &str), operation: &str, input: &Value) -> Value {
        let target = format!("{api}.{operation}");
        // Nobody checks the signature, but the scope says which service is meant.
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential=test/20261120/eu-central-1/{service}/aws4_request, \
             SignedHeaders=host, Signature=0"
        );
        let headers = [
            ("content-type", JSON),
            ("x-amz-target", target.as_str()),
            ("authorization", authorization.as_str()),
        ];
        let answer = post(self.port, &headers, input.to_string().as_bytes());
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.start[1], "200", "{operation}: {body}");
        serde_json::from_str(&body).unwrap_or_default()
    }

    pub(crate) fn arn(&self, stream: &str) -> String {
        let summary = self.call("DescribeStreamSummary", &json!({"StreamName": stream}));
        summary["StreamDescriptionSummary"]["StreamARN"].as_str().unwrap().to_owned()
    }

    /// The data of every record of the stream, oldest first.
    pub(crate) fn records(&self, stream: &str) -> Vec<Vec<u8>> {
        let shard = "shardId-000000000000";
        let start =
            json!({"StreamName": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
        let mut iterator = self.call("GetShardIterator", &start)["ShardIterator"].clone();
        let mut records = Vec::new();
        loop {
            let page = self.call("GetRecords", &json!({"ShardIterator": iterator}));
            let found = page["Records"].as_array().unwrap();
            if found.is_empty() {
                return records;
            }
            for record in found {
                let data = record["Data"].as_str().unwrap();
                records.push(base64_simd::STANDARD.decode_to_vec(data).unwrap());
            }
            iterator = page["NextShardIterator"].clone();
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The path of a tool's program, which is installed if it is not there yet.
pub(crate) fn tool(name: &str, program: &str) -> String {
    let installer = root().join("tools/install.sh");
    let status = Command::new(&installer).arg(name).status().unwrap();
    assert!(status.success(), "tools/install.sh {name}");
    let path = Command::new(&installer).args(["--path", name]).output().unwrap();
    format!("{}/{program}", String::from_utf8(path.stdout).unwrap().trim())
}

/// A Kinesis that acknowledges every record, and the number of records that it has.
pub(crate) fn always_acknowledging() -> (u16, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let port = serve(move |request| {
        let answer = if request.header("x-amz-target") == Some("Kinesis_20131202.PutRecords") {
            let input: Value = serde_json::from_slice(&request.body).unwrap();
            let records = input["Records"].as_array().unwrap().len();
            counter.fetch_add(records, Ordering::SeqCst);
            let each = json!({"SequenceNumber": "1", "ShardId": "shardId-000000000000"});
            json!({"FailedRecordCount": 0, "Records": vec![each; records]})
        } else {
            json!({"StreamDescriptionSummary": {"StreamName": "raw-good", "StreamStatus": "ACTIVE",
                "StreamARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/raw-good",
                "RetentionPeriodHours": 48, "StreamCreationTimestamp": 1, "EnhancedMonitoring": [],
                "OpenShardCount": 1}})
        };
        Some(Message::answer(200, &[("content-type", JSON)], answer.to_string()))
    });
    (port, count)
}

/// A Kinesis that takes requests and never answers.
pub(crate) fn never_answering() -> u16 {
    serve(|_| {
        loop {
            std::thread::park();
        }
    })
}

/// A port at which nobody listens.
pub(crate) fn closed() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
