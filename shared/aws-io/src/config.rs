//! The variables that decide where AWS is and who we are: region, credentials, endpoints, trust.

use std::fmt;
use std::path::Path;

use aws_credential_types::Credentials;
use function_env::Reader;

use crate::message::MessageTarget;
use crate::trust::CaBundle;

/// What every AWS client needs to know.
#[derive(Clone)]
pub struct AwsSettings {
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
    pub(crate) kinesis_endpoint: Option<String>,
    pub(crate) firehose_endpoint: Option<String>,
    pub(crate) sqs_endpoint: Option<String>,
    pub(crate) sns_endpoint: Option<String>,
    pub(crate) s3_endpoint: Option<String>,
    pub(crate) secrets_manager_endpoint: Option<String>,
    pub(crate) ssm_endpoint: Option<String>,
    pub(crate) use_fips: bool,
    pub(crate) use_dual_stack: bool,
    pub(crate) ca_bundle: Option<CaBundle>,
}

impl fmt::Debug for AwsSettings {
    /// Without the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSettings")
            .field("region", &self.region)
            .field("kinesis_endpoint", &self.kinesis_endpoint)
            .field("firehose_endpoint", &self.firehose_endpoint)
            .field("sqs_endpoint", &self.sqs_endpoint)
            .field("sns_endpoint", &self.sns_endpoint)
            .field("s3_endpoint", &self.s3_endpoint)
            .field("secrets_manager_endpoint", &self.secrets_manager_endpoint)
            .field("ssm_endpoint", &self.ssm_endpoint)
            .field("use_fips", &self.use_fips)
            .field("use_dual_stack", &self.use_dual_stack)
            .field("ca_bundle", &self.ca_bundle.is_some())
            .finish_non_exhaustive()
    }
}

impl AwsSettings {
    /// Reads AWS's own variables, as Lambda and the other SDKs have them; the problems stay with the
    /// reader, and what is returned beside a problem is of no use.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let region = match reader.optional("AWS_REGION") {
            Some(region) => region,
            None => match reader.optional("AWS_DEFAULT_REGION") {
                Some(region) => region,
                None => reader.required("AWS_REGION", REGION),
            },
        };
        if !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
            reader.problem("AWS_REGION", "other characters".to_owned(), REGION);
        }
        let credentials = Credentials::new(
            reader.required("AWS_ACCESS_KEY_ID", "an access key id"),
            reader.required("AWS_SECRET_ACCESS_KEY", "a secret access key"),
            reader.optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let ignore = boolean(reader, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
        let settings = Self {
            region,
            credentials,
            kinesis_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_KINESIS", ignore),
            firehose_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_FIREHOSE", ignore),
            sqs_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_SQS", ignore),
            sns_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_SNS", ignore),
            s3_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_S3", ignore),
            secrets_manager_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_SECRETS_MANAGER", ignore),
            ssm_endpoint: endpoint(reader, "AWS_ENDPOINT_URL_SSM", ignore),
            use_fips: boolean(reader, "AWS_USE_FIPS_ENDPOINT"),
            use_dual_stack: boolean(reader, "AWS_USE_DUALSTACK_ENDPOINT"),
            ca_bundle: ca_bundle(reader),
        };
        // The SDK would refuse every request with both.
        let endpoints = [
            &settings.kinesis_endpoint,
            &settings.firehose_endpoint,
            &settings.sqs_endpoint,
            &settings.sns_endpoint,
            &settings.s3_endpoint,
            &settings.secrets_manager_endpoint,
            &settings.ssm_endpoint,
        ];
        if endpoints.into_iter().any(Option::is_some) {
            for (name, set) in [
                ("AWS_USE_FIPS_ENDPOINT", settings.use_fips),
                ("AWS_USE_DUALSTACK_ENDPOINT", settings.use_dual_stack),
            ] {
                if set {
                    reader.problem(name, "true".to_owned(), "false beside an AWS_ENDPOINT_URL");
                }
            }
        }
        settings
    }

    /// Where messages shall go: a standard queue of the settings' region, by its URL or ARN, or a
    /// standard topic, by its ARN.
    pub fn message_target(&self, text: &str) -> Option<MessageTarget> {
        MessageTarget::parse(text, &self.region)
    }
}

const REGION: &str = "an AWS region such as eu-west-1";
const ENDPOINT: &str = "a URL such as http://127.0.0.1:4566, without credentials or query";

/// As in the other SDKs, the case of `true` and `false` does not matter.
fn boolean(reader: &mut Reader<'_>, name: &str) -> bool {
    reader.parsed(name, false, "true or false", |text| match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    })
}

/// The service's own endpoint, else the one for all services.
fn endpoint(reader: &mut Reader<'_>, service: &str, ignore: bool) -> Option<String> {
    let name = if reader.optional(service).is_some() { service } else { "AWS_ENDPOINT_URL" };
    let url = reader.optional(name).filter(|_| !ignore)?;
    if !is_endpoint(&url) {
        // A URL can hold a password, so what was found is not shown.
        reader.problem(name, "something else".to_owned(), ENDPOINT);
    }
    Some(url)
}

fn is_endpoint(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.is_some_and(|rest| {
        !rest.starts_with(['/', ':'])
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_graphic() && !b"@?#\\\"<>{}|^`".contains(&b))
    })
}

fn ca_bundle(reader: &mut Reader<'_>) -> Option<CaBundle> {
    let path = reader.optional("AWS_CA_BUNDLE")?;
    match CaBundle::read(Path::new(&path)) {
        Ok(bundle) => Some(bundle),
        Err(found) => {
            reader.problem(
                "AWS_CA_BUNDLE",
                found.to_owned(),
                "the path of a PEM file of CA certificates",
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use function_env::{ConfigError, Variables};

    use super::*;

    fn read<const N: usize>(more: [(&str, &str); N]) -> Result<AwsSettings, ConfigError> {
        let mut variables = Variables::from([
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "AKIDSECRET"),
            ("AWS_SECRET_ACCESS_KEY", "topsecret"),
            ("AWS_SESSION_TOKEN", "tokensecret"),
        ]);
        for (name, value) in more {
            variables.set(name, value);
        }
        let mut reader = Reader::new(&variables);
        let settings = AwsSettings::read(&mut reader);
        reader.finish(settings)
    }

    fn problems<const N: usize>(more: [(&str, &str); N]) -> Vec<String> {
        read(more).unwrap_err().problems.into_iter().map(|problem| problem.variable).collect()
    }

    #[test]
    fn reads_lambdas_environment() {
        let settings = read([]).unwrap();
        assert_eq!(settings.region, "eu-west-1");
        assert_eq!(settings.credentials.session_token(), Some("tokensecret"));
        assert_eq!(settings.kinesis_endpoint, None);
        assert!(!settings.use_fips && !settings.use_dual_stack);
        let settings = read([("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "us-east-2")]).unwrap();
        assert_eq!(settings.region, "us-east-2");
    }

    #[test]
    fn shows_no_secret() {
        // One service has the word in its name.
        let text = format!("{:?}", read([]).unwrap()).replace("secrets_manager", "");
        assert!(text.contains("eu-west-1") && !text.to_lowercase().contains("secret"), "{text}");
    }

    #[test]
    fn finds_every_problem() {
        let empty = Variables::default();
        let mut reader = Reader::new(&empty);
        let settings = AwsSettings::read(&mut reader);
        let error = reader.finish(settings).unwrap_err();
        let names: Vec<_> = error.problems.iter().map(|it| it.variable.as_str()).collect();
        assert_eq!(names, ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
        assert_eq!(problems([("AWS_REGION", "eu west")]), ["AWS_REGION"]);
        assert_eq!(problems([("AWS_USE_FIPS_ENDPOINT", "maybe")]), ["AWS_USE_FIPS_ENDPOINT"]);
        assert_eq!(problems([("AWS_CA_BUNDLE", "/nowhere.pem")]), ["AWS_CA_BUNDLE"]);
        assert_eq!(
            problems([("AWS_ENDPOINT_URL_SQS", "http://q"), ("AWS_USE_FIPS_ENDPOINT", "True")]),
            ["AWS_USE_FIPS_ENDPOINT"]
        );
        assert_eq!(problems([("AWS_ENDPOINT_URL_S3", "s3:9000")]), ["AWS_ENDPOINT_URL_S3"]);
        for url in ["localhost:4566", "http://", "ftp://x", "http://a b", "https://u:hidden@host"] {
            let error = read([("AWS_ENDPOINT_URL_KINESIS", url)]).unwrap_err();
            assert_eq!(error.problems[0].variable, "AWS_ENDPOINT_URL_KINESIS", "{url}");
            assert!(!error.to_string().contains("hidden"), "{error}");
        }
    }

    #[test]
    fn an_endpoint_for_one_service_wins() {
        let both = [("AWS_ENDPOINT_URL", "http://a:1"), ("AWS_ENDPOINT_URL_SQS", "https://b/x")];
        let settings = read(both).unwrap();
        assert_eq!(settings.kinesis_endpoint.as_deref(), Some("http://a:1"));
        assert_eq!(settings.sqs_endpoint.as_deref(), Some("https://b/x"));
        assert_eq!(settings.s3_endpoint.as_deref(), Some("http://a:1"));
        let settings = read([("AWS_ENDPOINT_URL_S3", "http://s:9000")]).unwrap();
        assert_eq!(settings.s3_endpoint.as_deref(), Some("http://s:9000"));
        assert_eq!((settings.kinesis_endpoint, settings.sqs_endpoint), (None, None));
        let settings = read([
            ("AWS_ENDPOINT_URL", "http://a:1"),
            ("AWS_ENDPOINT_URL_FIREHOSE", "http://f"),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER", "http://m"),
            ("AWS_ENDPOINT_URL_SSM", "http://p"),
            ("AWS_ENDPOINT_URL_SNS", "http://n"),
        ])
        .unwrap();
        assert_eq!(settings.firehose_endpoint.as_deref(), Some("http://f"));
        assert_eq!(settings.secrets_manager_endpoint.as_deref(), Some("http://m"));
        assert_eq!(settings.ssm_endpoint.as_deref(), Some("http://p"));
        assert_eq!(settings.sns_endpoint.as_deref(), Some("http://n"));
        let ignored = ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
        let settings = read([("AWS_ENDPOINT_URL", "http://a:1"), ignored]).unwrap();
        assert_eq!((settings.kinesis_endpoint, settings.sqs_endpoint), (None, None));
    }
}
