//! The configurable enrichments: what is in use, and how it is made of configurations and assets.

mod anon_ip;
mod assets;
pub(crate) mod cross_navigation;
mod document;
mod folder;
mod kind;
mod live;
mod maxmind;
mod number;
mod script;
mod work;

#[cfg(test)]
mod address_tests;

use std::fmt;
use std::time::Instant;

pub use self::assets::{Asset, AssetStore, Assets, AssetsOverNetwork, LocalAssets, file_path};
pub use self::document::{ConfigFile, ConfigProblems, DOCUMENT_BYTES_MAX, DOCUMENTS_MAX};
pub use self::folder::folder;
pub use self::live::{Live, Refresh};

pub(crate) use self::work::{Context, Facts, Work};

use self::anon_ip::AnonIp;
use self::cross_navigation::CrossNavigation;
use self::document::Document;
use self::kind::Kind;
use self::maxmind::{AsnLookups, BotDetection, IpLookups};
use self::script::Script;
use self::work::{Configured, Enrichment};

/// The enrichments in use; none without configurations. `stages.rs` runs them in their order.
#[derive(Default)]
pub struct Enrichments {
    pub(crate) cross_navigation: Option<Configured<CrossNavigation>>,
    pub(crate) ip_lookups: Option<Configured<IpLookups>>,
    pub(crate) asn_lookups: Option<Configured<AsnLookups>>,
    pub(crate) bot_detection: Option<Configured<BotDetection>>,
    pub(crate) scripts: Vec<Configured<Script>>,
    pub(crate) anon_ip: Option<Configured<AnonIp>>,
}

impl fmt::Debug for Enrichments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrichments").finish_non_exhaustive()
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

/// Makes the enrichments of a folder's files, with their assets.
pub async fn load(
    files: &[ConfigFile],
    store: &impl AssetStore,
    deadline: Instant,
) -> Result<Enrichments, ConfigProblems> {
    let plan = Plan::read(files)?;
    let assets = live::fetch(&plan, store, deadline).await?;
    plan.build(&assets)
}

/// The files that an enrichment needs.
fn wanted(document: &Document) -> Vec<Asset> {
    match document.kind {
        Kind::IpLookups => IpLookups::assets(document),
        Kind::AsnLookups => AsnLookups::assets(document),
        Kind::CampaignAttribution
        | Kind::CrossNavigation
        | Kind::EventFingerprint
        | Kind::CookieExtractor
        | Kind::HttpHeaderExtractor
        | Kind::AnonIp
        | Kind::Pii
        | Kind::UaParser
        | Kind::RefererParser
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
        Kind::CrossNavigation => to.cross_navigation = Some(made(document, assets)?),
        Kind::IpLookups => to.ip_lookups = Some(made(document, assets)?),
        Kind::AsnLookups => to.asn_lookups = Some(made(document, assets)?),
        Kind::BotDetection => to.bot_detection = Some(made(document, assets)?),
        Kind::Script => to.scripts.push(made(document, assets)?),
        Kind::AnonIp => to.anon_ip = Some(made(document, assets)?),
        Kind::CampaignAttribution
        | Kind::EventFingerprint
        | Kind::CookieExtractor
        | Kind::HttpHeaderExtractor
        | Kind::Pii
        | Kind::UaParser
        | Kind::RefererParser
        | Kind::CurrencyConversion
        | Kind::Iab
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
