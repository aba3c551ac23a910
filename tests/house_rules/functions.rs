//! What every function has beside its code, and that its variables are the same everywhere.

use regex_lite::Regex;
use syn::visit::Visit;
use yaml_rust2::Yaml;

use super::{assert_none, files, read, tracked};
use crate::template::template;

/// A row of a function's table of variables.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) default: String,
}

/// The table in a function's configuration.
pub(crate) fn variables_of(function: &str) -> Vec<Row> {
    let rows: Vec<_> = config_of(function).iter().flat_map(|(_, text)| rows(text)).collect();
    assert!(!rows.is_empty(), "functions/{function}/src/config/table.rs: has no rows");
    rows
}

/// The sources of a function's configuration.
fn config_of(function: &str) -> Vec<(String, String)> {
    let start = format!("functions/{function}/src/config");
    let sources = files::sources().into_iter().filter(|path| path.starts_with(&start));
    sources.map(|path| (path.clone(), read(&path))).collect()
}

/// The rows `row(name, kind, key, default, example)` in `VARIABLES`.
fn rows(source: &str) -> Vec<Row> {
    struct Find(Vec<Row>);
    impl<'a> Visit<'a> for Find {
        fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
            let text = |at: usize| match call.args.get(at) {
                Some(syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. })) => text.value(),
                _ => String::new(),
            };
            if matches!(&*call.func, syn::Expr::Path(path) if path.path.is_ident("row")) {
                self.0.push(Row { name: text(0), key: text(2), default: text(3) });
            }
        }
    }
    let mut find = Find(Vec::new());
    let file = syn::parse_file(source).unwrap();
    for item in &file.items {
        if let syn::Item::Const(constant) = item
            && constant.ident == "VARIABLES"
        {
            find.visit_item_const(constant);
        }
    }
    find.0
}

#[test]
fn every_function_has_a_readme_and_sample_events() {
    let tracked = tracked();
    let findings: Vec<_> = files::functions().iter().flat_map(|f| samples(f, &tracked)).collect();
    assert_none(
        &findings,
        "a function has a README.md and sample events",
        "write functions/<f>/README.md, and events/<f>/<what it is>.json",
    );
}

fn samples(function: &str, tracked: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    let readme = format!("functions/{function}/README.md");
    if !tracked.contains(&readme) {
        findings.push(format!("{readme}:1: is not there"));
    }
    let folder = format!("events/{function}/");
    let is_sample = |path: &String| path.starts_with(&folder) && is_json(path);
    if !tracked.iter().any(is_sample) {
        findings.push(format!("{folder}:1: has no *.json"));
    }
    findings
}

fn is_json(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "json")
}

#[test]
fn sample_events_are_json_of_a_function_that_exists() {
    let functions = files::functions();
    let findings: Vec<_> = tracked()
        .iter()
        .filter(|path| path.starts_with("events/"))
        .flat_map(|path| sample(path, &read(path), &functions))
        .collect();
    assert_none(
        &findings,
        "events/<function>/<case>.json are events",
        "correct the JSON, or name the folder like the function",
    );
}

fn sample(path: &str, text: &str, functions: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    if let Err(error) = serde_json::from_str::<serde_json::Value>(text) {
        findings.push(format!("{path}:{}: {error}", error.line()));
    }
    let function = path.split('/').nth(1).unwrap_or("");
    if !functions.iter().any(|name| name == function) {
        findings.push(format!("{path}:1: there is no function {function}"));
    }
    findings
}

#[test]
fn the_table_of_variables_is_what_is_read() {
    let findings: Vec<_> = files::functions()
        .iter()
        .flat_map(|function| {
            let readers: String = config_of(function)
                .into_iter()
                .filter(|(path, _)| !path.ends_with("/table.rs"))
                .map(|(_, text)| text)
                .collect::<Vec<_>>()
                .join("\n");
            unread(function, &variables_of(function), &readers)
        })
        .collect();
    assert_none(
        &findings,
        "every variable of the table is read",
        "read it in config/read.rs, or take its row away",
    );
}

fn unread(function: &str, rows: &[Row], readers: &str) -> Vec<String> {
    let literal = Regex::new(r#""([A-Z][A-Za-z0-9_{}]*)""#).unwrap();
    let hole = Regex::new(r"\{[a-z_]*\}").unwrap();
    // A name that is put together, such as "QUEUE_{which}_URL", stands for all that it can become.
    let patterns: Vec<_> = literal
        .captures_iter(readers)
        .map(|found| Regex::new(&format!("^{}$", hole.replace_all(&found[1], "[A-Z]+"))).unwrap())
        .collect();
    rows.iter()
        .filter(|row| !patterns.iter().any(|pattern| pattern.is_match(&row.name)))
        .map(|row| format!("functions/{function}/src/config/table.rs:1: {} is not read", row.name))
        .collect()
}

#[test]
fn the_template_sets_what_the_functions_read() {
    let template = template();
    let findings: Vec<_> = files::functions()
        .iter()
        .flat_map(|function| deployed(function, &variables_of(function), &template))
        .collect();
    assert_none(
        &findings,
        "the template sets every required variable and none that is not read",
        "correct Environment.Variables in template.yaml, or the function's config/table.rs",
    );
}

fn deployed(function: &str, rows: &[Row], template: &Yaml) -> Vec<String> {
    let code = format!("functions/{function}");
    let resources = template["Resources"].as_hash().unwrap();
    let globals = &template["Globals"]["Function"]["Environment"]["Variables"];
    let mut findings = Vec::new();
    let mut count = 0;
    for (name, resource) in resources {
        let properties = &resource["Properties"];
        let is_it = properties["CodeUri"].as_str().map(|uri| uri.trim_end_matches('/'));
        if resource["Type"].as_str() != Some("AWS::Serverless::Function") || is_it != Some(&code) {
            continue;
        }
        count += 1;
        let name = name.as_str().unwrap();
        let set: Vec<&str> = [globals, &properties["Environment"]["Variables"]]
            .iter()
            .filter_map(|variables| variables.as_hash())
            .flat_map(|variables| variables.keys().filter_map(Yaml::as_str))
            .collect();
        for variable in &set {
            if !rows.iter().any(|row| row.name == *variable) {
                findings.push(format!("template.yaml: {name} sets {variable}, which is not read"));
            }
        }
        for row in rows.iter().filter(|row| row.default == "(required)") {
            if !set.contains(&row.name.as_str()) {
                findings.push(format!("template.yaml: {name} does not set {}", row.name));
            }
        }
    }
    if count == 0 {
        findings.push(format!("template.yaml: no function has CodeUri: {code}"));
    }
    findings
}

mod tests {
    use super::*;
    use crate::template::parse;

    fn row(name: &str, default: &str) -> Row {
        Row { name: name.into(), key: "k".into(), default: default.into() }
    }

    #[test]
    fn rows_are_found_in_the_table_only() {
        let source = "const fn row(name: &str) {}\npub const VARIABLES: &[V] = &[\n  row(\"A\", Text, \"k\", \
                      \"(required)\", \"x\"),\n row(\"B_C\", List, r\"k\", \"\", \"\"),\n];\nfn f() { row(\"D\") }";
        let names: Vec<_> = rows(source).into_iter().map(|row| row.name).collect();
        assert_eq!(names, ["A", "B_C"]);
        assert_eq!(rows(source)[0], row("A", "(required)"));
    }

    #[test]
    fn a_missing_sample_is_found() {
        let all = ["functions/f/README.md".to_owned(), "events/f/a.json".to_owned()];
        assert_eq!(samples("f", &all), [""; 0]);
        assert_eq!(samples("f", &all[..1]), ["events/f/:1: has no *.json"]);
        assert_eq!(samples("f", &all[1..]), ["functions/f/README.md:1: is not there"]);
    }

    #[test]
    fn a_broken_sample_is_found() {
        let functions = ["f".to_owned()];
        assert_eq!(sample("events/f/a.json", "{}", &functions), [""; 0]);
        assert_eq!(sample("events/f/a.json", "{", &functions).len(), 1);
        assert_eq!(sample("events/g/a.json", "{}", &functions).len(), 1);
    }

    #[test]
    fn an_unread_variable_is_found() {
        let rows = [row("QUEUE_BAD_URL", ""), row("PATHS", "")];
        let good = r#"r.optional(&format!("QUEUE_{which}_URL")); r.pairs("PATHS")"#;
        assert_eq!(unread("f", &rows, good), [""; 0]);
        assert_eq!(unread("f", &rows, r#"r.pairs("PATHS_OF")"#).len(), 2);
        assert_eq!(unread("f", &rows, "// PATHS QUEUE_BAD_URL").len(), 2);
    }

    #[test]
    fn a_forgotten_variable_is_found() {
        let rows = [row("A", "(required)"), row("B", "1")];
        let with = |variables: &str| {
            parse(&format!(
                "Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
                 CodeUri: functions/f/\n      Environment:\n        Variables: {variables}\n"
            ))
        };
        assert_eq!(deployed("f", &rows, &with("{A: !GetAtt G.Arn}")), [""; 0]);
        assert_eq!(deployed("f", &rows, &with("{A: 1, B: 2}")), [""; 0]);
        assert_eq!(deployed("f", &rows, &with("{B: 2}")).len(), 1);
        assert_eq!(deployed("f", &rows, &with("{A: 1, C: 2}")).len(), 1);
        assert_eq!(deployed("g", &rows, &with("{A: 1}")).len(), 1);
    }
}
