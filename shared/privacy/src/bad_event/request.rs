//! A request as the collector writes it: decoded, treated part by part, encoded again.

use std::borrow::Cow;

use collector_payload::CollectorPayload;
use enriched_event::{COLUMN_COUNT, Column};
use tracker_protocol::{Charset, convert};

use super::known;
use crate::class::Builtin;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

/// What every request's schema begins with; a version follows.
const SCHEMA: &str = "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/";
/// What trackers and forms say of their bodies.
const CONTENT_TYPES: [&str; 5] = [
    "application/json",
    "application/json; charset=utf-8",
    "application/json; charset=UTF-8",
    "application/x-www-form-urlencoded",
    "text/plain",
];

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// A request in base64. What is none becomes a pseudonym.
    pub(super) fn thrift_text(&mut self, text: &str) -> String {
        let bytes = base64_simd::STANDARD.decode_to_vec(text).ok();
        let payload = bytes.as_deref().and_then(|bytes| CollectorPayload::decode(bytes).ok());
        // Bytes of something else may happen to be a request without anything in it.
        match payload.filter(|payload| *payload != CollectorPayload::default()) {
            Some(payload) => base64_simd::STANDARD.encode_to_string(self.request(payload).encode()),
            None => self.pseudonym_of("@bad-event/line", text.as_bytes()),
        }
    }

    /// A line of a stream: a row is treated as such, anything else becomes a pseudonym.
    pub(super) fn line_text(&mut self, text: &str, domain: &str) -> String {
        let mut row = String::new();
        if memchr::memchr_iter(b'\t', text.as_bytes()).count() == COLUMN_COUNT - 1
            && self.row(text.as_bytes(), &mut row).is_ok()
        {
            return row;
        }
        self.pseudonym_of(domain, text.as_bytes())
    }

    fn request(&mut self, payload: CollectorPayload<'_>) -> CollectorPayload<'static> {
        // Every field is named, so that a new one cannot be forgotten.
        let CollectorPayload {
            ip_address,
            timestamp,
            encoding,
            collector,
            user_agent,
            referer_uri,
            path,
            querystring,
            body,
            headers,
            content_type,
            hostname,
            network_user_id,
            schema,
        } = payload;
        let charset = encoding.as_deref().and_then(Charset::by_name).unwrap_or(Charset::Utf8);
        let is_charset = |text: &str| text == charset.name();
        let is_type = content_type.as_deref().is_some_and(|text| self.is_content_type(text));
        let is_content_type = |_: &str| is_type;
        let text = |text: String| (!text.is_empty()).then_some(Cow::Owned(text));
        CollectorPayload {
            ip_address: ip_address
                .and_then(|it| text(self.column_text(Column::UserIpaddress, &it))),
            timestamp: self.collector_millis(timestamp),
            encoding: self.bounded("encoding", encoding, is_charset),
            collector: self.bounded("collector", collector, known::is_name),
            user_agent: user_agent.and_then(|it| text(self.column_text(Column::Useragent, &it))),
            referer_uri: referer_uri
                .and_then(|it| text(self.column_text(Column::PageReferrer, &it))),
            path: path.map(|path| Cow::Owned(self.path_text(&path))),
            querystring: querystring.map(|it| Cow::Owned(self.query(&it, charset))),
            body: body.map(|body| Cow::Owned(self.body(&body).into_bytes())),
            headers: headers.map(|lines| {
                lines.iter().filter_map(|line| self.header(line)).map(Cow::Owned).collect()
            }),
            content_type: self.bounded("contentType", content_type, is_content_type),
            hostname: hostname.map(|hostname| Cow::Owned(self.hostname(&hostname))),
            network_user_id: network_user_id
                .and_then(|it| text(self.column_text(Column::NetworkUserid, &it))),
            schema: self.bounded("schema", schema, |uri| {
                uri.strip_prefix(SCHEMA).is_some_and(|it| Builtin::SchemaVersion.accepts(it))
            }),
        }
    }

    /// A header line, if its name is in the policy and its value in the class. Its name is written
    /// in one way, because the case of letters can tell something too.
    pub(super) fn header(&mut self, line: &str) -> Option<String> {
        let policy = self.policy;
        let shown = line.split_once(':').and_then(|(name, value)| {
            let headers = policy.bad_events.headers.iter();
            let (known, class) =
                headers.into_iter().find(|(it, _)| it.eq_ignore_ascii_case(name))?;
            let value = value.trim();
            policy.classes.accepts(*class, value).then(|| format!("{known}: {value}"))
        });
        *if shown.is_some() { &mut self.tally.kept } else { &mut self.tally.dropped } += 1;
        shown
    }

    /// Whether a content type may be seen: by the policy's class for the header, or, where it names
    /// none, as one of those that trackers send.
    pub(super) fn is_content_type(&self, text: &str) -> bool {
        let headers = &self.policy.bad_events.headers;
        match headers.iter().find(|(name, _)| name == "content-type") {
            Some((_, class)) => self.policy.classes.accepts(*class, text),
            None => CONTENT_TYPES.contains(&text),
        }
    }

    /// The host that was asked, if some URL of the policy may show it.
    pub(super) fn hostname(&mut self, text: &str) -> String {
        let policy = self.policy;
        let host = text.to_ascii_lowercase();
        if policy.urls.iter().any(|url| policy.classes.accepts(url.hosts, &host)) {
            self.tally.kept += 1;
            return host;
        }
        let Some(url) = policy.urls.first().filter(|_| !host.is_empty()) else {
            return self.pseudonym_of("@bad-event/hostname", host.as_bytes());
        };
        let mut pseudonym = String::new();
        self.tally.pseudonymized += 1;
        self.pseudonyms.write(url.host_domain, host.as_bytes(), &mut pseudonym);
        pseudonym
    }

    fn path_text(&mut self, path: &str) -> String {
        known::known_path(path).unwrap_or_else(|| {
            format!("/{}", self.pseudonym_of("@bad-event/path", path.as_bytes()))
        })
    }

    /// When the collector took it; 0 if the policy does not let a moment through.
    fn collector_millis(&mut self, millis: i64) -> i64 {
        let cell = convert::collector_timestamp(millis).map(|time| time.to_string());
        cell.ok()
            .and_then(|cell| self.kept_millis(Column::CollectorTstamp, &cell, millis))
            .unwrap_or(0)
    }

    /// What programs write, if it looks like that.
    fn bounded(
        &mut self,
        name: &str,
        text: Option<Cow<'_, str>>,
        accepts: impl Fn(&str) -> bool,
    ) -> Option<Cow<'static, str>> {
        let text = text?;
        if accepts(&text) {
            self.tally.kept += 1;
            return Some(Cow::Owned(text.into_owned()));
        }
        Some(Cow::Owned(self.pseudonym_of(&format!("@bad-event/{name}"), text.as_bytes())))
    }
}
