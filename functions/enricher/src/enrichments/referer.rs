//! Where the visitor came from, by a database of search engines, networks and mail services.

mod database;

use std::borrow::Cow;
use std::sync::Arc;

use enriched_event::Column;
use tracker_protocol::Charset;
use tracker_protocol::convert::tsv_safe;
use tracker_protocol::query;
use tracker_protocol::uri::Uri;

use self::database::{Database, Source};
use super::assets::{Asset, Assets};
use super::document::Document;
use super::recent::Recent;
use super::work::{Context, Enrichment, Facts, Fault, Work};

/// Largest database.
const DATABASE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Hosts of referrers whose entries are kept at hand, and the longest of them.
const HOSTS_MAX: usize = 10_000;
const HOST_BYTES_MAX: usize = 255;
/// Other addresses say nothing about where somebody came from.
const SCHEMES: [&str; 3] = ["http", "https", "android-app"];

const INTERNAL: &str = "internal";
const SEARCH: &str = "search";
const UNKNOWN: &str = "unknown";

/// The database, and whose pages are our own.
pub(crate) struct RefererParser {
    internal: Vec<String>,
    database: Database,
    hosts: Recent<Arc<[Vec<Entry>]>>,
}

/// A path, empty for any, and who is there.
type Entry = (Box<str>, Arc<Source>);

/// Where the database is.
pub(super) fn asset(document: &Document) -> Vec<Asset> {
    let parameters = document.parameters();
    let text = |name| parameters.text(name).unwrap_or_default();
    vec![Asset::of(text("uri"), text("database"), DATABASE_BYTES_MAX)]
}

impl Enrichment for RefererParser {
    const IDENTIFIER: &'static str = "referer-parser";

    fn compile(document: &Document, assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let mut database = Database::default();
        for asset in asset(document) {
            let bytes = assets.get(&asset).map(AsRef::as_ref).unwrap_or_default();
            let read = Database::read(bytes);
            let found = read.map_err(|problem| vec![format!("{}: {problem}", asset.uri)])?;
            database = found;
        }
        if let Some(own) = parameters.object("referrers").json() {
            let added = database.add(own);
            added.map_err(|problem| vec![format!("$.data.parameters.referrers: {problem}")])?;
        }
        let internal = parameters.texts("internalDomains");
        let internal = internal.iter().map(|host| host.trim().to_owned()).collect();
        Ok(Self { internal, database, hosts: Recent::new(HOSTS_MAX, HOST_BYTES_MAX) })
    }

    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let Some(referrer) = facts.referrer else { return Ok(Vec::new()) };
        let Some(host) = referrer.host() else { return Ok(Vec::new()) };
        if !referrer.scheme().is_some_and(|scheme| SCHEMES.contains(&scheme)) {
            return Ok(Vec::new());
        }
        let page_host = facts.page.and_then(Uri::host);
        if page_host == Some(host) || self.internal.iter().any(|own| own == host) {
            work.event.set(Column::RefrMedium, INTERNAL);
            return Ok(Vec::new());
        }
        let source = self.look_up(host, referrer.path().unwrap_or_default());
        let medium = source.as_ref().map_or(UNKNOWN, |source| source.medium.as_str());
        work.event.set(Column::RefrMedium, medium.to_owned());
        let named = source.filter(|_| !matches!(medium_of(work), UNKNOWN | INTERNAL));
        if let Some(source) = named {
            set(work, Column::RefrSource, Some(&source.name));
            if source.medium == SEARCH {
                let term = referrer.query().and_then(|query| term(query, &source.parameters));
                set(work, Column::RefrTerm, term.as_deref());
            }
        }
        Ok(Vec::new())
    }
}

fn medium_of<'w>(work: &'w Work<'_, '_>) -> &'w str {
    work.event.get(Column::RefrMedium)
}

fn set(work: &mut Work<'_, '_>, column: Column, text: Option<&str>) {
    if let Some(text) = text.and_then(tsv_safe) {
        work.event.set(column, text.into_owned());
    }
}

impl RefererParser {
    /// The whole path with the host and its parents, then the path's first part, then none.
    fn look_up(&self, host: &str, path: &str) -> Option<Arc<Source>> {
        let levels = self.hosts.get_or(host, || self.database.hosts(host));
        let path = decoded(path);
        let first = path.split('/').find(|part| !part.is_empty());
        let first_end = first.map(|part| format!("/{part}"));
        let paths = [first.and(Some(&*path)), first_end.as_deref(), Some("")];
        paths.into_iter().flatten().find_map(|path| {
            let entries = levels.iter().flatten();
            let mut here = entries.filter(|(known, _)| **known == *path);
            here.next().map(|(_, source)| Arc::clone(source))
        })
    }
}

/// Java's `getPath`: with `%xx` as the byte that it stands for.
fn decoded(path: &str) -> Cow<'_, str> {
    let Some((plain, rest)) = path.split_once('%') else { return Cow::Borrowed(path) };
    let mut bytes = plain.as_bytes().to_vec();
    for part in rest.split('%') {
        let code = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let (Some(byte), Some(behind)) = (code, part.get(2..)) {
            bytes.push(byte);
            bytes.extend_from_slice(behind.as_bytes());
        } else {
            bytes.push(b'%');
            bytes.extend_from_slice(part.as_bytes());
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first parameter of the query that holds what was searched for.
fn term<'q>(query: &'q str, names: &[String]) -> Option<Cow<'q, str>> {
    let pairs = query::pairs(query, Charset::Utf8);
    let found = pairs.into_iter().find(|(name, _)| names.iter().any(|known| known == name));
    found.map(|(_, value)| value.unwrap_or_default())
}
