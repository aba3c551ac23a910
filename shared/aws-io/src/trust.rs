//! Whom to trust with TLS: Amazon's own roots, the system's, or a bundle that the operator brings.

use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Amazon Root CA 1 to 4 and Starfield Services Root Certificate Authority - G2, the roots of Amazon
/// Trust Services (valid until 2037 or later), as Mozilla ships them.
const AMAZON_ROOTS: &str = include_str!("../roots/amazon.pem");

/// The largest CA bundle in bytes; all of Mozilla's roots are a fifth of it.
const BUNDLE_BYTES_MAX: u64 = 1_048_576;

/// Certificates that can be used as roots, in PEM.
#[derive(Clone, Debug)]
pub(crate) struct CaBundle(String);

impl CaBundle {
    /// Reads a bundle and checks every certificate: the HTTP client would panic on a bad one.
    pub(crate) fn read(path: &Path) -> Result<Self, &'static str> {
        let bytes = std::fs::metadata(path).map_err(|_| "a file that cannot be read")?.len();
        if bytes > BUNDLE_BYTES_MAX {
            return Err("a file larger than 1 MiB");
        }
        Self::parse(std::fs::read_to_string(path).map_err(|_| "a file that cannot be read")?)
    }

    fn parse(pem: String) -> Result<Self, &'static str> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| "a file that is not PEM")?;
            roots.add(certificate).map_err(|_| "a certificate that cannot be a root")?;
        }
        if roots.is_empty() { Err("a file without a certificate") } else { Ok(Self(pem)) }
    }

    #[cfg(test)]
    pub(crate) fn parse_for_tests() -> Option<Self> {
        Self::parse(AMAZON_ROOTS.to_owned()).ok()
    }

    pub(crate) fn pem(&self) -> &str {
        &self.0
    }
}

/// Amazon's roots in PEM.
pub(crate) fn amazon_roots() -> &'static str {
    AMAZON_ROOTS
}

/// Whether a host's certificate is issued by Amazon Trust Services: AWS's endpoints, FIPS,
/// dual-stack and VPC endpoints included; not those in China and in the isolated partitions.
pub(crate) fn is_amazon_host(host: &str) -> bool {
    host.ends_with(".amazonaws.com") || host.ends_with(".api.aws")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_are_five_usable_ones() {
        CaBundle::parse(AMAZON_ROOTS.to_owned()).unwrap();
        assert_eq!(CertificateDer::pem_slice_iter(AMAZON_ROOTS.as_bytes()).count(), 5);
    }

    #[test]
    fn a_bundle_that_would_make_the_client_panic_is_refused() {
        let cut = AMAZON_ROOTS.replacen("MIID", "AAAA", 1);
        for text in
            ["", "hello", "-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----\n", &cut]
        {
            assert!(CaBundle::parse(text.to_owned()).is_err(), "{text:.40}");
        }
    }

    #[test]
    fn knows_whose_roots_a_host_needs() {
        for host in ["kinesis.eu-west-1.amazonaws.com", "sqs-fips.us-east-1.api.aws"] {
            assert!(is_amazon_host(host), "{host}");
        }
        for host in
            ["kinesis.cn-north-1.amazonaws.com.cn", "amazonaws.com.evil.org", "localhost", ""]
        {
            assert!(!is_amazon_host(host), "{host}");
        }
    }
}
