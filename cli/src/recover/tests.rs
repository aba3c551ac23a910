//! What damage does, a recipe undoes: the event is the one that it would have been.

use std::borrow::Cow;
use std::time::{Duration, Instant};

use bad_event_classifier::{Classifier, Rules, Schemas};
use base64_simd::URL_SAFE_NO_PAD;
use collector_payload::{CollectorPayload, SCHEMA};
use enriched_event::{Column, EnrichedEvent};
use enricher::schemas::Loader as _;
use enricher::{Batch, Enrichments, LocalStore, Outcome, Rest, Settings, outcomes};
use json_tree::{Json, Object};
use proptest::prelude::*;
use tracker_protocol::Charset;

use super::fate::Fate;
use super::recipe;
use super::repair::{PAYLOAD_BYTES_MAX, Repair};
use super::source::Access;
use super::{query, written};

const CLICK: &str = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1";
const PLACE: &str = "iglu:com.snowplowanalytics.snowplow/geolocation_context/jsonschema/1-1-0";
const ID: &str = "8c0e1d4a-6d1c-4c39-9d8e-3a9a4f7d1b22";

/// What one event says.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
struct Said {
    text: String,
    latitude: i32,
    is_encoded: bool,
    is_posted: bool,
    has_id: bool,
    more: bool,
}

/// How an event is damaged, and the step that undoes it.
#[derive(Clone, Copy, Debug)]
enum Damage {
    Number,
    ExtraField,
    OtherName,
    NoVersion,
    TextualNumber,
    EventType,
    Path,
    ContentType,
    BodyNumber,
    NetworkUserId,
}

const ALL: [Damage; 10] = [
    Damage::Number,
    Damage::ExtraField,
    Damage::OtherName,
    Damage::NoVersion,
    Damage::TextualNumber,
    Damage::EventType,
    Damage::Path,
    Damage::ContentType,
    Damage::BodyNumber,
    Damage::NetworkUserId,
];

impl Damage {
    fn is(self, other: Option<Self>) -> bool {
        other.is_some_and(|other| std::mem::discriminant(&self) == std::mem::discriminant(&other))
    }

    fn step(self) -> &'static str {
        match self {
            Self::Number => "{replace: tid, in: parameters, pattern: '^js-', with: ''}",
            Self::ExtraField => {
                "{remove: /color, in: event, schema: com.snowplowanalytics.snowplow/link_click}"
            }
            Self::OtherName => "{rename: /url, to: targetUrl, in: event}",
            Self::NoVersion => {
                "{become: 'iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1', in: event, schema: 'iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/9-*-*'}"
            }
            Self::TextualNumber => "{cast: /latitude, to: number, in: entities}",
            Self::EventType => "{set: e, in: parameters, text: ue}",
            Self::Path => "{replace: path, in: request, pattern: '/extra/path$', with: ''}",
            Self::ContentType => {
                "{set: content_type, in: request, text: application/json; charset=utf-8}"
            }
            Self::BodyNumber => "{cast: tid, to: string, in: parameters}",
            Self::NetworkUserId => "{remove: network_user_id, in: request}",
        }
    }

    /// The condition of the rule.
    fn condition(self) -> &'static str {
        match self {
            Self::Number => {
                "{schema: com.snowplowanalytics.snowplow/atomic, pointer: /tid, app_id: shop}"
            }
            Self::ExtraField => "{keyword: additionalProperties, pointer: /color}",
            Self::OtherName => "{type: schema_violations, keyword: required, pointer: /targetUrl}",
            Self::NoVersion => "{family: schema-missing}",
            Self::TextualNumber => {
                "{class: type, schema: 'iglu:com.snowplowanalytics.snowplow/geolocation_context/jsonschema/1-*-*'}"
            }
            Self::EventType => "{type: [schema_violations, enrichment_failures]}",
            Self::Path | Self::NetworkUserId => "{type: collector_payload_format_violation}",
            Self::ContentType | Self::BodyNumber => "{type: tracker_protocol_violations}",
        }
    }

    fn needs_a_body(self) -> bool {
        matches!(self, Self::ContentType | Self::BodyNumber)
    }
}

fn described(schema: &str, data: Json<'static>) -> Json<'static> {
    Json::object([("schema", Json::text(schema.to_owned())), ("data", data)])
}

/// The parameters of an event, damaged or not.
fn parameters(said: &Said, damage: Option<Damage>) -> Object<'static> {
    let target = if Damage::OtherName.is(damage) { "url" } else { "targetUrl" };
    let mut click = Object::from_iter([
        (target, Json::from(format!("https://shop.example/?q={}", said.text.len()))),
        ("elementContent", Json::text(said.text.clone())),
    ]);
    if Damage::ExtraField.is(damage) {
        click.insert("color", Json::text("red"));
    }
    let schema =
        if Damage::NoVersion.is(damage) { CLICK.replace("1-0-1", "9-0-0") } else { CLICK.into() };
    let event = described(
        "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
        described(&schema, click.into()),
    );
    let latitude = said.latitude.to_string();
    let latitude = if Damage::TextualNumber.is(damage) {
        latitude.into()
    } else {
        Json::Number(latitude.into())
    };
    let place = [("latitude", latitude), ("longitude", Json::Number("1.50".into()))];
    let entities = described(
        "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1",
        Json::array([described(PLACE, Json::object(place))]),
    );
    let mut all = Object::from_iter([
        ("e", Json::text(if Damage::EventType.is(damage) { "ux" } else { "ue" })),
        ("p", Json::text("web")),
        ("tv", Json::text("js-3.24.2")),
        ("aid", Json::text("shop")),
        ("dtm", Json::text("1743508800000")),
        ("uid", Json::text(said.text.clone())),
        ("tid", Json::text(if Damage::Number.is(damage) { "js-123456" } else { "123456" })),
    ]);
    for (name, encoded, json) in [("ue_pr", "ue_px", event), ("co", "cx", entities)] {
        let text = json.to_text();
        if said.is_encoded {
            all.insert(encoded, URL_SAFE_NO_PAD.encode_to_string(text).into());
        } else {
            all.insert(name, text.into());
        }
    }
    if said.has_id {
        all.insert("eid", Json::text(ID));
    }
    if Damage::BodyNumber.is(damage) {
        all.insert("tid", Json::Number("123456".into()));
    }
    all
}

fn payload(said: &Said, damage: Option<Damage>) -> Vec<u8> {
    let parameters = parameters(said, damage);
    let (path, query, body) = if said.is_posted {
        let events = [Json::Object(parameters.clone())];
        let schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
        let body = described(schema, Json::array(events)).to_text();
        // What the schema of bodies does not know may stand here for all events.
        (
            TP2,
            said.more.then(|| "url=https%3A%2F%2Fshop.example%2F&color=red".to_owned()),
            Some(body),
        )
    } else {
        ("/i", query::written(&parameters, Charset::Utf8), None)
    };
    let path = if Damage::Path.is(damage) { format!("{path}/extra/path") } else { path.to_owned() };
    let content_type = if Damage::ContentType.is(damage) {
        "text/plain"
    } else {
        "application/json; charset=utf-8"
    };
    let headers = ["X-Forwarded-For: 192.0.2.7", "Accept: */*", "Cookie: sp=1"];
    let id = if Damage::NetworkUserId.is(damage) { Some("alex") } else { None };
    let payload = CollectorPayload {
        ip_address: Some("192.0.2.1".into()),
        timestamp: 1_743_508_801_234,
        encoding: Some("UTF-8".into()),
        collector: Some("whiteout-collector".into()),
        user_agent: Some("Mozilla/5.0 (é)".into()),
        referer_uri: Some("https://shop.example/".into()),
        path: Some(path.into()),
        querystring: query.map(Cow::Owned),
        content_type: body.is_some().then_some(content_type.into()),
        body: body.map(|body| Cow::Owned(body.into_bytes())),
        headers: Some(headers.map(Cow::Borrowed).to_vec()),
        hostname: Some("collector.example".into()),
        network_user_id: id.map(Cow::Borrowed),
        schema: Some(SCHEMA.into()),
    };
    payload.encode()
}

const TP2: &str = "/com.snowplowanalytics.snowplow/tp2";

fn enriched(payload: &[u8]) -> Vec<Outcome> {
    let resolver = crate::registries::resolver(&[]).unwrap();
    let registry = enricher::Registry::new(resolver, LocalStore);
    registry.begin(0);
    let (settings, enrichments) = (Settings::default(), Enrichments::default());
    let epoch_micros = 1_743_508_802_000_000;
    let batch =
        Batch { settings: &settings, schemas: &registry, enrichments: &enrichments, epoch_micros };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    loop {
        let progress = outcomes(&batch, payload, 0, usize::MAX);
        match progress.rest {
            Rest::Done => return progress.outcomes,
            Rest::From(_) => panic!("there is room for all"),
            Rest::NeedsSchemas(_) => {
                let deadline = Instant::now() + Duration::from_mins(1);
                assert!(runtime.block_on(registry.load(deadline)).unwrap());
            }
        }
    }
}

/// The columns of the only event, which is good.
fn row(payload: &[u8], without: &[Column]) -> Vec<(&'static str, String)> {
    let outcomes = enriched(payload);
    let [Outcome::Good(row)] = outcomes.as_slice() else { panic!("{}", bad(&outcomes)) };
    let line = str::from_utf8(&row.tsv).unwrap();
    let event = EnrichedEvent::parse_tsv(line).unwrap();
    let kept = event.iter().filter(|(column, _)| !without.contains(column));
    kept.map(|(column, text)| (column.name(), text.to_owned())).collect()
}

fn bad(outcomes: &[Outcome]) -> String {
    let [Outcome::Bad { bad_event, .. }] = outcomes else { panic!("not one that is bad") };
    String::from_utf8(bad_event.clone()).unwrap()
}

fn repair(recipe: &str) -> Repair {
    let recipe = recipe::read(recipe).unwrap_or_else(|problems| panic!("{problems:?}"));
    let classifier = Classifier::new(Rules::built_in(), Schemas::embedded());
    Repair {
        recipe,
        classifier,
        access: Access { identities: Vec::new(), takes_pseudonyms: false },
    }
}

fn recipe_for(damage: Damage) -> String {
    let (condition, step) = (damage.condition(), damage.step());
    format!("version: 1\nrules:\n  - match: {condition}\n    steps: [{step}]\n")
}

/// Damaged, refused, recovered, and enriched again.
fn check(said: &Said, damage: Damage) {
    let said = &Said { is_posted: said.is_posted || damage.needs_a_body(), ..said.clone() };
    let bad_event = bad(&enriched(&payload(said, Some(damage))));
    let (fate, rules) = repair(&recipe_for(damage)).line(bad_event.as_bytes());
    let Fate::Recovered(recovered) = fate else { panic!("{damage:?}: not recovered: {bad_event}") };
    assert_eq!(rules, [0]);
    let record = recovered.after.to_payload().unwrap().encode();
    // A request that was refused as a whole has no id to keep.
    let made = [Column::EventId];
    let without: &[Column] = if said.has_id { &[] } else { &made };
    assert_eq!(row(&record, without), row(&payload(said, None), without), "{damage:?}");
    // What is written for people says the same.
    let json = written(&recovered.after, true).unwrap();
    let line = written(&recovered.after, false).unwrap();
    assert_eq!(base64_simd::STANDARD.decode_to_vec(line).unwrap(), record);
    assert_eq!(crate::enrich::payload(json.as_bytes(), false).unwrap(), record);
}

fn said() -> impl Strategy<Value = Said> {
    (("\\PC{1,20}", -90i32..90), any::<[bool; 4]>()).prop_map(|((text, latitude), it)| Said {
        text,
        latitude,
        is_encoded: it[0],
        is_posted: it[1],
        has_id: it[2],
        more: it[3],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_recipe_undoes_damage(said in said(), place in 0..ALL.len()) {
        check(&said, ALL[place]);
    }

    #[test]
    fn no_line_makes_it_panic(line in "\\PC{0,80}", steps in 0..ALL.len()) {
        let repair = repair(&recipe_for(ALL[steps]));
        assert!(matches!(repair.line(line.as_bytes()).0, Fate::Lost(_)));
    }
}

#[test]
fn every_damage_is_undone() {
    for damage in ALL {
        for (is_posted, more) in [(false, false), (true, false), (true, true)] {
            let said = Said {
                text: "é & ü".into(),
                latitude: 52,
                is_encoded: more,
                is_posted,
                has_id: !more,
                more,
            };
            check(&said, damage);
        }
    }
}

#[test]
fn an_event_keeps_the_id_that_its_bad_row_shows() {
    let said = Said {
        text: "a".into(),
        latitude: 1,
        is_encoded: false,
        is_posted: false,
        has_id: false,
        more: false,
    };
    let bad_event = bad(&enriched(&payload(&said, Some(Damage::ExtraField))));
    let json = Json::parse(&bad_event, 64).unwrap();
    let shown = ["data", "payload", "enriched", "event_id"];
    let id = shown.iter().fold(&json, |json, key| json.get(key).unwrap()).as_str().unwrap();
    let (fate, _) = repair(&recipe_for(Damage::ExtraField)).line(bad_event.as_bytes());
    let Fate::Recovered(recovered) = fate else { panic!("not recovered") };
    let again = row(&recovered.after.to_payload().unwrap().encode(), &[]);
    assert!(again.contains(&("event_id", id.to_owned())));
}

#[test]
fn a_payload_ends_at_the_limit() {
    let record = |bytes: usize| {
        let empty =
            CollectorPayload { body: Some(Cow::Owned(Vec::new())), ..CollectorPayload::default() };
        let body = vec![b'x'; bytes - empty.encoded_bytes()];
        let payload =
            CollectorPayload { body: Some(Cow::Owned(body)), ..CollectorPayload::default() };
        let line = base64_simd::STANDARD.encode_to_string(payload.encode());
        format!(r#"{{"line":"{line}","errors":[]}}"#)
    };
    let repair = repair("version: 1\nrules: [{match: {type: legacy}, steps: []}]");
    let fate = |bytes| repair.line(record(bytes).as_bytes()).0;
    assert!(matches!(fate(PAYLOAD_BYTES_MAX), Fate::Recovered(_)));
    assert!(matches!(fate(PAYLOAD_BYTES_MAX + 1), Fate::Lost(super::Reason::TooLarge)));
}
