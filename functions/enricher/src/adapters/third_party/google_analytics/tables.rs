//! What Google's parameters are called in schemas: of events, of flat entities, of counted ones.

/// What a value has to be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text,
    Integer,
    Double,
    /// Rounded to hundredths.
    Money,
    /// `0` or `1`
    Flag,
}

use Kind::{Double, Flag, Integer, Money, Text};

/// A parameter, its field, and what it has to be.
pub(super) type Field = (&'static str, &'static str, Kind);

/// The fields of a schema.
type Fields = &'static [Field];

/// The types of hits, each with the event it becomes.
pub(super) const HITS: [(&str, &str, Fields); 8] = [
    (
        "pageview",
        "iglu:com.google.analytics.measurement-protocol/page_view/jsonschema/1-0-0",
        &[
            ("dl", "documentLocationUrl", Text),
            ("dh", "documentHostName", Text),
            ("dp", "documentPath", Text),
            ("dt", "documentTitle", Text),
        ],
    ),
    (
        "screenview",
        "iglu:com.google.analytics.measurement-protocol/screen_view/jsonschema/1-0-0",
        &[("cd", "screenName", Text)],
    ),
    (
        "event",
        "iglu:com.google.analytics.measurement-protocol/event/jsonschema/1-0-0",
        &[
            ("ec", "category", Text),
            ("ea", "action", Text),
            ("el", "label", Text),
            ("ev", "value", Integer),
        ],
    ),
    (
        "transaction",
        "iglu:com.google.analytics.measurement-protocol/transaction/jsonschema/1-0-0",
        &[
            ("ti", "id", Text),
            ("ta", "affiliation", Text),
            ("tr", "revenue", Money),
            ("ts", "shipping", Money),
            ("tt", "tax", Money),
            ("tcc", "couponCode", Text),
            ("cu", "currencyCode", Text),
        ],
    ),
    (
        "item",
        "iglu:com.google.analytics.measurement-protocol/item/jsonschema/1-0-0",
        &[
            ("ti", "transactionId", Text),
            ("in", "name", Text),
            ("ip", "price", Money),
            ("iq", "quantity", Integer),
            ("ic", "code", Text),
            ("iv", "category", Text),
            ("cu", "currencyCode", Text),
        ],
    ),
    (
        "social",
        "iglu:com.google.analytics.measurement-protocol/social/jsonschema/1-0-0",
        &[("sn", "network", Text), ("sa", "action", Text), ("st", "actionTarget", Text)],
    ),
    (
        "exception",
        "iglu:com.google.analytics.measurement-protocol/exception/jsonschema/1-0-0",
        &[("exd", "description", Text), ("exf", "isFatal", Flag)],
    ),
    (
        "timing",
        "iglu:com.google.analytics.measurement-protocol/timing/jsonschema/1-0-0",
        &[
            ("utc", "userTimingCategory", Text),
            ("utv", "userTimingVariableName", Text),
            ("utt", "userTimingTime", Integer),
            ("utl", "userTimingLabel", Text),
            ("plt", "pageLoadTime", Integer),
            ("dns", "dnsTime", Integer),
            ("pdt", "pageDownloadTime", Integer),
            ("rrt", "redirectResponseTime", Integer),
            ("tcp", "tcpConnectTime", Integer),
            ("srt", "serverResponseTime", Integer),
            ("dit", "domInteractiveTime", Integer),
            ("clt", "contentLoadTime", Integer),
        ],
    ),
];

/// Entities of which a hit has at most one.
pub(super) const FLAT: [(&str, Fields); 13] = [
    (
        "iglu:com.google.analytics/undocumented/jsonschema/1-0-0",
        &[("a", "a", Text), ("jid", "jid", Text), ("gjid", "gjid", Text)],
    ),
    (
        "iglu:com.google.analytics/private/jsonschema/1-0-0",
        &[
            ("_v", "v", Text),
            ("_s", "s", Integer),
            ("_u", "u", Text),
            ("_gid", "gid", Text),
            ("_r", "r", Integer),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/general/jsonschema/1-0-0",
        &[
            ("v", "protocolVersion", Text),
            ("tid", "trackingId", Text),
            ("aip", "anonymizeIp", Flag),
            ("ds", "dataSource", Text),
            ("qt", "queueTime", Integer),
            ("z", "cacheBuster", Text),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/user/jsonschema/1-0-0",
        &[("cid", "clientId", Text), ("uid", "userId", Text)],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/session/jsonschema/1-0-0",
        &[
            ("sc", "sessionControl", Text),
            ("uip", "ipOverride", Text),
            ("ua", "userAgentOverride", Text),
            ("geoid", "geographicalOverride", Text),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/traffic_source/jsonschema/1-0-0",
        &[
            ("dr", "documentReferrer", Text),
            ("cn", "campaignName", Text),
            ("cs", "campaignSource", Text),
            ("cm", "campaignMedium", Text),
            ("ck", "campaignKeyword", Text),
            ("cc", "campaignContent", Text),
            ("ci", "campaignId", Text),
            ("gclid", "googleAdwordsId", Text),
            ("dclid", "googleDisplayAdsId", Text),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/system_info/jsonschema/1-0-0",
        &[
            ("sr", "screenResolution", Text),
            ("vp", "viewportSize", Text),
            ("de", "documentEncoding", Text),
            ("sd", "screenColors", Text),
            ("ul", "userLanguage", Text),
            ("je", "javaEnabled", Flag),
            ("fl", "flashVersion", Text),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/hit/jsonschema/1-0-0",
        &[("t", "type", Text), ("ni", "nonInteractionHit", Flag)],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/link/jsonschema/1-0-0",
        &[("linkid", "id", Text)],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/app/jsonschema/1-0-0",
        &[
            ("an", "name", Text),
            ("aid", "id", Text),
            ("av", "version", Text),
            ("aiid", "installerId", Text),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/product_action/jsonschema/1-0-0",
        &[
            ("pa", "productAction", Text),
            ("pal", "productActionList", Text),
            ("cos", "checkoutStep", Integer),
            ("col", "checkoutStepOption", Text),
        ],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/promotion_action/jsonschema/1-0-0",
        &[("promoa", "promotionAction", Text)],
    ),
    (
        "iglu:com.google.analytics.measurement-protocol/content_experiment/jsonschema/1-0-0",
        &[("xid", "id", Text), ("xvar", "variant", Text)],
    ),
];

/// Entities of which a hit may have many; numbers in the name of a parameter say which.
///
/// `prefixes` are the parts of the name before a number, each with the field that gets the number.
/// What follows the last number is looked up in `fields`; nothing there is `""`.
pub(super) struct Counted {
    pub(super) schema: &'static str,
    pub(super) prefixes: &'static [(&'static str, &'static str)],
    pub(super) fields: &'static [Field],
    /// Whether it names the currency of the hit.
    pub(super) has_currency: bool,
}

pub(super) const COUNTED: [Counted; 11] = [
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product/jsonschema/1-0-0",
        prefixes: &[("pr", "index")],
        fields: &[
            ("id", "sku", Text),
            ("nm", "name", Text),
            ("br", "brand", Text),
            ("ca", "category", Text),
            ("va", "variant", Text),
            ("pr", "price", Money),
            ("qt", "quantity", Integer),
            ("cc", "couponCode", Text),
            ("ps", "position", Integer),
        ],
        has_currency: true,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product_custom_dimension/jsonschema/1-0-0",
        prefixes: &[("pr", "productIndex"), ("cd", "dimensionIndex")],
        fields: &[("", "value", Text)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product_custom_metric/jsonschema/1-0-0",
        prefixes: &[("pr", "productIndex"), ("cm", "metricIndex")],
        fields: &[("", "value", Integer)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product_impression_list/jsonschema/1-0-0",
        prefixes: &[("il", "index")],
        fields: &[("nm", "name", Text)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product_impression/jsonschema/1-0-0",
        prefixes: &[("il", "listIndex"), ("pi", "productIndex")],
        fields: &[
            ("id", "sku", Text),
            ("nm", "name", Text),
            ("br", "brand", Text),
            ("ca", "category", Text),
            ("va", "variant", Text),
            ("ps", "position", Integer),
            ("pr", "price", Money),
        ],
        has_currency: true,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product_impression_custom_dimension/jsonschema/1-0-0",
        prefixes: &[("il", "listIndex"), ("pi", "productIndex"), ("cd", "customDimensionIndex")],
        fields: &[("", "value", Text)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/product_impression_custom_metric/jsonschema/1-0-0",
        prefixes: &[("il", "listIndex"), ("pi", "productIndex"), ("cm", "customMetricIndex")],
        fields: &[("", "value", Integer)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/promotion/jsonschema/1-0-0",
        prefixes: &[("promo", "index")],
        fields: &[
            ("id", "id", Text),
            ("nm", "name", Text),
            ("cr", "creative", Text),
            ("ps", "position", Text),
        ],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/custom_dimension/jsonschema/1-0-0",
        prefixes: &[("cd", "index")],
        fields: &[("", "value", Text)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/custom_metric/jsonschema/1-0-0",
        prefixes: &[("cm", "index")],
        fields: &[("", "value", Double)],
        has_currency: false,
    },
    Counted {
        schema: "iglu:com.google.analytics.measurement-protocol/content_group/jsonschema/1-0-0",
        prefixes: &[("cg", "index")],
        fields: &[("", "value", Text)],
        has_currency: false,
    },
];

/// Parameters that mean what one of a tracker's means.
const SAME: [(&str, &str); 19] = [
    ("uip", "ip"),
    ("dr", "refr"),
    ("de", "cs"),
    ("sd", "cd"),
    ("ul", "lang"),
    ("je", "f_java"),
    ("dl", "url"),
    ("dt", "page"),
    ("ta", "tr_af"),
    ("tr", "tr_tt"),
    ("ts", "tr_sh"),
    ("tt", "tr_tx"),
    ("in", "ti_nm"),
    ("ip", "ti_pr"),
    ("iq", "ti_qu"),
    ("ic", "ti_sk"),
    ("iv", "ti_ca"),
    ("ua", "ua"),
    ("cu", "ti_cu"),
];

/// The tracker's parameter that means the same, in a hit of this type.
pub(super) fn tracker_parameter(name: &str, hit: &str) -> Option<&'static str> {
    match (name, hit) {
        ("ti", "transaction") => Some("tr_id"),
        ("ti", _) => Some("ti_id"),
        ("cu", "transaction") => Some("tr_cu"),
        _ => SAME.iter().find(|(google, _)| *google == name).map(|(_, tracker)| *tracker),
    }
}
