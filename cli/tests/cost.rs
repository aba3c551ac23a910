//! `whiteout cost`: the figures of docs/COST.md come from it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

#[path = "privacy/run.rs"]
#[allow(dead_code, reason = "what another test needs")]
mod run;

use serde_json::Value;

use run::{Folder, whiteout};

const DOCUMENT: &str = include_str!("../../docs/COST.md");
const MODEL: &str = include_str!("../src/cost/model.yaml");

/// The columns of the document's table, with what they change.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("HTTP API, on demand", &[]),
    ("Function URL, on demand", &["--set", "api_request=0"]),
    ("HTTP API, provisioned", &["--set", "on_demand=0", "--set", "shards=1"]),
    ("single events", &["--set", "events_per_request=1"]),
    ("1 million a month", &["--events-per-month", "1000000"]),
];

fn cost(args: &[&str]) -> Value {
    let args: Vec<_> = ["cost", "--json"].into_iter().chain(args.iter().copied()).collect();
    let ran = whiteout(&args, b"");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    serde_json::from_str(&ran.out).unwrap()
}

/// The cells of a row of a table in Markdown, without its emphasis.
fn cells(line: &str) -> Vec<String> {
    let clean = |cell: &str| cell.trim().trim_matches(['*', '`']).to_owned();
    line.trim().trim_matches('|').split('|').map(clean).collect()
}

/// What the command says for a row of the document's table.
fn figure(bill: &Value, row: &str) -> f64 {
    let value = match row {
        "total" => &bill["total"],
        "of it fixed" => &bill["fixed"],
        "a million events, without what is fixed" => &bill["million_events"]["without_fixed"],
        "a million events, all" => &bill["million_events"]["all"],
        part => &bill["costs"][part],
    };
    value.as_f64().unwrap_or_else(|| panic!("no figure for {row}"))
}

#[test]
fn the_document_shows_the_model_that_is_computed() {
    let block = DOCUMENT.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(block, MODEL, "docs/COST.md and cli/src/cost/model.yaml are to hold the same");
}

#[test]
fn the_figures_of_the_document_come_from_the_command() {
    let table = DOCUMENT.split("\n## The example\n").nth(1).unwrap();
    let rows: Vec<_> = table
        .lines()
        .skip_while(|line| !line.starts_with('|'))
        .take_while(|line| line.starts_with('|'))
        .map(cells)
        .collect();
    assert_eq!(rows[0][1..], COLUMNS.map(|(name, _)| name));
    let bills = COLUMNS.map(|(_, args)| cost(args));
    for row in &rows[2..] {
        for (shown, bill) in row[1..].iter().zip(&bills) {
            assert_eq!(*shown, format!("{:.2}", figure(bill, &row[0])), "{}", row[0]);
        }
    }
    // Every part has a row.
    let parts = bills[0]["costs"].as_object().unwrap().len();
    assert_eq!(rows.len() - 2, parts + 4);
}

#[test]
fn the_sentences_of_the_document_come_from_the_command() {
    let [first, _, shards, single, _] = COLUMNS.map(|(_, args)| cost(args));
    let one_day = cost(&["--set", "on_demand=0", "--set", "shards=1", "--set", "retention_days=0"]);
    let of = |bill: &Value, row: &str| figure(bill, row);
    let computing: f64 =
        ["collector", "enricher", "pseudonymizer"].map(|it| of(&first, it)).iter().sum();
    let dearer = of(&single, "a million events, without what is fixed")
        / of(&first, "a million events, without what is fixed");
    for shown in [
        format!(
            "Four shards are {:.0} dollars cheaper",
            of(&first, "total") - of(&shards, "total")
        ),
        format!(
            "they are {:.2} dollars instead of {:.2}",
            of(&one_day, "streams_provisioned_fixed"),
            of(&shards, "streams_provisioned_fixed")
        ),
        format!("the whole without what is fixed {dearer:.1} times"),
        format!("is {computing:.2} of {:.2} dollars", of(&first, "total")),
    ] {
        assert!(DOCUMENT.contains(&shown), "docs/COST.md lacks: {shown}");
    }
}

#[test]
fn rates_and_settings_change_inputs_and_nothing_else() {
    let folder = Folder::new();
    let rates = folder.file(
        "r.yaml",
        "dated: 2027-01\ninputs:\n  prices: {log_gb: 0, api_request: 7}\n  shards: 1\n",
    );
    let bill = cost(&["--rates", &rates, "--set", "api_request=0"]);
    assert_eq!(bill["dated"], "2027-01");
    assert_eq!((figure(&bill, "logs"), figure(&bill, "api")), (0.0, 0.0));
    assert_eq!(bill["inputs"]["shards"], 1.0);
    assert_eq!(bill["inputs"]["seconds"], 2_628_000.0);
    // The model itself is a file of rates only without its formulas.
    let whole = folder.file("model.yaml", MODEL);
    for (args, code, expected) in [
        (&["--rates", &whole][..], 1, "costs is not known"),
        (&["--rates", "/nowhere"], 1, "/nowhere"),
        (&["--set", "shardz=1"], 2, "shardz: the model has no such input"),
        (&["--events-per-month", "0"], 1, "divides by zero"),
        (&["--set", "shards"], 2, "NAME=VALUE"),
    ] {
        let args: Vec<_> = ["cost"].into_iter().chain(args.iter().copied()).collect();
        let ran = whiteout(&args, b"");
        assert_eq!((ran.code, ran.out.as_str()), (code, ""), "{args:?}");
        assert!(ran.err.contains(expected), "{args:?}: {}", ran.err);
    }
}

#[test]
fn the_table_has_a_line_for_each_part() {
    let ran = whiteout(&["cost"], b"");
    assert_eq!(ran.code, 0);
    assert!(ran.out.starts_with("30 million events a month; US dollars, prices: "), "{}", ran.out);
    let (bill, lines) = (cost(&[]), ran.out.lines().collect::<Vec<_>>());
    assert_eq!(lines.len(), 3 + bill["costs"].as_object().unwrap().len() + 3);
    assert!(lines.iter().any(|line| line.starts_with("total ") && line.contains("177.85")));
}
