//! Which schemas are known, and whom to ask for the others. Asking is the caller's business.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::history::{Attempts, LookupHistory, RegistryError};
use crate::key::Version;
use crate::resolver::{RepositoryId, Resolver};
use crate::{Schema, SchemaKey};

/// Most schemas that are kept, whatever a configuration says.
pub const ENTRIES_MAX: usize = 10_000;
/// Longest wait before a repository that failed is asked again.
pub const BACKOFF_MILLIS_MAX: i64 = 60_000;

/// A schema to check values with.
#[derive(Clone, Debug)]
pub struct Found {
    /// The schema.
    pub schema: Arc<Schema>,
    /// Its version if another one was asked for.
    pub superseded_by: Option<Version>,
}

/// What is known about a schema.
#[derive(Clone, Debug)]
pub enum Lookup {
    /// It is here. Whoever needs it for a batch keeps it: the cache may make room for others.
    Found(Found),
    /// No repository gives it, and none is to be asked now.
    Missing(LookupHistory),
    /// These are to be asked, in this order, until one gives it; each answer is recorded.
    MustLoad {
        /// What to ask for: the schema, or the one that supersedes it.
        key: SchemaKey,
        /// Whom to ask.
        repositories: Vec<RepositoryId>,
    },
}

/// What a repository answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A schema.
    Schema(Arc<Schema>),
    /// None.
    Failed(RegistryError),
}

/// Answers of repositories, failures included. Time comes in with every call.
pub struct SchemaCache {
    resolver: Resolver,
    entries: BTreeMap<SchemaKey, Entry>,
    uses: u64,
}

struct Entry {
    schema: Option<Arc<Schema>>,
    failures: BTreeMap<RepositoryId, Attempts>,
    /// Who has still to be asked.
    pending: Vec<RepositoryId>,
    settled_at_millis: i64,
    last_use: u64,
}

impl SchemaCache {
    /// An empty cache.
    pub fn new(resolver: Resolver) -> Self {
        Self { resolver, entries: BTreeMap::new(), uses: 0 }
    }

    /// The configuration it was made with.
    pub fn resolver(&self) -> &Resolver {
        &self.resolver
    }

    /// What is known about a schema. A superseded one is replaced by its successor.
    pub fn lookup(&mut self, key: &SchemaKey, now_millis: i64) -> Lookup {
        let found = match self.lookup_exactly(key, now_millis) {
            Lookup::Found(found) => found,
            other @ (Lookup::Missing(_) | Lookup::MustLoad { .. }) => return other,
        };
        let Some(version) = found.schema.superseded_by() else { return Lookup::Found(found) };
        match self.lookup_exactly(&key.with_version(version), now_millis) {
            Lookup::Found(found) => Lookup::Found(Found { superseded_by: Some(version), ..found }),
            other @ (Lookup::Missing(_) | Lookup::MustLoad { .. }) => other,
        }
    }

    fn lookup_exactly(&mut self, key: &SchemaKey, now_millis: i64) -> Lookup {
        self.uses += 1;
        let ttl_seconds = self.ttl_seconds();
        let Some(entry) = self.entries.get_mut(key) else {
            let repositories = self.resolver.order(key);
            self.insert(key, repositories.clone());
            return Lookup::MustLoad { key: key.clone(), repositories };
        };
        entry.last_use = self.uses;
        if entry.pending.is_empty() {
            let age_millis = now_millis.saturating_sub(entry.settled_at_millis);
            let is_expired = ttl_seconds
                .and_then(|ttl| i64::try_from(ttl).ok()?.checked_mul(1_000))
                .is_some_and(|ttl_millis| age_millis > ttl_millis);
            entry.pending = match (is_expired, &entry.schema) {
                (true, _) => self.resolver.order(key),
                (false, Some(_)) => Vec::new(),
                (false, None) => entry.to_retry(self.resolver.order(key), now_millis),
            };
        }
        if !entry.pending.is_empty() {
            return Lookup::MustLoad { key: key.clone(), repositories: entry.pending.clone() };
        }
        match &entry.schema {
            Some(schema) => {
                Lookup::Found(Found { schema: Arc::clone(schema), superseded_by: None })
            }
            None => Lookup::Missing(entry.history()),
        }
    }

    /// A cache of no entries keeps answers for as long as a batch lasts: while the time stands.
    fn ttl_seconds(&self) -> Option<u64> {
        if self.resolver.cache_entries == 0 { Some(0) } else { self.resolver.cache_ttl_seconds }
    }

    /// Takes down what a repository answered.
    pub fn record(&mut self, key: &SchemaKey, id: RepositoryId, answer: Answer, now_millis: i64) {
        if !self.entries.contains_key(key) {
            self.insert(key, self.resolver.order(key));
        }
        let name = self.resolver.repository(id).map(|repository| repository.name.clone());
        let (Some(entry), Some(name)) = (self.entries.get_mut(key), name) else { return };
        match answer {
            Answer::Schema(schema) => {
                entry.schema = Some(schema);
                entry.failures.clear();
                entry.pending.clear();
            }
            Answer::Failed(error) => {
                entry
                    .failures
                    .entry(id)
                    .or_insert_with(|| Attempts::new(name))
                    .add(error, now_millis);
                entry.pending.retain(|pending| *pending != id);
            }
        }
        if entry.pending.is_empty() {
            // A schema that has expired and cannot be had again is kept as if it were new.
            entry.settled_at_millis = now_millis;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// How many schemas are known or known to be missing.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn insert(&mut self, key: &SchemaKey, pending: Vec<RepositoryId>) {
        let entries_max = self.resolver.cache_entries.clamp(1, ENTRIES_MAX);
        while self.entries.len() >= entries_max {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.last_use);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            self.entries.remove(&oldest);
        }
        let entry = Entry {
            schema: None,
            failures: BTreeMap::new(),
            pending,
            settled_at_millis: i64::MIN,
            last_use: self.uses,
        };
        self.entries.insert(key.clone(), entry);
    }
}

impl Entry {
    /// Who failed and has had time to recover.
    fn to_retry(&self, order: Vec<RepositoryId>, now_millis: i64) -> Vec<RepositoryId> {
        let is_due = |id: &RepositoryId| {
            self.failures.get(id).is_some_and(|attempts| {
                let wait_millis = backoff_millis(attempts.count);
                attempts.is_outage
                    && now_millis >= attempts.last_attempt_millis.saturating_add(wait_millis)
            })
        };
        order.into_iter().filter(is_due).collect()
    }

    fn history(&self) -> LookupHistory {
        let mut repositories: Vec<Attempts> = self.failures.values().cloned().collect();
        repositories.sort_by(|a, b| a.repository.cmp(&b.repository));
        LookupHistory { repositories }
    }
}

/// How long to wait after so many attempts.
fn backoff_millis(attempts: u32) -> i64 {
    let millis = match attempts {
        0..=8 => 500 + 4_i64.pow(attempts),
        9..=12 => 500 + 3_i64.pow(attempts),
        13..=20 => 5_500 + 2_i64.pow(attempts),
        _ => BACKOFF_MILLIS_MAX,
    };
    millis.min(BACKOFF_MILLIS_MAX)
}

impl fmt::Debug for SchemaCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SchemaCache({} entries)", self.entries.len())
    }
}

#[cfg(test)]
mod tests;
