//! Any query string and body under every path that an adapter reads: never a panic, and what comes
//! out is a row of 131 columns or a bad event in JSON.
#![no_main]

use std::sync::LazyLock;

use collector_payload::{CollectorPayload, SCHEMA};
use enricher::{Batch, Enrichments, Rest, Settings, outcomes};
use libfuzzer_sys::fuzz_target;
use whiteout_fuzz::{AcceptAll, assert_whole};

const PATHS: [&str; 20] = [
    "/i",
    "/com.snowplowanalytics.snowplow/tp2",
    "/r/tp2",
    "/com.snowplowanalytics.iglu/v1",
    "/com.amazon.aws.cloudfront/wd_access_log",
    "/com.callrail/v1",
    "/com.getvero/v1",
    "/com.google.analytics/v1",
    "/com.hubspot/v1",
    "/com.mailchimp/v1",
    "/com.mailgun/v1",
    "/com.mandrill/v1",
    "/com.marketo/v1",
    "/com.olark/v1",
    "/com.pagerduty/v1",
    "/com.pingdom/v1",
    "/com.sendgrid/v3",
    "/com.statusgator/v1",
    "/com.unbounce/v1",
    "/com.urbanairship.connect/v1",
];

const CONTENT_TYPES: [Option<&str>; 3] =
    [None, Some("application/json"), Some("application/x-www-form-urlencoded")];

static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| Settings { emits_failed: true, ..Settings::default() });

fuzz_target!(|input: (u8, u8, &str, Option<&[u8]>)| {
    let (path, content_type, query, body) = input;
    let text = |text: &'static str| Some(text.into());
    let payload = CollectorPayload {
        timestamp: 1_767_323_045_678,
        collector: text("fuzz"),
        path: text(PATHS[usize::from(path) % PATHS.len()]),
        querystring: Some(query.into()),
        body: body.map(Into::into),
        content_type: CONTENT_TYPES[usize::from(content_type) % 3].map(Into::into),
        schema: text(SCHEMA),
        ..CollectorPayload::default()
    };
    let record = payload.encode();
    let enrichments = &Enrichments::default();
    let batch = Batch { settings: &SETTINGS, schemas: &AcceptAll, enrichments, epoch_micros: 1 };
    let mut from = 0;
    loop {
        let progress = outcomes(&batch, &record, from, 1_000_000);
        assert_whole(&progress.outcomes);
        match progress.rest {
            Rest::Done => break,
            Rest::From(next) => from = next,
            Rest::NeedsSchemas(_) => panic!("every schema is known"),
        }
    }
});
