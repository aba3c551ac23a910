//! Whole events through lookups and scripts, from the files of a folder to the row.

use std::time::Instant;

use base64_simd::STANDARD;
use collector_payload::{CollectorPayload, SCHEMA};
use enriched_event::{Column, EnrichedEvent};
use futures_util::FutureExt as _;
use iglu::Resolver;
use serde_json::{Value, json};

use super::maxmind::writer::Writer;
use super::{Assets, ConfigFile, ConfigProblems, Enrichments, Plan};
use crate::schemas::Loader as _;
use crate::{Batch, LocalStore, Outcome, Registry, Rest, Settings, outcomes};

fn file(name: &str, vendor: &str, version: &str, parameters: &Value) -> ConfigFile {
    let vendor = if vendor.is_empty() { "com.snowplowanalytics.snowplow" } else { vendor };
    let text = json!({
        "schema": format!("iglu:{vendor}/{name}/jsonschema/{version}"),
        "data": {"vendor": vendor, "name": name, "enabled": true, "parameters": parameters},
    });
    ConfigFile { name: format!("{name}.json"), text: text.to_string() }
}

fn script(number: usize, body: &str) -> ConfigFile {
    let source = format!("function process(event, params, headers) {{ {body} }}");
    let parameters = json!({"script": STANDARD.encode_to_string(source), "config": {"a": 1}});
    let made = file("javascript_script_config", "", "1-0-1", &parameters);
    ConfigFile { name: format!("{number}.json"), ..made }
}

fn built(files: &[ConfigFile], assets: &Assets) -> Result<Enrichments, ConfigProblems> {
    Plan::read(files)?.build(assets)
}

/// What becomes of the event of a query string.
fn outcome(enrichments: &Enrichments, query: &str) -> Outcome {
    let payload = CollectorPayload {
        ip_address: Some("18.11.120.9".into()),
        timestamp: 1_767_323_045_200,
        encoding: Some("UTF-8".into()),
        collector: Some("c".into()),
        path: Some("/i".into()),
        querystring: Some(query.into()),
        headers: Some(vec!["X-JWT: token".into()]),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    };
    let registry = Registry::new(Resolver::default(), LocalStore);
    registry.begin(0);
    let settings = Settings { emits_failed: true, ..Settings::default() };
    let batch = Batch { settings: &settings, schemas: &registry, enrichments, epoch_micros: 1 };
    loop {
        let mut progress = outcomes(&batch, &payload.encode(), 0, 1_000_000);
        match progress.rest {
            Rest::Done => return progress.outcomes.remove(0),
            Rest::From(_) => panic!("one event is done at once"),
            Rest::NeedsSchemas(_) => {
                let loaded = registry.load(Instant::now()).now_or_never().expect("local");
                loaded.expect("nothing local is down");
            }
        }
    }
}

fn row(outcome: &Outcome) -> EnrichedEvent<'_> {
    let Outcome::Good(row) = outcome else { panic!("{}", bad(outcome)) };
    EnrichedEvent::parse_tsv(str::from_utf8(&row.tsv).expect("UTF-8")).expect("a row")
}

fn bad(outcome: &Outcome) -> Value {
    let Outcome::Bad { bad_event, .. } = outcome else { panic!("{outcome:?}") };
    serde_json::from_slice(bad_event).expect("JSON")
}

fn of_scripts(bodies: &[&str], query: &str) -> Outcome {
    let files: Vec<ConfigFile> =
        bodies.iter().enumerate().map(|(number, body)| script(number, body)).collect();
    outcome(&built(&files, &Assets::new()).expect("scripts"), query)
}

const UNSTRUCT: &str = "e=ue&p=web&ue_pr=%7B%22schema%22%3A%22iglu%3Acom.snowplowanalytics.snowplow%2Funstruct_event%2Fjsonschema%2F1-0-0%22%2C%22data%22%3A%7B%22schema%22%3A%22iglu%3Acom.snowplowanalytics.snowplow%2Flink_click%2Fjsonschema%2F1-0-1%22%2C%22data%22%3A%7B%22targetUrl%22%3A%22a%22%7D%7D%7D";

#[test]
fn scripts_run_in_the_order_of_their_files() {
    let first = "event.setApp_id('a' + params.a); event.setUser_id(headers[0])";
    let second = "event.setPlatform(event.getApp_id() + 'b'); return [{schema: 'iglu:com.snowplowanalytics.snowplow/consent_withdrawn/jsonschema/1-0-0', data: {all: false}}]";
    let outcome = of_scripts(&[first, second], "e=pv&p=web");
    let row = row(&outcome);
    assert_eq!(row.get(Column::AppId), "a1");
    assert_eq!(row.get(Column::Platform), "a1b");
    assert_eq!(row.get(Column::UserId), "X-JWT: token");
    assert_eq!(
        row.get(Column::DerivedContexts),
        r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[{"schema":"iglu:com.snowplowanalytics.snowplow/consent_withdrawn/jsonschema/1-0-0","data":{"all":false}}]}"#
    );
}

#[test]
fn a_later_script_can_erase_what_earlier_ones_gave() {
    let gives = "return [{schema: 'iglu:com.snowplowanalytics.snowplow/consent_withdrawn/jsonschema/1-0-0', data: {all: false}}]";
    let erases = "const all = JSON.parse(event.getDerived_contexts()).data; event.eraseDerived_contexts(); all[0].data.all = true; return all";
    let outcome = of_scripts(&[gives, erases], "e=pv&p=web");
    let derived = row(&outcome).get(Column::DerivedContexts).to_owned();
    assert!(derived.contains(r#""all":true"#) && !derived.contains("false"), "{derived}");
}

#[test]
fn a_dropped_event_leaves_nothing_even_if_something_is_wrong_with_it() {
    for query in ["e=pv&p=web", "e=pv&p=toaster"] {
        assert_eq!(of_scripts(&["event.drop()"], query), Outcome::Dropped, "{query}");
    }
    let long = format!("e=pv&p=web&tv={}", "s".repeat(500));
    assert_eq!(of_scripts(&["event.drop()"], &long), Outcome::Dropped);
    assert!(matches!(of_scripts(&["event.drop(); throw 1"], "e=pv&p=web"), Outcome::Bad { .. }));
}

#[test]
fn what_a_script_throws_is_an_enrichment_failure() {
    let outcome =
        of_scripts(&["event.setApp_id('x'); throw 'Javascript exception'"], "e=pv&p=web&aid=a");
    let bad = bad(&outcome);
    assert!(bad["schema"].as_str().is_some_and(|schema| schema.contains("/enrichment_failures/")));
    assert_eq!(
        bad["data"]["failure"]["messages"][0],
        json!({
            "enrichment": {
                "schemaKey": "iglu:com.snowplowanalytics.snowplow/javascript_script_config/jsonschema/1-0-1",
                "identifier": "Javascript enrichment",
            },
            "message": {"error": "Error during execution of JavaScript function: [Javascript exception]"},
        })
    );
    assert_eq!(bad["data"]["payload"]["enriched"]["app_id"], "a");
}

#[test]
fn what_a_script_makes_of_json_columns_is_judged_again() {
    let change = "const u = JSON.parse(event.getUnstruct_event()); u.data.data.targetUrl = 'b'; event.setUnstruct_event(JSON.stringify(u))";
    let outcome = of_scripts(&[change], UNSTRUCT);
    assert!(row(&outcome).get(Column::UnstructEvent).contains(r#""targetUrl":"b""#));
    for (body, field) in [
        (change.replace("= 'b'", "= 7").as_str(), "dataReports"),
        ("event.setUnstruct_event('no JSON')", "unstruct"),
        ("event.setContexts('{}')", "INVALID_DATA_PAYLOAD"),
    ] {
        let outcome = of_scripts(&[body], UNSTRUCT);
        let bad = bad(&outcome).to_string();
        assert!(bad.contains("/schema_violations/") && bad.contains(field), "{body} {bad}");
    }
    let outcome = of_scripts(&["event.setUnstruct_event('{}')"], UNSTRUCT);
    let Outcome::Bad { failed: Some(failed), .. } = &outcome else { panic!("{outcome:?}") };
    let failed =
        EnrichedEvent::parse_tsv(str::from_utf8(&failed.tsv).expect("UTF-8")).expect("a row");
    for column in [Column::UnstructEvent, Column::EventName, Column::EventVendor] {
        assert_eq!(failed.get(column), "", "{column}");
    }
}

#[test]
fn an_address_is_looked_up_marked_and_judged() {
    let mut writer = Writer::new("GeoIP2-ISP");
    let data = json!({"isp": "MIT", "organization": "MIT", "autonomous_system_number": 3,
        "autonomous_system_organization": "Massachusetts Institute of Technology"});
    writer.insert("18.11.120.0/24", &data);
    let mut assets = Assets::new();
    assets.insert("file:///opt/db/GeoIP2-ISP.mmdb".to_owned(), writer.bytes(28));
    assets.insert("s3://lists/bots.csv".to_owned(), *b"number,name\n3,MIT\n");
    let files = [
        file(
            "ip_lookups",
            "",
            "2-0-1",
            &json!({"isp": {"database": "GeoIP2-ISP.mmdb", "uri": "file:///opt/db"}}),
        ),
        file(
            "asn_lookups",
            "com.snowplowanalytics.snowplow.enrichments",
            "1-0-0",
            &json!({"botAsnsFile": {"database": "bots.csv", "uri": "s3://lists"}, "bypassPlatforms": ["srv"]}),
        ),
        file(
            "bot_detection_enrichment_config",
            "com.snowplowanalytics.snowplow.enrichments",
            "1-0-0",
            &json!({"useYauaa": true, "useIab": true, "useAsnLookups": true}),
        ),
    ];
    let plan = Plan::read(&files).expect("a plan");
    let uris: Vec<String> = plan.assets().into_iter().map(|asset| asset.uri).collect();
    assert_eq!(uris, ["file:///opt/db/GeoIP2-ISP.mmdb", "s3://lists/bots.csv"]);
    let enrichments = plan.build(&assets).expect("enrichments");
    let found = outcome(&enrichments, "e=pv&p=web");
    let web = row(&found);
    assert_eq!((web.get(Column::IpIsp), web.get(Column::IpOrganization)), ("MIT", "MIT"));
    let derived: Value = serde_json::from_str(web.get(Column::DerivedContexts)).expect("JSON");
    let data: Vec<&Value> = derived["data"]
        .as_array()
        .expect("entities")
        .iter()
        .map(|entity| &entity["data"])
        .collect();
    let organization = "Massachusetts Institute of Technology";
    let marked = json!({"number": 3, "organization": organization, "likelyBot": true});
    assert_eq!(data, [&json!({"bot": true, "indicators": ["asnLookups"]}), &marked]);
    let server = outcome(&enrichments, "e=pv&p=srv");
    assert!(!row(&server).get(Column::DerivedContexts).contains("likelyBot"));
    let problems = plan.build(&Assets::new()).expect_err("no files").to_string();
    for part in [
        "ip_lookups.json: $.data.parameters.isp: ",
        "asn_lookups.json: $.data.parameters.botAsnsFile: ",
    ] {
        assert!(problems.contains(part), "{problems}");
    }
}
