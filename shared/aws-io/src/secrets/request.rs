//! The request for a secret: where it goes, what it says, and its signature.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::source::{SecretSource, Service};
use crate::config::AwsSettings;
use crate::http::USER_AGENT;
use crate::sign::{Scope, sign};

/// The signed request; an ARN's own region counts for more than the settings'.
pub(super) fn signed(
    settings: &AwsSettings,
    source: &SecretSource,
    time: SystemTime,
) -> Option<HttpRequest> {
    let service = source.service();
    let region = source.region().unwrap_or(&settings.region);
    let url = url(settings, service, region);
    let body = body(source);
    let headers =
        [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target(service))];
    let signable = SignableRequest::new(
        "POST",
        url.as_str(),
        headers.into_iter(),
        SignableBody::Bytes(body.as_bytes()),
    );
    let scope = Scope { credentials: &settings.credentials, region, service: service.name(), time };
    let signature = sign(signable.ok()?, SigningSettings::default(), scope)?;
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").ok()?;
    request.set_uri(url).ok()?;
    // Without `identity`, a server would be free to compress.
    let ours = [("accept-encoding", "identity"), ("user-agent", USER_AGENT)];
    for (name, value) in headers.into_iter().chain(ours).chain(signature.headers()) {
        request.headers_mut().try_insert(name.to_owned(), value.to_owned()).ok()?;
    }
    Some(request)
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

/// As AWS's endpoint rules for the two services have it. Those of Secrets Manager know no other
/// names for dual stack: the ordinary ones have both kinds of addresses.
fn url(settings: &AwsSettings, service: Service, region: &str) -> String {
    let (endpoint, has_dual_stack_names) = match service {
        Service::SecretsManager => (&settings.secrets_manager_endpoint, false),
        Service::Ssm => (&settings.ssm_endpoint, true),
    };
    if let Some(endpoint) = endpoint {
        return format!("{}/", endpoint.trim_end_matches('/'));
    }
    let dual_stack = settings.use_dual_stack && has_dual_stack_names;
    let domain = match (region.starts_with("cn-"), dual_stack) {
        (false, false) => "amazonaws.com",
        (false, true) => "api.aws",
        (true, false) => "amazonaws.com.cn",
        (true, true) => "api.amazonwebservices.com.cn",
    };
    // In GovCloud, the ordinary endpoint of SSM is the FIPS one.
    let is_fips_already = service == Service::Ssm && region.starts_with("us-gov-") && !dual_stack;
    let fips = if settings.use_fips && !is_fips_already { "-fips" } else { "" };
    format!("https://{}{fips}.{region}.{domain}/", service.name())
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
