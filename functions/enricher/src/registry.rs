//! Schemas for a batch: judged from what is loaded, loaded once when something is missing.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use iglu::{
    Answer, Attempts, Found, IgluError, Location, Lookup, RegistryError, Repository, RepositoryId,
    Resolver, Schema, SchemaCache, SchemaKey,
};
use json_tree::Json;

use crate::schemas::{Judgement, Loader, Outage, Schemas};

/// Most rounds of asking: each of 64 repositories in turn, for a schema and for what supersedes it.
const ROUNDS_MAX: usize = 130;

/// Where texts of schemas come from.
pub trait SchemaStore: Send + Sync {
    /// Asks every place, all at the same time, and answers in their order.
    fn fetch(
        &self,
        places: Vec<Place>,
        deadline: Instant,
    ) -> impl Future<Output = Vec<Result<String, RegistryError>>> + Send;
}

/// One place to ask for one schema.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub location: Location,
    /// What to show there.
    pub api_key: Option<String>,
}

impl Place {
    /// Where a repository has this schema, if it has it.
    pub fn of(key: &SchemaKey, repository: &Repository) -> Self {
        let api_key = repository.api_key().map(str::to_owned);
        Self { location: repository.location(key), api_key }
    }
}

/// The schemas of a resolver configuration.
pub struct Registry<St> {
    store: St,
    /// The batch, which holds what it has seen.
    era: AtomicU64,
    state: Mutex<State>,
}

/// Batches begun so far, by all registries of the process.
static ERAS: AtomicU64 = AtomicU64::new(0);

struct State {
    cache: SchemaCache,
    now_millis: i64,
    /// What the batch has seen; the cache may make room for others.
    held: BTreeMap<SchemaKey, Lookup>,
    /// What the batch asked for in vain.
    needed: BTreeMap<SchemaKey, Vec<RepositoryId>>,
    outage: Option<String>,
}

impl<St> Registry<St> {
    /// The schemas of these repositories, fetched by this store.
    pub fn new(resolver: Resolver, store: St) -> Self {
        let state = State {
            cache: SchemaCache::new(resolver),
            now_millis: 0,
            held: BTreeMap::new(),
            needed: BTreeMap::new(),
            outage: None,
        };
        Self { store, era: AtomicU64::new(0), state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave the maps half-changed, so its poison is no news.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<St: SchemaStore> Schemas for Registry<St> {
    fn judge(&self, key: &SchemaKey, data: &Json<'_>) -> Judgement {
        let found = match self.state().find(key) {
            Finding::Schema(found) => found,
            Finding::Refused(error) => return Judgement::Refused { error },
            Finding::NotLoaded => return Judgement::NotLoaded,
        };
        let by = found.superseded_by;
        match found.schema.validate(data) {
            Ok(()) => Judgement::Fits { by: by.map(|version| key.with_version(version)) },
            Err(invalid) => {
                let error = IgluError::Validation { invalid, superseded_by: by };
                Judgement::Refused { error: error.to_json().to_text() }
            }
        }
    }

    fn era(&self) -> Option<NonZeroU64> {
        NonZeroU64::new(self.era.load(Ordering::Relaxed))
    }
}

enum Finding {
    Schema(Found),
    Refused(String),
    NotLoaded,
}

impl Finding {
    fn of(known: &Lookup) -> Self {
        match known {
            Lookup::Found(found) => Self::Schema(found.clone()),
            Lookup::Missing(history) => {
                let error = IgluError::Resolution(history.clone());
                Self::Refused(error.to_json().to_text())
            }
            Lookup::MustLoad { .. } => Self::NotLoaded,
        }
    }
}

impl State {
    fn find(&mut self, key: &SchemaKey) -> Finding {
        if let Some(known) = self.held.get(key) {
            return Finding::of(known);
        }
        let known = self.cache.lookup(key, self.now_millis);
        match &known {
            Lookup::MustLoad { key, repositories } => {
                self.needed.insert(key.clone(), repositories.clone());
                return Finding::NotLoaded;
            }
            Lookup::Missing(history) if history.is_outage() => {
                // Nobody can say whether the event is bad, so it has to come again. The schema's
                // name stays out of the reason, which is logged: the event's sender chose it.
                let silent = history.repositories().iter().filter(|attempts| attempts.is_outage());
                let names: Vec<_> = silent.map(Attempts::repository).collect();
                self.outage = Some(format!("no usable answer from {}", names.join(", ")));
                return Finding::NotLoaded;
            }
            Lookup::Found(_) | Lookup::Missing(_) => {}
        }
        let finding = Finding::of(&known);
        self.held.insert(key.clone(), known);
        finding
    }

    /// The first repository that each missing schema is to be asked of.
    fn next_round(&mut self) -> Vec<(SchemaKey, RepositoryId, Place)> {
        let needed = std::mem::take(&mut self.needed);
        let mut round = Vec::new();
        for (key, repositories) in needed {
            let Some(id) = repositories.first() else { continue };
            let Some(repository) = self.cache.resolver().repository(*id) else { continue };
            let place = Place::of(&key, repository);
            round.push((key, *id, place));
        }
        round
    }

    fn record(&mut self, key: &SchemaKey, id: RepositoryId, answer: Result<String, RegistryError>) {
        let answer = match answer {
            Ok(text) => match Schema::parse(key, &text) {
                Ok(schema) => Answer::Schema(schema.into()),
                Err(error) => {
                    let message = format!("Could not decode server response. {error}");
                    Answer::Failed(RegistryError::ClientFailure(message))
                }
            },
            Err(error) => Answer::Failed(error),
        };
        self.cache.record(key, id, answer, self.now_millis);
        // Asks the next repository, or for what supersedes it, unless this one gave it.
        self.find(key);
    }
}

impl<St: SchemaStore> Loader for Registry<St> {
    fn begin(&self, now_millis: i64) {
        let mut state = self.state();
        state.now_millis = now_millis;
        state.held.clear();
        state.needed.clear();
        state.outage = None;
        self.era.store(ERAS.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    async fn load(&self, deadline: Instant) -> Result<bool, Outage> {
        let mut learned = false;
        for _ in 0..ROUNDS_MAX {
            let round = self.state().next_round();
            if round.is_empty() {
                break;
            }
            let places = round.iter().map(|(_, _, place)| place.clone()).collect();
            let answers = self.store.fetch(places, deadline).await;
            let silent = || RegistryError::ClientFailure("no answer".to_owned());
            let answers = answers.into_iter().chain(std::iter::repeat_with(|| Err(silent())));
            learned = true;
            for ((key, id, _), answer) in round.iter().zip(answers) {
                self.state().record(key, *id, answer);
            }
        }
        match self.state().outage.take() {
            Some(reason) => Err(Outage(reason)),
            None => Ok(learned),
        }
    }
}

impl<St> std::fmt::Debug for Registry<St> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.state();
        f.debug_struct("Registry")
            .field("schemas", &state.cache.len())
            .field("held", &state.held.len())
            .finish_non_exhaustive()
    }
}
