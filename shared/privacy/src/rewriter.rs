//! Treats lines, one in and one out, as a policy wants it.

use std::sync::Arc;

use crate::audit::AuditTexts;
use crate::hash::TextMap;
use crate::json::repeats::Repeats;
use crate::json::self_describing::Known;
use crate::memo::{BATCH_SLOTS, EVENT_SLOTS, Memo};
use crate::policy::Policy;
use crate::pseudonym::Pseudonyms;
use crate::tally::Tally;

/// Where a line comes from, and so what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stream {
    /// Rows of 131 columns.
    EnrichedGood,
    /// What the enricher refused.
    EnrichedBad,
    /// What the collector refused.
    RawBad,
}

impl Stream {
    /// What configurations and quarantine lines call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::EnrichedGood => "enriched",
            Self::EnrichedBad => "enriched-bad",
            Self::RawBad => "raw-bad",
        }
    }
}

/// A policy at work on lines.
pub struct Rewriter<'p, P> {
    pub(crate) policy: &'p Policy,
    pub(crate) pseudonyms: P,
    pub(crate) audit: AuditTexts,
    pub(crate) tally: Tally,
    /// What rules decided on of late.
    pub(crate) memo: Memo,
    /// The same for paths of URLs, which come several times in one event.
    pub(crate) paths: Memo,
    /// The domain of what no rule names, where the scheme has domains.
    pub(crate) path: String,
    /// What schemas lead to, as far as they were seen.
    pub(crate) schemas: TextMap<Arc<Known>>,
    /// What became of their last entities.
    pub(crate) repeats: Repeats,
}

impl<P> std::fmt::Debug for Rewriter<'_, P> {
    /// Without what it works on.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rewriter").field("policy", &self.policy.name).finish_non_exhaustive()
    }
}

impl<'p, P: Pseudonyms> Rewriter<'p, P> {
    /// The policy with pseudonyms that come from the key with this id.
    pub fn new(policy: &'p Policy, pseudonyms: P, key_id: &str) -> Self {
        Self {
            policy,
            pseudonyms,
            audit: AuditTexts::new(policy, key_id),
            tally: Tally::for_policy(policy),
            memo: Memo::with_slots(BATCH_SLOTS, policy.rules.len() * 2),
            paths: Memo::with_slots(EVENT_SLOTS, 0),
            path: String::new(),
            schemas: TextMap::default(),
            repeats: Repeats::default(),
        }
    }

    /// What was done so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }
}
