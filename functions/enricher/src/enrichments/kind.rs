//! Which enrichments there are, by the schemas of their configurations.

use iglu::SchemaKey;

const SNOWPLOW: &str = "com.snowplowanalytics.snowplow";
const ENRICHMENTS: &str = "com.snowplowanalytics.snowplow.enrichments";

/// Every enrichment that Snowplow's configurations name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Iab,
    UserAgentUtils,
    UaParser,
    CurrencyConversion,
    RefererParser,
    CampaignAttribution,
    CrossNavigation,
    EventFingerprint,
    CookieExtractor,
    HttpHeaderExtractor,
    Weather,
    Yauaa,
    IpLookups,
    AsnLookups,
    BotDetection,
    Script,
    SqlQuery,
    ApiRequest,
    AnonIp,
    Pii,
    EventSpecification,
}

/// Name, model and revision of each configuration's schema; any addition will do.
const TABLE: [(&str, &str, (u32, u32), Kind); 21] = [
    (ENRICHMENTS, "iab_spiders_and_robots_enrichment", (1, 0), Kind::Iab),
    (SNOWPLOW, "user_agent_utils_config", (1, 0), Kind::UserAgentUtils),
    (SNOWPLOW, "ua_parser_config", (1, 0), Kind::UaParser),
    (SNOWPLOW, "currency_conversion_config", (1, 0), Kind::CurrencyConversion),
    (SNOWPLOW, "referer_parser", (2, 0), Kind::RefererParser),
    (SNOWPLOW, "campaign_attribution", (1, 0), Kind::CampaignAttribution),
    (ENRICHMENTS, "cross_navigation_config", (1, 0), Kind::CrossNavigation),
    (SNOWPLOW, "event_fingerprint_config", (1, 0), Kind::EventFingerprint),
    (SNOWPLOW, "cookie_extractor_config", (1, 0), Kind::CookieExtractor),
    (ENRICHMENTS, "http_header_extractor_config", (1, 0), Kind::HttpHeaderExtractor),
    (ENRICHMENTS, "weather_enrichment_config", (1, 0), Kind::Weather),
    (ENRICHMENTS, "yauaa_enrichment_config", (1, 0), Kind::Yauaa),
    (SNOWPLOW, "ip_lookups", (2, 0), Kind::IpLookups),
    (ENRICHMENTS, "asn_lookups", (1, 0), Kind::AsnLookups),
    (ENRICHMENTS, "bot_detection_enrichment_config", (1, 0), Kind::BotDetection),
    (SNOWPLOW, "javascript_script_config", (1, 0), Kind::Script),
    (ENRICHMENTS, "sql_query_enrichment_config", (1, 0), Kind::SqlQuery),
    (ENRICHMENTS, "api_request_enrichment_config", (1, 0), Kind::ApiRequest),
    (SNOWPLOW, "anon_ip", (1, 0), Kind::AnonIp),
    (ENRICHMENTS, "pii_enrichment_config", (2, 0), Kind::Pii),
    (ENRICHMENTS, "event_spec_enrichment_config", (1, 0), Kind::EventSpecification),
];

impl Kind {
    /// The enrichment whose configuration has this schema; an error says which version is meant.
    pub(crate) fn of(key: &SchemaKey) -> Result<Self, String> {
        let row = TABLE.iter().find(|(vendor, name, _, _)| {
            key.vendor() == *vendor && key.name() == *name && key.format() == "jsonschema"
        });
        let Some((_, _, (model, revision), kind)) = row else {
            return Err(format!("{} is the schema of no enrichment", key.as_str()));
        };
        let version = key.version();
        if (version.model, version.revision) == (*model, *revision) {
            Ok(*kind)
        } else {
            Err(format!("{} is not of version {model}-{revision}-*", key.as_str()))
        }
    }

    /// Whether several may be configured; they run in the order of their files' names.
    pub(crate) fn is_list(self) -> bool {
        self == Self::Script
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_enrichment_once_and_in_order() {
        assert!(TABLE.is_sorted_by(|(.., a), (.., b)| a < b));
    }

    #[test]
    fn an_addition_is_free_and_the_rest_is_not() {
        let of = |uri: &str| Kind::of(&SchemaKey::parse(uri).unwrap());
        let stem = "iglu:com.snowplowanalytics.snowplow/anon_ip/jsonschema";
        assert_eq!(of(&format!("{stem}/1-0-7")), Ok(Kind::AnonIp));
        assert!(of(&format!("{stem}/1-1-0")).unwrap_err().contains("1-0-*"));
        assert!(of(&format!("{stem}/2-0-0")).is_err());
        assert!(of("iglu:com.acme/anon_ip/jsonschema/1-0-0").is_err());
    }
}
