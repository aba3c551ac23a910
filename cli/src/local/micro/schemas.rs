//! Schemas as the resolver finds them.

use std::sync::Arc;

use enricher::registry::Place;
use iglu::{RegistryError, Resolver, SchemaKey};
use serde_json::{Map, Value, json};

use super::super::answer::{Answer, Content};
use super::Answered;
use crate::network::Network;

/// The registries that the pipeline asks for schemas.
#[derive(Debug)]
pub(in crate::local) struct Registries {
    resolver: Resolver,
    network: Network,
}

impl Registries {
    pub(in crate::local) fn new(resolver: Resolver) -> Self {
        Self { resolver, network: Network::new() }
    }

    /// The text of a schema, or what each registry says in place of it.
    fn schema(&self, key: &SchemaKey) -> Result<String, Value> {
        let mut told = Map::new();
        for id in self.resolver.order(key) {
            let Some(repository) = self.resolver.repository(id) else { continue };
            match self.network.get(&Place::of(key, repository)) {
                Ok(text) if serde_json::from_str::<Value>(&text).is_ok() => return Ok(text),
                Ok(_) => {
                    let error = RegistryError::ClientFailure("it gave no JSON".to_owned());
                    told.insert(repository.name.clone(), attempt(&error));
                }
                Err(error) => drop(told.insert(repository.name.clone(), attempt(&error))),
            }
        }
        Err(json!({ "value": told }))
    }
}

/// Answers for `vendor/name/jsonschema/version`.
pub(super) async fn answer(registries: &Arc<Registries>, name: &str) -> Answered {
    let Ok(key) = SchemaKey::parse(&format!("iglu:{name}")) else {
        let problem = "a schema is named as VENDOR/NAME/jsonschema/MODEL-REVISION-ADDITION\n";
        return Err(Answer::text(404, problem));
    };
    let registries = Arc::clone(registries);
    let found = tokio::task::spawn_blocking(move || registries.schema(&key)).await;
    match found {
        Ok(Ok(text)) => Ok(Answer::new(200, "application/json", Content::Whole(text.into_bytes()))),
        Ok(Err(told)) => Err(Answer::json(404, &told)),
        Err(_) => Err(Answer::text(500, "the registries could not be asked\n")),
    }
}

fn attempt(error: &RegistryError) -> Value {
    let error = match error {
        RegistryError::NotFound => json!({"error": "NotFound"}),
        RegistryError::RepoFailure(message) => json!({"error": "RepoFailure", "message": message}),
        RegistryError::ClientFailure(message) => {
            json!({"error": "ClientFailure", "message": message})
        }
    };
    #[allow(clippy::disallowed_methods, reason = "the server is the edge where time comes in")]
    let now = timestamps::iso_millis(function_env::epoch_micros().div_euclid(1_000));
    json!({"errors": [error], "attempts": 1, "lastAttempt": now})
}
