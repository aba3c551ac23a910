//! Why a whole call failed, in a form that may be logged, and whether another try can help.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use record_sink::WriteError;

/// A service's error code is text from the network; no real one is longer.
const CODE_CHARS_MAX: usize = 64;
/// The code of a connection that could not be made or that broke.
pub(crate) const CONNECTION_FAILED: &str = "ConnectionFailed";

/// A call that brought no results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallFailure {
    /// The service's error code, or the kind of failure.
    pub(crate) code: String,
    /// Whether another try can help within the same invocation.
    pub(crate) retry: bool,
    /// Whether it was the connection that failed, not the service.
    pub(crate) connection_lost: bool,
}

impl CallFailure {
    /// Reads what the SDK says; its messages are left out, as they can quote the request.
    pub(crate) fn from_sdk<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Self {
        let status = error.raw_response().map(|response| response.status().as_u16());
        if let Some(code) = error.as_service_error().and_then(ProvideErrorMetadata::code) {
            return Self::of_service(code, status);
        }
        let (kind, retry) = match error {
            SdkError::ConstructionFailure(_) => ("RequestNotBuilt", false),
            SdkError::TimeoutError(_) => ("Timeout", true),
            SdkError::DispatchFailure(failure) if failure.is_timeout() => ("ConnectTimeout", true),
            SdkError::DispatchFailure(failure) if failure.is_user() => ("RequestNotSent", false),
            SdkError::DispatchFailure(_) => (CONNECTION_FAILED, true),
            SdkError::ResponseError(_) | SdkError::ServiceError(_) => {
                return Self::unreadable(status.unwrap_or_default());
            }
            // The SDK may add kinds; one that is not known yet is worth another try.
            _ => ("UnknownFailure", true),
        };
        Self { connection_lost: kind == CONNECTION_FAILED, ..Self::new(kind, retry) }
    }

    /// A failure that does not come from the connection.
    pub(crate) fn new(code: &str, retry: bool) -> Self {
        Self { code: printable(code), retry, connection_lost: false }
    }

    /// What the service itself said.
    pub(crate) fn of_service(code: &str, status: Option<u16>) -> Self {
        Self::new(code, status.is_none_or(is_passing_status) || is_throttle(code))
    }

    /// An answer that cannot be read.
    pub(crate) fn unreadable(status: u16) -> Self {
        let retry = status == 200 || is_passing_status(status);
        Self::new(&format!("UnreadableResponse{status}"), retry)
    }

    /// A call that took longer than one call may.
    pub(crate) fn attempt_timeout() -> Self {
        Self::new("AttemptTimeout", true)
    }
}

impl From<CallFailure> for WriteError {
    fn from(failure: CallFailure) -> Self {
        Self::CallFailed(failure.code)
    }
}

/// A code as it may stand in a log: what codes are made of, and not too much of it.
pub(crate) fn printable(code: &str) -> String {
    code.chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '#' | '/'))
        .take(CODE_CHARS_MAX)
        .collect()
}

fn is_passing_status(status: u16) -> bool {
    status >= 500 || status == 429 || status == 408
}

/// Throttles arrive with status 400, like errors that stay.
fn is_throttle(code: &str) -> bool {
    matches!(
        code,
        "ProvisionedThroughputExceededException"
            | "ThrottlingException"
            | "Throttling"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "LimitExceededException"
            | "KMSThrottlingException"
            | "KmsThrottled"
            | "OverLimit"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "InternalFailure"
            | "InternalFailureException"
            | "InternalError"
            | "ServiceUnavailable"
            | "ServiceUnavailableException"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_cut_and_cleaned() {
        assert_eq!(printable("Kms.Access_Denied"), "Kms.Access_Denied");
        assert_eq!(printable("a b\n\"{é}"), "ab");
        assert_eq!(printable(&"x".repeat(64)).len(), 64);
        assert_eq!(printable(&"x".repeat(65)).len(), 64);
    }
}
