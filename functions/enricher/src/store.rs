//! Where texts of schemas come from: the embedded ones, folders, and whoever can reach further.

use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::time::Instant;

use iglu::{EMBEDDED_PATH, Location, RegistryError};

use crate::registry::{Place, SchemaStore};

/// Largest schema that is read from a file.
const SCHEMA_BYTES_MAX: u64 = 1_048_576;

/// Gives embedded schemas and files, and says of anything else that it cannot be reached.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalStore;

impl SchemaStore for LocalStore {
    async fn fetch(
        &self,
        places: Vec<Place>,
        _deadline: Instant,
    ) -> Vec<Result<String, RegistryError>> {
        places.iter().map(|place| local(&place.location)).collect()
    }
}

/// Gives what [`LocalStore`] gives, and asks somebody else for what is further away.
#[derive(Debug)]
pub struct WithNetwork<F> {
    fetch: F,
}

impl<F> WithNetwork<F> {
    /// A store that asks this function for everything that is not at hand, all at once.
    pub fn new(fetch: F) -> Self {
        Self { fetch }
    }
}

impl<F, Fut> SchemaStore for WithNetwork<F>
where
    F: Fn(Vec<(Location, Option<String>)>, Instant) -> Fut + Send + Sync,
    Fut: Future<Output = Vec<Result<String, RegistryError>>> + Send,
{
    async fn fetch(
        &self,
        places: Vec<Place>,
        deadline: Instant,
    ) -> Vec<Result<String, RegistryError>> {
        let is_far = |place: &Place| !matches!(place.location, Location::File(_));
        let far: Vec<_> = places
            .iter()
            .filter(|place| is_far(place))
            .map(|place| (place.location.clone(), place.api_key.clone()))
            .collect();
        let fetched = if far.is_empty() { Vec::new() } else { (self.fetch)(far, deadline).await };
        let mut fetched = fetched.into_iter();
        let silent = || Err(RegistryError::ClientFailure("no answer".to_owned()));
        let answer = |place: &Place| {
            if is_far(place) {
                fetched.next().unwrap_or_else(silent)
            } else {
                local(&place.location)
            }
        };
        places.iter().map(answer).collect()
    }
}

/// The text of a schema that is at hand.
pub fn local(location: &Location) -> Result<String, RegistryError> {
    match location {
        Location::File(path) => {
            let embedded = path
                .strip_prefix(EMBEDDED_PATH)
                .and_then(|path| path.strip_prefix("/schemas/"))
                .and_then(embedded_schemas::schema);
            embedded.map_or_else(|| from_file(path), |text| Ok(text.to_owned()))
        }
        Location::Url(_) | Location::Object { .. } => {
            Err(RegistryError::ClientFailure("there is no network here".to_owned()))
        }
    }
}

fn from_file(path: &str) -> Result<String, RegistryError> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| {
        #[allow(clippy::disallowed_methods, reason = "the stream is cut at its limit")]
        file.take(SCHEMA_BYTES_MAX).read_to_string(&mut text)
    });
    let missing = [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::IsADirectory];
    match read {
        Ok(_) => Ok(text),
        Err(error) if missing.contains(&error.kind()) => Err(RegistryError::NotFound),
        Err(error) => Err(RegistryError::ClientFailure(error.kind().to_string())),
    }
}
