//! What scripts do to events, and what they cannot do.

use std::time::{Duration, Instant};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn event() -> EnrichedEvent<'static> {
    let mut event = EnrichedEvent::new();
    for (column, text) in [
        (Column::AppId, "shop"),
        (Column::EventId, "5a7a0f2e-0000-4000-8000-000000000001"),
        (Column::EtlTstamp, "2026-01-02 03:04:05.678"),
        (Column::DomainSessionidx, "7"),
        (Column::TxnId, "41"),
        (Column::SeValue, "12.50"),
        (Column::BrCookies, "1"),
        (Column::Useragent, "Mozilla/5.0 Café"),
    ] {
        event.set(column, text);
    }
    event
}

/// Runs the body of `process`; gives its JSON or the problem, and the desk.
fn run(body: &str) -> (Result<String, String>, Desk) {
    let source = format!("function process(event, params, headers) {{ {body} }}");
    let script = Script::new(source, r#"{"limit":3}"#.to_owned()).expect("a script");
    script.run(desk(event(), Vec::new()), &["Host: shop.example", "X-A: b"])
}

fn given(body: &str) -> String {
    run(&format!("return [{body}]")).0.unwrap_or_else(|problem| problem)
}

#[test]
fn columns_are_seen_as_what_they_are() {
    for (body, expected) in [
        ("event.getApp_id()", r#"["shop"]"#),
        ("event.app_id", r#"["shop"]"#),
        ("event.getUser_id()", "[null]"),
        ("event.getDomain_sessionidx() + 1", "[8]"),
        ("event.getTxn_id()", r#"["41"]"#),
        ("event.getSe_value() * 2", "[25]"),
        ("event.getBr_cookies()", "[1]"),
        ("event.getUseragent().indexOf('Café')", "[12]"),
        ("event.getContexts()", "[null]"),
        ("event.getDerived_contexts()", "[null]"),
        ("params.limit", "[3]"),
        ("headers.length, headers[1]", r#"[2,"X-A: b"]"#),
        ("new Date().toISOString(), Date.now()", r#"["2026-01-02T03:04:05.678Z",1767323045678]"#),
        ("new Date(5).getTime(), new Date('1970-01-01T00:00:01Z').getTime()", "[5,1000]"),
        ("typeof Date(), new Date() instanceof Date", r#"["string",true]"#),
        (
            "typeof require, typeof process, typeof java, typeof XMLHttpRequest, typeof std, typeof os",
            r#"["undefined","function","undefined","undefined","undefined","undefined"]"#,
        ),
        ("[3,1,2].sort().concat([4]).reverse().join('-')", r#"["4-3-2-1"]"#),
        ("[[1,[2]],[3]].flat(2), [1,2].flatMap(x => [x, x])", "[[1,2,3],[1,1,2,2]]"),
        (
            "'a-b-c'.split('-'), 'a-b'.replace('-', '+'), 'aXb'.split(/x/i), 'abc'.split()",
            r#"[["a","b","c"],"a+b",["a","b"],["abc"]]"#,
        ),
        (
            "'a1b2'.replace(/[0-9]/g, d => d * 2), 'x'.repeat(3), ' y '.trim()",
            r#"["a2b4","xxx","y"]"#,
        ),
        (
            "Object.keys({a:1}), encodeURIComponent('ä'), parseInt('12px', 10)",
            r#"[["a"],"%C3%A4",12]"#,
        ),
        (
            "JSON.parse('{\"a\":[1]}').a, JSON.stringify({b: undefined, c: NaN})",
            r#"[[1],"{\"c\":null}"]"#,
        ),
        ("(function () { return Array.prototype.slice.call(arguments, 1) })(1, 2, 3)", "[[2,3]]"),
        ("new Map([[1, 2]]).get(1), [...new Set([1, 1])].length, `t${1}`", r#"[2,1,"t1"]"#),
    ] {
        assert_eq!(given(body), expected, "{body}");
    }
}

#[test]
fn setters_change_columns_once_the_script_ends_well() {
    for (body, column, expected) in [
        ("event.setApp_id('other')", Column::AppId, "other"),
        ("event.app_id = 'other'", Column::AppId, "other"),
        ("event.setApp_id(null)", Column::AppId, ""),
        ("event.setApp_id(undefined)", Column::AppId, ""),
        ("event.setApp_id(5)", Column::AppId, "5"),
        ("event.setApp_id(new String('x'))", Column::AppId, "x"),
        ("event.setDomain_sessionidx(8)", Column::DomainSessionidx, "8"),
        ("event.setGeo_latitude(1)", Column::GeoLatitude, "1.0"),
        ("event.setSe_value(0.1 + 0.2)", Column::SeValue, "0.30000000000000004"),
        ("event.setBr_cookies(false)", Column::BrCookies, "0"),
        ("event.setDerived_contexts('nothing')", Column::DerivedContexts, ""),
        ("event.setUser_id('a'); event.setUser_id(event.getUser_id() + 'b')", Column::UserId, "ab"),
    ] {
        let (result, desk) = run(body);
        assert_eq!(result.as_deref(), Ok("[]"), "{body}");
        let found =
            desk.changes.get(&column).map_or_else(|| desk.event.get(column), String::as_str);
        assert_eq!(found, expected, "{body}");
    }
}

#[test]
fn what_is_wrong_is_told_in_words() {
    for (body, expected) in [
        ("throw 'Javascript exception'", "Javascript exception"),
        ("throw new Error('no')", "Error: no"),
        ("throw null", "the script takes too much memory"),
        ("throw {toString() { throw 1 }}", "something that has no text"),
        ("event.getNo_such()", "TypeError: not a function"),
        ("nowhere()", "ReferenceError: nowhere is not defined"),
        ("event.setApp_id({})", "TypeError: setApp_id takes a text, a number or null, not object"),
        (
            "event.setDomain_sessionidx('x')",
            "TypeError: setDomain_sessionidx: takes a whole number of 32 bits",
        ),
        (
            "event.setTrue_tstamp('today')",
            "TypeError: setTrue_tstamp: takes a time as 2026-01-02 03:04:05.678",
        ),
        ("const get = event.getApp_id; get()", "TypeError: the event is no longer there"),
        ("return () => 1", "the result is no JSON"),
        ("const a = {}; a.a = a; return a", "TypeError: circular reference"),
        ("eval('1')", "ReferenceError: eval is not defined"),
        ("new Function('return 1')()", "TypeError: code in a text is not run"),
        ("(() => 1).constructor('return 1')", "TypeError: code in a text is not run"),
        ("Promise.resolve(1).then(x => x)", "the script waits for something, and nothing comes"),
    ] {
        assert_eq!(run(body).0, Err(execution(expected)), "{body}");
    }
}

#[test]
fn results_that_are_no_entities_are_refused() {
    for (text, expected) in [
        (
            "{}",
            "Output of JavaScript function [{}] could be parsed as JSON but is not read as an array",
        ),
        (
            "[{}]",
            "Resulting contexts are not self-describing. Error(s): [error code:[INVALID_DATA_PAYLOAD],json:[{}]]",
        ),
        (
            r#"[{"schema":"iglu:a/b/jsonschema/1-0-0","data":{}},{"schema":"x","data":1}]"#,
            r#"Resulting contexts are not self-describing. Error(s): [error code:[INVALID_IGLUURI],json:[{"schema":"x","data":1}]]"#,
        ),
    ] {
        assert_eq!(contexts_of(text).map(|contexts| contexts.len()), Err(expected.to_owned()));
    }
    let fine = r#"[{"schema":"iglu:a/b/jsonschema/1-0-0","data":{"c":1}}]"#;
    assert_eq!(
        contexts_of(fine).expect("entities")[0].text(),
        fine.trim_start_matches('[').trim_end_matches(']')
    );
    assert!(contexts_of("[]").expect("none").is_empty());
}

#[test]
fn scripts_that_cannot_be_used_are_refused_at_start() {
    for (source, expected) in [
        ("", "it is empty"),
        ("function process(", "missing formal parameter"),
        ("const x = 1", "there is no function `process`"),
        (
            "function process(event) { return 2n ** 3n }",
            "big integers (`1n`) are not available, also not in a text",
        ),
        ("while (true) {}", "the script takes too long"),
        ("throw new Error('at once')", "at once"),
    ] {
        let problem = Script::new(source.to_owned(), "{}".to_owned()).err();
        assert_eq!(problem.as_deref(), Some(expected), "{source}");
    }
    for source in [
        "const process = event => []",
        "process = function () {}",
        "var p1n, $1n; function process() {}",
    ] {
        assert!(Script::new(source.to_owned(), "{}".to_owned()).is_ok(), "{source}");
    }
}

#[test]
fn globals_stay_and_events_do_not() {
    let source = "var seen = 0, kept = null;
        function process(event) { seen += 1; if (kept) return [seen, kept.getApp_id()]; kept = event; return [seen] }";
    let script = Script::new(source.to_owned(), "{}".to_owned()).expect("a script");
    let next = || script.run(desk(event(), Vec::new()), &[]).0;
    assert_eq!(next().as_deref(), Ok("[1]"));
    assert_eq!(next(), Err(execution("TypeError: the event is no longer there")));
}

#[test]
fn chance_is_the_same_for_the_same_event() {
    let (first, again) =
        (given("Math.random(), Math.random()"), given("Math.random(), Math.random()"));
    assert_eq!(first, again);
    let numbers: Vec<f64> = serde_json::from_str(&first).expect("numbers");
    assert!(
        (numbers[0] - numbers[1]).abs() > 0.0
            && numbers.iter().all(|number| (0.0..1.0).contains(number))
    );
}

#[test]
fn dropping_and_erasing_are_noted() {
    let (result, desk) = run("event.drop(); event.eraseDerived_contexts()");
    assert!(result.is_ok() && desk.is_dropped && desk.is_erased);
}

#[test]
fn what_an_earlier_event_left_is_no_later_ones_fault() {
    let source = "const all = []; function process(event) { all.push('x'.repeat(4000000) + all.length); return [all.length] }";
    let script = Script::new(source.to_owned(), "{}".to_owned()).expect("a script");
    for turn in 0..12 {
        let (result, _) = script.run(desk(event(), Vec::new()), &[]);
        assert!(result.is_ok(), "{turn}: {result:?}");
    }
}

/// Far more than `TIME_MAX` and what one built-in function can take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn every_bomb_ends() {
    let bombs = include_str!("script/bombs.txt");
    for body in bombs.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let start = Instant::now();
        let (result, desk) = run(body);
        assert!(start.elapsed() < PATIENCE, "{body}");
        assert!(result.is_err(), "{body}: {} bytes", result.map_or(0, |json| json.len()));
        assert_eq!(desk.event, event(), "{body}");
    }
}

/// Pieces that scripts are put together of, most of them nonsense together.
const PIECES: [&str; 24] = [
    "event.",
    "getApp_id()",
    "setApp_id(",
    "setSe_value(",
    "drop();",
    "'text'",
    "1e400",
    "null",
    ")",
    ";",
    "{",
    "}",
    "[",
    "while(1)",
    "throw ",
    "return ",
    "headers",
    "params",
    "let a=",
    "=>",
    "JSON.stringify(",
    "new Array(4294967295).",
    "sort()",
    "try{",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_script_ends_and_only_changes_columns_if_it_ends_well(
        pieces in vec(select(&PIECES[..]), 0..12),
        noise in "\\PC{0,12}",
        texts in vec("\\PC{0,20}", 131),
    ) {
        let source = format!("function process(event, params, headers) {{ {}{noise} }}", pieces.concat());
        if let Ok(script) = Script::new(source, "{}".to_owned()) {
            let mut event = EnrichedEvent::new();
            for (column, text) in Column::ALL.into_iter().zip(&texts) {
                event.set(column, text.clone());
            }
            let (_, used) = script.run(desk(event.clone(), Vec::new()), &["a: b"]);
            prop_assert!(used.event == event);
        }
        prop_assert!(contexts_of(&pieces.concat()).is_err() || !pieces.is_empty());
    }
}
