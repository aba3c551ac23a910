//! What each function may do, and that it may do nothing else.

use std::collections::BTreeSet;

use yaml_rust2::Yaml;

use super::{REMEDY, TRANSFORMATION, parse, resources, statements, template, texts};
use crate::house_rules::assert_none;

/// What a function may do: an action, and what with.
struct Rights {
    code: &'static str,
    required: &'static [(&'static str, &'static [&'static str])],
    /// With whatever resource.
    optional: &'static [&'static str],
}

const PING_DELIVERIES: [&str; 3] =
    ["UsageDataDelivery.Arn", "UsageMetadataDelivery.Arn", "UsageErrorsDelivery.Arn"];
const WRITES: [&str; 2] = ["kinesis:PutRecords", "kinesis:DescribeStreamSummary"];
const RIGHTS: [Rights; 6] = [
    Rights {
        code: "functions/collector",
        required: &[
            (WRITES[0], &["RawGoodStream.Arn", "RawBadStream.Arn"]),
            (WRITES[1], &["RawGoodStream.Arn", "RawBadStream.Arn"]),
            ("logs:CreateLogStream", &["CollectorLogs.Arn"]),
            ("logs:PutLogEvents", &["CollectorLogs.Arn"]),
        ],
        // Only for whoever has a queue for refused records.
        optional: &["sqs:SendMessage", "sqs:GetQueueAttributes"],
    },
    Rights {
        code: "functions/enricher",
        required: &[
            (WRITES[0], &["EnrichedGoodStream.Arn", "EnrichedBadStream.Arn"]),
            (WRITES[1], &["EnrichedGoodStream.Arn", "EnrichedBadStream.Arn", "RawGoodStream.Arn"]),
            ("kinesis:GetRecords", &["RawGoodStream.Arn"]),
            ("kinesis:GetShardIterator", &["RawGoodStream.Arn"]),
            ("kinesis:DescribeStream", &["RawGoodStream.Arn"]),
            ("kinesis:ListShards", &["RawGoodStream.Arn"]),
            // Lambda asks for the whole bucket, and for the right to list it.
            ("s3:PutObject", &["${FailureBucket.Arn}/*"]),
            ("s3:ListBucket", &["FailureBucket.Arn"]),
            ("logs:CreateLogStream", &["EnricherLogs.Arn"]),
            ("logs:PutLogEvents", &["EnricherLogs.Arn"]),
        ],
        optional: &[],
    },
    Rights {
        code: TRANSFORMATION,
        required: &[
            (WRITES[0], &["EnrichedGoodStream.Arn", "EnrichedBadStream.Arn", "RawBadStream.Arn"]),
            ("secretsmanager:GetSecretValue", &["PseudonymKey"]),
            ("logs:CreateLogStream", &["PseudonymizerLogs.Arn"]),
            ("logs:PutLogEvents", &["PseudonymizerLogs.Arn"]),
        ],
        optional: &[],
    },
    Rights {
        code: "functions/object-notifier",
        required: &[
            ("sqs:SendMessage", &["GoodObjects.Arn", "BadObjects.Arn"]),
            ("sqs:ReceiveMessage", &["ObjectQueue.Arn"]),
            ("sqs:DeleteMessage", &["ObjectQueue.Arn"]),
            ("sqs:GetQueueAttributes", &["ObjectQueue.Arn"]),
            ("logs:CreateLogStream", &["ObjectNotifierLogs.Arn"]),
            ("logs:PutLogEvents", &["ObjectNotifierLogs.Arn"]),
        ],
        // Only for whoever has topics as targets.
        optional: &["sns:Publish"],
    },
    Rights {
        code: "functions/bad-event-classifier",
        required: &[
            ("firehose:PutRecordBatch", &["BadEventClassDelivery.Arn"]),
            ("firehose:DescribeDeliveryStream", &["BadEventClassDelivery.Arn"]),
            ("kinesis:GetRecords", &["RawBadStream.Arn", "EnrichedBadStream.Arn"]),
            ("kinesis:GetShardIterator", &["RawBadStream.Arn", "EnrichedBadStream.Arn"]),
            ("kinesis:DescribeStream", &["RawBadStream.Arn", "EnrichedBadStream.Arn"]),
            (WRITES[1], &["RawBadStream.Arn", "EnrichedBadStream.Arn"]),
            ("kinesis:ListShards", &["RawBadStream.Arn", "EnrichedBadStream.Arn"]),
            ("s3:PutObject", &["${FailureBucket.Arn}/*"]),
            ("s3:ListBucket", &["FailureBucket.Arn"]),
            ("logs:CreateLogStream", &["BadEventClassifierLogs.Arn"]),
            ("logs:PutLogEvents", &["BadEventClassifierLogs.Arn"]),
        ],
        optional: &[],
    },
    Rights {
        code: "functions/service-ping",
        required: &[
            ("secretsmanager:GetSecretValue", &["PseudonymKey"]),
            ("firehose:PutRecordBatch", &PING_DELIVERIES),
            ("firehose:DescribeDeliveryStream", &PING_DELIVERIES),
            ("logs:CreateLogStream", &["ServicePingLogs.Arn"]),
            ("logs:PutLogEvents", &["ServicePingLogs.Arn"]),
        ],
        optional: &[],
    },
];

#[test]
fn a_function_may_do_what_it_does_and_nothing_else() {
    let template = template();
    let mut findings = actions(&template);
    let functions = resources(&template, "AWS::Serverless::Function");
    for code in RIGHTS.iter().map(|rights| rights.code) {
        if !functions.iter().any(|(_, function)| function["CodeUri"].as_str() == Some(code)) {
            findings.push(format!("template.yaml: no function is made of {code}"));
        }
    }
    assert_none(&findings, "a role has the rights that are used", REMEDY);
}

#[test]
fn enrichments_are_read_only_where_they_are_and_only_if_there_are_some() {
    let template = template();
    assert_none(&enrichments(&template), "the prefix of the enrichments is read", REMEDY);
    let text = crate::house_rules::read("template.yaml");
    for (right, wrong) in [
        ("Condition: HasEnrichments", "Condition: HasTracing"),
        ("${EnrichmentsBucket}/${EnrichmentsPrefix}/*", "${EnrichmentsBucket}/*"),
        ("{'s3:prefix': !Sub '${EnrichmentsPrefix}/*'}", "{'s3:delimiter': '/'}"),
        (
            "            Action: s3:GetObject\n            Resource: !Sub 'arn:${AWS::Partition}:s3:::${Enr",
            "            Action: s3:PutObject\n            Resource: !Sub 'arn:${AWS::Partition}:s3:::${Enr",
        ),
    ] {
        assert!(text.contains(right), "{right}");
        assert_eq!(enrichments(&parse(&text.replacen(right, wrong, 1))).len(), 1, "{wrong}");
    }
}

/// What is wrong with the policy that is beside the role, because a condition is on it.
fn enrichments(template: &Yaml) -> Vec<String> {
    let policies = resources(template, "AWS::IAM::Policy");
    let mut own = policies.iter().filter(|(_, policy)| texts(&policy["Roles"]) == ["EnricherRole"]);
    let (Some((name, policy)), None) = (own.next(), own.next()) else {
        return vec!["template.yaml: the enricher's role has one policy beside it".to_owned()];
    };
    let statements = policy["PolicyDocument"]["Statement"].as_vec().into_iter().flatten();
    let mut allowed: Vec<_> = statements
        .flat_map(|statement| pairs(&texts(&statement["Action"]), &texts(&statement["Resource"])))
        .collect();
    allowed.sort_unstable();
    let bucket = "arn:${AWS::Partition}:s3:::${EnrichmentsBucket}";
    let below = format!("{bucket}/${{EnrichmentsPrefix}}/*");
    let is_right = allowed == [("s3:GetObject", below.as_str()), ("s3:ListBucket", bucket)]
        && template["Resources"][*name]["Condition"].as_str() == Some("HasEnrichments")
        && policy["PolicyDocument"]["Statement"][1]["Condition"]["StringLike"]["s3:prefix"]
            .as_str()
            == Some("${EnrichmentsPrefix}/*");
    if is_right { Vec::new() } else { vec![format!("template.yaml: {name} allows something else")] }
}

pub(super) fn actions(template: &Yaml) -> Vec<String> {
    let functions = resources(template, "AWS::Serverless::Function");
    let mut findings = Vec::new();
    for (name, function) in &functions {
        let code = function["CodeUri"].as_str();
        match RIGHTS.iter().find(|rights| Some(rights.code) == code) {
            Some(rights) => findings.extend(
                rights_of(template, function, rights)
                    .iter()
                    .map(|finding| format!("template.yaml: {name} {finding}")),
            ),
            None => findings.push(format!("template.yaml: nothing says what {name} may do")),
        }
    }
    findings
}

fn rights_of(template: &Yaml, function: &Yaml, rights: &Rights) -> Vec<String> {
    let roles = resources(template, "AWS::IAM::Role");
    let named = function["Role"].as_str().and_then(|role| role.strip_suffix(".Arn"));
    let Some((_, role)) = roles.iter().find(|(name, _)| Some(*name) == named) else {
        return vec!["has no role of its own".to_owned()];
    };
    let allowed: BTreeSet<_> = statements(role)
        .into_iter()
        .flat_map(|statement| pairs(&texts(&statement["Action"]), &texts(&statement["Resource"])))
        .collect();
    let required: BTreeSet<_> = rights
        .required
        .iter()
        .flat_map(|(action, resources)| pairs(&[action], resources))
        .collect();
    let missing =
        required.difference(&allowed).map(|(action, on)| format!("lacks {action} on {on}"));
    let spare =
        allowed.difference(&required).filter(|(action, _)| !rights.optional.contains(action));
    missing
        .chain(spare.map(|(action, on)| format!("may {action} on {on}, which it never does")))
        .collect()
}

/// Every action with every resource.
fn pairs<'a>(actions: &[&'a str], resources: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    actions.iter().flat_map(|action| resources.iter().map(|on| (*action, *on))).collect()
}
