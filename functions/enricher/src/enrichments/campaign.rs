//! Which campaign brought the visitor, from the query of the page's address.

use enriched_event::Column;
use tracker_protocol::Parameters;
use tracker_protocol::convert::tsv_safe;

use super::assets::Assets;
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work};

/// What each field of the configuration fills.
const FIELDS: [(&str, Column); 5] = [
    ("mktMedium", Column::MktMedium),
    ("mktSource", Column::MktSource),
    ("mktTerm", Column::MktTerm),
    ("mktContent", Column::MktContent),
    ("mktCampaign", Column::MktCampaign),
];

/// The parameters that advertising networks add, known without a configuration.
const CLICK_IDS: [(&str, &str); 3] =
    [("gclid", "Google"), ("msclkid", "Microsoft"), ("dclid", "DoubleClick")];

/// Which parameters say what.
pub(crate) struct CampaignAttribution {
    /// Columns with their parameters, the first that is there counts.
    fields: Vec<(Column, Vec<String>)>,
    /// Parameters with their networks, in the order in which they are looked for.
    click_ids: Vec<(String, String)>,
}

impl Enrichment for CampaignAttribution {
    const IDENTIFIER: &'static str = "campaign-attribution";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let fields = document.parameters().object("fields");
        let known = CLICK_IDS.map(|(name, network)| (name.into(), Some(network.into())));
        let own = fields.pairs("mktClickId");
        let own = own.iter().map(|(name, network)| (name.into(), Some(network.into())));
        // The order of a Scala map, because an address can hold two of them.
        let click_ids = Parameters::new(known.into_iter().chain(own).collect());
        let owned = |(name, network): (&str, Option<&str>)| {
            (name.to_owned(), network.unwrap_or_default().to_owned())
        };
        Ok(Self {
            fields: FIELDS.map(|(field, column)| (column, fields.texts(field))).into(),
            click_ids: click_ids.in_map_order().map(owned).collect(),
        })
    }

    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        if facts.query.is_empty() {
            return Ok(Vec::new());
        }
        for (column, names) in &self.fields {
            let value = names.iter().find_map(|name| facts.query_parameter(name));
            set(work, *column, value.and_then(|(_, value)| value.as_deref()));
        }
        let click = self
            .click_ids
            .iter()
            .find_map(|(name, network)| Some((facts.query_parameter(name)?, network)));
        if let Some(((_, id), network)) = click {
            set(work, Column::MktClickid, id.as_deref());
            set(work, Column::MktNetwork, Some(network));
        }
        Ok(Vec::new())
    }
}

fn set(work: &mut Work<'_, '_>, column: Column, value: Option<&str>) {
    if let Some(value) = value.and_then(tsv_safe) {
        work.event.set(column, value.into_owned());
    }
}
