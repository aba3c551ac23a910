//! Tokens that stand nowhere else are put into every place of a row, and are then looked for in all
//! that comes out, in every encoding that somebody could have thought of.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    reason = "helpers of tests may fail as loudly as the tests"
)]

mod rows;

use std::collections::BTreeMap;

use privacy::{Constant, Keyed, Policy, Pseudonyms, Rewriter, Stream, explain};

use rows::json::{put, steps};
use rows::needles::{exact_tokens_in, token, tokens_in};
use rows::places::Slot;
use rows::value::Value;
use rows::{Cell, GITLAB, Row, STRICT, Subject, key};

/// A row whose columns are full, with an entity for each schema of the policy and for some of
/// which it knows nothing.
fn full(subject: &Subject) -> Row {
    let mut row = Row::empty();
    for cell in &mut row.cells {
        *cell = Cell::Text("text".to_owned());
    }
    let mut entities = Vec::new();
    for (name, fields) in &subject.words.schemas {
        for is_deep in [false, true] {
            let mut data = Value::Object(vec![]);
            for field in fields {
                let leaf = if is_deep { unlisted() } else { Value::text("text") };
                put(&mut data, &steps(field), leaf);
            }
            if let Value::Object(pairs) = &mut data {
                pairs.push(("unlisted".to_owned(), unlisted()));
            }
            entities.push(Value::described(&format!("iglu:{name}/jsonschema/1-0-0"), data));
        }
    }
    entities.push(Value::described("iglu:com.acme/unknown/jsonschema/1-0-0", unlisted()));
    entities.push(Value::described("iglu:com.gitlab/unknown/jsonschema/1-0-0", unlisted()));
    entities.push(Value::Object(vec![("unlisted".to_owned(), unlisted())]));
    let column = |name: &str, data| {
        let uri = format!("iglu:com.snowplowanalytics.snowplow/{name}/jsonschema/1-0-0");
        Cell::Json(Value::described(&uri, data))
    };
    row.cells[enriched_event::Column::UnstructEvent.index()] =
        column("unstruct_event", entities[0].clone());
    for it in [enriched_event::Column::Contexts, enriched_event::Column::DerivedContexts] {
        row.cells[it.index()] = column("contexts", Value::Array(entities.clone()));
    }
    row
}

fn unlisted() -> Value {
    let inner = Value::Object(vec![("unlisted".to_owned(), Value::text("text"))]);
    Value::Object(vec![("unlisted".to_owned(), Value::Array(vec![Value::text("text"), inner]))])
}

/// What tokens were put where.
#[derive(Default)]
struct Planted {
    places: Vec<(String, String)>,
}

impl Planted {
    fn token(&mut self, place: &str) -> String {
        let token = token(self.places.len());
        self.places.push((token.clone(), place.to_owned()));
        token
    }

    /// A text with a token, which no class accepts.
    fn odd(&mut self, place: &str) -> String {
        format!("!{}", self.token(place))
    }

    fn url(&mut self, place: &str, host: &str) -> String {
        let mut odd = |part: &str| self.odd(&format!("{place}: {part}"));
        let (user, password, host_part) = (odd("user"), odd("password"), odd("host"));
        let host = if host.is_empty() { format!("{host_part}.example") } else { host.to_owned() };
        let (path, query) = (self.path(place), self.query(place));
        let fragment = self.odd(&format!("{place}: fragment"));
        format!("https://{user}:{password}@{host}:443{path}?{query}#{fragment}")
    }

    fn path(&mut self, place: &str) -> String {
        let mut odd = |part: &str| self.odd(&format!("{place}: {part}"));
        let (group, project, file) = (odd("group"), odd("project"), odd("file"));
        format!("/{group}/{project}/-/blob/main/{file}")
    }

    fn query(&mut self, place: &str) -> String {
        let mut odd = |part: &str| self.odd(&format!("{place}: {part}"));
        let (key, value, masked, kept) = (odd("key"), odd("value"), odd("masked"), odd("kept"));
        format!("{key}={value}&search={masked}&utm_source={kept}&scope={kept}&{kept}&other={value}")
    }
}

/// Treats a row in every way and gives all that could be seen of it.
fn seen(policy: &Policy, line: &[u8]) -> String {
    let mut all = String::new();
    all.push_str(&seen_with(policy, Constant, line));
    all.push_str(&seen_with(policy, Keyed::new(policy, &key()), line));
    if let Ok(explained) = explain::row(policy, &mut Constant, "k1", line) {
        all.push_str(&format!("{explained:?} {:?}", explained.leaves));
    }
    all
}

fn seen_with(policy: &Policy, pseudonyms: impl Pseudonyms, line: &[u8]) -> String {
    let mut out = String::new();
    let mut rewriter = Rewriter::new(policy, pseudonyms, "k1");
    for stream in [Stream::EnrichedGood, Stream::EnrichedBad, Stream::RawBad] {
        let done = rewriter.line(stream, line, &[], &mut out);
        let told = done.map_or_else(|defect| format!("{defect} {defect:?}"), |()| String::new());
        out.push_str(&told);
    }
    let tally = rewriter.tally();
    out.push_str(&format!("{rewriter:?} {tally:?} {:?}", tally.violated(policy)));
    out
}

/// None of the tokens is seen, but where the explanation says that a class lets it through.
fn check(subject: &Subject, row: &Row, planted: &Planted) {
    let line = row.compact();
    let explained = explain::row(&subject.policy, &mut Constant, "k1", line.as_bytes()).unwrap();
    let kept: BTreeMap<_, _> = explained
        .leaves
        .iter()
        .filter(|leaf| leaf.treatment.starts_with("keep ") && !leaf.violated)
        .map(|leaf| (leaf.place.as_str(), leaf.after.as_deref().unwrap_or_default()))
        .collect();
    let found = tokens_in(&seen(&subject.policy, line.as_bytes()));
    for (token, place) in &planted.places {
        let may_show = kept.get(place.as_str()).is_some_and(|it| it.contains(token.as_str()));
        assert_eq!(found.contains(token), may_show, "{token} in {place}");
    }
}

fn plant(subject: &Subject, accept_words: bool, with_keys: bool) -> (Row, Planted) {
    let (mut row, mut planted) = (full(subject), Planted::default());
    row.visit(&mut |place, slot| {
        let is_leaf = match &slot {
            Slot::Value(value) => matches!(value, Value::Text(_)),
            Slot::Key(key) => with_keys || *key == "unlisted",
            Slot::Column(_) => true,
            Slot::Schema(uri) => uri.contains("unknown"),
        };
        if !is_leaf {
            return;
        }
        let token = if accept_words { planted.token(place) } else { planted.odd(place) };
        match slot {
            Slot::Value(value) => *value = Value::Text(token),
            Slot::Column(text) | Slot::Key(text) => *text = token,
            Slot::Schema(uri) => {
                let vendor = planted.token(place);
                *uri = match place.len() % 3 {
                    0 => format!("iglu:com.{vendor}/{token}/jsonschema/1-0-0"),
                    1 => format!("iglu:com.gitlab/{token}{vendor}/jsonschema/1-0-0"),
                    _ => format!("{token} {vendor}"),
                };
            }
        }
    });
    (row, planted)
}

fn subjects() -> [Subject; 2] {
    [GITLAB, STRICT].map(Subject::new)
}

/// Keys are changed after what they hold was planted, so places with changed keys go by the
/// explanation of the row as it is.
fn places_of(subject: &Subject, row: &Row, planted: Planted) -> Planted {
    let line = row.compact();
    let explained = explain::row(&subject.policy, &mut Constant, "k1", line.as_bytes()).unwrap();
    let mut known = BTreeMap::new();
    for leaf in &explained.leaves {
        let tokens = exact_tokens_in(&leaf.before).into_iter();
        known.extend(tokens.map(|token| (token, leaf.place.clone())));
    }
    let places = planted.places.into_iter().map(|(token, place)| {
        let shown = known.get(&token).cloned().unwrap_or(place);
        (token, shown)
    });
    Planted { places: places.collect() }
}

#[test]
fn no_token_comes_through_anywhere() {
    for subject in subjects() {
        for with_keys in [false, true] {
            let (row, planted) = plant(&subject, false, with_keys);
            assert!(planted.places.len() > 150, "{}", planted.places.len());
            let planted = places_of(&subject, &row, planted);
            check(&subject, &row, &planted);
        }
    }
}

#[test]
fn a_word_comes_through_only_where_a_class_accepts_it() {
    for subject in subjects() {
        for with_keys in [false, true] {
            let (row, planted) = plant(&subject, true, with_keys);
            let planted = places_of(&subject, &row, planted);
            check(&subject, &row, &planted);
        }
    }
}

#[test]
fn no_part_of_a_url_comes_through() {
    for subject in subjects() {
        for host in ["", "gitlab.com"] {
            let (mut row, mut planted) = (full(&subject), Planted::default());
            row.visit(&mut |place, slot| match slot {
                Slot::Value(value @ Value::Text(_)) => {
                    *value = Value::Text(planted.url(place, host));
                }
                Slot::Column(text) => {
                    *text = match place.rsplit_once("_url") {
                        Some((_, "path")) => planted.path(place),
                        Some((_, "query")) => planted.query(place),
                        Some((_, "host" | "fragment" | "port" | "scheme")) => planted.odd(place),
                        _ => planted.url(place, host),
                    }
                }
                Slot::Value(_) | Slot::Key(_) | Slot::Schema(_) => {}
            });
            assert!(planted.places.len() > 1_000, "{}", planted.places.len());
            check(&subject, &row, &planted);
        }
    }
}

#[test]
fn no_token_comes_out_of_quarantine() {
    for subject in subjects() {
        let (row, planted) = plant(&subject, true, false);
        let line = row.compact();
        let broken_json = line.replacen("\"data\":[", "\"data\":[[", 1);
        let broken_shape = line.replacen("snowplow/contexts", "snowplow/others", 1);
        let mut not_utf8 = line.clone().into_bytes();
        not_utf8.push(0xff);
        let lines = [
            broken_json.into_bytes(),
            broken_shape.into_bytes(),
            not_utf8,
            format!("{line}\t").into_bytes(),
            line.replace('\t', " ").into_bytes(),
            line.as_bytes()[..line.len() / 2].to_vec(),
        ];
        for line in lines {
            assert!(explain::row(&subject.policy, &mut Constant, "k1", &line).is_err());
            let found = tokens_in(&seen(&subject.policy, &line));
            assert!(found.is_empty(), "{found:?} of {}", planted.places.len());
        }
    }
}

#[test]
fn a_token_is_found_in_every_disguise() {
    use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
    let token = token(0);
    let each = |show: fn(u8) -> String| token.bytes().map(show).collect::<String>();
    for disguise in [
        each(|byte| format!("%{byte:02X}")),
        each(|byte| format!("{byte:02X}")),
        each(|byte| format!("\\u{byte:04X}")),
        each(|byte| format!("\0{}", char::from(byte))),
        STANDARD.encode_to_string(format!("a{token}??")),
        STANDARD.encode_to_string(format!("ab{token}")),
        URL_SAFE_NO_PAD.encode_to_string(format!("abc{token}")),
    ] {
        let seen = std::panic::catch_unwind(|| tokens_in(&format!("before {disguise} after")));
        assert!(seen.is_err(), "{disguise}");
    }
    for shown in [token.clone(), token.to_ascii_uppercase(), token.to_ascii_lowercase()] {
        assert!(tokens_in(&format!("before {shown} after")).contains(&token), "{shown}");
    }
    assert!(tokens_in("nothing").is_empty());
}
