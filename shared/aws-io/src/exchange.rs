//! One request and its answer: the body up to a limit, and what broke if none came.

use std::error::Error;
use std::io;
use std::iter::successors;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

use crate::failure::{CONNECTION_FAILED, CallFailure};

/// How much is read of the body of an answer that is no success, in bytes: enough for S3's error
/// code and for a message.
const ERROR_BODY_BYTES_MAX: usize = 4_096;
/// The deepest chain of causes that is looked through.
const CAUSES_MAX: usize = 16;

/// What a server answered; the body is in the buffer that the caller gave for it.
#[derive(Clone, Default)]
pub(crate) struct Reply<B = Vec<u8>> {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    /// Whether the body is in a content encoding, which was not asked for.
    pub(crate) is_encoded: bool,
    /// Of a success all of it, otherwise its beginning.
    pub(crate) body: B,
}

impl<B> Reply<B> {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Where the answer sends the client.
    pub(crate) fn redirect(&self) -> Option<&str> {
        let is_redirect = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        self.location.as_deref().filter(|_| is_redirect)
    }
}

/// Sends a request and reads the answer.
///
/// The failure holds the kind of what broke, never what the other side wrote.
pub(crate) async fn exchange<B: AsMut<Vec<u8>>>(
    connector: &SharedHttpConnector,
    request: HttpRequest,
    body: B,
    body_bytes_max: usize,
) -> Result<Reply<B>, CallFailure> {
    let response = connector.call(request).await.map_err(|error| failure(&error))?;
    let header = |name| response.headers().try_get(name).and_then(Result::ok);
    let mut reply = Reply {
        status: response.status().as_u16(),
        location: header("location").map(str::to_owned),
        is_encoded: header("content-encoding").is_some_and(|it| it != "identity"),
        body,
    };
    let body = response.into_body();
    if !reply.is_success() {
        // What matters is the status; a body that breaks off does not change it.
        drop(read(body, reply.body.as_mut(), ERROR_BODY_BYTES_MAX).await);
        return Ok(reply);
    }
    let announced = body.content_length().unwrap_or_default();
    let fits = usize::try_from(announced).is_ok_and(|bytes| bytes <= body_bytes_max);
    if fits && read(body, reply.body.as_mut(), body_bytes_max).await? {
        return Ok(reply);
    }
    let code = format!("Server response is larger than {body_bytes_max} bytes");
    Err(CallFailure { code, retry: false, connection_lost: false })
}

/// Reads a body up to the limit and says whether that was all.
async fn read(body: SdkBody, into: &mut Vec<u8>, bytes_max: usize) -> Result<bool, CallFailure> {
    let mut chunks = ByteStream::new(body);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| lost(&error))?;
        let room = bytes_max.saturating_sub(into.len());
        into.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}

fn failure(error: &ConnectorError) -> CallFailure {
    match error {
        _ if error.is_timeout() => CallFailure::new("ConnectTimeout", true),
        _ if error.is_user() => CallFailure::new("RequestNotSent", false),
        _ => lost(error),
    }
}

fn lost(error: &(dyn Error + 'static)) -> CallFailure {
    let causes = || successors(Some(error), |&error| cause(error)).take(CAUSES_MAX);
    // TLS errors are wrapped in others; of those, the innermost says most.
    let kind = causes().find_map(tls).or_else(|| causes().filter_map(io_kind).last());
    let kind = kind.map(|kind| format!(": {kind}")).unwrap_or_default();
    let code = format!("{CONNECTION_FAILED}{kind}");
    CallFailure { code, retry: true, connection_lost: true }
}

/// What is inside an I/O error is not its source, but that one's source is.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<String> {
    error.downcast_ref::<io::Error>().map(|error| error.kind().to_string())
}

fn tls(error: &(dyn Error + 'static)) -> Option<String> {
    let error = error.downcast_ref::<rustls::Error>()?;
    let is_certificate = matches!(error, rustls::Error::InvalidCertificate(_));
    Some(if is_certificate { "certificate not trusted" } else { "TLS" }.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: io::Error) -> String {
        failure(&ConnectorError::io(error.into())).code
    }

    #[test]
    fn a_failure_is_named_by_its_kind() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "visitor 1.2.3.4");
        assert_eq!(code(refused), "ConnectionFailed: connection refused");
        let certificate = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        assert_eq!(
            code(io::Error::other(certificate)),
            "ConnectionFailed: certificate not trusted"
        );
        let other = rustls::Error::General("visitor".to_owned());
        let wrapped = io::Error::other(io::Error::other(other));
        assert_eq!(code(wrapped), "ConnectionFailed: TLS");
        let wrapped = io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset));
        assert_eq!(code(wrapped), "ConnectionFailed: connection reset");
        let unknown = ConnectorError::other("visitor".into(), None);
        assert_eq!(failure(&unknown).code, "ConnectionFailed");
        let timeout = ConnectorError::timeout("visitor".into());
        assert_eq!(failure(&timeout).code, "ConnectTimeout");
        assert!(!failure(&timeout).connection_lost && failure(&unknown).connection_lost);
    }

    #[tokio::test]
    async fn a_body_is_read_to_its_limit() {
        for (length, bytes_max, whole) in [(0, 0, true), (5, 5, true), (6, 5, false)] {
            let mut into = Vec::new();
            let body = SdkBody::from(vec![b'x'; length]);
            let found = read(body, &mut into, bytes_max).await;
            assert!(found.is_ok_and(|found| found == whole), "{length}");
            assert_eq!(into.len(), length.min(bytes_max));
        }
    }
}
