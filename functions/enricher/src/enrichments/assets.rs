//! Files that enrichments need beside their configuration, and whoever gets them.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Most entries of a folder that are looked at.
const ENTRIES_MAX: usize = 10_000;

/// A file that an enrichment needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asset {
    /// Where it is: `https://`, `http://`, `s3://`, `file:` or a path.
    pub uri: String,
    /// The most bytes that it may have.
    pub bytes_max: usize,
}

impl Asset {
    /// The asset of a configuration that names a folder and a file in it, as Snowplow's do.
    pub fn of(uri: &str, database: &str, bytes_max: usize) -> Self {
        let slash = if uri.is_empty() || uri.ends_with('/') { "" } else { "/" };
        Self { uri: format!("{uri}{slash}{database}"), bytes_max }
    }
}

/// Assets that were fetched, by where they came from.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Assets(BTreeMap<String, Arc<[u8]>>);

impl Assets {
    /// No assets.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn insert(&mut self, uri: String, bytes: impl Into<Arc<[u8]>>) {
        self.0.insert(uri, bytes.into());
    }

    /// The bytes of an asset.
    pub fn get(&self, asset: &Asset) -> Option<&Arc<[u8]>> {
        self.0.get(&asset.uri)
    }
}

impl fmt::Debug for Assets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assets").field("files", &self.0.len()).finish()
    }
}

/// Whoever can get assets.
pub trait AssetStore: Send + Sync {
    /// Gets every asset, in order; an error is why there is none, without a secret in it.
    fn fetch(
        &self,
        assets: &[Asset],
        deadline: Instant,
    ) -> impl Future<Output = Vec<Result<Vec<u8>, String>>> + Send;

    /// The addresses of what is in a folder.
    fn list(
        &self,
        folder: &str,
        deadline: Instant,
    ) -> impl Future<Output = Result<Vec<String>, String>> + Send;
}

/// Gives files, and says of anything else that it cannot be reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalAssets;

const NO_NETWORK: &str = "there is no network here";

impl AssetStore for LocalAssets {
    async fn fetch(&self, assets: &[Asset], _deadline: Instant) -> Vec<Result<Vec<u8>, String>> {
        let far = || Err(NO_NETWORK.to_owned());
        assets.iter().map(|asset| read_file(asset).unwrap_or_else(far)).collect()
    }

    async fn list(&self, folder: &str, _deadline: Instant) -> Result<Vec<String>, String> {
        file_path(folder).map_or_else(|| Err(NO_NETWORK.to_owned()), read_folder)
    }
}

/// Gives files, and asks somebody else for what is further away.
#[derive(Debug)]
pub struct AssetsOverNetwork<F, G> {
    fetch: F,
    list: G,
}

impl<F, G> AssetsOverNetwork<F, G> {
    /// A store that asks the first function for everything that is no file, by address and limit in
    /// bytes, all at once; and the second for what a folder holds.
    pub fn new(fetch: F, list: G) -> Self {
        Self { fetch, list }
    }
}

impl<F, G, Fut, Gut> AssetStore for AssetsOverNetwork<F, G>
where
    F: Fn(Vec<(String, usize)>, Instant) -> Fut + Send + Sync,
    G: Fn(String, Instant) -> Gut + Send + Sync,
    Fut: Future<Output = Vec<Result<Vec<u8>, String>>> + Send,
    Gut: Future<Output = Result<Vec<String>, String>> + Send,
{
    async fn fetch(&self, assets: &[Asset], deadline: Instant) -> Vec<Result<Vec<u8>, String>> {
        let far: Vec<_> = assets
            .iter()
            .filter(|asset| file_path(&asset.uri).is_none())
            .map(|asset| (asset.uri.clone(), asset.bytes_max))
            .collect();
        let fetched = if far.is_empty() { Vec::new() } else { (self.fetch)(far, deadline).await };
        let mut fetched = fetched.into_iter();
        let mut answer = |asset| {
            let silent = || Err("no answer".to_owned());
            read_file(asset).unwrap_or_else(|| fetched.next().unwrap_or_else(silent))
        };
        assets.iter().map(&mut answer).collect()
    }

    async fn list(&self, folder: &str, deadline: Instant) -> Result<Vec<String>, String> {
        match file_path(folder) {
            Some(path) => read_folder(path),
            None => (self.list)(folder.to_owned(), deadline).await,
        }
    }
}

/// The files in a folder; folders in it are passed over.
fn read_folder(path: &str) -> Result<Vec<String>, String> {
    let entries = std::fs::read_dir(path).map_err(|error| error.kind().to_string())?;
    let mut files = Vec::new();
    for entry in entries.take(ENTRIES_MAX) {
        let path = entry.map_err(|error| error.kind().to_string())?.path();
        if !path.is_dir() {
            files.extend(path.to_str().map(str::to_owned));
        }
    }
    Ok(files)
}

/// The path of an asset that is a file.
pub fn file_path(uri: &str) -> Option<&str> {
    if let Some(path) = uri.strip_prefix("file:") {
        return Some(path.strip_prefix("//").unwrap_or(path));
    }
    (!uri.contains("://")).then_some(uri)
}

/// The bytes of an asset that is a file; none of one that is none.
fn read_file(asset: &Asset) -> Option<Result<Vec<u8>, String>> {
    let path = Path::new(file_path(&asset.uri)?);
    let most = u64::try_from(asset.bytes_max).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| {
        #[allow(clippy::disallowed_methods, reason = "the stream is cut at its limit")]
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)
    });
    Some(match read {
        Ok(length) if length > asset.bytes_max => {
            Err(format!("larger than {} bytes", asset.bytes_max))
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(error.kind().to_string()),
    })
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_folder_and_a_file_make_an_address() {
        for (uri, expected) in [
            ("https://a.b/c", "https://a.b/c/d.json"),
            ("https://a.b/c/", "https://a.b/c/d.json"),
            ("", "d.json"),
        ] {
            assert_eq!(Asset::of(uri, "d.json", 1).uri, expected);
        }
    }

    #[test]
    fn files_are_told_from_what_is_far() {
        for (uri, expected) in [
            ("file:///opt/a", Some("/opt/a")),
            ("file:/opt/a", Some("/opt/a")),
            ("/opt/a", Some("/opt/a")),
            ("assets/a", Some("assets/a")),
            ("s3://b/a", None),
            ("https://b/a", None),
        ] {
            assert_eq!(file_path(uri), expected, "{uri}");
        }
    }

    #[test]
    fn a_file_ends_at_its_limit() {
        let path = std::env::temp_dir().join(format!("whiteout-asset-{}", std::process::id()));
        std::fs::write(&path, "four").unwrap();
        let get = |uri: String, bytes_max| {
            let assets = [Asset { uri, bytes_max }];
            LocalAssets.fetch(&assets, Instant::now()).now_or_never().unwrap().remove(0)
        };
        let uri = path.to_string_lossy().into_owned();
        assert_eq!(get(uri.clone(), 4).as_deref(), Ok(&b"four"[..]));
        assert_eq!(get(uri, 3).unwrap_err(), "larger than 3 bytes");
        std::fs::remove_file(path).unwrap();
        assert_eq!(get("s3://b/k".to_owned(), 3).unwrap_err(), "there is no network here");
    }
}
