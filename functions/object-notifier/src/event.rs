//! The four forms of a trigger, unwrapped down to the records of S3, without copies where possible.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::outcome::MalformedEvent;

/// What invoked the function.
#[derive(Debug)]
pub(crate) enum Trigger<'a> {
    /// S3 or `EventBridge`: it succeeds or fails as a whole.
    Whole(Body<'a>),
    /// A queue: each message succeeds or fails by itself.
    Queue(Vec<Message<'a>>),
}

/// A message of a queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message<'a> {
    /// What the answer must name it by.
    #[serde(borrow, rename = "messageId")]
    pub(crate) id: Cow<'a, str>,
    /// Whatever was sent.
    #[serde(borrow)]
    body: Cow<'a, str>,
}

/// What a message or an event holds.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// What S3 sends when notifications are set up.
    Test,
    /// Records as S3 writes them.
    Records(Vec<&'a RawValue>),
    /// An event of `EventBridge`, whole.
    Bridged(&'a str),
}

/// Every field that tells the forms apart. Values may be of any type until it is known which form it
/// is.
#[derive(Deserialize)]
struct Outer<'a> {
    #[serde(borrow, default, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "Event")]
    event: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "detail-type")]
    detail_type: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "Type")]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default, rename = "Message")]
    message: Option<&'a RawValue>,
}

/// Where a record comes from.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Source<'a> {
    #[serde(borrow, default)]
    event_source: Option<Cow<'a, str>>,
}

impl<'a> Trigger<'a> {
    /// Reads what invoked the function.
    pub(crate) fn read(event: &'a str) -> Result<Self, MalformedEvent> {
        let body = Body::read(event)?;
        let Body::Records(records) = &body else { return Ok(Self::Whole(body)) };
        let is_queue = records.first().is_some_and(|record| {
            let source = serde_json::from_str::<Source<'_>>(record.get());
            source.is_ok_and(|it| it.event_source.as_deref() == Some("aws:sqs"))
        });
        if !is_queue {
            return Ok(Self::Whole(body));
        }
        let messages = records.iter().map(|record| serde_json::from_str(record.get()));
        Ok(Self::Queue(messages.collect::<Result<_, _>>()?))
    }
}

impl Message<'_> {
    /// The text of the notification: what SNS wrapped, or the body itself.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        let wrapped = serde_json::from_str::<Outer<'_>>(&self.body).ok().and_then(|outer| {
            let is_wrapped = is_text(outer.kind, "Notification") && outer.records.is_none();
            let message = outer.message.filter(|_| is_wrapped)?;
            serde_json::from_str::<String>(message.get()).ok()
        });
        wrapped.map_or(Cow::Borrowed(&*self.body), Cow::Owned)
    }
}

impl<'a> Body<'a> {
    /// Reads a notification that nothing is wrapped around.
    pub(crate) fn read(text: &'a str) -> Result<Self, MalformedEvent> {
        let outer: Outer<'a> = serde_json::from_str(text)?;
        if let Some(records) = outer.records {
            return Ok(Self::Records(serde_json::from_str(records.get())?));
        }
        if outer.detail_type.is_some() {
            return Ok(Self::Bridged(text));
        }
        let is_test = is_text(outer.event, "s3:TestEvent");
        if is_test { Ok(Self::Test) } else { Err(MalformedEvent::default()) }
    }
}

/// Whether the value is this text.
fn is_text(value: Option<&RawValue>, text: &str) -> bool {
    value.is_some_and(|value| {
        serde_json::from_str::<Cow<'_, str>>(value.get()).is_ok_and(|found| found == text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_are_told_apart() {
        let shape = |event: &str| match Trigger::read(event) {
            Ok(Trigger::Whole(Body::Test)) => "test".to_owned(),
            Ok(Trigger::Whole(Body::Bridged(_))) => "bridged".to_owned(),
            Ok(Trigger::Whole(Body::Records(records))) => format!("{} records", records.len()),
            Ok(Trigger::Queue(messages)) => format!("{} messages", messages.len()),
            Err(_) => "malformed".to_owned(),
        };
        for (event, expected) in [
            (r#"{"Service":"Amazon S3","Event":"s3:TestEvent"}"#, "test"),
            (r#"{"detail-type":"Object Created"}"#, "bridged"),
            (r#"{"Records":[]}"#, "0 records"),
            (r#"{"Records":[{"eventSource":"aws:s3"},7]}"#, "2 records"),
            (r#"{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":"x"}]}"#, "1 messages"),
            (r#"{"Records":[{"eventSource":"aws:sqs","body":"x"}]}"#, "malformed"),
            (r#"{"Records":{}}"#, "malformed"),
            (r#"{"Event":"s3:Other"}"#, "malformed"),
            (r#"{"Event":7}"#, "malformed"),
            ("{}", "malformed"),
            ("7", "malformed"),
            ("", "malformed"),
        ] {
            assert_eq!(shape(event), expected, "{event}");
        }
    }

    #[test]
    fn what_sns_wraps_is_unwrapped_once() {
        let text = |body: &str| Message { id: "m".into(), body: body.into() }.text().into_owned();
        let inner = r#"{"Records":[]}"#;
        let wrapped = |message: &str| {
            let message = serde_json::to_string(message).unwrap();
            format!(r#"{{"Type":"Notification","MessageId":"x","Message":{message}}}"#)
        };
        assert_eq!(text(inner), inner);
        assert_eq!(text(&wrapped(inner)), inner);
        assert_eq!(text(&wrapped(&wrapped(inner))), wrapped(inner));
        for body in [r#"{"Type":"SubscriptionConfirmation","Message":"x"}"#, "no JSON", ""] {
            assert_eq!(text(body), body);
        }
    }
}
