//! Columns that are made of other columns cannot show what those hide.

use enriched_event::Column;

use super::Builder;
use crate::policy::Policy;
use crate::treatment::{Rule, Treatment};
use crate::url::{UrlId, UrlPart};

/// Parts of a URL, which follow its rule.
const PARTS: [(Column, Column, UrlPart); 12] = [
    (Column::PageUrlscheme, Column::PageUrl, UrlPart::Scheme),
    (Column::PageUrlhost, Column::PageUrl, UrlPart::Host),
    (Column::PageUrlport, Column::PageUrl, UrlPart::Port),
    (Column::PageUrlpath, Column::PageUrl, UrlPart::Path),
    (Column::PageUrlquery, Column::PageUrl, UrlPart::Query),
    (Column::PageUrlfragment, Column::PageUrl, UrlPart::Fragment),
    (Column::RefrUrlscheme, Column::PageReferrer, UrlPart::Scheme),
    (Column::RefrUrlhost, Column::PageReferrer, UrlPart::Host),
    (Column::RefrUrlport, Column::PageReferrer, UrlPart::Port),
    (Column::RefrUrlpath, Column::PageReferrer, UrlPart::Path),
    (Column::RefrUrlquery, Column::PageReferrer, UrlPart::Query),
    (Column::RefrUrlfragment, Column::PageReferrer, UrlPart::Fragment),
];

/// Copies of a value of the page's query.
const CAMPAIGN: [(Column, &str); 5] = [
    (Column::MktMedium, "utm_medium"),
    (Column::MktSource, "utm_source"),
    (Column::MktTerm, "utm_term"),
    (Column::MktContent, "utm_content"),
    (Column::MktCampaign, "utm_campaign"),
];

/// Columns that an enrichment concludes from another one.
const CONCLUDED: [(Column, Column); 31] = [
    (Column::GeoCountry, Column::UserIpaddress),
    (Column::GeoRegion, Column::UserIpaddress),
    (Column::GeoCity, Column::UserIpaddress),
    (Column::GeoZipcode, Column::UserIpaddress),
    (Column::GeoLatitude, Column::UserIpaddress),
    (Column::GeoLongitude, Column::UserIpaddress),
    (Column::GeoRegionName, Column::UserIpaddress),
    (Column::GeoTimezone, Column::UserIpaddress),
    (Column::IpIsp, Column::UserIpaddress),
    (Column::IpOrganization, Column::UserIpaddress),
    (Column::IpDomain, Column::UserIpaddress),
    (Column::IpNetspeed, Column::UserIpaddress),
    (Column::RefrMedium, Column::PageReferrer),
    (Column::RefrSource, Column::PageReferrer),
    (Column::RefrTerm, Column::PageReferrer),
    (Column::MktClickid, Column::PageUrl),
    (Column::MktNetwork, Column::PageUrl),
    (Column::RefrDomainUserid, Column::PageUrl),
    (Column::RefrDvceTstamp, Column::PageUrl),
    (Column::BrName, Column::Useragent),
    (Column::BrFamily, Column::Useragent),
    (Column::BrVersion, Column::Useragent),
    (Column::BrType, Column::Useragent),
    (Column::BrRenderengine, Column::Useragent),
    (Column::OsName, Column::Useragent),
    (Column::OsFamily, Column::Useragent),
    (Column::OsManufacturer, Column::Useragent),
    (Column::DvceType, Column::Useragent),
    (Column::DvceIsmobile, Column::Useragent),
    (Column::EventName, Column::UnstructEvent),
    (Column::EventVendor, Column::UnstructEvent),
];

impl Policy {
    /// Columns that an enrichment concludes from another one, with that one.
    pub fn concluded() -> &'static [(Column, Column)] {
        &CONCLUDED
    }
}

/// How much of a value a treatment can show.
fn is_hidden(treatment: Treatment) -> bool {
    matches!(treatment, Treatment::Drop | Treatment::Pseudonymize | Treatment::Ip { v4: 0, v6: 0 })
}

impl Builder {
    pub(super) fn check_derived(&mut self) {
        for (column, source, part) in PARTS {
            self.follow(column, source, part);
        }
        for (column, key) in CAMPAIGN {
            let source = self.policy.column(Column::PageUrl).treatment;
            let shows = matches!(source, Treatment::Url(id, _) if self.keeps_query(id, key));
            if !shows && !is_hidden(self.policy.column(column).treatment) {
                let message =
                    format!("is a copy of {key} in page_url, whose rule does not keep that");
                self.derived_problem(column, &message);
            }
        }
        for (column, source) in CONCLUDED {
            let (rule, above) = (self.policy.column(column), self.policy.column(source));
            if is_hidden(above.treatment) && !is_hidden(rule.treatment) && rule.reason.is_none() {
                let message = format!("is concluded from {source}, which is hidden: give a reason");
                self.derived_problem(column, &message);
            }
        }
    }

    /// A part follows the whole, unless the policy hides it altogether.
    fn follow(&mut self, column: Column, source: Column, part: UrlPart) {
        let (rule, whole) = (self.policy.column(column), self.policy.column(source));
        let is_listed = rule.line > 0;
        if is_listed && is_hidden(rule.treatment) {
            return;
        }
        if is_listed {
            let message =
                format!("is a part of {source} and follows its rule: it can only be hidden");
            return self.derived_problem(column, &message);
        }
        let treatment = match whole.treatment {
            Treatment::Url(id, _) => Treatment::Url(id, part),
            Treatment::Drop => Treatment::Drop,
            // Any other rule is about the whole text, of which a part knows nothing.
            Treatment::Keep(_)
            | Treatment::Pseudonymize
            | Treatment::Ip { .. }
            | Treatment::Round(_)
            | Treatment::Time(_)
            | Treatment::Bucket(_)
            | Treatment::Json => Treatment::Pseudonymize,
        };
        let rule = Rule { treatment, line: whole.line, ..rule.clone() };
        let id = self.rule(rule);
        self.set_column(column, id);
    }

    fn keeps_query(&self, id: UrlId, key: &str) -> bool {
        self.policy.url(id).is_some_and(|rules| rules.keeps_query(key))
    }

    fn derived_problem(&mut self, column: Column, message: &str) {
        let line = self.policy.column(column).line;
        self.problems.add(line, &format!("columns.{column}"), message);
    }
}
