//! The variables that the collector reads, one row each.

use function_env::Kind::{Boolean, Duration, List, Number, Pairs, Text};
use function_env::{Variable, row};

/// Every variable of the collector.
pub const VARIABLES: &[Variable] = &[
    row("STREAM_GOOD", Text, "streams.good.name", "(required)", "raw-good"),
    row("STREAM_BAD", Text, "streams.bad.name", "(required)", "raw-bad"),
    row("STREAM_GOOD_RECORD_BYTES_MAX", Number, "streams.good.maxBytes", "1000000", "192000"),
    row("STREAM_BAD_RECORD_BYTES_MAX", Number, "streams.bad.maxBytes", "1000000", "192000"),
    row(
        "QUEUE_GOOD_URL",
        Text,
        "streams.good.sqsGoodBuffer",
        "(none)",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/good",
    ),
    row(
        "QUEUE_BAD_URL",
        Text,
        "streams.bad.sqsBadBuffer",
        "(none)",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/bad",
    ),
    row("QUEUE_RECORD_BYTES_MAX", Number, "streams.good.sqsMaxBytes", "192000", "192000"),
    row("BACKOFF_MIN", Duration, "streams.good.backoffPolicy.minBackoff", "50ms", "500ms"),
    row("BACKOFF_MAX", Duration, "streams.good.backoffPolicy.maxBackoff", "1s", "1500ms"),
    row("DIALECT", Text, "dialect", "3.x", "2.x"),
    row("PAYLOAD_BYTES_MAX", Number, "networking.maxPayloadSize", "1048576 (2.x: none)", "5000000"),
    row("BODY_BYTES_MAX", Number, "networking.dropPayloadSize", "2097152 (2.x: none)", "6000000"),
    row("DECODED_BODY_BYTES_MAX", Number, "networking.maxDecodedBody", "6291456", "2097152"),
    row(
        "PATHS",
        Pairs,
        "paths",
        "{}",
        r#"{"/com.acme/track":"/com.snowplowanalytics.snowplow/tp2"}"#,
    ),
    row("BASE_PATH", Text, "basePath", "(none)", "/events"),
    row("COOKIE_ENABLED", Boolean, "cookie.enabled", "true", "false"),
    row("COOKIE_NAME", Text, "cookie.name", "sp", "visitor"),
    row("COOKIE_EXPIRATION", Duration, "cookie.expiration", "365 days", "30 days"),
    row("COOKIE_DOMAINS", List, "cookie.domains", "(none)", "acme.com, acme.org"),
    row("COOKIE_FALLBACK_DOMAIN", Text, "cookie.fallbackDomain", "(none)", "acme.com"),
    row("COOKIE_SECURE", Boolean, "cookie.secure", "true", "false"),
    row("COOKIE_HTTP_ONLY", Boolean, "cookie.httpOnly", "true", "false"),
    row("COOKIE_SAME_SITE", Text, "cookie.sameSite", "None", "Lax, Strict, None or unset"),
    row("COOKIE_CLIENT_NAME", Text, "cookie.clientCookieName", "(none)", "sp_client"),
    row("DO_NOT_TRACK_ENABLED", Boolean, "doNotTrackCookie.enabled", "false", "true"),
    row("DO_NOT_TRACK_NAME", Text, "doNotTrackCookie.name", "(none)", "opt-out"),
    row("DO_NOT_TRACK_VALUE", Text, "doNotTrackCookie.value", "(none)", "yes|true"),
    row("BOUNCE_ENABLED", Boolean, "cookieBounce.enabled", "false", "true"),
    row("BOUNCE_NAME", Text, "cookieBounce.name", "n3pc", "bounce"),
    row(
        "BOUNCE_FALLBACK_ID",
        Text,
        "cookieBounce.fallbackNetworkUserId",
        "00000000-0000-4000-A000-000000000000",
        "00000000-0000-4000-A000-000000000001",
    ),
    row(
        "BOUNCE_PROTOCOL_HEADER",
        Text,
        "cookieBounce.forwardedProtocolHeader",
        "(none)",
        "X-Forwarded-Proto",
    ),
    row("REDIRECT_ENABLED", Boolean, "enableDefaultRedirect", "false", "true"),
    row("REDIRECT_DOMAINS", List, "redirectDomains", "(any)", "acme.com, www.acme.com"),
    row("REDIRECT_MACRO_ENABLED", Boolean, "redirectMacro.enabled", "false", "true"),
    row("REDIRECT_MACRO_PLACEHOLDER", Text, "redirectMacro.placeholder", "${SP_NUID}", "[TOKEN]"),
    row("ROOT_ENABLED", Boolean, "rootResponse.enabled", "false", "true"),
    row("ROOT_STATUS", Number, "rootResponse.statusCode", "302", "200"),
    row("ROOT_HEADERS", Pairs, "rootResponse.headers", "{}", r#"{"Location":"https://acme.com/"}"#),
    row("ROOT_BODY", Text, "rootResponse.body", "(empty)", "hello"),
    row("CROSS_DOMAIN_ENABLED", Boolean, "crossDomain.enabled", "false", "true"),
    row("CROSS_DOMAIN_DOMAINS", List, "crossDomain.domains", "*", "*.acme.com"),
    row("CROSS_DOMAIN_SECURE", Boolean, "crossDomain.secure", "true", "false"),
    row("CORS_MAX_AGE", Duration, "cors.accessControlMaxAge", "60 minutes", "5s, or -1s"),
    row("CORS_ALLOWED_ORIGINS", List, "cors.allowedOrigins", "(any)", "https://acme.com"),
    row("HSTS_ENABLED", Boolean, "hsts.enable", "false", "true"),
    row("HSTS_MAX_AGE", Duration, "hsts.maxAge", "365 days", "180 days"),
    row("P3P_POLICY_REF", Text, "p3p.policyRef", "/w3c/p3p.xml", "/p3p.xml"),
    row("P3P_CP", Text, "p3p.CP", "NOI DSP COR NID PSA OUR IND COM NAV STA", "NOI"),
    row("IP_AS_PARTITION_KEY", Boolean, "streams.useIpAddressAsPartitionKey", "false", "true"),
    row("IP_SOURCE", Text, "ip.source", "leftmost", "leftmost, right-1, right-2 ... or gateway"),
    row("IP_ANONYMIZE_OCTETS", Number, "ip.anonymizeOctets", "0", "1"),
    row("IP_ANONYMIZE_SEGMENTS", Number, "ip.anonymizeSegments", "0", "5"),
    row("COMPRESSION_ENABLED", Boolean, "compression.enabled", "false", "true"),
    row("COMPRESSION_TYPE", Text, "compression.type", "zstd", "gzip"),
    row("COMPRESSION_ZSTD_LEVEL", Number, "compression.zstdCompressionLevel", "9", "3"),
    row("COMPRESSION_GZIP_LEVEL", Number, "compression.gzipCompressionLevel", "6", "9"),
    row("RESPONSE_HEADERS", Pairs, "responseHeaders", "{}", r#"{"X-Robots-Tag":"noindex"}"#),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_keys_are_unique() {
        for (index, row) in VARIABLES.iter().enumerate() {
            for other in &VARIABLES[index + 1..] {
                assert!(row.name != other.name && row.key != other.key, "{} twice", row.name);
            }
        }
    }
}
