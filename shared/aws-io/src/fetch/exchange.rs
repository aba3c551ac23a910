//! One request and its answer: the body up to a limit, and what broke if none came.

use std::error::Error;
use std::io;
use std::iter::successors;

use aws_smithy_runtime_api::client::http::{HttpConnector, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;

/// How much is read of the body of an answer that is no success, in bytes: enough for S3's error
/// code and for a message.
const ERROR_BODY_BYTES_MAX: usize = 4_096;
/// The deepest chain of causes that is looked through.
const CAUSES_MAX: usize = 16;

/// What a server answered.
#[derive(Clone, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    /// Whether the body is in a content encoding, which was not asked for.
    pub(super) is_encoded: bool,
    /// Of a success all of it, otherwise its beginning.
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Where the answer sends the client.
    pub(super) fn redirect(&self) -> Option<&str> {
        let is_redirect = matches!(self.status, 301 | 302 | 303 | 307 | 308);
        self.location.as_deref().filter(|_| is_redirect)
    }
}

/// Why there is no answer.
pub(super) struct Failure {
    /// The kind of failure; never what the other side wrote.
    pub(super) message: String,
    /// Whether it was the connection that failed, so that another one may help.
    pub(super) connection_lost: bool,
}

/// Sends a request and reads the answer.
pub(super) async fn exchange(
    connector: &SharedHttpConnector,
    request: HttpRequest,
    body_bytes_max: usize,
) -> Result<Reply, Failure> {
    let response = connector.call(request).await.map_err(|error| Failure::of(&error))?;
    let header = |name| response.headers().try_get(name).and_then(Result::ok);
    let mut reply = Reply {
        status: response.status().as_u16(),
        location: header("location").map(str::to_owned),
        is_encoded: header("content-encoding").is_some_and(|it| it != "identity"),
        body: Vec::new(),
    };
    let body = response.into_body();
    if !reply.is_success() {
        // What matters is the status; a body that breaks off does not change it.
        drop(read(body, &mut reply.body, ERROR_BODY_BYTES_MAX).await);
        return Ok(reply);
    }
    let announced = body.content_length().unwrap_or_default();
    let fits = usize::try_from(announced).is_ok_and(|bytes| bytes <= body_bytes_max);
    if fits && read(body, &mut reply.body, body_bytes_max).await? {
        return Ok(reply);
    }
    Err(Failure {
        message: format!("Server response is larger than {body_bytes_max} bytes"),
        connection_lost: false,
    })
}

/// Reads a body up to the limit and says whether that was all.
async fn read(body: SdkBody, into: &mut Vec<u8>, bytes_max: usize) -> Result<bool, Failure> {
    let mut chunks = ByteStream::new(body);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| Failure::lost(&error))?;
        let room = bytes_max.saturating_sub(into.len());
        into.extend(chunk.iter().take(room));
        if chunk.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Failure {
    fn of(error: &ConnectorError) -> Self {
        let message = match error {
            _ if error.is_timeout() => "ConnectTimeout",
            _ if error.is_user() => "RequestNotSent",
            _ => return Self::lost(error),
        };
        Self { message: message.to_owned(), connection_lost: false }
    }

    fn lost(error: &(dyn Error + 'static)) -> Self {
        let causes = || successors(Some(error), |&error| cause(error)).take(CAUSES_MAX);
        // TLS errors are wrapped in others; of those, the innermost says most.
        let kind = causes().find_map(tls).or_else(|| causes().filter_map(io_kind).last());
        let kind = kind.map(|kind| format!(": {kind}")).unwrap_or_default();
        Self { message: format!("ConnectionFailed{kind}"), connection_lost: true }
    }
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

    fn failure(error: io::Error) -> String {
        Failure::of(&ConnectorError::io(error.into())).message
    }

    #[test]
    fn a_failure_is_named_by_its_kind() {
        let refused = io::Error::new(io::ErrorKind::ConnectionRefused, "visitor 1.2.3.4");
        assert_eq!(failure(refused), "ConnectionFailed: connection refused");
        let certificate = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        assert_eq!(
            failure(io::Error::other(certificate)),
            "ConnectionFailed: certificate not trusted"
        );
        let other = rustls::Error::General("visitor".to_owned());
        let wrapped = io::Error::other(io::Error::other(other));
        assert_eq!(failure(wrapped), "ConnectionFailed: TLS");
        let wrapped = io::Error::other(io::Error::from(io::ErrorKind::ConnectionReset));
        assert_eq!(failure(wrapped), "ConnectionFailed: connection reset");
        let unknown = ConnectorError::other("visitor".into(), None);
        assert_eq!(Failure::of(&unknown).message, "ConnectionFailed");
        let timeout = ConnectorError::timeout("visitor".into());
        assert_eq!(Failure::of(&timeout).message, "ConnectTimeout");
        assert!(!Failure::of(&timeout).connection_lost && Failure::of(&unknown).connection_lost);
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
