//! Schemas from registries over HTTP, for commands on a laptop.

use std::time::{Duration, Instant};

use enricher::registry::{Place, SchemaStore};
use enricher::store::local;
use iglu::{Location, RegistryError};
use ureq::Agent;

/// Largest answer of a registry.
const ANSWER_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Most redirects that are followed.
const REDIRECTS_MAX: u32 = 3;
/// How long a registry may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Embedded schemas, folders, and registries over HTTP.
#[derive(Debug)]
pub(crate) struct Network {
    agent: Agent,
}

impl Network {
    pub(crate) fn new() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(REDIRECTS_MAX)
            // A status is an answer: what it means is decided below.
            .http_status_as_error(false)
            .build();
        Self { agent: config.into() }
    }

    /// The text at a place.
    pub(crate) fn get(&self, place: &Place) -> Result<String, RegistryError> {
        match &place.location {
            Location::File(_) => local(&place.location),
            Location::Url(url) => self.get_url(url, place.api_key.as_deref()),
            Location::Object { bucket, .. } => Err(RegistryError::ClientFailure(format!(
                "s3://{bucket} is read by the function only; sync it to a folder and name that"
            ))),
        }
    }

    fn get_url(&self, url: &str, api_key: Option<&str>) -> Result<String, RegistryError> {
        let client_failure = |error: ureq::Error| RegistryError::ClientFailure(error.to_string());
        let mut request = self.agent.get(url);
        if let Some(key) = api_key {
            request = request.header("apikey", key);
        }
        let mut response = request.call().map_err(client_failure)?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
        let body = body.map_err(client_failure)?;
        if status.is_success() {
            Ok(body)
        } else {
            Err(RegistryError::from_status(status.as_u16(), &body))
        }
    }
}

impl SchemaStore for Network {
    /// One after the other: a laptop's events name few schemas, and each is asked for once.
    async fn fetch(
        &self,
        places: Vec<Place>,
        _deadline: Instant,
    ) -> Vec<Result<String, RegistryError>> {
        places.iter().map(|place| self.get(place)).collect()
    }
}
