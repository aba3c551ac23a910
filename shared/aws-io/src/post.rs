//! Signed POSTs to services of a region, sent without the SDK: where they go and what they carry.

use std::time::SystemTime;

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use crate::config::AwsSettings;
use crate::http::USER_AGENT;
use crate::sign::{Scope, sign};

/// A service as AWS's endpoint rules describe it.
#[derive(Clone, Copy)]
pub(crate) struct Service<'a> {
    /// The name in its addresses and in signatures.
    pub(crate) name: &'a str,
    /// Whether it has other names for dual stack; those without have both kinds of addresses.
    pub(crate) has_dual_stack_names: bool,
    /// Whether its ordinary endpoints in `us-gov-` regions are the FIPS ones.
    pub(crate) is_fips_in_gov_cloud: bool,
}

/// What is posted.
pub(crate) struct Post<'a> {
    pub(crate) url: String,
    pub(crate) headers: &'a [(&'static str, &'static str)],
    pub(crate) body: String,
}

/// The address of a service in a region, or the endpoint that the settings name for it.
pub(crate) fn url(
    settings: &AwsSettings,
    endpoint: Option<&str>,
    service: Service<'_>,
    region: &str,
) -> String {
    if let Some(endpoint) = endpoint {
        return format!("{}/", endpoint.trim_end_matches('/'));
    }
    let dual_stack = settings.use_dual_stack && service.has_dual_stack_names;
    let domain = match (region.starts_with("cn-"), dual_stack) {
        (false, false) => "amazonaws.com",
        (false, true) => "api.aws",
        (true, false) => "amazonaws.com.cn",
        (true, true) => "api.amazonwebservices.com.cn",
    };
    let is_fips_already =
        service.is_fips_in_gov_cloud && region.starts_with("us-gov-") && !dual_stack;
    let fips = if settings.use_fips && !is_fips_already { "-fips" } else { "" };
    format!("https://{}{fips}.{region}.{domain}/", service.name)
}

/// The signed request.
pub(crate) fn signed(
    settings: &AwsSettings,
    post: Post<'_>,
    (service, region): (&str, &str),
    time: SystemTime,
) -> Option<HttpRequest> {
    let Post { url, headers, body } = post;
    let signable = SignableRequest::new(
        "POST",
        url.as_str(),
        headers.iter().copied(),
        SignableBody::Bytes(body.as_bytes()),
    );
    let scope = Scope { credentials: &settings.credentials, region, service, time };
    let signature = sign(signable.ok()?, SigningSettings::default(), scope)?;
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method("POST").ok()?;
    request.set_uri(url).ok()?;
    // Without `identity`, a server would be free to compress.
    let ours = [("accept-encoding", "identity"), ("user-agent", USER_AGENT)];
    for (name, value) in headers.iter().copied().chain(ours).chain(signature.headers()) {
        request.headers_mut().try_insert(name.to_owned(), value.to_owned()).ok()?;
    }
    Some(request)
}
