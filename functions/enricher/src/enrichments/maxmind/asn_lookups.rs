//! Marks networks of hosters and data centres, whose visitors are likely machines.

use std::collections::BTreeSet;

use enriched_event::Column;
use json_tree::Json;

use super::ASN;
use crate::enrichments::assets::{Asset, Assets};
use crate::enrichments::document::Document;
use crate::enrichments::work::{Context, Enrichment, Facts, Fault, Work};

/// Largest list of networks; there are some 100,000 networks in all.
const LIST_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The networks, and where they do not matter.
pub(crate) struct AsnLookups {
    networks: BTreeSet<i64>,
    bypassed_platforms: Vec<String>,
}

impl Enrichment for AsnLookups {
    const IDENTIFIER: &'static str = "asn-lookups";

    fn compile(document: &Document, assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let list = parameters.object("botAsns").json().and_then(Json::as_array).unwrap_or_default();
        let mut networks: BTreeSet<i64> =
            list.iter().filter_map(|entry| entry.get("asn").and_then(Json::as_i64)).collect();
        if let Some(asset) = Self::assets(document).first() {
            let bytes = assets.get(asset).ok_or_else(|| "the file is not there".to_owned());
            let read = bytes.and_then(|bytes| read_list(bytes));
            let told = |problem| vec![format!("$.data.parameters.botAsnsFile: {problem}")];
            networks.extend(read.map_err(told)?);
        }
        Ok(Self { networks, bypassed_platforms: parameters.texts("bypassPlatforms") })
    }

    /// Changes the entity that the lookup of the address gave.
    fn apply(&self, work: &mut Work<'_, '_>, _facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let platform = work.event.get(Column::Platform);
        if !self.bypassed_platforms.iter().any(|bypassed| bypassed == platform) {
            let asn = work.contexts.iter_mut().find(|context| is_asn(context));
            if let Some((context, marked)) = asn.and_then(|asn| Some((self.marked(asn)?, asn))) {
                *marked = context;
            }
        }
        Ok(Vec::new())
    }
}

impl AsnLookups {
    /// The list that a configuration names.
    pub(crate) fn assets(document: &Document) -> Vec<Asset> {
        let file = document.parameters().object("botAsnsFile");
        let asset = file.text("uri").zip(file.text("database"));
        asset.map(|(uri, database)| Asset::of(uri, database, LIST_BYTES_MAX)).into_iter().collect()
    }

    /// The entity with its mark, if its network is in the list.
    fn marked(&self, context: &Context) -> Option<Context> {
        let number = context.data().get("number")?.as_i64()?;
        if !self.networks.contains(&number) {
            return None;
        }
        let mut data = context.data().clone();
        data.as_object_mut()?.insert("likelyBot", Json::Bool(true));
        Some(Context::new(context.key().clone(), data))
    }
}

fn is_asn(context: &Context) -> bool {
    (context.key().vendor(), context.key().name()) == ASN
}

/// The numbers at the start of each line; the first line can be a heading.
fn read_list(bytes: &[u8]) -> Result<BTreeSet<i64>, String> {
    let text = str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let mut networks = BTreeSet::new();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let first = line.split(',').next().unwrap_or_default();
        match first.trim().trim_matches('"').parse::<u32>() {
            Ok(number) => {
                networks.insert(i64::from(number));
            }
            Err(_) if index == 0 || line.trim().is_empty() => {}
            Err(_) => return Err(format!("line {} does not start with a number", index + 1)),
        }
    }
    Ok(networks)
}

#[cfg(test)]
mod tests {
    use enriched_event::EnrichedEvent;

    use super::*;
    use crate::enrichments::work::schema_key;

    /// The entity after the enrichment, if it was changed.
    fn after(asn: &str, platform: &'static str, bypassed: &[&str]) -> Option<String> {
        let bypassed_platforms = bypassed.iter().map(|name| (*name).to_owned()).collect();
        let lookups = AsnLookups { networks: BTreeSet::from([174, 612]), bypassed_platforms };
        let key = schema_key("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1");
        let mut event = EnrichedEvent::new();
        event.set(Column::Platform, platform);
        let mut work = Work::new(&mut event);
        let json = Json::parse(asn, 9).expect("JSON").into_owned();
        work.contexts.push(Context::new(key, json));
        let bypass = lookups.bypassed_platforms.iter().any(|name| name == platform);
        (!bypass)
            .then(|| lookups.marked(&work.contexts[0]))
            .flatten()
            .map(|context| context.data().to_text())
    }

    #[test]
    fn networks_of_the_list_are_marked() {
        for (asn, platform, bypassed, expected) in [
            (r#"{"number":174}"#, "", &[][..], Some(r#"{"number":174,"likelyBot":true}"#)),
            (
                r#"{"number":612,"organization":"a"}"#,
                "web",
                &["srv"][..],
                Some(r#"{"number":612,"organization":"a","likelyBot":true}"#),
            ),
            (r#"{"number":175}"#, "web", &[][..], None),
            (r#"{"number":174}"#, "cnsl", &["srv", "cnsl"][..], None),
        ] {
            assert_eq!(after(asn, platform, bypassed).as_deref(), expected, "{asn} {platform}");
        }
    }

    #[test]
    fn lists_have_a_heading_and_names() {
        let list = read_list(b"number,name\n174,\"COGENT-174 - Cogent, US\"\n\"612\",\n\n9\r\n");
        assert_eq!(list, Ok(BTreeSet::from([9, 174, 612])));
        assert_eq!(read_list(b"1\n2x\n"), Err("line 2 does not start with a number".to_owned()));
        assert_eq!(read_list(b"\xff"), Err("not UTF-8".to_owned()));
        assert_eq!(read_list(b""), Ok(BTreeSet::new()));
    }
}
