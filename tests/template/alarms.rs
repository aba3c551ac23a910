//! Alarms: each watches something that somebody counts, says how urgent it is, and has a remedy.

use yaml_rust2::Yaml;

use super::{REMEDY, resources, template, unless};
use crate::house_rules::{assert_none, read, root};

#[test]
fn alarms_watch_what_is_counted() {
    let template = template();
    assert!(resources(&template, "AWS::CloudWatch::Alarm").len() >= 12, "there are alarms");
    assert_none(&findings(&template, &sources()), "an alarm can go off", REMEDY);
}

#[test]
fn operators_are_told_what_to_do() {
    let text = read("docs/OPERATIONS.md");
    let template = template();
    let alarms = resources(&template, "AWS::CloudWatch::Alarm").into_iter();
    let unknown = alarms.filter(|(name, _)| {
        // One alarm for each delivery is one thing to know.
        let known = ["EnrichedGood", "EnrichedBad", "RawBad"];
        let name =
            known.iter().fold(*name, |name, prefix| name.strip_prefix(prefix).unwrap_or(name));
        !text.contains(name)
    });
    let unknown: Vec<_> = unknown.map(|(name, _)| format!("docs/OPERATIONS.md: {name}")).collect();
    assert_none(&unknown, "every alarm is explained", "say what it means and what to do");
}

/// Where the functions say what they count.
fn sources() -> String {
    let mut sources = String::new();
    for function in std::fs::read_dir(root().join("functions")).expect("functions").flatten() {
        for file in ["handler.rs", "metrics.rs"] {
            let path = function.path().join("src").join(file);
            sources.push_str(&std::fs::read_to_string(path).unwrap_or_default());
        }
    }
    sources
}

fn findings(template: &Yaml, sources: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, alarm) in resources(template, "AWS::CloudWatch::Alarm") {
        let mut require = |holds, what| findings.extend(unless(holds, name, what));
        let shown = alarm["AlarmName"].as_str().unwrap_or_default();
        let is_urgent = ["-P0-", "-P1-", "-P2-"].iter().any(|degree| shown.contains(degree));
        require(is_urgent && shown.ends_with(name), "does not say how urgent it is");
        require(alarm["AlarmDescription"].as_str().is_some(), "does not say what it means");
        let parts = alarm["Metrics"].as_vec().into_iter().flatten();
        let parts = parts.map(|part| &part["MetricStat"]["Metric"]).chain([alarm]);
        for metric in parts.filter(|metric| metric["Namespace"].as_str() == Some("Whiteout")) {
            let counted = metric["MetricName"].as_str().unwrap_or_default();
            let is_counted = sources.contains(&format!("\"{counted}\""));
            require(is_counted, "watches what nobody counts");
        }
    }
    findings
}

#[test]
fn an_alarm_that_cannot_go_off_is_found() {
    let text = read("template.yaml");
    for (right, wrong, expected) in [
        ("MetricName: goodEvents", "MetricName: gutEvents", "watches what nobody counts"),
        ("-P1-EnricherIteratorAge", "-EnricherIteratorAge", "does not say how urgent it is"),
    ] {
        assert!(text.contains(right), "{right}");
        let found = findings(&super::parse(&text.replace(right, wrong)), &sources());
        assert!(found.iter().any(|finding| finding.ends_with(expected)), "{wrong}: {found:?}");
    }
}
