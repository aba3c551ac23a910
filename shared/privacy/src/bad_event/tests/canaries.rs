//! What a sender plants anywhere in a bad event never comes out, in no encoding.

use std::borrow::Cow;

use collector_payload::CollectorPayload;
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{GITLAB, STRICT, cases, request, treated};
use crate::key::Key;
use crate::percent;
use crate::{Constant, Keyed, Policy};

/// No class of the policies takes an `@` with these around it.
const CANARY: &str = "Zk9@Canary!q7";
/// Another of the kind, of another length.
const OTHER: &str = "Yy8@Somethingelse!!p66";
/// What is looked for, in any case.
const CORE: &str = "canary";
/// How often what was decoded is decoded again.
const LAYERS_MAX: usize = 6;

/// Decides where canaries go; the same seed gives the same places.
struct Planter<'c> {
    canary: &'c str,
    state: u64,
}

impl Planter<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
        (self.state >> 33) % bound
    }

    /// The text, or one with a canary: instead, before, after or inside.
    fn text(&mut self, text: &str) -> String {
        let canary = self.canary;
        if let Some(payload) = request(text) {
            return base64_simd::STANDARD.encode_to_string(self.request(payload).encode());
        }
        if let Ok(mut json @ Value::Object(_)) = serde_json::from_str(text) {
            self.json(&mut json);
            return json.to_string();
        }
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).unwrap_or_default();
        if let Ok(mut json @ Value::Object(_)) = serde_json::from_slice(&bytes) {
            self.json(&mut json);
            return base64_simd::URL_SAFE_NO_PAD.encode_to_string(json.to_string());
        }
        let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
        let (start, end) = text.split_at(half);
        match self.below(12) {
            0 => canary.to_owned(),
            1 => format!("{canary}{text}"),
            2 => format!("{text}{canary}"),
            3 => format!("{start}{canary}{end}"),
            _ => text.to_owned(),
        }
    }

    fn json(&mut self, json: &mut Value) {
        match json {
            Value::String(text) => *text = self.text(text),
            Value::Number(number) if self.below(8) == 0 => {
                *json = Value::from(format!("{number}{}", self.canary));
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.json(value)),
            Value::Object(pairs) => {
                let mut planted = Map::new();
                for (place, (mut key, mut value)) in std::mem::take(pairs).into_iter().enumerate() {
                    self.json(&mut value);
                    if self.below(30) == 0 {
                        key = format!("{key}{}{place}", self.canary);
                    }
                    planted.insert(key, value);
                }
                *pairs = planted;
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn request(&mut self, payload: CollectorPayload<'static>) -> CollectorPayload<'static> {
        let mut planted = payload;
        for field in [
            &mut planted.ip_address,
            &mut planted.encoding,
            &mut planted.collector,
            &mut planted.user_agent,
            &mut planted.referer_uri,
            &mut planted.path,
            &mut planted.content_type,
            &mut planted.hostname,
            &mut planted.network_user_id,
            &mut planted.schema,
        ] {
            *field = field.take().map(|text| Cow::Owned(self.text(&text)));
        }
        let body = planted.body.take().map(|body| String::from_utf8(body.into_owned()).unwrap());
        planted.body = body.map(|body| Cow::Owned(self.text(&body).into_bytes()));
        let query = planted.querystring.take().unwrap_or_default();
        planted.querystring = Some(Cow::Owned(self.query(&query)));
        let headers = planted.headers.take().unwrap_or_default();
        planted.headers = Some(headers.iter().map(|line| Cow::Owned(self.text(line))).collect());
        planted
    }

    fn query(&mut self, query: &str) -> String {
        let mut planted = String::new();
        for pair in query.split('&') {
            for (place, part) in pair.split('=').enumerate() {
                planted.push(if place == 0 { '&' } else { '=' });
                let part = self.text(&percent::decode(part, true).unwrap());
                percent::encode(&part, b"", &mut planted);
            }
        }
        planted
    }
}

/// Whether a text holds the canary, whatever it is wrapped in.
fn exposes(text: &str, layers_left: usize) -> bool {
    if text.to_lowercase().contains(CORE) || encoded().iter().any(|it| text.contains(it)) {
        return true;
    }
    let Some(left) = layers_left.checked_sub(1) else { return false };
    let exposes = |inner: &str| inner != text && exposes(inner, left);
    if percent::decode(text, true).is_some_and(|decoded| exposes(&decoded)) {
        return true;
    }
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        return inside(&json, &exposes);
    }
    let is_base64 = |byte: char| byte.is_ascii_alphanumeric() || "+/-_".contains(byte);
    text.split(|byte| !is_base64(byte)).filter(|word| word.len() > 7).any(|word| {
        [base64_simd::STANDARD_NO_PAD, base64_simd::URL_SAFE_NO_PAD].iter().any(|alphabet| {
            let bytes = alphabet.decode_to_vec(word).unwrap_or_default();
            let decoded = CollectorPayload::decode(&bytes).map(|it| it.as_text(usize::MAX));
            exposes(&String::from_utf8_lossy(&bytes)) || decoded.is_ok_and(|it| exposes(&it))
        })
    })
}

fn inside(json: &Value, exposes: &impl Fn(&str) -> bool) -> bool {
    match json {
        Value::String(text) => exposes(text),
        Value::Array(values) => values.iter().any(|value| inside(value, exposes)),
        Value::Object(pairs) => {
            pairs.iter().any(|(key, value)| exposes(key) || inside(value, exposes))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The canary in base64 at every offset, and in hexadecimal digits.
fn encoded() -> Vec<String> {
    let mut forms: Vec<String> = (0..3)
        .flat_map(|offset| {
            let shifted = format!("{}{CANARY}", "x".repeat(offset));
            [base64_simd::STANDARD_NO_PAD, base64_simd::URL_SAFE_NO_PAD].map(|alphabet| {
                let text = alphabet.encode_to_string(&shifted);
                // The characters at both ends depend on the neighbours.
                text.get(4..text.len() - 2).unwrap().to_owned()
            })
        })
        .collect();
    let hex = CANARY.bytes().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
    forms.push(hex.to_uppercase());
    forms.push(hex);
    forms
}

fn policies() -> [Policy; 3] {
    let rewriting = STRICT.replace("payload: drop", "payload: rewrite");
    [GITLAB, STRICT, &rewriting].map(|source| Policy::parse(source).unwrap())
}

#[test]
fn the_search_finds_what_it_looks_for() {
    let mut percent_encoded = String::new();
    percent::encode(CANARY, b"", &mut percent_encoded);
    let payload = CollectorPayload {
        querystring: Some(format!("cx={}", base64_simd::STANDARD.encode_to_string(CANARY)).into()),
        ..Default::default()
    };
    for text in [
        CANARY.to_lowercase(),
        base64_simd::STANDARD.encode_to_string(format!("ab{CANARY}yz")),
        base64_simd::STANDARD.encode_to_string(payload.encode()),
        r#"{"a":["\u005ak9@\u0063anary"]}"#.to_owned(),
        percent_encoded.replace('n', "%6E"),
    ] {
        assert!(exposes(&text, LAYERS_MAX), "{text}");
    }
    assert!(!exposes(r#"{"a":["PSEUDONYM"]}"#, LAYERS_MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn nothing_planted_comes_out(seed: u64) {
        for policy in policies() {
            for (name, folder) in cases() {
                let source = std::fs::read_to_string(folder.join("input.json")).unwrap();
                let planted = |canary| {
                    let mut json = serde_json::from_str(&source).unwrap();
                    Planter { canary, state: seed }.json(&mut json);
                    json.to_string()
                };
                let line = planted(CANARY);
                let out = treated(&policy, Constant, line.as_bytes(), None).unwrap();
                prop_assert!(!exposes(&out, LAYERS_MAX), "{name}: {line}\n{out}");
                // What cannot be seen cannot make a difference either.
                let other = treated(&policy, Constant, planted(OTHER).as_bytes(), None).unwrap();
                prop_assert_eq!(&out, &other, "{}", name);
                let key = Key::new("k1", seed.to_le_bytes().repeat(4)).unwrap();
                let out = treated(&policy, Keyed::new(&policy, &key), line.as_bytes(), None);
                prop_assert!(!exposes(&out.unwrap(), LAYERS_MAX), "{name}");
            }
        }
    }
}

/// Texts that lead somewhere.
fn texts() -> impl Strategy<Value = String> {
    let known = [
        "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-1",
        "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0",
        "iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-1",
        "$.data[0].a",
        "[][",
        "CwBkAAAAAWEKAMgAAAAAAAAAAAA=",
        r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{}]}"#,
        "iglu:",
        "keyword: \"type\"",
        "",
    ];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), "\\PC{0,12}"]
}

fn keys() -> impl Strategy<Value = String> {
    let known = "schema data payload failure messages error dataReports path targets keyword \
                 enriched raw parameters querystring name value body headers timestamp line errors \
                 lookupHistory contexts unstruct_event cx res dtm schemaKey message processor level";
    let known: Vec<String> = known.split(' ').map(str::to_owned).collect();
    prop_oneof![9 => prop::sample::select(known), 1 => "\\PC{0,4}"]
}

fn trees() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        texts().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(8, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keys(), inner, 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn one_line_of_json_comes_out_of_any(data in trees(), kind in 0..=super::super::rows::ROWS.len()) {
        let kind = super::super::rows::ROWS.get(kind).map(|(name, _)| *name);
        let schema = format!(
            "iglu:com.snowplowanalytics.snowplow.badrows/{}/jsonschema/1-0-0",
            kind.unwrap_or("other")
        );
        let row = serde_json::json!({ "schema": schema, "data": data });
        let legacy = serde_json::json!({ "line": data, "errors": [data], "failure_tstamp": data });
        for policy in policies() {
            for line in [&row, &legacy, &data] {
                let out = treated(&policy, Constant, line.to_string().as_bytes(), Some("sealed"));
                prop_assert_eq!(out.is_ok(), line.is_object());
                let out = out.unwrap_or_else(|_| "{}".to_owned());
                prop_assert!(!out.contains(['\n', '\r']));
                prop_assert!(serde_json::from_str::<Value>(&out).unwrap().is_object(), "{out}");
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, text in "[\\[\\]{}:,\"a0]{0,40}") {
        let policy = Policy::parse(STRICT).unwrap();
        for line in [&bytes[..], text.as_bytes()] {
            let _ignored = treated(&policy, Constant, line, None).is_ok();
        }
    }
}
