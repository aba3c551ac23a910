//! The option `--enrichments`: a folder of Snowplow's configuration files, and the assets they name.

use std::future::{Ready, ready};
use std::path::Path;
use std::time::{Duration, Instant};

use enricher::Enrichments;
use enricher::enrichments::{AssetStore, AssetsOverNetwork, load};
use ureq::Agent;

/// How long one asset may take.
const PATIENCE: Duration = Duration::from_mins(5);
const S3: &str = "s3:// is read by the function only; copy it and name the copy";

/// What is far, by address and limit in bytes.
type Download = fn(Vec<(String, usize)>, Instant) -> Ready<Vec<Result<Vec<u8>, String>>>;
/// What a far folder holds.
type List = fn(String, Instant) -> Ready<Result<Vec<String>, String>>;
/// Files, and what can be had over HTTP.
pub(crate) type Store = AssetsOverNetwork<Download, List>;

/// Files, and what can be had over HTTP.
pub(crate) fn store() -> Store {
    AssetsOverNetwork::new(
        |files, _| ready(files.iter().map(|(uri, bytes_max)| download(uri, *bytes_max)).collect()),
        |_, _| ready(Err(S3.to_owned())),
    )
}

/// The enrichments of a folder.
pub(crate) async fn enrichments(
    path: &Path,
    store: &impl AssetStore,
) -> Result<Enrichments, String> {
    let folder = path.to_str().ok_or("--enrichments: the path is not UTF-8")?;
    let loaded = load(folder, store, Instant::now() + PATIENCE).await;
    loaded.map_err(|problems| format!("--enrichments {folder}: {problems}"))
}

fn download(uri: &str, bytes_max: usize) -> Result<Vec<u8>, String> {
    if uri.starts_with("s3://") {
        return Err(S3.to_owned());
    }
    let agent: Agent = Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let mut response = agent.get(uri).call().map_err(|error| error.to_string())?;
    let body = response.body_mut().with_config().limit(most).read_to_vec();
    body.map_err(|error| error.to_string())
}
