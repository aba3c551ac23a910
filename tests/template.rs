//! template.yaml: what the collector may do, and that nothing is lost or readable on the way.

use std::collections::BTreeSet;

use yaml_rust2::{Yaml, YamlLoader};

use crate::house_rules::{assert_none, read, root};

const REMEDY: &str = "correct template.yaml, or say in the rule why this is right";
/// A consumer that fails on a weekend loses nothing.
const RETENTION_HOURS_MIN: i64 = 48;
/// Front doors give up after half a minute; trackers do earlier.
const TIMEOUT_SECONDS_MAX: i64 = 29;

/// The template; its tags are left out, so `!GetAtt A.Arn` reads as `A.Arn`.
pub(crate) fn template() -> Yaml {
    parse(&read("template.yaml"))
}

/// The only document in the text.
pub(crate) fn parse(text: &str) -> Yaml {
    let mut documents = YamlLoader::load_from_str(text).expect("it is YAML");
    assert_eq!(documents.len(), 1, "it is one document");
    documents.remove(0)
}

/// The resources of a type: logical name and properties.
fn resources<'a>(template: &'a Yaml, kind: &str) -> Vec<(&'a str, &'a Yaml)> {
    let all = template["Resources"].as_hash().expect("it has resources").iter();
    all.filter(|(_, resource)| resource["Type"].as_str() == Some(kind))
        .map(|(name, resource)| (name.as_str().unwrap(), &resource["Properties"]))
        .collect()
}

/// One text or a list of them.
fn texts(yaml: &Yaml) -> Vec<&str> {
    let many = yaml.as_vec().into_iter().flatten().flat_map(texts);
    yaml.as_str().into_iter().chain(many).collect()
}

/// The statements of a role's own policies.
fn statements(role: &Yaml) -> Vec<&Yaml> {
    let policies = role["Policies"].as_vec().map_or(&[][..], Vec::as_slice);
    policies
        .iter()
        .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_vec().into_iter().flatten())
        .collect()
}

#[test]
fn the_collector_may_do_what_it_does_and_nothing_else() {
    assert_none(&collector_actions(&template()), "a role has the actions that are used", REMEDY);
}

fn collector_actions(template: &Yaml) -> Vec<String> {
    let functions = resources(template, "AWS::Serverless::Function");
    let collector =
        functions.iter().find(|(_, f)| f["CodeUri"].as_str() == Some("functions/collector"));
    let Some((_, collector)) = collector else {
        return vec!["template.yaml: there is no collector".to_owned()];
    };
    let roles = resources(template, "AWS::IAM::Role");
    let named = collector["Role"].as_str().and_then(|role| role.strip_suffix(".Arn"));
    let Some((_, role)) = roles.iter().find(|(name, _)| Some(*name) == named) else {
        return vec!["template.yaml: the collector has no role of its own".to_owned()];
    };
    let allowed: BTreeSet<_> =
        statements(role).into_iter().flat_map(|statement| texts(&statement["Action"])).collect();
    let required = BTreeSet::from([
        "kinesis:PutRecords",
        "kinesis:DescribeStreamSummary",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]);
    // Only for whoever has a queue for refused records.
    let optional = BTreeSet::from(["sqs:SendMessage", "sqs:GetQueueAttributes"]);
    let missing = required.difference(&allowed).map(|action| format!("lacks {action}"));
    let spare = allowed.difference(&required).filter(|action| !optional.contains(*action));
    missing
        .chain(spare.map(|action| format!("may {action}, which it never does")))
        .map(|finding| format!("template.yaml: the collector {finding}"))
        .collect()
}

#[test]
fn permissions_name_their_resources() {
    assert_none(&wildcards(&template()), "no permission is for everything", REMEDY);
}

fn wildcards(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, role) in resources(template, "AWS::IAM::Role") {
        for statement in statements(role) {
            for action in texts(&statement["Action"]).iter().filter(|a| a.contains('*')) {
                findings.push(format!("template.yaml: {name} allows {action}"));
            }
            let resources = texts(&statement["Resource"]);
            if resources.is_empty() {
                findings.push(format!("template.yaml: {name} names no resource"));
            }
            for resource in resources.iter().filter(|r| **r == "*" || r.ends_with(":*")) {
                findings.push(format!("template.yaml: {name} is for the resource {resource}"));
            }
        }
    }
    for (name, function) in resources(template, "AWS::Serverless::Function") {
        if !function["Policies"].is_badvalue() || function["Role"].is_badvalue() {
            findings.push(format!("template.yaml: {name} has no role that is written out"));
        }
    }
    findings
}

#[test]
fn streams_are_encrypted_and_kept() {
    let template = template();
    assert!(resources(&template, "AWS::Kinesis::Stream").len() >= 2, "raw-good and raw-bad");
    assert_none(&streams(&template), "streams are encrypted and kept for 48 hours", REMEDY);
}

fn streams(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, stream) in resources(template, "AWS::Kinesis::Stream") {
        let encryption = &stream["StreamEncryption"];
        if encryption["EncryptionType"].as_str() != Some("KMS") || encryption["KeyId"].is_badvalue()
        {
            findings.push(format!("template.yaml: {name} is not encrypted"));
        }
        if stream["RetentionPeriodHours"].as_i64().is_none_or(|hours| hours < RETENTION_HOURS_MIN) {
            findings.push(format!("template.yaml: {name} is kept for less than 48 hours"));
        }
    }
    findings
}

#[test]
fn functions_have_a_runtime_a_time_limit_and_a_crate() {
    let template = template();
    let mut findings = functions(&template);
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        let folder = function["CodeUri"].as_str().unwrap_or("?");
        if !root().join(folder).join("Cargo.toml").is_file() {
            findings.push(format!("template.yaml: {name}: {folder} is no crate"));
        }
    }
    assert_none(&findings, "functions run as the binary `bootstrap` on al2023", REMEDY);
}

fn functions(template: &Yaml) -> Vec<String> {
    let globals = &template["Globals"]["Function"];
    let mut findings = Vec::new();
    for (name, function) in resources(template, "AWS::Serverless::Function") {
        let setting = |key: &str| {
            let own = &function[key];
            if own.is_badvalue() { &globals[key] } else { own }
        };
        for (key, right) in [("Runtime", "provided.al2023"), ("Handler", "bootstrap")] {
            if setting(key).as_str() != Some(right) {
                findings.push(format!("template.yaml: {name}: {key} is not {right}"));
            }
        }
        let timeout = setting("Timeout").as_i64();
        if timeout.is_none_or(|seconds| !(3..=TIMEOUT_SECONDS_MAX).contains(&seconds)) {
            findings.push(format!("template.yaml: {name}: Timeout is {timeout:?}"));
        }
        if setting("MemorySize").is_badvalue() {
            findings.push(format!("template.yaml: {name}: has no MemorySize"));
        }
    }
    findings
}

mod tests {
    use super::*;

    const GOOD: &str = "
Globals: {Function: {Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  S:
    Type: AWS::Kinesis::Stream
    Properties:
      RetentionPeriodHours: 48
      StreamEncryption: {EncryptionType: KMS, KeyId: alias/aws/kinesis}
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - Action: [kinesis:PutRecords, kinesis:DescribeStreamSummary]
                Resource: [!GetAtt S.Arn]
              - {Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt L.Arn}
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/collector, Timeout: 10, MemorySize: !Ref M, Role: !GetAtt R.Arn}
";

    fn findings(text: &str) -> Vec<String> {
        let template = parse(text);
        [collector_actions, wildcards, streams, functions]
            .into_iter()
            .flat_map(|check| check(&template))
            .collect()
    }

    #[test]
    fn every_fault_is_found() {
        assert_eq!(findings(GOOD), [""; 0]);
        for (right, wrong) in [
            ("kinesis:PutRecords", "kinesis:PutRecord"),
            ("kinesis:PutRecords, ", ""),
            ("kinesis:PutRecords", "kinesis:PutRecords, s3:GetObject"),
            ("[kinesis:PutRecords, kinesis:DescribeStreamSummary]", "kinesis:*"),
            ("Resource: [!GetAtt S.Arn]", "Resource: '*'"),
            ("Resource: [!GetAtt S.Arn]", "Condition: {}"),
            ("[!GetAtt S.Arn]", "[!Sub 'arn:aws:kinesis:::*']"),
            ("EncryptionType: KMS", "EncryptionType: NONE"),
            ("      StreamEncryption", "      Encryption"),
            ("RetentionPeriodHours: 48", "RetentionPeriodHours: 24"),
            ("RetentionPeriodHours", "Retention"),
            ("provided.al2023", "provided.al2"),
            ("bootstrap", "main"),
            ("Timeout: 10", "Timeout: 900"),
            ("Timeout: 10, ", ""),
            ("MemorySize: !Ref M, ", ""),
            (", Role: !GetAtt R.Arn", ""),
            ("functions/collector", "functions/collectors"),
        ] {
            let bad = GOOD.replacen(right, wrong, 1);
            assert_ne!(bad, GOOD, "{right} is there");
            assert!(!findings(&bad).is_empty(), "{right} -> {wrong}");
        }
    }
}
