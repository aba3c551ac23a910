//! What cargo-lambda reads in a function's Cargo.toml says what template.yaml says.

use cargo_metadata::MetadataCommand;
use serde_json::Value;
use yaml_rust2::Yaml;

use super::functions::{Row, variables_of};
use super::{assert_none, files, root};
use crate::template::template;

#[test]
fn cargo_lambda_deploys_what_the_template_deploys() {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let template = template();
    let findings: Vec<_> = files::functions()
        .iter()
        .flat_map(|function| {
            let package = metadata.packages.iter().find(|package| package.name == function);
            let lambda = &package.expect("a function is a package").metadata["lambda"];
            differences(function, lambda, &variables_of(function), &template)
        })
        .collect();
    assert_none(
        &findings,
        "[package.metadata.lambda] has the template's memory and timeout, and every required variable",
        "correct the function's Cargo.toml, or template.yaml",
    );
}

fn differences(function: &str, lambda: &Value, rows: &[Row], template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    let mut say = |what: String| findings.push(format!("functions/{function}/Cargo.toml: {what}"));
    let deployed = properties(template, function);
    for (key, named) in [("memory", "MemorySize"), ("timeout", "Timeout")] {
        let (own, other) = (lambda["deploy"][key].as_i64(), number(template, &deployed[named]));
        if own.is_none() || own != other {
            say(format!("{key} is {own:?}, in the template {other:?}"));
        }
    }
    if lambda["deploy"]["merge_env"] != true {
        say("a deployment would take away the variables that are not named here".to_owned());
    }
    let none = serde_json::Map::new();
    let set = lambda["env"].as_object().unwrap_or(&none);
    for row in rows.iter().filter(|row| row.default == "(required)") {
        if set.get(&row.name).and_then(Value::as_str).is_none_or(str::is_empty) {
            say(format!("does not set {}", row.name));
        }
    }
    for name in set.keys().filter(|name| !rows.iter().any(|row| row.name == **name)) {
        say(format!("sets {name}, which is not read"));
    }
    findings
}

/// The properties of the function that is made of this code.
fn properties<'a>(template: &'a Yaml, function: &str) -> &'a Yaml {
    let code = format!("functions/{function}");
    let resources = template["Resources"].as_hash().into_iter().flatten();
    let mut made = resources.map(|(_, resource)| &resource["Properties"]);
    made.find(|it| it["CodeUri"].as_str() == Some(&code)).unwrap_or(&Yaml::BadValue)
}

/// A number, or what the parameter of this name is by default.
fn number(template: &Yaml, yaml: &Yaml) -> Option<i64> {
    yaml.as_i64().or_else(|| template["Parameters"][yaml.as_str()?]["Default"].as_i64())
}

mod tests {
    use serde_json::json;

    use super::*;
    use crate::template::parse;

    #[test]
    fn every_difference_is_found() {
        let template = parse(
            "Parameters: {M: {Default: 256}}\nResources:\n  F:\n    \
             Properties: {CodeUri: functions/f, MemorySize: !Ref M, Timeout: 10}\n",
        );
        let row = |name: &str, default: &str| Row {
            name: name.into(),
            key: "k".into(),
            default: default.into(),
        };
        let rows = [row("A", "(required)"), row("B", "1")];
        let found = |lambda: &Value| differences("f", lambda, &rows, &template).len();
        let deploy = json!({"memory": 256, "timeout": 10, "merge_env": true});
        assert_eq!(found(&json!({"env": {"A": "a"}, "deploy": deploy})), 0);
        assert_eq!(found(&json!({"env": {"A": "a", "B": "2"}, "deploy": deploy})), 0);
        assert_eq!(found(&json!({"env": {"B": "2"}, "deploy": deploy})), 1);
        assert_eq!(found(&json!({"env": {"A": "", "C": "c"}, "deploy": deploy})), 2);
        let other = json!({"memory": 512, "timeout": 11});
        assert_eq!(found(&json!({"env": {"A": "a"}, "deploy": other})), 3);
        assert_eq!(found(&Value::Null), 4);
    }
}
