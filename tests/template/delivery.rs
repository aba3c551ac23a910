//! Deliveries: everything goes through the pseudonymizer, and what could not is out of reach.

use yaml_rust2::Yaml;

use super::{REMEDY, resources, template, texts, unless};
use crate::house_rules::{assert_none, read};

/// The prefix of what Firehose could not have transformed.
pub(super) const ERRORS: &str = "errors/";

#[test]
fn nothing_is_delivered_as_it_came() {
    let template = template();
    let deliveries = resources(&template, "AWS::KinesisFirehose::DeliveryStream");
    let from_streams = deliveries.iter().filter(|(_, delivery)| reads_a_stream(delivery)).count();
    assert_eq!(from_streams, 3, "of rows and of both kinds of bad events");
    assert_none(&findings(&template), "what is delivered was treated", REMEDY);
}

/// A stage of the warehouse that nobody delivers to would load nothing, and nobody would know.
#[test]
fn the_warehouse_loads_from_where_it_is_delivered() {
    let template = template();
    let deliveries = resources(&template, "AWS::KinesisFirehose::DeliveryStream");
    let prefixes = deliveries.iter().filter_map(|(_, delivery)| {
        let prefix = delivery["ExtendedS3DestinationConfiguration"]["Prefix"].as_str()?;
        prefix.split('!').next()
    });
    let prefixes: Vec<_> = prefixes.collect();
    let stages = read("warehouse/snowflake/10_stage.sql");
    let folders = stages.lines().filter_map(|line| {
        line.trim().strip_prefix("URL = 's3://OBJECT_BUCKET/")?.strip_suffix('\'')
    });
    let folders: Vec<_> = folders.collect();
    assert!(folders.len() > 4, "{folders:?}");
    for folder in folders {
        assert!(prefixes.contains(&folder), "{folder} is none of {prefixes:?}");
    }
}

/// Whether it delivers what a stream holds; what functions put is theirs, and treated by them.
fn reads_a_stream(delivery: &Yaml) -> bool {
    delivery["DeliveryStreamType"].as_str() != Some("DirectPut")
}

fn findings(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, delivery) in resources(template, "AWS::KinesisFirehose::DeliveryStream") {
        let mut require = |holds, what| findings.extend(unless(holds, name, what));
        let target = &delivery["ExtendedS3DestinationConfiguration"];
        require(target["S3BackupMode"].as_str() == Some("Disabled"), "keeps a copy of originals");
        require(target["CompressionFormat"].as_str() == Some("GZIP"), "writes objects unpacked");
        let processing = &target["ProcessingConfiguration"];
        let first = &processing["Processors"][0];
        let parameter = |wanted: &str| {
            let all = first["Parameters"].as_vec().into_iter().flatten();
            let mut named = all.filter(|it| it["ParameterName"].as_str() == Some(wanted));
            named.next().and_then(|it| it["ParameterValue"].as_str())
        };
        let is_treated = processing["Enabled"].as_bool() == Some(true)
            && first["Type"].as_str() == Some("Lambda")
            && parameter("LambdaArn") == Some("Pseudonymizer.Arn");
        if reads_a_stream(delivery) {
            require(is_treated, "does not go through the pseudonymizer");
            let is_small = parameter("BufferSizeInMBs") == Some("1");
            require(is_small, "may ask for more than fits an answer");
        }
        let prefix = target["Prefix"].as_str().unwrap_or(ERRORS);
        require(!prefix.starts_with(ERRORS), "writes events where errors belong");
        let errors = target["ErrorOutputPrefix"].as_str().unwrap_or_default();
        require(errors.starts_with(ERRORS), "writes originals where events belong");
        let bucket = target["BucketARN"].as_str().and_then(|arn| arn.strip_suffix(".Arn"));
        let bucket = bucket.unwrap_or_default();
        require(
            is_closed(template, bucket),
            "writes originals where others than one may read them",
        );
        require(is_counted(template, bucket), "writes originals that no metric counts");
        require(!is_told(template, bucket), "tells somebody of originals");
        require(is_versioned(template, bucket), "cannot bring back what was overwritten");
        require(forgets_versions(template, bucket, None), "keeps old versions forever");
        require(forgets_versions(template, bucket, Some(1)), "keeps originals that were deleted");
    }
    findings
}

/// Whether the bucket's policy refuses to show the errors to all but one.
fn is_closed(template: &Yaml, bucket: &str) -> bool {
    let policies = resources(template, "AWS::S3::BucketPolicy");
    let own = policies.iter().filter(|(_, policy)| policy["Bucket"].as_str() == Some(bucket));
    let mut statements = own.flat_map(|(_, policy)| {
        policy["PolicyDocument"]["Statement"].as_vec().into_iter().flatten()
    });
    let errors = format!("${{{bucket}.Arn}}/{ERRORS}*");
    statements.any(|statement| {
        statement["Effect"].as_str() == Some("Deny")
            && texts(&statement["Action"]) == ["s3:GetObject", "s3:GetObjectVersion"]
            && texts(&statement["Resource"]) == [errors.as_str()]
            && !statement["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].is_badvalue()
    })
}

fn bucket<'a>(template: &'a Yaml, name: &str) -> Option<&'a Yaml> {
    let all = resources(template, "AWS::S3::Bucket");
    all.into_iter().find(|(own, _)| *own == name).map(|(_, bucket)| bucket)
}

fn is_counted(template: &Yaml, name: &str) -> bool {
    let Some(bucket) = bucket(template, name) else { return false };
    let metrics = bucket["MetricsConfigurations"].as_vec().into_iter().flatten();
    metrics.into_iter().any(|metric| metric["Prefix"].as_str() == Some(ERRORS))
}

fn is_versioned(template: &Yaml, name: &str) -> bool {
    let status = bucket(template, name).map(|bucket| &bucket["VersioningConfiguration"]["Status"]);
    status.and_then(Yaml::as_str) == Some("Enabled")
}

/// Whether old versions of all objects are forgotten, or those of errors after so many days.
fn forgets_versions(template: &Yaml, name: &str, of_errors: Option<i64>) -> bool {
    let Some(bucket) = bucket(template, name) else { return false };
    let rules = bucket["LifecycleConfiguration"]["Rules"].as_vec().into_iter().flatten();
    let mut enabled = rules.filter(|rule| rule["Status"].as_str() == Some("Enabled"));
    enabled.any(|rule| {
        let days = &rule["NoncurrentVersionExpiration"]["NoncurrentDays"];
        match of_errors {
            None => rule["Prefix"].is_badvalue() && !days.is_badvalue(),
            Some(most) => rule["Prefix"].as_str() == Some(ERRORS) && days.as_i64() == Some(most),
        }
    })
}

/// Whether a notification is for all objects, or for errors.
fn is_told(template: &Yaml, name: &str) -> bool {
    let Some(bucket) = bucket(template, name) else { return false };
    let kinds = ["QueueConfigurations", "TopicConfigurations", "LambdaConfigurations"];
    let all = kinds
        .iter()
        .flat_map(|kind| bucket["NotificationConfiguration"][*kind].as_vec().into_iter().flatten());
    let mut prefixes = all.map(|told| {
        let rules = told["Filter"]["S3Key"]["Rules"].as_vec().into_iter().flatten();
        let mut prefixes = rules.filter(|rule| rule["Name"].as_str() == Some("prefix"));
        prefixes.next().and_then(|rule| rule["Value"].as_str())
    });
    prefixes.any(|prefix| {
        prefix.is_none_or(|prefix| ERRORS.starts_with(prefix) || prefix.starts_with(ERRORS))
    })
}

#[test]
fn every_leak_is_found() {
    let text = read("template.yaml");
    for (right, wrong, expected) in [
        ("S3BackupMode: Disabled", "S3BackupMode: Enabled", "keeps a copy of originals"),
        ("CompressionFormat: GZIP", "CompressionFormat: UNCOMPRESSED", "writes objects unpacked"),
        (
            "ParameterValue: !GetAtt Pseudonymizer.Arn",
            "ParameterValue: !GetAtt Enricher.Arn",
            "does not go through the pseudonymizer",
        ),
        (
            "BufferSizeInMBs, ParameterValue: '1'",
            "BufferSizeInMBs, ParameterValue: '3'",
            "may ask for more than fits an answer",
        ),
        (
            "ErrorOutputPrefix: 'errors/output",
            "ErrorOutputPrefix: 'output/errors",
            "writes originals where events belong",
        ),
        (
            "Prefix: 'output/!{timestamp",
            "Prefix: 'errors/!{timestamp",
            "writes events where errors belong",
        ),
        (
            "Resource: !Sub '${ObjectBucket.Arn}/errors/*'",
            "Resource: !Sub '${ObjectBucket.Arn}/error/*'",
            "writes originals where others than one may read them",
        ),
        (
            "Action: [s3:GetObject, s3:GetObjectVersion]",
            "Action: s3:GetObject",
            "writes originals where others than one may read them",
        ),
        (
            "VersioningConfiguration: {Status: Enabled}",
            "VersioningConfiguration: {Status: Suspended}",
            "cannot bring back what was overwritten",
        ),
        (
            "NoncurrentVersionExpiration: {NoncurrentDays: !Ref OldVersionDays}",
            "NoncurrentVersionTransitions: []",
            "keeps old versions forever",
        ),
        (
            "NoncurrentVersionExpiration: {NoncurrentDays: 1}",
            "NoncurrentVersionExpiration: {NoncurrentDays: 14}",
            "keeps originals that were deleted",
        ),
        (
            "{Id: errors, Prefix: errors/}",
            "{Id: errors, Prefix: output/}",
            "writes originals that no metric counts",
        ),
    ] {
        assert!(text.contains(right), "{right}");
        let found = findings(&super::parse(&text.replace(right, wrong)));
        assert!(found.iter().any(|finding| finding.ends_with(expected)), "{wrong}: {found:?}");
    }
}
