//! Signatures (version 4) for requests that are sent without the SDK.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableRequest, SigningInstructions, SigningSettings};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;

/// Who signs, and what for a signature is good.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) credentials: &'a Credentials,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    pub(crate) time: SystemTime,
}

/// The headers that make a request a signed one.
pub(crate) fn sign(
    request: SignableRequest<'_>,
    settings: SigningSettings,
    scope: Scope<'_>,
) -> Option<SigningInstructions> {
    let identity = Identity::from(scope.credentials.clone());
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(scope.time)
        .settings(settings)
        .build()
        .ok()?;
    let output = aws_sigv4::http_request::sign(request, &parameters.into()).ok()?;
    Some(output.into_parts().0)
}

#[allow(clippy::disallowed_methods, reason = "a signature carries the time at which it was made")]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
