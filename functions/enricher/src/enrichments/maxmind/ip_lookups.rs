//! Place, provider, domain and kind of connection of the visitor's address, from MaxMind's databases.

use std::net::IpAddr;
use std::sync::LazyLock;

use enriched_event::{Column, EnrichedEvent};
use iglu::SchemaKey;
use json_tree::Json;

use super::database::{DATABASE_BYTES_MAX, Database, Lookup, address};
use crate::enrichments::assets::{Asset, Assets};
use crate::enrichments::document::Document;
use crate::enrichments::number::java_float;
use crate::enrichments::work::{Context, Enrichment, Facts, Fault, Work, schema_key};

static ASN: LazyLock<SchemaKey> =
    LazyLock::new(|| schema_key("iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1"));
/// The largest number of a network that the entity's schema takes; above it are private ones.
const ASN_MAX: u32 = 2_147_483_647;

/// The databases that are configured.
#[derive(Default)]
pub(crate) struct IpLookups {
    geo: Option<Database>,
    isp: Option<Database>,
    domain: Option<Database>,
    connection_type: Option<Database>,
    asn: Option<Database>,
}

impl Enrichment for IpLookups {
    const IDENTIFIER: &'static str = "ip-lookups";

    fn compile(document: &Document, assets: &Assets) -> Result<Self, Vec<String>> {
        let mut lookups = Self::default();
        let mut problems = Vec::new();
        for lookup in Lookup::ALL {
            let Some(asset) = asset(document, lookup) else { continue };
            let bytes = assets.get(&asset).ok_or_else(|| "the file is not there".to_owned());
            match bytes.and_then(|bytes| Database::open(bytes, lookup)) {
                Ok(database) => *lookups.place(lookup) = Some(database),
                Err(problem) => {
                    problems.push(format!("$.data.parameters.{}: {problem}", lookup.field()));
                }
            }
        }
        if problems.is_empty() { Ok(lookups) } else { Err(problems) }
    }

    /// What a database does not know, or cannot say, leaves its columns empty.
    fn apply(&self, work: &mut Work<'_, '_>, _facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let address = address(work.event.get(Column::UserIpaddress));
        Ok(address.and_then(|address| self.look_up(address, work.event)).into_iter().collect())
    }
}

impl IpLookups {
    /// The databases that a configuration names.
    pub(crate) fn assets(document: &Document) -> Vec<Asset> {
        Lookup::ALL.into_iter().filter_map(|lookup| asset(document, lookup)).collect()
    }

    fn place(&mut self, lookup: Lookup) -> &mut Option<Database> {
        match lookup {
            Lookup::Geo => &mut self.geo,
            Lookup::Isp => &mut self.isp,
            Lookup::Domain => &mut self.domain,
            Lookup::ConnectionType => &mut self.connection_type,
            Lookup::Asn => &mut self.asn,
        }
    }

    /// Fills the columns of an address; gives the entity of its network.
    fn look_up(&self, address: IpAddr, event: &mut EnrichedEvent<'_>) -> Option<Context> {
        self.geo.as_ref().and_then(|database| set_place(database, address, event));
        if let Some(found) = self.domain.as_ref().and_then(|database| database.domain(address)) {
            set(event, Column::IpDomain, found.domain);
        }
        let connection = self.connection_type.as_ref();
        if let Some(found) = connection.and_then(|database| database.connection_type(address)) {
            set(event, Column::IpNetspeed, found.connection_type);
        }
        if let Some(found) = self.isp.as_ref().and_then(|database| database.isp(address)) {
            set(event, Column::IpIsp, found.isp);
            set(event, Column::IpOrganization, found.organization);
            let organization = found.autonomous_system_organization;
            if let Some(context) = network(found.autonomous_system_number, organization) {
                return Some(context);
            }
        }
        let found = self.asn.as_ref()?.asn(address)?;
        network(found.autonomous_system_number, found.autonomous_system_organization)
    }
}

fn asset(document: &Document, lookup: Lookup) -> Option<Asset> {
    let fields = document.parameters().object(lookup.field());
    let (uri, database) = (fields.text("uri")?, fields.text("database")?);
    Some(Asset::of(uri, database, DATABASE_BYTES_MAX))
}

fn set_place(database: &Database, address: IpAddr, event: &mut EnrichedEvent<'_>) -> Option<()> {
    let found = database.city(address)?;
    let region = found.subdivisions.last();
    set(event, Column::GeoCountry, found.country.iso_code);
    set(event, Column::GeoRegion, region.and_then(|region| region.iso_code));
    set(event, Column::GeoRegionName, region.and_then(|region| region.names.english));
    set(event, Column::GeoCity, found.city.names.english);
    set(event, Column::GeoZipcode, found.postal.code);
    set(event, Column::GeoTimezone, found.location.time_zone);
    // Snowplow's columns are never empty for an address that is known: no place is 0, 0.
    for (column, degrees) in [
        (Column::GeoLatitude, found.location.latitude),
        (Column::GeoLongitude, found.location.longitude),
    ] {
        #[allow(clippy::cast_possible_truncation, reason = "the columns are floats of 32 bits")]
        event.set(column, java_float(degrees.unwrap_or_default() as f32));
    }
    Some(())
}

fn set(event: &mut EnrichedEvent<'_>, column: Column, text: Option<&str>) {
    if let Some(text) = text {
        event.set(column, text.to_owned());
    }
}

/// The entity of a network.
fn network(number: Option<u32>, organization: Option<&str>) -> Option<Context> {
    let number = number.filter(|number| *number <= ASN_MAX)?;
    let organization = organization.map(|name| ("organization", Json::text(name.to_owned())));
    let pairs = std::iter::once(("number", Json::integer(number))).chain(organization);
    Some(Context::new(ASN.clone(), Json::object(pairs)))
}

#[cfg(test)]
#[path = "ip_lookups_tests.rs"]
mod tests;
