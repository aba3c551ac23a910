//! template.yaml: what each function may do, and that nothing is lost or readable on the way.

mod alarms;
mod delivery;
mod front_doors;
mod rights;

use yaml_rust2::{Yaml, YamlLoader};

use crate::house_rules::{assert_none, read, root};

const REMEDY: &str = "correct template.yaml, or say in the rule why this is right";
/// A consumer that fails on a weekend loses nothing.
const RETENTION_HOURS_MIN: i64 = 48;
/// Front doors give up after half a minute; trackers do earlier.
const TIMEOUT_SECONDS_MAX: i64 = 29;
/// Nobody waits for a function that a stream feeds, but its shard stands still.
const BATCH_TIMEOUT_SECONDS_MAX: i64 = 60;
/// So long Firehose waits for a transformation.
const TRANSFORMATION_TIMEOUT_SECONDS_MAX: i64 = 300;
const TRANSFORMATION: &str = "functions/pseudonymizer";

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
    let count = resources(&template, "AWS::Kinesis::Stream").len();
    assert!(count >= 4, "raw and enriched, good and bad");
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
    let mappings = resources(template, "AWS::Lambda::EventSourceMapping");
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
        let is_fed = mappings.iter().any(|(_, fed)| fed["FunctionName"].as_str() == Some(name));
        let most = match function["CodeUri"].as_str() {
            Some(TRANSFORMATION) => TRANSFORMATION_TIMEOUT_SECONDS_MAX,
            _ if is_fed => BATCH_TIMEOUT_SECONDS_MAX,
            _ => TIMEOUT_SECONDS_MAX,
        };
        let timeout = setting("Timeout").as_i64();
        if timeout.is_none_or(|seconds| !(3..=most).contains(&seconds)) {
            findings.push(format!("template.yaml: {name}: Timeout is {timeout:?}"));
        }
        if setting("MemorySize").is_badvalue() {
            findings.push(format!("template.yaml: {name}: has no MemorySize"));
        }
    }
    findings
}

#[test]
fn keys_are_drawn_at_random_and_outlive_the_stack() {
    let template = template();
    assert_eq!(resources(&template, "AWS::SecretsManager::Secret").len(), 1, "the pseudonyms'");
    assert_none(&keys(&template), "a key is long, random and retained", REMEDY);
}

fn keys(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, secret) in resources(template, "AWS::SecretsManager::Secret") {
        let drawn = &secret["GenerateSecretString"];
        let is_long = drawn["PasswordLength"].as_i64().is_some_and(|length| length >= 43);
        findings.extend(unless(is_long, name, "is no random text of 256 bits"));
        let whole = &template["Resources"][name];
        for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
            let is_kept = whole[policy].as_str() == Some("Retain");
            findings.extend(unless(is_kept, name, "does not outlive the stack"));
        }
    }
    findings
}

fn unless(holds: bool, name: &str, what: &str) -> Option<String> {
    (!holds).then(|| format!("template.yaml: {name}: {what}"))
}

#[test]
fn a_batch_that_fails_is_not_lost() {
    let template = template();
    let count = resources(&template, "AWS::Lambda::EventSourceMapping").len();
    assert_eq!(count, 4, "the enricher's, two of the classifier, the notifier's");
    assert_none(&mappings(&template), "what a stream feeds loses no record", REMEDY);
}

fn mappings(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, mapping) in resources(template, "AWS::Lambda::EventSourceMapping") {
        let mut require = |holds, what| findings.extend(unless(holds, name, what));
        let queues = resources(template, "AWS::SQS::Queue");
        let fed_by = resource(&mapping["EventSourceArn"]);
        if let Some((_, queue)) = queues.iter().find(|(queue, _)| Some(*queue) == fed_by) {
            let answers = texts(&mapping["FunctionResponseTypes"]);
            require(answers == ["ReportBatchItemFailures"], "a batch fails as a whole");
            let dead_letters = &queue["RedrivePolicy"]["deadLetterTargetArn"];
            require(!dead_letters.is_badvalue(), "what fails again and again goes nowhere");
            continue;
        }
        let start = mapping["StartingPosition"].as_str();
        require(start == Some("TRIM_HORIZON"), "does not start with the oldest record");
        let answers = texts(&mapping["FunctionResponseTypes"]);
        require(answers == ["ReportBatchItemFailures"], "a batch fails as a whole");
        let bisects = mapping["BisectBatchOnFunctionError"].as_bool();
        require(bisects == Some(true), "one record that crashes takes its batch along");
        let target = resource(&mapping["DestinationConfig"]["OnFailure"]["Destination"]);
        let buckets = resources(template, "AWS::S3::Bucket");
        let is_bucket = buckets.iter().any(|(bucket, _)| Some(*bucket) == target);
        require(is_bucket, "its failures go to no bucket, so their records are lost");
        let streams = resources(template, "AWS::Kinesis::Stream");
        let source = resource(&mapping["EventSourceArn"]);
        let stream = streams.iter().find(|(stream, _)| Some(*stream) == source);
        let hours = stream.and_then(|(_, stream)| stream["RetentionPeriodHours"].as_i64());
        let ages = values(template, &mapping["MaximumRecordAgeInSeconds"]);
        let is_in_time =
            |age: &i64| *age >= 60 && hours.is_some_and(|hours| *age <= (hours - 1) * 3_600);
        require(
            !ages.is_empty() && ages.iter().all(is_in_time),
            "its stream may forget a record before it is given up",
        );
    }
    findings
}

/// The resource whose ARN it is.
fn resource(arn: &Yaml) -> Option<&str> {
    arn.as_str().and_then(|arn| arn.strip_suffix(".Arn"))
}

/// A number, or what the parameter of this name is by default and at most.
fn values(template: &Yaml, yaml: &Yaml) -> Vec<i64> {
    let Some(name) = yaml.as_str() else { return yaml.as_i64().into_iter().collect() };
    let parameter = &template["Parameters"][name];
    // Without a largest value there is none to trust.
    let most = parameter["MaxValue"].as_i64().unwrap_or(i64::MAX);
    parameter["Default"].as_i64().into_iter().chain([most]).collect()
}

#[test]
fn buckets_are_closed_and_forget() {
    let template = template();
    assert_eq!(resources(&template, "AWS::S3::Bucket").len(), 2, "of failures and of objects");
    assert_none(&buckets(&template), "a bucket is encrypted, private and forgets", REMEDY);
}

fn buckets(template: &Yaml) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, bucket) in resources(template, "AWS::S3::Bucket") {
        let mut require = |holds, what| findings.extend(unless(holds, name, what));
        let encryption = &bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"];
        let algorithm = &encryption[0]["ServerSideEncryptionByDefault"]["SSEAlgorithm"];
        require(algorithm.as_str().is_some(), "is not encrypted");
        let block = &bucket["PublicAccessBlockConfiguration"];
        let ways =
            ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
        let is_private = ways.iter().all(|way| block[*way].as_bool() == Some(true));
        require(is_private, "can be made public");
        let rule = &bucket["LifecycleConfiguration"]["Rules"][0];
        // What was delivered is the owner's to keep; what could not be treated is not.
        let whole = &rule["Prefix"];
        let is_forgetting = rule["Status"].as_str() == Some("Enabled")
            && (whole.is_badvalue() || whole.as_str() == Some(delivery::ERRORS))
            && !rule["ExpirationInDays"].is_badvalue();
        require(is_forgetting, "keeps originals forever");
        let policies = resources(template, "AWS::S3::BucketPolicy");
        let own = policies.iter().find(|(_, policy)| policy["Bucket"].as_str() == Some(name));
        require(own.is_some_and(|(_, policy)| is_tls_only(name, policy)), "is open without TLS");
    }
    findings
}

/// Whether the policy of a bucket refuses every request without TLS.
fn is_tls_only(bucket: &str, policy: &Yaml) -> bool {
    let everything = [format!("{bucket}.Arn"), format!("${{{bucket}.Arn}}/*")];
    let statements = policy["PolicyDocument"]["Statement"].as_vec().into_iter().flatten();
    statements.into_iter().any(|statement| {
        statement["Effect"].as_str() == Some("Deny")
            && statement["Principal"].as_str() == Some("*")
            && statement["Action"].as_str() == Some("s3:*")
            && texts(&statement["Resource"]) == everything
            && statement["Condition"]["Bool"]["aws:SecureTransport"].as_str() == Some("false")
    })
}

mod tests {
    use super::rights::actions;
    use super::*;

    const GOOD: &str = "
Parameters: {Age: {Default: 169200, MaxValue: 169200}}
Globals: {Function: {Runtime: provided.al2023, Handler: bootstrap}}
Resources:
  RawGoodStream:
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
                Resource: [!GetAtt RawGoodStream.Arn, !GetAtt RawBadStream.Arn]
              - {Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt CollectorLogs.Arn}
  F:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/collector, Timeout: 10, MemorySize: !Ref M, Role: !GetAtt R.Arn}
  ER:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - Action: [kinesis:PutRecords, kinesis:DescribeStreamSummary]
                Resource: [!GetAtt EnrichedGoodStream.Arn, !GetAtt EnrichedBadStream.Arn]
              - Action: [kinesis:GetRecords, kinesis:GetShardIterator, kinesis:DescribeStream,
                  kinesis:DescribeStreamSummary, kinesis:ListShards]
                Resource: !GetAtt RawGoodStream.Arn
              - {Action: s3:PutObject, Resource: !Sub '${FailureBucket.Arn}/*'}
              - {Action: s3:ListBucket, Resource: !GetAtt FailureBucket.Arn}
              - {Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt EnricherLogs.Arn}
  E:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/enricher, Timeout: 60, MemorySize: !Ref N, Role: !GetAtt ER.Arn}
  S:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref E
      EventSourceArn: !GetAtt RawGoodStream.Arn
      StartingPosition: TRIM_HORIZON
      FunctionResponseTypes: [ReportBatchItemFailures]
      BisectBatchOnFunctionError: true
      MaximumRecordAgeInSeconds: !Ref Age
      DestinationConfig: {OnFailure: {Destination: !GetAtt FailureBucket.Arn}}
  PR:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyDocument:
            Statement:
              - {Action: secretsmanager:GetSecretValue, Resource: !Ref PseudonymKey}
              - Action: kinesis:PutRecords
                Resource: [!GetAtt EnrichedGoodStream.Arn, !GetAtt EnrichedBadStream.Arn,
                  !GetAtt RawBadStream.Arn]
              - {Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt PseudonymizerLogs.Arn}
  T:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/pseudonymizer, Timeout: 300, MemorySize: !Ref O, Role: !GetAtt PR.Arn}
  PseudonymKey:
    Type: AWS::SecretsManager::Secret
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties: {GenerateSecretString: {PasswordLength: 64, ExcludePunctuation: true}}
  FailureBucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true,
        IgnorePublicAcls: true, RestrictPublicBuckets: true}
      LifecycleConfiguration: {Rules: [{Status: Enabled, ExpirationInDays: !Ref D}]}
  P:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref FailureBucket
      PolicyDocument:
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: [!GetAtt FailureBucket.Arn, !Sub '${FailureBucket.Arn}/*']
            Condition: {Bool: {'aws:SecureTransport': 'false'}}
";

    fn findings(text: &str) -> Vec<String> {
        let template = parse(text);
        [actions, wildcards, streams, functions, keys, mappings, buckets]
            .into_iter()
            .flat_map(|check| check(&template))
            .collect()
    }

    /// Every fault is found when it is put into what is right.
    fn assert_found(faults: &[(&str, &str)]) {
        assert_eq!(findings(GOOD), [""; 0]);
        for (right, wrong) in faults {
            let bad = GOOD.replacen(right, wrong, 1);
            assert_ne!(bad, GOOD, "{right} is there");
            assert!(!findings(&bad).is_empty(), "{right} -> {wrong}");
        }
    }

    #[test]
    fn every_wrong_right_is_found() {
        assert_found(&[
            ("kinesis:PutRecords", "kinesis:PutRecord"),
            ("kinesis:PutRecords, ", ""),
            ("kinesis:PutRecords", "kinesis:PutRecords, s3:GetObject"),
            ("[kinesis:PutRecords, kinesis:DescribeStreamSummary]", "kinesis:*"),
            ("Resource: [!GetAtt RawGoodStream.Arn, !GetAtt RawBadStream.Arn]", "Resource: '*'"),
            ("Resource: [!GetAtt RawGoodStream.Arn, !GetAtt RawBadStream.Arn]", "Condition: {}"),
            ("[!GetAtt RawGoodStream.Arn, ", "[!Sub 'arn:aws:kinesis:::*', "),
            ("[!GetAtt EnrichedGoodStream.Arn", "[!GetAtt RawGoodStream.Arn"),
            ("kinesis:GetRecords", "kinesis:GetRecords, kinesis:PutRecords"),
            ("kinesis:GetRecords, ", ""),
            ("Action: s3:PutObject", "Action: [s3:PutObject, s3:GetObject]"),
            ("${FailureBucket.Arn}/*", "arn:aws:s3:::*"),
            (", Role: !GetAtt R.Arn", ""),
            ("Role: !GetAtt ER.Arn", "Role: !GetAtt R.Arn"),
            ("functions/collector", "functions/collectors"),
            ("functions/enricher", "functions/enrichers"),
            ("Resource: !Ref PseudonymKey", "Resource: !Ref OtherKey"),
            ("secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"),
        ]);
    }

    #[test]
    fn every_wrong_stream_and_function_is_found() {
        assert_found(&[
            ("EncryptionType: KMS", "EncryptionType: NONE"),
            ("      StreamEncryption", "      Encryption"),
            ("RetentionPeriodHours: 48", "RetentionPeriodHours: 24"),
            ("RetentionPeriodHours", "Retention"),
            ("provided.al2023", "provided.al2"),
            ("bootstrap", "main"),
            ("Timeout: 10", "Timeout: 900"),
            ("Timeout: 10", "Timeout: 60"),
            ("Timeout: 10, ", ""),
            ("Timeout: 60", "Timeout: 61"),
            ("Timeout: 300", "Timeout: 301"),
            ("PasswordLength: 64", "PasswordLength: 42"),
            ("GenerateSecretString: {", "SecretString: {"),
            ("    DeletionPolicy: Retain\n", ""),
            ("UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete"),
            ("MemorySize: !Ref M, ", ""),
        ]);
    }

    #[test]
    fn every_way_to_lose_a_batch_is_found() {
        assert_found(&[
            ("TRIM_HORIZON", "LATEST"),
            ("[ReportBatchItemFailures]", "[]"),
            ("BisectBatchOnFunctionError: true", "BisectBatchOnFunctionError: false"),
            ("Destination: !GetAtt FailureBucket.Arn", "Destination: !GetAtt Queue.Arn"),
            ("      DestinationConfig", "      Destination"),
            ("MaximumRecordAgeInSeconds: !Ref Age", "MaximumRecordAgeInSeconds: -1"),
            ("MaximumRecordAgeInSeconds: !Ref Age", "MaximumRecordAgeInSeconds: 172800"),
            ("      MaximumRecordAgeInSeconds: !Ref Age\n", ""),
            ("Default: 169200", "Default: -1"),
            (", MaxValue: 169200", ""),
            ("MaxValue: 169200", "MaxValue: 604800"),
        ]);
    }

    #[test]
    fn every_open_bucket_is_found() {
        assert_found(&[
            ("BucketEncryption", "Encryption"),
            ("BlockPublicPolicy: true", "BlockPublicPolicy: false"),
            ("RestrictPublicBuckets: true", "RestrictPublic: true"),
            ("Status: Enabled", "Status: Disabled"),
            ("Status: Enabled", "Status: Enabled, Prefix: a"),
            ("ExpirationInDays", "Days"),
            ("Effect: Deny", "Effect: Allow"),
            ("Action: s3:*", "Action: s3:GetObject"),
            ("[!GetAtt FailureBucket.Arn, ", "["),
            ("aws:SecureTransport': 'false'", "aws:SecureTransport': 'true'"),
            ("Bucket: !Ref FailureBucket", "Bucket: !Ref Other"),
        ]);
    }
}
