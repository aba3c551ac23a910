//! Where an object of S3 is, and the signature for reading it.

use std::fmt::Write;
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningInstructions,
    SigningSettings, UriPathNormalizationMode,
};

use super::url::Url;
use crate::config::AwsSettings;
use crate::sign::{Scope, sign};

/// The longest bucket name, and the longest key in bytes, that S3 knows.
const BUCKET_BYTES_MAX: usize = 63;
const KEY_BYTES_MAX: usize = 1_024;

/// S3 as it is to be reached.
#[derive(Clone)]
pub(super) struct S3 {
    credentials: Credentials,
    region: String,
    endpoint: Option<String>,
    /// `s3`, or `s3-fips`, or either with `.dualstack`.
    service: String,
}

impl S3 {
    pub(super) fn new(settings: &AwsSettings) -> Self {
        let fips = if settings.use_fips { "-fips" } else { "" };
        let dual_stack = if settings.use_dual_stack { ".dualstack" } else { "" };
        Self {
            credentials: settings.credentials.clone(),
            region: settings.region.clone(),
            endpoint: settings.s3_endpoint.clone(),
            service: format!("s3{fips}{dual_stack}"),
        }
    }

    pub(super) fn session_token(&self) -> Option<&str> {
        self.credentials.session_token()
    }

    /// The object's address; none if it can be no object's.
    pub(super) fn url(&self, bucket: &str, key: &str) -> Option<Url> {
        // Without a key, the answer would be a listing.
        if key.is_empty() {
            return None;
        }
        self.address(bucket, &encoded(key, b"/-_.~"), key.len())
    }

    /// Where a bucket says what it holds below a prefix.
    pub(super) fn listing(&self, bucket: &str, prefix: &str) -> Option<Url> {
        let query = format!("?list-type=2&prefix={}", encoded(prefix, b"-_.~"));
        self.address(bucket, &query, prefix.len())
    }

    fn address(&self, bucket: &str, path: &str, key_bytes: usize) -> Option<Url> {
        let is_bucket = bucket
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-_".contains(&b));
        // With `..`, it would be another bucket's address.
        if !is_bucket
            || !(1..=BUCKET_BYTES_MAX).contains(&bucket.len())
            || bucket.starts_with('.')
            || key_bytes > KEY_BYTES_MAX
        {
            return None;
        }
        let Self { region, service, .. } = self;
        let china = if region.starts_with("cn-") { ".cn" } else { "" };
        let host = format!("{service}.{region}.amazonaws.com{china}");
        Url::parse(&match &self.endpoint {
            Some(endpoint) => format!("{}/{bucket}/{path}", endpoint.trim_end_matches('/')),
            // The certificate's wildcard stands for one label only.
            None if bucket.contains(['.', '_']) => format!("https://{host}/{bucket}/{path}"),
            None => format!("https://{bucket}.{host}/{path}"),
        })
    }

    /// The headers that a GET of the URL needs.
    pub(super) fn sign(&self, url: &str, time: SystemTime) -> Option<SigningInstructions> {
        // As S3 wants it: paths as they are, encoded once, and the body's hash in a header.
        let mut settings = SigningSettings::default();
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        let Self { credentials, region, .. } = self;
        let request =
            SignableRequest::new("GET", url, std::iter::empty(), SignableBody::empty()).ok()?;
        sign(request, settings, Scope { credentials, region, service: "s3", time })
    }
}

/// A key as a part of an address: everything but letters, digits and what is kept.
fn encoded(key: &str, kept: &[u8]) -> String {
    let mut path = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || kept.contains(&byte) {
            path.push(char::from(byte));
        } else {
            // Writing to a string does not fail.
            write!(path, "%{byte:02X}").unwrap_or_default();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::wire_tests::aws_settings;

    fn url<const N: usize>(more: [(&str, &str); N], bucket: &str, key: &str) -> Option<String> {
        S3::new(&aws_settings(more)).url(bucket, key).map(|url| url.to_string())
    }

    #[test]
    fn an_object_has_an_address() {
        let fips = ("AWS_USE_FIPS_ENDPOINT", "true");
        let dual_stack = ("AWS_USE_DUALSTACK_ENDPOINT", "true");
        let endpoint = ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/");
        for (found, expected) in [
            (url([], "b-1", "s/k"), "https://b-1.s3.eu-west-1.amazonaws.com/s/k"),
            (url([], "b.c", "s/k"), "https://s3.eu-west-1.amazonaws.com/b.c/s/k"),
            (url([], "b", "a b+é/%"), "https://b.s3.eu-west-1.amazonaws.com/a%20b%2B%C3%A9/%25"),
            (url([], "b", "?#"), "https://b.s3.eu-west-1.amazonaws.com/%3F%23"),
            (url([fips], "b", "k"), "https://b.s3-fips.eu-west-1.amazonaws.com/k"),
            (
                url([fips, dual_stack], "b", "k"),
                "https://b.s3-fips.dualstack.eu-west-1.amazonaws.com/k",
            ),
            (
                url([("AWS_REGION", "cn-north-1")], "b", "k"),
                "https://b.s3.cn-north-1.amazonaws.com.cn/k",
            ),
            (url([endpoint], "b", "s/k"), "http://127.0.0.1:4566/b/s/k"),
        ] {
            assert_eq!(found.as_deref(), Some(expected));
        }
        for bucket in ["", "B", "b/c", "b@c", "b?c", "..", "é"] {
            assert_eq!(url([], bucket, "k"), None, "{bucket}");
        }
    }

    #[test]
    fn names_have_limits() {
        assert_eq!(url([], "b", ""), None);
        assert!(url([], &"b".repeat(BUCKET_BYTES_MAX), &"k".repeat(KEY_BYTES_MAX)).is_some());
        assert!(url([], &"b".repeat(BUCKET_BYTES_MAX + 1), "k").is_none());
        assert!(url([], "b", &"k".repeat(KEY_BYTES_MAX + 1)).is_none());
    }

    #[test]
    fn signs_as_amazons_documentation_does() {
        // "Signature Calculations for the Authorization Header", the example GET Bucket Lifecycle.
        let s3 = S3::new(&aws_settings([
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        ]));
        let time = UNIX_EPOCH + Duration::from_hours(15_849 * 24);
        let url = "https://examplebucket.s3.amazonaws.com/?lifecycle";
        let signed = s3.sign(url, time).unwrap();
        let found: Vec<_> = signed.headers().collect();
        let authorization = "AWS4-HMAC-SHA256 \
            Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
            SignedHeaders=host;x-amz-content-sha256;x-amz-date, \
            Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543";
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(
            found,
            [
                ("x-amz-date", "20130524T000000Z"),
                ("authorization", authorization),
                ("x-amz-content-sha256", hash),
            ]
        );
    }
}
