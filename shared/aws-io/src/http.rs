//! The one HTTP client of all AWS clients: plain HTTP and TLS are each set up by the first request that needs them.

use std::sync::OnceLock;
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;

use crate::trust::{CaBundle, amazon_roots, is_amazon_host};

/// Who asks, in requests that are sent without the SDK: firewalls in front of registries refuse those
/// that do not say it.
pub(crate) const USER_AGENT: &str = concat!("whiteout/", env!("CARGO_PKG_VERSION"));

/// How connections are made and kept.
#[derive(Clone, Copy, Debug)]
pub struct HttpSettings {
    /// The longest time for name, TCP and TLS together. Long enough for a handshake on the small
    /// share of a processor that a 128 MB function has (about 0.75 s).
    pub connect_timeout: Duration,
    /// A connection that was not used for longer is not used again: the other side is about to close
    /// it, and a request that meets the closing would have to be sent twice.
    pub idle_max: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { connect_timeout: Duration::from_secs(2), idle_max: Duration::from_secs(50) }
    }
}

/// An HTTP client that costs nothing before its first request.
///
/// The SDK's own would load and parse the system's root certificates while the client is built, even
/// if every endpoint is plain HTTP.
pub fn lazy_http_client(settings: &crate::AwsSettings, http: HttpSettings) -> SharedHttpClient {
    let connector = lazy_connector(settings, http);
    http_client_fn(move |_, _| connector.clone())
}

/// The same for requests that are sent without the SDK.
pub(crate) fn lazy_connector(
    settings: &crate::AwsSettings,
    http: HttpSettings,
) -> SharedHttpConnector {
    SharedHttpConnector::new(LazyConnector {
        bundle: settings.ca_bundle.clone(),
        http,
        plain: OnceLock::new(),
        amazon: OnceLock::new(),
        other: OnceLock::new(),
    })
}

/// Connectors by what they trust, each with its own pool of connections.
#[derive(Debug)]
struct LazyConnector {
    bundle: Option<CaBundle>,
    http: HttpSettings,
    plain: OnceLock<Connector>,
    amazon: OnceLock<Connector>,
    other: OnceLock<Connector>,
}

impl HttpConnector for LazyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.pick(request.uri()) {
            Ok(connector) => connector.call(request),
            Err(error) => HttpConnectorFuture::ready(Err(error)),
        }
    }
}

impl LazyConnector {
    fn pick(&self, uri: &str) -> Result<&Connector, ConnectorError> {
        if uri.starts_with("http://") {
            return Ok(self.plain.get_or_init(|| self.builder().build_http()));
        }
        let host = host(uri);
        let store = TrustStore::empty();
        let (slot, store) = match &self.bundle {
            // As in the AWS CLI, a bundle replaces every other root.
            Some(bundle) => (&self.other, store.with_pem_certificate(bundle.pem())),
            None if is_amazon_host(host) => {
                (&self.amazon, store.with_pem_certificate(amazon_roots()))
            }
            None => (&self.other, store.with_native_roots(true)),
        };
        if let Some(connector) = slot.get() {
            return Ok(connector);
        }
        let context = TlsContext::builder()
            .with_trust_store(store)
            .build()
            .map_err(|error| ConnectorError::user(error.into()))?;
        Ok(slot.get_or_init(|| {
            self.builder()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(context)
                .build()
        }))
    }

    fn builder(&self) -> ConnectorBuilder {
        let timeouts =
            HttpConnectorSettings::builder().connect_timeout(self.http.connect_timeout).build();
        Connector::builder()
            .connector_settings(timeouts)
            .sleep_impl(TokioSleep::new())
            .pool_idle_timeout(self.http.idle_max)
    }
}

/// The host of an absolute URI, without its port.
fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().and_then(|host| host.split(':').next()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(bundle: Option<CaBundle>) -> LazyConnector {
        LazyConnector {
            bundle,
            http: HttpSettings::default(),
            plain: OnceLock::new(),
            amazon: OnceLock::new(),
            other: OnceLock::new(),
        }
    }

    fn built(connector: &LazyConnector) -> [bool; 3] {
        [&connector.plain, &connector.amazon, &connector.other].map(|slot| slot.get().is_some())
    }

    #[test]
    fn plain_http_sets_up_no_tls() {
        let connector = connector(None);
        assert_eq!(built(&connector), [false, false, false]);
        connector.pick("http://127.0.0.1:4566/").unwrap();
        assert_eq!(built(&connector), [true, false, false]);
        connector.pick("https://kinesis.eu-west-1.amazonaws.com/").unwrap();
        assert_eq!(built(&connector), [true, true, false]);
    }

    #[test]
    fn a_bundle_is_used_for_every_host() {
        let connector = connector(CaBundle::parse_for_tests());
        connector.pick("https://kinesis.eu-west-1.amazonaws.com/").unwrap();
        connector.pick("https://proxy.example.org:8443/x").unwrap();
        assert_eq!(built(&connector), [false, false, true]);
    }

    #[test]
    fn finds_the_host() {
        for (uri, expected) in [
            ("https://a.b:443/c?d", "a.b"),
            ("https://a.b", "a.b"),
            ("https://u@a.b/", "a.b"),
            ("https://evil.org/.amazonaws.com", "evil.org"),
            ("https://evil.org#.amazonaws.com", "evil.org"),
            ("", ""),
        ] {
            assert_eq!(host(uri), expected, "{uri}");
        }
    }
}
