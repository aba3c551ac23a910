//! The option `--enrichments`: a folder of Snowplow's configuration files, and the assets they name.

use std::path::Path;
use std::time::{Duration, Instant};

use enricher::Enrichments;
use enricher::enrichments::{Asset, AssetsOverNetwork, folder, load};
use ureq::Agent;

/// How long one asset may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// The enrichments of a folder.
pub(crate) async fn enrichments(path: &Path) -> Result<Enrichments, String> {
    let complain = |problem: String| format!("--enrichments {}: {problem}", path.display());
    let files = folder(path).map_err(complain)?;
    let store = AssetsOverNetwork::new(|assets: Vec<Asset>, _| async move {
        assets.iter().map(download).collect()
    });
    let loaded = load(&files, &store, Instant::now() + PATIENCE).await;
    loaded.map_err(|problems| complain(problems.to_string()))
}

fn download(asset: &Asset) -> Result<Vec<u8>, String> {
    if asset.uri.starts_with("s3://") {
        return Err("is read by the function only; copy it and name the copy".to_owned());
    }
    let agent: Agent = Agent::config_builder().timeout_global(Some(PATIENCE)).build().into();
    let most = u64::try_from(asset.bytes_max).unwrap_or(u64::MAX);
    let mut response = agent.get(&asset.uri).call().map_err(|error| error.to_string())?;
    let body = response.body_mut().with_config().limit(most).read_to_vec();
    body.map_err(|error| error.to_string())
}
