//! Firehose, SQS and Secrets Manager, as far as functions use them: whatever is written is taken and kept.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http::{Message, serve};

/// What every secret holds.
pub(crate) const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The services, on one port.
pub(crate) struct Aws {
    pub(crate) port: u16,
    taken: Arc<Mutex<Vec<Taken>>>,
}

/// A record or a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Taken {
    /// The delivery stream's name, or the queue's URL.
    pub(crate) by: String,
    pub(crate) text: String,
}

impl Aws {
    pub(crate) fn start() -> Self {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let shelf = Arc::clone(&taken);
        let port = serve(move |request| {
            let operation = request.header("x-amz-target").unwrap_or_default().to_owned();
            let input = serde_json::from_slice(&request.body).unwrap();
            let answer = answer(&operation, &input, &mut shelf.lock().unwrap());
            let headers = [("content-type", "application/x-amz-json-1.1")];
            Some(Message::answer(200, &headers, answer.to_string()))
        });
        Self { port, taken }
    }

    /// Everything that was written so far.
    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.taken.lock().unwrap().clone()
    }
}

fn answer(operation: &str, input: &Value, taken: &mut Vec<Taken>) -> Value {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    match operation {
        "Firehose_20150804.PutRecordBatch" => {
            let records = input["Records"].as_array().unwrap();
            for record in records {
                let data = base64_simd::STANDARD.decode_to_vec(record["Data"].as_str().unwrap());
                let line = String::from_utf8(data.unwrap()).unwrap();
                taken.push(Taken { by: text(&input["DeliveryStreamName"]), text: line });
            }
            let results = vec![json!({"RecordId": "1"}); records.len()];
            json!({"FailedPutCount": 0, "Encrypted": true, "RequestResponses": results})
        }
        "AmazonSQS.SendMessageBatch" => {
            let entries = input["Entries"].as_array().unwrap();
            for entry in entries {
                let (by, text) = (text(&input["QueueUrl"]), text(&entry["MessageBody"]));
                taken.push(Taken { by, text });
            }
            let sent = entries
                .iter()
                .map(|entry| json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": "-"}));
            json!({"Successful": sent.collect::<Vec<_>>(), "Failed": []})
        }
        "secretsmanager.GetSecretValue" => {
            json!({"Name": input["SecretId"], "SecretString": KEY, "VersionStages": ["AWSCURRENT"]})
        }
        other => panic!("no function asks AWS for {other}"),
    }
}
