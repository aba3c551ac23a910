//! The SNS topic as a sink, without its SDK: a signed form in, a little XML out.

use std::fmt;
use std::time::Instant;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use record_sink::{BatchLimits, Record, RecordSink, WriteError, WriteReport};
use tokio::time::Instant as Clock;

use crate::config::AwsSettings;
use crate::deliver::{Destination, Fate, Patience, deliver, limited};
use crate::exchange::{Reply, exchange};
use crate::failure::{CallFailure, printable};
use crate::http::{HttpSettings, lazy_connector};
use crate::message::unfit;
use crate::post::{self, Post, Service};
use crate::settings::SinkSettings;
use crate::sign::now;

/// The most messages that one `PublishBatch` call takes.
const REQUEST_MESSAGES_MAX: usize = 10;
/// The most bytes of one call's messages, and so of one message.
const REQUEST_BYTES_MAX: usize = 262_144;
/// The largest answer in bytes; one for ten messages has about 3,000.
const ANSWER_BYTES_MAX: usize = 65_536;
/// The version of SNS's API.
const VERSION: &str = "2010-03-31";
const HEADERS: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const SNS: Service<'_> =
    Service { name: "sns", has_dual_stack_names: true, is_fips_in_gov_cloud: true };

/// An SNS topic as a sink.
pub struct TopicSink {
    connector: SharedHttpConnector,
    settings: AwsSettings,
    arn: String,
    region: String,
    patience: Patience,
}

impl fmt::Debug for TopicSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicSink").field("arn", &self.arn).finish_non_exhaustive()
    }
}

impl TopicSink {
    /// A sink for a topic, given by its ARN and the region in it.
    pub fn new(settings: &AwsSettings, (arn, region): (&str, &str), sink: &SinkSettings) -> Self {
        Self {
            connector: lazy_connector(settings, HttpSettings::default()),
            settings: settings.clone(),
            arn: arn.to_owned(),
            region: region.to_owned(),
            patience: sink.patience(),
        }
    }

    /// The same over another connector: one that a test answers for.
    #[cfg(test)]
    pub(crate) fn with_connector(self, connector: SharedHttpConnector) -> Self {
        Self { connector, ..self }
    }

    /// One request; only a success is an answer.
    async fn ask(&self, body: String) -> Result<String, CallFailure> {
        let endpoint = self.settings.sns_endpoint.as_deref();
        let url = post::url(&self.settings, endpoint, SNS, &self.region);
        let post = Post { url, headers: &HEADERS, body };
        let request = post::signed(&self.settings, post, (SNS.name, &self.region), now())
            .ok_or_else(|| CallFailure::new("RequestNotBuilt", false))?;
        let reply = exchange(&self.connector, request, Vec::new(), ANSWER_BYTES_MAX).await?;
        if !reply.is_success() {
            return Err(failure(&reply));
        }
        let unreadable = CallFailure::unreadable(reply.status);
        if reply.is_encoded {
            Err(unreadable)
        } else {
            String::from_utf8(reply.body).map_err(|_| unreadable)
        }
    }

    fn form(&self, action: &str) -> String {
        let mut body = format!("Action={action}&Version={VERSION}&TopicArn=");
        escape(self.arn.as_bytes(), &mut body);
        body
    }
}

impl RecordSink for TopicSink {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        deliver(self, &records, self.patience, deadline).await
    }

    async fn is_healthy(&self, deadline: Instant) -> bool {
        let asked = self.ask(self.form("GetTopicAttributes"));
        let limit = self.patience.attempt_timeout;
        matches!(limited(asked, limit, Clock::from_std(deadline)).await, Ok(Ok(_)))
    }
}

impl Destination for TopicSink {
    fn limits(&self) -> BatchLimits {
        BatchLimits { records_max: REQUEST_MESSAGES_MAX, bytes_max: REQUEST_BYTES_MAX }
    }

    fn unfit(&self, record: &Record) -> Option<WriteError> {
        unfit(record, REQUEST_BYTES_MAX)
    }

    async fn call(&self, records: &[&Record]) -> Result<Vec<Fate>, CallFailure> {
        let mut body = self.form("PublishBatch");
        for (place, record) in records.iter().enumerate() {
            // The members of a list are counted from 1; the ids are ours, and places again.
            let member = format!("&PublishBatchRequestEntries.member.{}", place + 1);
            body.extend([&*member, ".Id=", &place.to_string(), &member, ".Message="]);
            escape(&record.data, &mut body);
        }
        Ok(fates(&self.ask(body).await?, records.len()))
    }
}

/// Appends bytes as a form has them.
fn escape(bytes: &[u8], out: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// SNS answers in any order, by id; a message of which it says nothing is not acknowledged.
fn fates(answer: &str, count: usize) -> Vec<Fate> {
    let mut fates = vec![Fate::Refused("MissingResult".to_owned()); count];
    let mut set = |member: &str, fate: Fate| {
        let id = element(member, "Id").and_then(|id| id.trim().parse::<usize>().ok());
        if let Some(slot) = id.and_then(|place| fates.get_mut(place)) {
            *slot = fate;
        }
    };
    for member in members(answer, "Successful") {
        set(member, Fate::Acknowledged);
    }
    for member in members(answer, "Failed") {
        let code = printable(element(member, "Code").unwrap_or("Unknown"));
        let is_ours = element(member, "SenderFault").is_some_and(|fault| fault.trim() == "true");
        set(member, if is_ours { Fate::Rejected(code) } else { Fate::Refused(code) });
    }
    fates
}

/// The failure in any other answer.
fn failure(reply: &Reply) -> CallFailure {
    let body = String::from_utf8_lossy(&reply.body);
    match element(&body, "Error").and_then(|error| element(error, "Code")) {
        Some(code) => CallFailure::of_service(code, Some(reply.status)),
        None => CallFailure::unreadable(reply.status),
    }
}

fn members<'x>(xml: &'x str, list: &str) -> impl Iterator<Item = &'x str> {
    let inside = element(xml, list).unwrap_or_default();
    inside.split("<member>").skip(1).filter_map(|rest| Some(rest.split_once("</member>")?.0))
}

/// What stands in the first element of a name. SNS writes no attributes in those that are read, and
/// in its texts every `<` is escaped.
fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&*format!("<{name}>"))?;
    Some(rest.split_once(&*format!("</{name}>"))?.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_by_id() {
        let answer = "<PublishBatchResponse><PublishBatchResult><Failed><member><Id>1</Id>\
            <Code>InternalError</Code><Message>&lt;Id&gt;0&lt;/Id&gt;</Message>\
            <SenderFault>false</SenderFault></member><member><Id>2</Id><Code>InvalidParameter</Code>\
            <SenderFault>true</SenderFault></member></Failed><Successful><member>\
            <MessageId>m</MessageId><Id>0</Id></member><member><Id>77</Id></member></Successful>";
        let missing = Fate::Refused("MissingResult".to_owned());
        let expected = [
            Fate::Acknowledged,
            Fate::Refused("InternalError".to_owned()),
            Fate::Rejected("InvalidParameter".to_owned()),
            missing.clone(),
        ];
        assert_eq!(fates(answer, 4), expected);
        for nothing in ["", "<Failed/><Successful/>", "<Successful><member><Id>0</Id>", "{}"] {
            assert_eq!(fates(nothing, 1), std::slice::from_ref(&missing), "{nothing}");
        }
    }

    #[test]
    fn a_form_escapes_all_but_letters() {
        let mut out = String::new();
        escape("a-._~Z0 {\"k\":\"é+&=\"}".as_bytes(), &mut out);
        assert_eq!(out, "a-._~Z0%20%7B%22k%22%3A%22%C3%A9%2B%26%3D%22%7D");
    }
}
