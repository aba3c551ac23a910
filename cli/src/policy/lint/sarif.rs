//! Findings in the format of code review: SARIF 2.1.0.

use serde_json::{Value, json};

use super::{Finding, RULES};

/// One run with every finding.
pub(super) fn sarif(findings: &[Finding], uri: &str) -> String {
    let rules: Vec<_> = RULES
        .iter()
        .map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } }))
        .collect();
    let results: Vec<_> = findings.iter().map(|finding| result(finding, uri)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "whiteout policy lint",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn result(finding: &Finding, uri: &str) -> Value {
    let index = RULES.iter().position(|(id, _)| *id == finding.rule);
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.level.name(),
        "message": { "text": finding.message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri },
            // What is about the whole stands at its beginning.
            "region": { "startLine": finding.line.max(1) },
        } }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::lint::Level;

    #[test]
    fn a_log_has_the_shape_of_the_format() {
        let findings = [
            Finding::new("dead-rule", Level::Warning, 7, "a"),
            Finding::new("unreviewed-schema", Level::Note, 0, "b"),
        ];
        let log: Value = serde_json::from_str(&sarif(&findings, "a b.yaml")).unwrap();
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        for (result, line) in run["results"].as_array().unwrap().iter().zip([7, 1]) {
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
            assert!(["note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
            assert!(result["message"]["text"].is_string());
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], "a b.yaml");
            assert_eq!(place["region"]["startLine"], line);
        }
    }
}
