//! Rows such as GitLab's trackers lead to: page views, events of the backend, clicks on links.

use std::time::Instant;

use enriched_event::{Column, EnrichedEvent};
use pseudonymizer::Origins;
use record_sink::{Record, WriteReport};

/// Every ten events are of one visitor, as trackers send them together.
const EVENTS_OF_A_VISITOR: usize = 10;
/// Keys in the standard context's `extra`.
const EXTRA_FIELDS: usize = 3;

/// A row of about 2 KB with three contexts.
pub(crate) fn row(place: usize) -> String {
    of_visitor(place, place / EVENTS_OF_A_VISITOR, EXTRA_FIELDS)
}

/// The same with so many keys in the standard context's `extra`.
pub(crate) fn with_extra(place: usize, fields: usize) -> String {
    of_visitor(place, place / EVENTS_OF_A_VISITOR, fields)
}

/// The same without another event of its visitor.
pub(crate) fn of_stranger(place: usize) -> String {
    of_visitor(place, place, EXTRA_FIELDS)
}

fn of_visitor(place: usize, visitor: usize, fields: usize) -> String {
    let mut event = EnrichedEvent::new();
    for (column, value) in columns(place, visitor) {
        event.set(column, value);
    }
    match place % 3 {
        0 => event.set(Column::Event, "page_view"),
        1 => {
            event.set(Column::Event, "struct");
            event.set(Column::SeCategory, "InternalEventTracking");
            event.set(Column::SeAction, "request_duo_chat_response");
            event.set(Column::SeLabel, "code_suggestions");
            event.set(Column::SeProperty, format!("request {place}"));
            event.set(Column::SeValue, "1");
        }
        _ => {
            event.set(Column::Event, "unstruct");
            event.set(Column::UnstructEvent, format!(
                r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{{"schema":"iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1","data":{{"targetUrl":"https://gitlab.com/group{visitor}/app/-/issues/{place}","elementId":"nav-{place}","elementClasses":["shortcuts-issues","gl-link"],"elementTarget":"_self"}}}}}}"#
            ));
        }
    }
    event.set(Column::Contexts, contexts(place, visitor, fields));
    let mut row = Vec::new();
    event.write_tsv(&mut row);
    String::from_utf8(row).expect("text")
}

fn columns(place: usize, visitor: usize) -> Vec<(Column, String)> {
    let path = format!("/group{visitor}/app/-/merge_requests/{place}");
    let texts = [
        (Column::AppId, "gitlab"),
        (Column::Platform, "web"),
        (Column::EtlTstamp, "2026-11-20 08:00:01.123"),
        (Column::CollectorTstamp, "2026-11-20 08:00:00.456"),
        (Column::DvceCreatedTstamp, "2026-11-20 07:59:59.900"),
        (Column::DvceSentTstamp, "2026-11-20 08:00:00.100"),
        (Column::DerivedTstamp, "2026-11-20 08:00:00.256"),
        (Column::NameTracker, "gl"),
        (Column::VTracker, "js-4.6.9"),
        (Column::VCollector, "whiteout-0.1.0-kinesis"),
        (Column::VEtl, "whiteout-enricher-0.1.0"),
        (Column::DomainSessionidx, "3"),
        (Column::PageTitle, "Merge requests · GitLab.org / GitLab"),
        (Column::PageUrlscheme, "https"),
        (Column::PageUrlhost, "gitlab.com"),
        (Column::PageUrlport, "443"),
        (Column::PageUrlquery, "scope=all&state=opened"),
        (Column::BrLang, "en-GB"),
        (Column::BrCookies, "1"),
        (Column::BrColordepth, "24"),
        (Column::BrViewwidth, "1200"),
        (Column::BrViewheight, "900"),
        (Column::OsTimezone, "Europe/Berlin"),
        (Column::DvceScreenwidth, "1920"),
        (Column::DvceScreenheight, "1080"),
        (Column::DocCharset, "UTF-8"),
        (Column::DocWidth, "1200"),
        (Column::DocHeight, "4000"),
        (Column::EventVendor, "com.snowplowanalytics.snowplow"),
        (Column::EventName, "page_view"),
        (Column::EventFormat, "jsonschema"),
        (Column::EventVersion, "1-0-0"),
    ];
    let mut columns: Vec<_> = texts.map(|(column, text)| (column, text.to_owned())).into();
    columns.extend([
        (Column::EventId, format!("0b9f6f0e-7d0a-4c7e-9a0c-{place:012}")),
        (Column::UserId, format!("user{visitor}")),
        (Column::UserIpaddress, format!("203.0.113.{}", visitor % 250)),
        (Column::DomainUserid, format!("6f2d6c0e-93a4-4a7a-8f4c-{visitor:012}")),
        (Column::DomainSessionid, format!("2b2f6d0f-3d46-4d3f-9f3b-{visitor:012}")),
        (Column::NetworkUserid, format!("dfdb716e-ecf9-4d00-8b10-{visitor:012}")),
        (Column::PageUrl, format!("https://gitlab.com{path}?scope=all&state=opened")),
        (Column::PageUrlpath, path),
        (Column::PageReferrer, format!("https://gitlab.com/group{visitor}/app")),
        (Column::RefrUrlpath, format!("/group{visitor}/app")),
        (Column::Useragent, format!("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36", chrome(visitor))),
    ]);
    columns
}

fn contexts(place: usize, visitor: usize, fields: usize) -> String {
    let extra: Vec<_> = (0..fields)
        .map(|field| format!(r#""detail_{field}":"value {field} of {visitor}""#))
        .collect();
    format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{{"id":"b05b31c3-81ac-4af5-92d1-{place:012}"}}}},{{"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7","data":{{"environment":"production","source":"gitlab-rails","correlation_id":"01JCMB7Y6Q2T8N4V5X6Z7A8B9C","plan":"premium","extra":{{{}}},"user_id":{},"is_gitlab_team_member":null,"namespace_id":9970,"project_id":278964,"feature_enabled_by_namespace_ids":null,"context_generated_at":"2026-11-20T08:00:00.000Z","realm":"saas","instance_id":"ea8bf810-1d6f-4a6a-b4fd-93e8cbd8b57f","host_name":"gitlab.com","instance_version":"18.6.0","global_user_id":"9f86d081884c7d65{visitor:08}"}}}},{{"schema":"iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0","data":{{"useragentFamily":"Chrome","useragentMajor":"{}","useragentMinor":"0","useragentPatch":"0","useragentVersion":"Chrome {}.0.0","osFamily":"Linux","osMajor":null,"osMinor":null,"osPatch":null,"osPatchMinor":null,"osVersion":"Linux","deviceFamily":"Other"}}}}]}}"#,
        extra.join(","),
        1_000 + visitor,
        chrome(visitor),
        chrome(visitor),
    )
}

/// The version of a visitor's browser.
fn chrome(visitor: usize) -> usize {
    120 + visitor % 22
}

/// No record goes back while a bench runs.
pub(crate) struct Nowhere;

impl Origins for Nowhere {
    async fn put_back(
        &self,
        _: pseudonymizer::Origin<'_>,
        _: Vec<Record>,
        _: Instant,
    ) -> WriteReport {
        WriteReport::default()
    }
}
