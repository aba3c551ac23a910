//! The configurable enrichments: what is in use, and how it is made of configurations and assets.

mod anon_ip;
mod assets;
mod campaign;
mod cookies;
pub(crate) mod cross_navigation;
mod currency;
mod digest;
mod document;
mod fingerprint;
mod headers;
mod kind;
mod live;
mod maxmind;
mod number;
mod pii;
mod recent;
mod referer;
mod script;
mod ua_parser;
mod work;
mod yaml;

#[cfg(test)]
mod address_tests;

use std::fmt;
use std::time::Instant;

pub use self::assets::{Asset, AssetStore, Assets, AssetsOverNetwork, LocalAssets, file_path};
pub use self::document::{ConfigFile, ConfigProblems, DOCUMENT_BYTES_MAX, DOCUMENTS_MAX};
pub use self::live::{Folder, Live, Refresh};

pub(crate) use self::work::{Context, Facts, OfRequest, Rewritten, Work};

use self::anon_ip::AnonIp;
use self::campaign::CampaignAttribution;
use self::cookies::CookieExtractor;
use self::cross_navigation::CrossNavigation;
use self::currency::CurrencyConversion;
use self::document::Document;
use self::fingerprint::EventFingerprint;
use self::headers::HttpHeaderExtractor;
use self::kind::Kind;
use self::maxmind::{AsnLookups, BotDetection, IpLookups};
use self::pii::Pii;
use self::referer::RefererParser;
use self::script::Script;
use self::ua_parser::UaParser;
use self::work::{Configured, Enrichment};
use crate::schemas::Outage;

/// The enrichments in use; none without configurations. `stages.rs` runs them in their order.
#[derive(Default)]
pub struct Enrichments {
    pub(crate) ua_parser: Option<Configured<UaParser>>,
    pub(crate) currency: Option<Configured<CurrencyConversion>>,
    pub(crate) referer_parser: Option<Configured<RefererParser>>,
    pub(crate) campaign: Option<Configured<CampaignAttribution>>,
    pub(crate) cross_navigation: Option<Configured<CrossNavigation>>,
    pub(crate) ip_lookups: Option<Configured<IpLookups>>,
    pub(crate) asn_lookups: Option<Configured<AsnLookups>>,
    pub(crate) bot_detection: Option<Configured<BotDetection>>,
    pub(crate) scripts: Vec<Configured<Script>>,
    pub(crate) fingerprint: Option<Configured<EventFingerprint>>,
    pub(crate) cookies: Option<Configured<CookieExtractor>>,
    pub(crate) headers: Option<Configured<HttpHeaderExtractor>>,
    pub(crate) anon_ip: Option<Configured<AnonIp>>,
    pub(crate) pii: Option<Configured<Pii>>,
}

impl fmt::Debug for Enrichments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrichments").finish_non_exhaustive()
    }
}

impl Enrichments {
    /// Loads what events needed in vain, and says whether anything is known now that was not.
    pub async fn load(&self, store: &impl AssetStore, deadline: Instant) -> Result<bool, Outage> {
        match &self.currency {
            Some(currency) => currency.enrichment.load(store, deadline).await,
            None => Ok(false),
        }
    }
}

/// Configurations that fit their schemas.
#[derive(Default)]
pub struct Plan {
    documents: Vec<Document>,
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.documents.iter().map(|document| &document.file)).finish()
    }
}

impl Plan {
    /// Reads the files of a folder of configurations; says all that is wrong with them.
    pub fn read(files: &[ConfigFile]) -> Result<Self, ConfigProblems> {
        document::read(files).map(|documents| Self { documents }).map_err(ConfigProblems::new)
    }

    /// The files that the enrichments need, each once.
    pub fn assets(&self) -> Vec<Asset> {
        let mut assets: Vec<Asset> = self.documents.iter().flat_map(wanted).collect();
        assets.sort();
        assets.dedup();
        assets
    }

    /// Makes the enrichments; says all that is wrong with their configurations and assets.
    pub fn build(&self, assets: &Assets) -> Result<Enrichments, ConfigProblems> {
        let mut built = Enrichments::default();
        let mut problems = Vec::new();
        for document in &self.documents {
            if let Err(found) = add(&mut built, document, assets) {
                let told = |problem| format!("{}: {problem}", document.file);
                problems.extend(found.into_iter().map(told));
            }
        }
        if problems.is_empty() { Ok(built) } else { Err(ConfigProblems::new(problems)) }
    }
}

/// Makes the enrichments of a folder of configurations, with their assets.
pub async fn load(
    folder: &str,
    store: &impl AssetStore,
    deadline: Instant,
) -> Result<Enrichments, ConfigProblems> {
    let plan = Plan::read(&live::files(folder, store, deadline).await?)?;
    let assets = live::fetch(&plan, store, deadline).await?;
    plan.build(&assets)
}

/// The files that an enrichment needs.
fn wanted(document: &Document) -> Vec<Asset> {
    match document.kind {
        Kind::IpLookups => IpLookups::assets(document),
        Kind::AsnLookups => AsnLookups::assets(document),
        Kind::UaParser => ua_parser::asset(document),
        Kind::RefererParser => referer::asset(document),
        Kind::CampaignAttribution
        | Kind::CrossNavigation
        | Kind::EventFingerprint
        | Kind::CookieExtractor
        | Kind::HttpHeaderExtractor
        | Kind::AnonIp
        | Kind::Pii
        | Kind::CurrencyConversion
        | Kind::BotDetection
        | Kind::Script
        | Kind::Iab
        | Kind::UserAgentUtils
        | Kind::Weather
        | Kind::Yauaa
        | Kind::SqlQuery
        | Kind::ApiRequest
        | Kind::EventSpecification => Vec::new(),
    }
}

/// Makes one enrichment and puts it into its place.
fn add(to: &mut Enrichments, document: &Document, assets: &Assets) -> Result<(), Vec<String>> {
    match document.kind {
        Kind::UaParser => to.ua_parser = Some(made(document, assets)?),
        Kind::CurrencyConversion => to.currency = Some(made(document, assets)?),
        Kind::RefererParser => to.referer_parser = Some(made(document, assets)?),
        Kind::CampaignAttribution => to.campaign = Some(made(document, assets)?),
        Kind::CrossNavigation => to.cross_navigation = Some(made(document, assets)?),
        Kind::IpLookups => to.ip_lookups = Some(made(document, assets)?),
        Kind::AsnLookups => to.asn_lookups = Some(made(document, assets)?),
        Kind::BotDetection => to.bot_detection = Some(made(document, assets)?),
        Kind::Script => to.scripts.push(made(document, assets)?),
        Kind::EventFingerprint => to.fingerprint = Some(made(document, assets)?),
        Kind::CookieExtractor => to.cookies = Some(made(document, assets)?),
        Kind::HttpHeaderExtractor => to.headers = Some(made(document, assets)?),
        Kind::AnonIp => to.anon_ip = Some(made(document, assets)?),
        Kind::Pii => to.pii = Some(made(document, assets)?),
        Kind::Iab
        | Kind::UserAgentUtils
        | Kind::Weather
        | Kind::Yauaa
        | Kind::SqlQuery
        | Kind::ApiRequest
        | Kind::EventSpecification => return Err(vec![unsupported(document)]),
    }
    Ok(())
}

/// Enrichments that would need what is not here.
fn unsupported(document: &Document) -> String {
    let name = document.schema_key.name();
    format!("$.schema: {name} is not supported; leave the file out, or set `enabled` to false")
}

fn made<E: Enrichment>(document: &Document, assets: &Assets) -> Result<Configured<E>, Vec<String>> {
    let schema_key = document.schema_key.clone();
    Ok(Configured { schema_key, enrichment: E::compile(document, assets)? })
}
