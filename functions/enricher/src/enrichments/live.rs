//! The enrichments in use as time goes by: loaded at start, and again when their assets may be old.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{
    Asset, AssetStore, Assets, ConfigFile, ConfigProblems, DOCUMENT_BYTES_MAX, DOCUMENTS_MAX,
    Enrichments, LocalAssets, Plan,
};
use crate::schemas::Outage;

/// How long the first load may take.
const START_TIME_MAX: Duration = Duration::from_mins(2);
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

/// Where the configurations of enrichments are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folder {
    /// A path, or `s3://bucket/prefix`; nothing is configured without one.
    pub path: Option<String>,
    /// How often the assets are looked at again; never without it.
    pub period: Option<Duration>,
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
    due_millis: Option<i64>,
}

impl Live<LocalAssets> {
    /// No enrichments.
    pub fn none() -> Self {
        let state = State { current: Arc::default(), assets: Assets::new(), due_millis: None };
        Self { plan: Plan::default(), store: LocalAssets, period: None, state: Mutex::new(state) }
    }
}

impl<A: AssetStore> Live<A> {
    /// Loads the enrichments of a folder.
    pub async fn start(folder: &Folder, store: A) -> Result<Self, ConfigProblems> {
        let deadline = Instant::now() + START_TIME_MAX;
        let files = match &folder.path {
            Some(path) => files(path, &store, deadline).await?,
            None => Vec::new(),
        };
        let plan = Plan::read(&files)?;
        let assets = fetch(&plan, &store, deadline).await?;
        let current = Arc::new(plan.build(&assets)?);
        let state = Mutex::new(State { current, assets, due_millis: None });
        Ok(Self { plan, store, period: folder.period, state })
    }

    /// The enrichments for a batch.
    pub fn current(&self) -> Arc<Enrichments> {
        self.with_state(|state| Arc::clone(&state.current))
    }

    /// Loads what events needed of these enrichments in vain.
    pub async fn load(&self, enrichments: &Enrichments, deadline: Instant) -> Result<bool, Outage> {
        enrichments.load(&self.store, deadline).await
    }

    /// Looks whether the assets changed, if it is time to; what changed is for the next batch.
    pub async fn refresh(&self, now_millis: i64, deadline: Instant) -> Refresh {
        let Some(period) = self.period.filter(|_| !self.plan.assets().is_empty()) else {
            return Refresh::NotDue;
        };
        let due_millis = later(now_millis, period);
        // The first batch that comes starts the clock.
        if self.with_state(|state| *state.due_millis.get_or_insert(due_millis)) > now_millis {
            return Refresh::NotDue;
        }
        let deadline = deadline.min(Instant::now() + REFRESH_TIME_MAX);
        let assets = match fetch(&self.plan, &self.store, deadline).await {
            Ok(assets) => assets,
            Err(problems) => return self.failed(now_millis, &problems),
        };
        if self.with_state(|state| state.assets == assets) {
            self.with_state(|state| state.due_millis = Some(due_millis));
            return Refresh::Unchanged;
        }
        match self.plan.build(&assets) {
            Ok(built) => {
                let newer =
                    State { current: Arc::new(built), assets, due_millis: Some(due_millis) };
                self.with_state(|state| *state = newer);
                Refresh::Renewed
            }
            Err(problems) => self.failed(now_millis, &problems),
        }
    }

    fn failed(&self, now_millis: i64, problems: &ConfigProblems) -> Refresh {
        self.with_state(|state| state.due_millis = Some(now_millis.saturating_add(RETRY_MILLIS)));
        Refresh::Failed(problems.to_string())
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        // Nothing that holds the lock can panic half-way.
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn later(now_millis: i64, period: Duration) -> i64 {
    now_millis.saturating_add(i64::try_from(period.as_millis()).unwrap_or(i64::MAX))
}

/// Reads the configurations of a folder: the files whose names end in `.json`.
pub(super) async fn files(
    folder: &str,
    store: &impl AssetStore,
    deadline: Instant,
) -> Result<Vec<ConfigFile>, ConfigProblems> {
    let sole = |problem: String| ConfigProblems::new(vec![format!("{folder}: {problem}")]);
    let listed = store.list(folder, deadline).await.map_err(sole)?;
    let is_json = |uri: &String| uri.rsplit_once('.').is_some_and(|(_, end)| end == "json");
    let mut uris: Vec<String> = listed.into_iter().filter(is_json).collect();
    if uris.is_empty() {
        return Err(sole("holds no file whose name ends in .json".to_owned()));
    }
    if uris.len() > DOCUMENTS_MAX {
        return Err(sole(format!("holds more than {DOCUMENTS_MAX} files")));
    }
    uris.sort();
    let wanted: Vec<Asset> =
        uris.into_iter().map(|uri| Asset { uri, bytes_max: DOCUMENT_BYTES_MAX }).collect();
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for (asset, bytes) in wanted.iter().zip(store.fetch(&wanted, deadline).await) {
        let name = asset.uri.rsplit('/').next().unwrap_or_default().to_owned();
        match bytes.map(String::from_utf8) {
            Ok(Ok(text)) => files.push(ConfigFile { name, text }),
            Ok(Err(_)) => problems.push(format!("{name}: is no UTF-8")),
            Err(problem) => problems.push(format!("{name}: {problem}")),
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(ConfigProblems::new(problems)) }
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
