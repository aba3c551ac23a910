//! Cases as data: `tests/cases/bad_events/<case>/`. The first policy's output is `expected.json`,
//! the second's `expected.strict.json`; requests in base64 are shown as text.

mod canaries;

use std::path::{Path, PathBuf};

use collector_payload::CollectorPayload;
use serde_json::Value;

use crate::{Constant, Defect, Policy, Pseudonyms, Rewriter};

pub(super) const GITLAB: &str = include_str!("../../../../policies/gitlab.yaml");
pub(super) const STRICT: &str = include_str!("../../../../policies/strict.yaml");

/// The cases, by name.
pub(super) fn cases() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/bad_events");
    let mut cases: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
        .collect();
    cases.sort();
    cases
}

/// What becomes of a line; an error if it is quarantined.
pub(super) fn treated(
    policy: &Policy,
    pseudonyms: impl Pseudonyms,
    line: &[u8],
    sealed: Option<&str>,
) -> Result<String, Defect> {
    let mut out = String::from("before");
    let mut rewriter = Rewriter::new(policy, pseudonyms, "k1");
    let done = rewriter.bad_event(line, sealed, &mut out);
    let treated = out.strip_prefix("before").unwrap().to_owned();
    assert!(done.is_ok() || treated.is_empty());
    done.map(|()| treated)
}

/// The request that a text holds in base64.
pub(super) fn request(text: &str) -> Option<CollectorPayload<'static>> {
    let bytes = base64_simd::STANDARD.decode_to_vec(text).ok()?.leak();
    CollectorPayload::decode(bytes).ok().filter(|payload| payload.schema.is_some())
}

/// One value or key per line, as the files have it; requests readable.
fn pretty(text: &str) -> String {
    let (mut shown, mut depth, mut is_text, mut is_escaped) = (String::new(), 0, false, false);
    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let is_empty = matches!(characters.peek(), Some('}' | ']'));
        if is_text {
            is_text = is_escaped || character != '"';
            is_escaped = !is_escaped && character == '\\';
            shown.push(character);
            continue;
        }
        match character {
            '{' | '[' if is_empty => {
                shown.push(character);
                shown.extend(characters.next());
            }
            '{' | '[' => {
                depth += 1;
                shown.push(character);
                shown.push_str(&line(depth));
            }
            '}' | ']' => {
                depth -= 1;
                shown.push_str(&line(depth));
                shown.push(character);
            }
            ',' => {
                shown.push(character);
                shown.push_str(&line(depth));
            }
            ':' => shown.push_str(": "),
            _ => {
                is_text = character == '"';
                shown.push(character);
            }
        }
    }
    shown.push('\n');
    let json: Value = serde_json::from_str(text).unwrap();
    for place in ["/line", "/data/payload"] {
        let encoded = json.pointer(place).and_then(Value::as_str).unwrap_or_default();
        if let Some(request) = request(encoded) {
            let quoted = Value::from(request.as_text(usize::MAX)).to_string();
            shown = shown.replace(&Value::from(encoded).to_string(), &quoted);
        }
    }
    shown
}

#[test]
fn bad_events_become_what_the_files_say() {
    for (source, file) in [(GITLAB, "expected.json"), (STRICT, "expected.strict.json")] {
        let policy = Policy::parse(source).unwrap();
        for (name, folder) in cases() {
            let line = std::fs::read(folder.join("input.json")).unwrap();
            let found = treated(&policy, Constant, &line, None).unwrap();
            assert!(!found.contains('\n') && !found.contains("alex"), "{name}: {found}");
            let found = pretty(&found).replace(&policy.fingerprint, "FINGERPRINT");
            let expected = std::fs::read_to_string(folder.join(file)).unwrap_or_default();
            assert_eq!(found, expected, "{name}, {file}");
        }
    }
}

#[test]
fn the_sealed_original_goes_along_at_the_end() {
    let policy = Policy::parse(GITLAB).unwrap();
    for (name, folder) in cases() {
        let line = std::fs::read(folder.join("input.json")).unwrap();
        let plain = treated(&policy, Constant, &line, None).unwrap();
        let sealed = treated(&policy, Constant, &line, Some("c2VhbGVk")).unwrap();
        let is_row = name != "legacy" && name != "foreign";
        let end = if is_row { "}}" } else { "}" };
        let start = plain.strip_suffix(end).unwrap();
        assert_eq!(sealed, format!(r#"{start},"sealed":"c2VhbGVk"{end}"#), "{name}");
    }
}

#[test]
fn nothing_is_added_where_the_policy_wants_nothing() {
    let policy = STRICT.replace("audit: derived_contexts", "audit: none");
    let policy = Policy::parse(&policy).unwrap();
    for (line, expected) in [
        ("{}", "{}"),
        (r#"{"line":"","errors":[]}"#, r#"{"line":"","errors":[]}"#),
        (r#"{"a":1}"#, r#"{"PSEUDONYM":"PSEUDONYM"}"#),
    ] {
        assert_eq!(treated(&policy, Constant, line.as_bytes(), None).as_deref(), Ok(expected));
    }
}

#[test]
fn what_is_no_object_has_a_defect() {
    let policy = Policy::parse(STRICT).unwrap();
    for (line, defect) in [
        (&b""[..], Defect::Empty),
        (b"\xff{}", Defect::NotUtf8),
        (b"{", Defect::Json(None)),
        (b" ", Defect::Json(None)),
        (b"{}{}", Defect::Json(None)),
        (b"[]", Defect::Shape(None)),
        (b"\"text\"", Defect::Shape(None)),
    ] {
        assert_eq!(treated(&policy, Constant, line, None), Err(defect));
    }
    let nested = |depth: usize| {
        let line = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        treated(&policy, Constant, line.as_bytes(), None).map(|_| ())
    };
    let max = crate::json::DEPTH_MAX - 1;
    assert_eq!((nested(max), nested(max + 1)), (Ok(()), Err(Defect::Json(None))));
}

#[test]
fn a_query_is_treated_up_to_its_limit() {
    let policy = Policy::parse(GITLAB).unwrap();
    let query = |count: usize| {
        let mut rewriter = Rewriter::new(&policy, Constant, "k1");
        rewriter.query(&vec!["p=web"; count].join("&"), tracker_protocol::Charset::Utf8)
    };
    let max = super::parameters::QUERY_PARAMETERS_MAX;
    assert_eq!(query(max), vec!["p=web"; max].join("&"));
    assert_eq!(query(max + 1), "PSEUDONYM");
}
