//! Treatments in the words of the policy language.

use crate::policy::Policy;
use crate::time::TimeUnit;
use crate::treatment::{Rule, Treatment};
use crate::url::UrlPart;

/// `keep id`, `pseudonymize user`, `url gitlab (path)`
pub(super) fn of(rule: &Rule, policy: &Policy) -> String {
    match rule.treatment {
        Treatment::Keep(class) => format!("keep {}", policy.classes.name(class)),
        Treatment::Pseudonymize => match policy.domain(rule.domain) {
            own if own.is_empty() || own.starts_with('@') => "pseudonymize".to_owned(),
            named => format!("pseudonymize {named}"),
        },
        Treatment::Drop => "drop".to_owned(),
        Treatment::Ip { v4, v6 } => format!("ip {v4}/{v6}"),
        Treatment::Round(digits) => format!("round {digits}"),
        Treatment::Time(unit) => format!("time {}", time_unit(unit)),
        Treatment::Bucket(bounds) => {
            let bounds = policy.buckets(bounds).iter().map(|(_, shown)| shown.as_str());
            format!("bucket {}", bounds.collect::<Vec<_>>().join(" "))
        }
        Treatment::Url(url, part) => {
            let name = policy.url(url).map_or("", |rules| rules.name.as_str());
            url_part(part).map_or_else(|| format!("url {name}"), |it| format!("url {name} ({it})"))
        }
        Treatment::Json => "schemas".to_owned(),
    }
}

fn time_unit(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "second",
        TimeUnit::Minute => "minute",
        TimeUnit::Hour => "hour",
        TimeUnit::Day => "day",
    }
}

fn url_part(part: UrlPart) -> Option<&'static str> {
    match part {
        UrlPart::Whole => None,
        UrlPart::Scheme => Some("scheme"),
        UrlPart::Host => Some("host"),
        UrlPart::Port => Some("port"),
        UrlPart::Path => Some("path"),
        UrlPart::Query => Some("query"),
        UrlPart::Fragment => Some("fragment"),
    }
}
