//! Schemas as registries and buckets give them, in the words of the resolver.

use std::time::Instant;

use iglu::{Location, RegistryError};

use super::{Fetched, Fetcher, Place, Secret};

impl Fetcher {
    /// Asks every location for its schema, with the registry's key if it has one; order kept.
    ///
    /// A file is nothing to fetch: whoever has files reads them without this.
    pub async fn schemas(
        &self,
        locations: Vec<(Location, Option<String>)>,
        deadline: Instant,
    ) -> Vec<Result<String, RegistryError>> {
        let places = locations.into_iter().map(|(location, api_key)| match location {
            Location::Url(url) => Place::Http { url, api_key: api_key.map(Secret::new) },
            Location::Object { bucket, key } => Place::S3 { bucket, key },
            Location::File(path) => Place::Http { url: path, api_key: None },
        });
        self.get_all(places.collect(), deadline).await.into_iter().map(answer).collect()
    }
}

fn answer(fetched: Fetched) -> Result<String, RegistryError> {
    match fetched {
        Fetched::Found(text) => Ok(text),
        Fetched::NotFound => Err(RegistryError::NotFound),
        Fetched::RepoFailure(message) => Err(RegistryError::RepoFailure(message)),
        Fetched::ClientFailure(message) => Err(RegistryError::ClientFailure(message)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_keeps_its_meaning() {
        let failure = || "why".to_owned();
        for (fetched, expected) in [
            (Fetched::Found("{}".to_owned()), Ok("{}".to_owned())),
            (Fetched::NotFound, Err(RegistryError::NotFound)),
            (Fetched::RepoFailure(failure()), Err(RegistryError::RepoFailure(failure()))),
            (Fetched::ClientFailure(failure()), Err(RegistryError::ClientFailure(failure()))),
        ] {
            assert_eq!(answer(fetched), expected);
        }
    }
}
