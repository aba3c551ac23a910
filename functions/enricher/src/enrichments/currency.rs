//! Amounts of transactions in one currency, at the rates of the day on which the event came in.

mod decimal;
mod rates;

use std::time::Instant;

use bad_event::Message;
use enriched_event::Column;

use self::decimal::Decimal;
use self::rates::{Day, Rates};
use super::assets::{AssetStore, Assets};
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work};
use crate::schemas::Outage;

/// Before this day the service has no rates.
const FIRST_DAY: &str = "1999-01-01";
/// Amounts, their currency, and where they go in the base currency.
const AMOUNTS: [(Column, Column, Column); 4] = [
    (Column::TrTotal, Column::TrCurrency, Column::TrTotalBase),
    (Column::TrTax, Column::TrCurrency, Column::TrTaxBase),
    (Column::TrShipping, Column::TrCurrency, Column::TrShippingBase),
    (Column::TiPrice, Column::TiCurrency, Column::TiPriceBase),
];
/// Currencies without a smaller unit, and those whose unit has a thousand parts.
const NO_DECIMALS: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "XAF", "XOF", "XPF",
];
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// The base currency and the rates.
pub(crate) struct CurrencyConversion {
    base: String,
    rates: Rates,
}

impl Enrichment for CurrencyConversion {
    const IDENTIFIER: &'static str = "currency-conversion";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let text = |name| parameters.text(name).unwrap_or_default();
        let base = text("baseCurrency").to_owned();
        if base.len() != 3 || !base.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(vec!["$.data.parameters.baseCurrency: not three capitals".to_owned()]);
        }
        // Only accounts of the larger kinds may ask for another base than the dollar.
        let asks_for_base = text("accountType") != "DEVELOPER";
        let rates = Rates::new(text("apiKey"), asks_for_base.then_some(base.as_str()));
        Ok(Self { base, rates })
    }

    fn apply(&self, work: &mut Work<'_, '_>, _facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        work.event.set(Column::BaseCurrency, self.base.clone());
        let event = &*work.event;
        let wanted = AMOUNTS.into_iter().filter_map(|(amount, currency, to)| {
            Some((event.filled(amount)?, event.filled(currency)?, to))
        });
        let wanted: Vec<_> = wanted.collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let day = event.get(Column::CollectorTstamp).get(..10).unwrap_or_default();
        let today = event.get(Column::EtlTstamp).get(..10).unwrap_or_default();
        if day < FIRST_DAY || day > today {
            let problem = format!("Exchange rate unavailable on the date [{day}]");
            return Err(Fault::simple(error("ResourcesNotAvailable", &problem)));
        }
        let Some(rates) = self.rates.of(day) else { return Err(Fault::NotLoaded) };
        let (mut converted, mut messages) = (Vec::new(), Vec::new());
        for (amount, currency, to) in wanted {
            match self.converted(amount, currency, &rates) {
                Ok(text) => converted.push((to, text)),
                Err(error) => messages.push(Message::Simple { error: error.into() }),
            }
        }
        if !messages.is_empty() {
            return Err(Fault::Messages(messages));
        }
        for (to, text) in converted {
            work.event.set(to, text);
        }
        Ok(Vec::new())
    }
}

impl CurrencyConversion {
    /// Loads the rates that were asked for in vain.
    pub(super) async fn load(
        &self,
        store: &impl AssetStore,
        deadline: Instant,
    ) -> Result<bool, Outage> {
        self.rates.load(store, deadline).await
    }

    fn converted(&self, amount: &str, currency: &str, rates: &Day) -> Result<String, String> {
        let too_large = || error("OtherErrors", "the amount has too many digits");
        let amount = Decimal::parse(amount).ok_or_else(too_large)?;
        let amount = if currency == self.base {
            Some(amount)
        } else {
            let unknown = |currency: &str| {
                let problem = "Currency not found in the API, invalid currency";
                error("IllegalCurrency", &format!("{problem} {currency}"))
            };
            let from = rates.get(currency).ok_or_else(|| unknown(currency))?;
            let to = rates.get(&self.base).ok_or_else(|| unknown(&self.base))?;
            let rate = if currency == rates.base() {
                Some(to)
            } else {
                from.inverse().and_then(|one| one.times(to))
            };
            rate.and_then(|rate| amount.times(rate))
        };
        let rounded = amount.and_then(|amount| amount.rounded(decimals(&self.base)));
        rounded.map(|amount| amount.to_string()).ok_or_else(too_large)
    }
}

/// How many decimals a currency has.
fn decimals(currency: &str) -> u32 {
    if NO_DECIMALS.contains(&currency) {
        0
    } else if THREE_DECIMALS.contains(&currency) {
        3
    } else {
        2
    }
}

fn error(kind: &str, problem: &str) -> String {
    format!("Open Exchange Rates error, type: [{kind}], message: [{problem}]")
}
