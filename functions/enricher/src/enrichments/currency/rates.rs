//! Exchange rates by day: those that are known, and those that have to be loaded first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use json_tree::Json;

use super::decimal::Decimal;
use crate::enrichments::assets::{Asset, AssetStore};
use crate::schemas::Outage;

/// Where Open Exchange Rates keeps the rates of a day.
const SERVICE: &str = "https://openexchangerates.org/api/historical/{date}.json?app_id=";
/// What stands for the day, such as `2026-01-02`.
const DATE: &str = "{date}";
/// Largest answer, and its depth.
const RATES_BYTES_MAX: usize = 1_048_576;
const DEPTH_MAX: usize = 5;
/// Days that are kept; beyond it the earliest goes.
const DAYS_MAX: usize = 400;

/// The rates of one day.
pub(super) struct Day {
    base: String,
    rates: BTreeMap<String, Decimal>,
}

impl Day {
    /// Reads the service's answer; none of one that is none.
    fn read(bytes: &[u8]) -> Option<Self> {
        let json = Json::parse(str::from_utf8(bytes).ok()?, DEPTH_MAX).ok()?;
        let base = json.get("base")?.as_str()?.to_owned();
        let rates = json.get("rates")?.as_object()?.iter();
        let rates = rates
            .filter_map(|(name, rate)| Some((name.to_owned(), Decimal::parse(rate.as_number()?)?)));
        Some(Self { base, rates: rates.collect() })
    }

    /// The currency that all rates are for one of.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// How much of a currency one unit of the base is worth.
    pub(super) fn get(&self, currency: &str) -> Option<Decimal> {
        self.rates.get(currency).copied()
    }
}

/// Rates, and where they are.
pub(super) struct Rates {
    /// An address with a place for the day; one without is good for every day.
    address: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: BTreeMap<String, Arc<Day>>,
    needed: BTreeSet<String>,
}

impl Rates {
    /// The rates of the service for a key, or, if the key is an address or a path, the rates there.
    pub(super) fn new(key: &str, base: Option<&str>) -> Self {
        let address = if key.contains('/') {
            key.to_owned()
        } else {
            let base = base.map(|base| format!("&base={base}")).unwrap_or_default();
            format!("{SERVICE}{key}{base}")
        };
        Self { address, state: Mutex::default() }
    }

    /// The rates of a day; one that is not known is noted.
    pub(super) fn of(&self, day: &str) -> Option<Arc<Day>> {
        let day = if self.address.contains(DATE) { day } else { "" };
        let mut state = self.state();
        let known = state.known.get(day).cloned();
        if known.is_none() {
            state.needed.insert(day.to_owned());
        }
        known
    }

    /// Loads what was noted, and says whether anything is known now that was not.
    pub(super) async fn load(
        &self,
        store: &impl AssetStore,
        deadline: Instant,
    ) -> Result<bool, Outage> {
        let days: Vec<String> = std::mem::take(&mut self.state().needed).into_iter().collect();
        if days.is_empty() {
            return Ok(false);
        }
        let asset = |day: &String| Asset {
            uri: self.address.replace(DATE, day),
            bytes_max: RATES_BYTES_MAX,
        };
        let assets: Vec<Asset> = days.iter().map(asset).collect();
        let fetched = store.fetch(&assets, deadline).await;
        for (day, bytes) in days.iter().zip(fetched) {
            // Not what the store says: it can show the address, which holds the key.
            let read = bytes.ok().and_then(|bytes| Day::read(&bytes));
            let silent = || Outage(format!("no usable exchange rates for {day:?}"));
            let rates = Arc::new(read.ok_or_else(silent)?);
            let mut state = self.state();
            state.known.insert(day.clone(), rates);
            if state.known.len() > DAYS_MAX {
                state.known.pop_first();
            }
        }
        Ok(true)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that holds the lock leaves the state half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
