//! The request for a secret: where it goes, what it says, and its signature.

use std::time::SystemTime;

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;

use super::source::{SecretSource, Service};
use crate::config::AwsSettings;
use crate::post::{self, Post};

/// The signed request; an ARN's own region counts for more than the settings'.
pub(super) fn signed(
    settings: &AwsSettings,
    source: &SecretSource,
    time: SystemTime,
) -> Option<HttpRequest> {
    let service = source.service();
    let region = source.region().unwrap_or(&settings.region);
    let headers =
        [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target(service))];
    let url = url(settings, service, region);
    let post = Post { url, headers: &headers, body: body(source) };
    post::signed(settings, post, (service.name(), region), time)
}

/// What is asked for; a source's id needs no escapes.
fn body(source: &SecretSource) -> String {
    let id = source.id();
    match source.service() {
        Service::SecretsManager => format!(r#"{{"SecretId":"{id}"}}"#),
        Service::Ssm => format!(r#"{{"Name":"{id}","WithDecryption":true}}"#),
    }
}

fn target(service: Service) -> &'static str {
    match service {
        Service::SecretsManager => "secretsmanager.GetSecretValue",
        Service::Ssm => "AmazonSSM.GetParameter",
    }
}

/// As AWS's endpoint rules for the two services have it.
fn url(settings: &AwsSettings, service: Service, region: &str) -> String {
    let (endpoint, is_ssm) = match service {
        Service::SecretsManager => (&settings.secrets_manager_endpoint, false),
        Service::Ssm => (&settings.ssm_endpoint, true),
    };
    let rules = post::Service {
        name: service.name(),
        has_dual_stack_names: is_ssm,
        is_fips_in_gov_cloud: is_ssm,
    };
    post::url(settings, endpoint.as_deref(), rules, region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire_tests::aws_settings;

    fn hosts<const N: usize>(more: [(&str, &str); N], region: &str) -> [String; 2] {
        let settings = aws_settings(more);
        [Service::SecretsManager, Service::Ssm].map(|service| url(&settings, service, region))
    }

    #[test]
    fn a_service_has_an_address() {
        let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
        let dual = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
        for (found, secrets_manager, ssm) in [
            (
                hosts([], "eu-west-1"),
                "secretsmanager.eu-west-1.amazonaws.com",
                "ssm.eu-west-1.amazonaws.com",
            ),
            (
                hosts([fips], "us-east-1"),
                "secretsmanager-fips.us-east-1.amazonaws.com",
                "ssm-fips.us-east-1.amazonaws.com",
            ),
            (
                hosts([dual], "eu-west-1"),
                "secretsmanager.eu-west-1.amazonaws.com",
                "ssm.eu-west-1.api.aws",
            ),
            (
                hosts([fips, dual], "us-east-1"),
                "secretsmanager-fips.us-east-1.amazonaws.com",
                "ssm-fips.us-east-1.api.aws",
            ),
            (
                hosts([], "cn-north-1"),
                "secretsmanager.cn-north-1.amazonaws.com.cn",
                "ssm.cn-north-1.amazonaws.com.cn",
            ),
            (
                hosts([dual], "cn-north-1"),
                "secretsmanager.cn-north-1.amazonaws.com.cn",
                "ssm.cn-north-1.api.amazonwebservices.com.cn",
            ),
            (
                hosts([fips], "us-gov-west-1"),
                "secretsmanager-fips.us-gov-west-1.amazonaws.com",
                "ssm.us-gov-west-1.amazonaws.com",
            ),
            (
                hosts([fips, dual], "us-gov-west-1"),
                "secretsmanager-fips.us-gov-west-1.amazonaws.com",
                "ssm-fips.us-gov-west-1.api.aws",
            ),
        ] {
            assert_eq!(found, [secrets_manager, ssm].map(|host| format!("https://{host}/")));
        }
        let own = [
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
            ("AWS_ENDPOINT_URL_SSM", "http://p:1/x/"),
        ];
        assert_eq!(hosts(own, "eu-west-1"), ["http://127.0.0.1:4566/", "http://p:1/x/"]);
    }

    #[test]
    fn an_arn_is_asked_for_in_its_own_region() {
        let arn = "arn:aws:secretsmanager:us-east-2:123456789012:secret:s-a1b2c3";
        let source = SecretSource::parse(arn).unwrap();
        let request = signed(&aws_settings([]), &source, SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(request.uri(), "https://secretsmanager.us-east-2.amazonaws.com/");
        let authorization = request.headers().get("authorization").unwrap();
        assert!(
            authorization.contains("/us-east-2/secretsmanager/aws4_request"),
            "{authorization}"
        );
        let body = request.body().bytes().unwrap();
        assert_eq!(body, format!(r#"{{"SecretId":"{arn}"}}"#).as_bytes());
    }
}
