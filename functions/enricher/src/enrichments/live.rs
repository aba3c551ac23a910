//! The enrichments in use as time goes by: loaded at start, and again when their assets may be old.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{AssetStore, Assets, ConfigFile, ConfigProblems, Enrichments, LocalAssets, Plan};

/// How long one refresh may take; the batch that it belongs to waits for it no longer.
const REFRESH_TIME_MAX: Duration = Duration::from_secs(10);
/// After a refresh that failed, the next is tried so much later.
const RETRY_MILLIS: i64 = 10 * 60 * 1_000;

/// What came of a look at the assets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refresh {
    /// It was not yet time, or there are no assets.
    NotDue,
    /// They are those that are in use.
    Unchanged,
    /// The next batch uses newer ones.
    Renewed,
    /// They could not be had or used; the old ones stay in use.
    Failed(String),
}

/// Enrichments and where their assets come from.
#[derive(Debug)]
pub struct Live<A> {
    plan: Plan,
    store: A,
    period: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    current: Arc<Enrichments>,
    assets: Assets,
    due_millis: i64,
}

impl Live<LocalAssets> {
    /// No enrichments.
    pub fn none() -> Self {
        let state = State { current: Arc::default(), assets: Assets::new(), due_millis: i64::MAX };
        Self { plan: Plan::default(), store: LocalAssets, period: None, state: Mutex::new(state) }
    }
}

impl<A: AssetStore> Live<A> {
    /// Loads the enrichments of a folder's files. Without a period, assets are never looked at again.
    pub async fn open(
        files: &[ConfigFile],
        store: A,
        period: Option<Duration>,
        (now_millis, deadline): (i64, Instant),
    ) -> Result<Self, ConfigProblems> {
        let plan = Plan::read(files)?;
        let assets = fetch(&plan, &store, deadline).await?;
        let current = Arc::new(plan.build(&assets)?);
        let due_millis = later(now_millis, period);
        let state = Mutex::new(State { current, assets, due_millis });
        Ok(Self { plan, store, period, state })
    }

    /// The enrichments for a batch.
    pub fn current(&self) -> Arc<Enrichments> {
        self.with_state(|state| Arc::clone(&state.current))
    }

    /// Looks whether the assets changed, if it is time to; what changed is for the next batch.
    pub async fn refresh(&self, now_millis: i64, deadline: Instant) -> Refresh {
        let is_due = self.period.is_some()
            && !self.plan.assets().is_empty()
            && self.with_state(|state| state.due_millis <= now_millis);
        if !is_due {
            return Refresh::NotDue;
        }
        let deadline = deadline.min(Instant::now() + REFRESH_TIME_MAX);
        let assets = match fetch(&self.plan, &self.store, deadline).await {
            Ok(assets) => assets,
            Err(problems) => return self.failed(now_millis, &problems),
        };
        if self.with_state(|state| state.assets == assets) {
            self.with_state(|state| state.due_millis = later(now_millis, self.period));
            return Refresh::Unchanged;
        }
        match self.plan.build(&assets) {
            Ok(built) => {
                let due_millis = later(now_millis, self.period);
                let newer = State { current: Arc::new(built), assets, due_millis };
                self.with_state(|state| *state = newer);
                Refresh::Renewed
            }
            Err(problems) => self.failed(now_millis, &problems),
        }
    }

    fn failed(&self, now_millis: i64, problems: &ConfigProblems) -> Refresh {
        self.with_state(|state| state.due_millis = now_millis.saturating_add(RETRY_MILLIS));
        Refresh::Failed(problems.to_string())
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // Nothing that holds the lock can panic half-way.
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn later(now_millis: i64, period: Option<Duration>) -> i64 {
    let period = period.and_then(|period| i64::try_from(period.as_millis()).ok());
    now_millis.saturating_add(period.unwrap_or(i64::MAX))
}

/// Gets every asset of a plan, or says which cannot be had.
pub(super) async fn fetch(
    plan: &Plan,
    store: &impl AssetStore,
    deadline: Instant,
) -> Result<Assets, ConfigProblems> {
    let wanted = plan.assets();
    let fetched = if wanted.is_empty() { Vec::new() } else { store.fetch(&wanted, deadline).await };
    let silent = std::iter::repeat_with(|| Err("no answer".to_owned()));
    let (mut assets, mut problems) = (Assets::new(), Vec::new());
    for (asset, bytes) in wanted.into_iter().zip(fetched.into_iter().chain(silent)) {
        match bytes {
            Ok(bytes) => assets.insert(asset.uri, bytes),
            Err(problem) => problems.push(format!("{}: {problem}", asset.uri)),
        }
    }
    if problems.is_empty() { Ok(assets) } else { Err(ConfigProblems::new(problems)) }
}
