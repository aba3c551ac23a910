//! The page of `whiteout local` and its API, asked as a browser asks.

use std::io::{BufRead as _, BufReader, Write as _};

use serde_json::{Value, json};

use crate::pipeline::Pipeline;

const TP2: &str = "/com.snowplowanalytics.snowplow/tp2";
const GOOD: &str =
    "/i?e=pv&p=web&aid=gitlab&uid=joe&page=Cart&eid=11111111-1111-4111-8111-111111111111";
const CLICK: &str = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1";

/// An answer: its status, its head and its body.
fn ask(pipeline: &Pipeline, request: &str, body: &str) -> (u16, String, String) {
    let length = body.len();
    let bytes = format!(
        "{request} HTTP/1.1\r\nHost: local\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let answer = pipeline.exchange(bytes.as_bytes());
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_owned(), body.to_owned())
}

fn get(pipeline: &Pipeline, path: &str) -> Value {
    let (status, _, body) = ask(pipeline, &format!("GET /whiteout/api/{path}"), "");
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

fn post(pipeline: &Pipeline, path: &str, body: &Value) -> (u16, Value) {
    let (status, _, answer) =
        ask(pipeline, &format!("POST /whiteout/api/{path}"), &body.to_string());
    (status, serde_json::from_str(&answer).unwrap())
}

fn send(pipeline: &Pipeline, target: &str) {
    assert_eq!(ask(pipeline, &format!("GET {target}"), "").0, 200, "{target}");
}

/// A request with one good event and one against its schema.
fn send_two(pipeline: &Pipeline) {
    let click = json!({"schema": CLICK, "data": {"elementId": 1}});
    let click = json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0",
        "data": click,
    });
    let body = json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
        "data": [
            {"e": "ue", "p": "web", "tv": "t", "aid": "gitlab", "ue_pr": click.to_string()},
            {"e": "se", "p": "web", "tv": "t", "aid": "gitlab", "se_ca": "c", "se_ac": "a", "uid": "ann"},
        ],
    });
    let bytes = body.to_string();
    assert_eq!(ask(pipeline, &format!("POST {TP2}"), &bytes).0, 200);
}

fn ids(list: &Value) -> Vec<i64> {
    list["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
}

#[test]
fn the_page_and_its_files_are_served_and_nothing_else_is() {
    let pipeline = Pipeline::start(&[]);
    for path in ["/", "/micro/ui", "/micro/ui/", "/whiteout/space/a/", "/whiteout/space/a/micro/ui"]
    {
        let (status, head, body) = ask(&pipeline, &format!("GET {path}"), "");
        assert_eq!(status, 200, "{path}");
        assert!(head.contains("Content-Security-Policy: default-src 'self';"), "{head}");
        // Whatever the page names is there, and nothing is written between.
        for name in
            body.split("/whiteout/assets/").skip(1).map(|rest| rest.split('"').next().unwrap())
        {
            assert_eq!(
                ask(&pipeline, &format!("GET /whiteout/assets/{name}"), "").0,
                200,
                "{name}"
            );
        }
        assert!(!body.contains("<style") && !body.contains(" style=") && !body.contains("://"));
    }
    let (status, head, script) = ask(&pipeline, "GET /whiteout/assets/app.js", "");
    assert!(status == 200 && head.contains("text/javascript"), "{head}");
    for name in script.split("from './").skip(1).map(|rest| rest.split('\'').next().unwrap()) {
        assert_eq!(ask(&pipeline, &format!("GET /micro/ui/{name}"), "").0, 200, "{name}");
    }
    for path in ["/micro/ui/none.js", "/whiteout/assets/none.js", "/whiteout/assets/../local.rs"] {
        assert_eq!(ask(&pipeline, &format!("GET {path}"), "").0, 404, "{path}");
    }
    assert!(pipeline.stream("raw-good").is_empty(), "the page is no event");
}

#[test]
fn only_its_own_page_may_read_the_api() {
    let pipeline = Pipeline::start(&[]);
    let is_open = |path: &str| {
        let (_, head, _) = ask(&pipeline, &format!("GET {path}"), "");
        head.contains("Access-Control-Allow-Origin")
    };
    assert!(!is_open("/whiteout/api/counts") && !is_open("/whiteout/api/events"));
    assert!(is_open("/whiteout/streams/raw-good") && is_open("/micro/all"));
}

#[test]
fn the_collectors_own_root_is_not_hidden() {
    let pipeline = Pipeline::start(&["--set", "ROOT_ENABLED=true", "--set", "ROOT_STATUS=204"]);
    assert_eq!(ask(&pipeline, "GET /", "").0, 204);
    assert_eq!(ask(&pipeline, "GET /micro/ui", "").0, 200);
}

#[test]
fn events_are_listed_newest_first_by_kind_text_and_place() {
    let pipeline = Pipeline::start(&[]);
    assert_eq!(get(&pipeline, "events")["events"], json!([]));
    send(&pipeline, GOOD);
    send_two(&pipeline);
    let all = get(&pipeline, "events");
    assert_eq!(all["total"], 4);
    let known = ids(&all);
    assert!(known.windows(2).all(|pair| pair[0] > pair[1]), "{known:?}");
    let first = &all["events"][3];
    assert_eq!(
        (&first["kind"], &first["name"], &first["about"]),
        (&json!("good"), &json!("page_view"), &json!("Cart"))
    );
    for (kind, count) in [("good", 2), ("bad", 1), ("incomplete", 1)] {
        let list = get(&pipeline, &format!("events?kind={kind}"));
        assert_eq!(list["total"], count, "{kind}");
        assert!(list["events"].as_array().unwrap().iter().all(|event| event["kind"] == kind));
    }
    assert_eq!(ids(&get(&pipeline, &format!("events?before={}", known[1]))), known[2..]);
    assert_eq!(ids(&get(&pipeline, &format!("events?after={}", known[1]))), known[..1]);
    let page = get(&pipeline, "events?limit=2");
    assert_eq!(
        (ids(&page), &page["more"], &page["total"]),
        (known[..2].to_vec(), &json!(true), &json!(4))
    );
    for (text, count) in
        [("ann", 1), ("ANN", 1), ("Cart", 1), ("link_click", 2), ("%25", 0), ("_nn", 0)]
    {
        assert_eq!(get(&pipeline, &format!("events?q={text}"))["total"], count, "{text}");
    }
    let bad = &get(&pipeline, "events?kind=bad")["events"][0];
    let found = get(&pipeline, &format!("events?q={}", bad["fingerprint"].as_str().unwrap()));
    assert_eq!(found["total"], 1, "a bad event is found by its fingerprint");
}

#[test]
fn what_makes_no_sense_is_an_error_in_words() {
    let pipeline = Pipeline::start(&[]);
    for (request, status, word) in [
        ("GET /whiteout/api/events?limit=0", 400, "limit"),
        ("GET /whiteout/api/events?limit=1001", 400, "1000"),
        ("GET /whiteout/api/events?wait=61", 400, "wait"),
        ("GET /whiteout/api/events?kind=ugly", 400, "incomplete"),
        ("GET /whiteout/api/events/x", 400, "number"),
        ("GET /whiteout/api/events/4711", 404, "no such event"),
        ("GET /whiteout/api/none", 404, "policy/try"),
        ("POST /whiteout/api/events", 405, "method"),
        ("GET /whiteout/api/sql", 405, "method"),
        ("POST /whiteout/api/sql", 400, "JSON"),
    ] {
        let (found, _, body) = ask(&pipeline, request, "");
        let error: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(found, status, "{request}: {body}");
        assert!(error["error"].as_str().unwrap().contains(word), "{request}: {body}");
    }
    let long = "x".repeat(201);
    assert_eq!(ask(&pipeline, &format!("GET /whiteout/api/events?q={long}"), "").0, 400);
    assert_eq!(ask(&pipeline, &format!("GET /whiteout/api/events?q={}", &long[1..]), "").0, 200);
}

#[test]
fn a_list_may_wait_for_its_first_event() {
    let pipeline = Pipeline::start(&[]);
    let mut waiting = pipeline.connect();
    waiting
        .write_all(
            b"GET /whiteout/api/events?kind=good&wait=15 HTTP/1.1\r\nConnection: close\r\n\r\n",
        )
        .unwrap();
    // A bad event does not end the wait.
    ask(&pipeline, &format!("POST {TP2}"), "nonsense");
    send(&pipeline, GOOD);
    let answer = crate::pipeline::read_all(waiting);
    assert!(answer.contains("\"name\":\"page_view\""), "{answer}");
    assert_eq!(get(&pipeline, "events?kind=incomplete&wait=1")["events"], json!([]));
}

#[test]
fn an_event_shows_its_whole_way() {
    let pipeline = Pipeline::start(&[]);
    send(&pipeline, GOOD);
    let id = ids(&get(&pipeline, "events"))[0];
    let event = get(&pipeline, &format!("events/{id}"));
    assert_eq!(event["requests"][0]["query"], GOOD.split_once('?').unwrap().1);
    assert_eq!(event["requests"][0]["ip"], "127.0.0.1");
    let parameters = event["parameters"].as_array().unwrap();
    assert!(parameters.contains(&json!({"name": "uid", "value": "joe"})));
    let named = |list: &str, name: &str| {
        let cells = event[list].as_array().unwrap();
        cells.iter().find(|cell| cell["column"] == name).cloned()
    };
    let user = named("enriched", "user_id").unwrap();
    assert_eq!((&user["value"], &user["parameter"]), (&json!("joe"), &json!("uid")));
    let values = event["values"].as_array().unwrap();
    let user = values.iter().find(|value| value["place"] == "column user_id").unwrap();
    assert_eq!((&user["before"], &user["fate"]), (&json!("joe"), &json!("pseudonymized")));
    assert!(user["line"].as_u64().unwrap() > 0);
    // What was delivered is what the explanation says.
    assert_eq!(named("treated", "user_id").unwrap()["value"], user["after"]);
    assert!(named("treated", "user_ipaddress").is_none());
    let key = event["delivered"]["key"].as_str().unwrap();
    assert_eq!(ask(&pipeline, &format!("GET /whiteout/objects/{key}"), "").0, 200);
}

#[test]
fn a_bad_event_shows_its_row_its_treated_form_and_its_class() {
    let pipeline = Pipeline::start(&[]);
    send_two(&pipeline);
    let bad = get(&pipeline, "events?kind=bad")["events"][0].clone();
    let event = get(&pipeline, &format!("events/{}", bad["id"]));
    assert_eq!(event["bad"]["row"]["data"]["payload"]["enriched"]["app_id"], "gitlab");
    assert!(event["bad"]["treated"]["schema"].as_str().unwrap().contains("badrows"));
    assert_eq!(event["bad"]["class"]["fingerprint"], bad["fingerprint"]);
    assert!(event["bad"]["class"]["remedy"].is_string());
    assert!(event["values"].as_array().unwrap().iter().any(|value| value["fate"] != "kept"));
    assert_eq!(event["parameters"][0], json!({"name": "e", "value": "ue"}));
    let siblings: Vec<_> =
        event["siblings"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect();
    assert!(siblings.contains(&json!("good")) && siblings.contains(&json!("incomplete")));
    let incomplete = get(&pipeline, "events?kind=incomplete")["events"][0]["id"].clone();
    let event = get(&pipeline, &format!("events/{incomplete}"));
    assert!(event["delivered"].is_null() && event["bad"].is_null());
    assert!(!event["enriched"].as_array().unwrap().is_empty());
}

#[test]
fn what_the_collector_refuses_is_an_event_too() {
    let pipeline = Pipeline::start(&["--set", "STREAM_GOOD_RECORD_BYTES_MAX=1000"]);
    let text = "x".repeat(3_000);
    ask(&pipeline, &format!("POST {TP2}"), &text);
    let bad = &get(&pipeline, "events?kind=bad")["events"][0];
    let event = get(&pipeline, &format!("events/{}", bad["id"]));
    assert_eq!(event["stream"], "raw-bad");
    assert!(event["requests"].as_array().unwrap().is_empty());
    assert!(!event["values"].as_array().unwrap().is_empty());
    assert_eq!(get(&pipeline, "counts")["raw_bad"], 1);
}

#[test]
fn everything_is_counted() {
    let pipeline = Pipeline::start(&[]);
    send(&pipeline, GOOD);
    send_two(&pipeline);
    let counts = get(&pipeline, "counts");
    for (name, count) in
        [("received", 2), ("good", 2), ("bad", 1), ("incomplete", 1), ("classes", 1)]
    {
        assert_eq!(counts[name], count, "{name}");
    }
    assert_eq!(counts["bad_by_family"].as_object().unwrap().len(), 1);
    let objects = counts["objects"].as_array().unwrap();
    let output = objects.iter().find(|it| it["prefix"] == "output").unwrap();
    assert_eq!((&output["objects"], &output["lines"]), (&json!(2), &json!(2)));
    assert_eq!(counts["loaded"]["gitlab_events"], 2);
    for (stage, count) in [("received", 2), ("good", 2), ("bad", 1), ("incomplete", 1)] {
        let steps = counts["timeline"][stage].as_array().unwrap();
        assert_eq!(steps.len(), 60);
        assert_eq!(steps.iter().filter_map(Value::as_u64).sum::<u64>(), count, "{stage}");
    }
}

#[test]
fn bad_events_are_told_in_groups() {
    let pipeline = Pipeline::start(&[]);
    for _ in 0..3 {
        send_two(&pipeline);
    }
    ask(&pipeline, "GET /wp-admin/setup.php", "");
    ask(&pipeline, &format!("POST {TP2}"), "nonsense");
    let groups = get(&pipeline, "bad-groups");
    let first = &groups["groups"][0];
    assert_eq!((&first["count"], &first["app_id"]), (&json!(3), &json!("gitlab")));
    assert!(first["schema"].as_str().unwrap().contains("link_click"));
    for field in [
        "fingerprint",
        "family",
        "sub_class",
        "severity",
        "pointer",
        "owner",
        "likely_cause",
        "remedy",
        "recoverable",
        "first_seen",
        "last_seen",
    ] {
        assert!(first[field].is_string(), "{field}: {first}");
    }
    assert_eq!(first["is_noise"], false);
    let example = get(&pipeline, &format!("events/{}", first["example"]));
    assert_eq!(example["fingerprint"], first["fingerprint"]);
    let one = get(&pipeline, "bad-groups?limit=1");
    assert_eq!(one["groups"].as_array().unwrap().len(), 1);
    assert_eq!(one["total"], groups["groups"].as_array().unwrap().len());
}

#[test]
fn a_policy_is_tried_on_an_event() {
    let pipeline = Pipeline::start(&[]);
    send(&pipeline, GOOD);
    let policy = get(&pipeline, "policy");
    assert_eq!((&policy["name"], &policy["source"]), (&json!("gitlab"), &json!("gitlab")));
    let yaml = policy["yaml"].as_str().unwrap();
    let attempt = |policy: &str| post(&pipeline, "policy/try", &json!({"policy": policy})).1;

    let same = attempt(yaml);
    assert_eq!(
        (&same["ok"], &same["leaks"], &same["changes"]),
        (&json!(true), &json!(0), &json!([]))
    );

    let open = yaml
        .replace("\nclasses:\n", "\nclasses:\n  anything: {regex: '[ -~]{0,64}'}\n")
        .replace("\n  user_id: {pseudonymize: user}\n", "\n  user_id: {keep: anything}\n");
    let tried = attempt(&open);
    assert_eq!((&tried["ok"], &tried["leaks"]), (&json!(true), &json!(1)), "{tried}");
    let values = tried["values"].as_array().unwrap();
    let leak = values.iter().find(|value| value["leaks"] == true).unwrap();
    assert_eq!((&leak["place"], &leak["after"]), (&json!("column user_id"), &json!("joe")));
    assert_eq!(leak["now_fate"], "pseudonymized");
    assert!(tried["changes"].as_array().unwrap().iter().any(|it| it["kind"] == "exposed"));

    let wrong = attempt(&format!("{yaml}\nnonsense: 1\nmore_nonsense: 2\n"));
    let problems = wrong["problems"].as_array().unwrap();
    assert_eq!((&wrong["ok"], problems.len()), (&json!(false), 2), "{wrong}");
    assert!(problems.iter().all(|problem| problem["line"].as_u64().unwrap() > 0));

    let other = json!({"policy": yaml, "event": 4711});
    assert_eq!(post(&pipeline, "policy/try", &other).0, 404);
}

#[test]
fn queries_read_what_was_loaded_and_write_nothing() {
    let pipeline = Pipeline::start(&[]);
    send(&pipeline, GOOD);
    send_two(&pipeline);
    let sql = |sql: &str| post(&pipeline, "sql", &json!({ "sql": sql }));
    let (status, answer) =
        sql("SELECT app_id, COUNT(*) AS n, NULL AS empty FROM prod.common.events GROUP BY 1");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["columns"], json!(["app_id", "n", "empty"]));
    assert_eq!(answer["rows"], json!([["gitlab", 2, null]]));
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <";
    for (count, is_cut) in [(1_000, false), (1_001, true)] {
        let answer = sql(&format!("{rows} {count}) SELECT i FROM n")).1;
        assert_eq!(
            (answer["rows"].as_array().unwrap().len(), &answer["is_cut"]),
            (1_000, &json!(is_cut))
        );
    }
    for wrong in
        ["DELETE FROM gitlab_events", "SELECT * FROM nowhere", "ATTACH 'x' AS y", "nonsense"]
    {
        let (status, answer) = sql(wrong);
        assert_eq!(status, 400, "{wrong}");
        assert!(answer["error"].is_string());
    }
    for example in get(&pipeline, "sql/examples").as_array().unwrap() {
        let (status, answer) = sql(example["sql"].as_str().unwrap());
        assert_eq!(status, 200, "{example}: {answer}");
    }
}

#[test]
fn a_space_shows_nothing_of_another_one() {
    let pipeline = Pipeline::start(&[]);
    send(&pipeline, GOOD);
    send(&pipeline, &format!("/whiteout/space/one{}", GOOD.replace("aid=gitlab", "aid=gitlab_sm")));
    let other = get(&pipeline, "events");
    assert_eq!(other["total"], 1);
    let inside = |method: &str, path: &str, body: &str| {
        let (status, _, body) =
            ask(&pipeline, &format!("{method} /whiteout/space/one/whiteout/api/{path}"), body);
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let list = inside("GET", "events", "").1;
    assert_eq!((&list["total"], &list["events"][0]["app_id"]), (&json!(1), &json!("gitlab_sm")));
    assert_eq!(inside("GET", &format!("events/{}", ids(&other)[0]), "").0, 404);
    assert_eq!(inside("GET", "counts", "").1["received"], 1);
    for (table, expected) in
        [("events", "gitlab_sm"), ("gitlab_events", "gitlab_sm"), ("event_duplicates", "")]
    {
        let question = json!({"sql": format!("SELECT * FROM {table}")}).to_string();
        let (status, answer) = inside("POST", "sql", &question);
        assert_eq!(status, 200, "{answer}");
        let text = answer["rows"].to_string();
        assert!(text.contains(expected) && !text.contains("\"gitlab\""), "{table}: {text}");
    }
    let spaces = get(&pipeline, "spaces");
    assert_eq!(spaces["spaces"], json!([{"name": "", "events": 1}, {"name": "one", "events": 1}]));
}

/// The messages of a live stream.
fn listen(pipeline: &Pipeline, headers: &str) -> impl Iterator<Item = Value> + use<> {
    let mut stream = pipeline.connect();
    stream
        .write_all(format!("GET /whiteout/api/live HTTP/1.1\r\n{headers}\r\n").as_bytes())
        .unwrap();
    let lines = BufReader::new(stream).lines().map_while(Result::ok);
    lines.filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
}

#[test]
fn new_events_are_told_as_they_come() {
    let pipeline = Pipeline::start(&[]);
    let mut news = listen(&pipeline, "");
    let first = news.next().unwrap();
    assert_eq!((&first["events"], &first["counts"]["good"]), (&json!([]), &json!(0)));
    send(&pipeline, GOOD);
    let second = news.next().unwrap();
    assert_eq!(
        (&second["events"][0]["name"], &second["counts"]["good"]),
        (&json!("page_view"), &json!(1))
    );
    assert_eq!((&second["dropped"], &second["reset"]), (&json!(0), &json!(false)));
    let id = second["events"][0]["id"].clone();
    send_two(&pipeline);
    assert_eq!(news.next().unwrap()["events"].as_array().unwrap().len(), 3);
    ask(&pipeline, "POST /whiteout/reset", "");
    assert_eq!(news.next().unwrap()["reset"], true);
    // Who comes back is told what it missed.
    send(&pipeline, GOOD);
    let mut again = listen(&pipeline, &format!("Last-Event-ID: {id}\r\n"));
    assert_eq!(again.next().unwrap()["events"].as_array().unwrap().len(), 1);
}

#[test]
fn of_many_events_at_once_the_newest_are_told_and_the_rest_counted() {
    let pipeline = Pipeline::start(&[]);
    let mut news = listen(&pipeline, "");
    news.next().unwrap();
    let event =
        json!({"e": "se", "p": "web", "tv": "t", "aid": "gitlab", "se_ca": "c", "se_ac": "a"});
    let body = json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4",
        "data": vec![event; 200],
    });
    ask(&pipeline, &format!("POST {TP2}"), &body.to_string());
    let told = news.next().unwrap();
    assert_eq!(told["events"].as_array().unwrap().len(), 50);
    assert_eq!((&told["dropped"], &told["counts"]["good"]), (&json!(150), &json!(200)));
    let list = get(&pipeline, "events?limit=1");
    assert_eq!(told["events"][0]["id"], list["events"][0]["id"]);
}
