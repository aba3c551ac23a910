//! What the engine's built-in object asks of us: the event that is being worked on, time and chance.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use enriched_event::{Column, EnrichedEvent};
use rquickjs::{Ctx, Function, Object};

use super::columns::{accepted, is_number};
use super::limits::Budget;
use crate::enrichments::Context;

/// What the engine's functions share with us.
pub(super) struct Host {
    desk: Mutex<Desk>,
    pub(super) budget: Budget,
}

/// The event on the desk, and what a script does with it.
#[derive(Default)]
pub(super) struct Desk {
    pub(super) event: EnrichedEvent<'static>,
    /// What the script changed; in its place only if the script ends well.
    pub(super) changes: BTreeMap<Column, String>,
    /// The entities so far.
    pub(super) contexts: Vec<Context>,
    pub(super) is_dropped: bool,
    pub(super) is_erased: bool,
    /// When the batch was taken up.
    pub(super) epoch_millis: i64,
    /// Where the random numbers stand.
    pub(super) chance: u64,
}

impl Host {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self { desk: Mutex::default(), budget: Budget::new() })
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Desk {
    fn read(&self, column: Column) -> Option<String> {
        let text = self.changes.get(&column).map_or_else(|| self.event.get(column), String::as_str);
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn derived(&self) -> Option<String> {
        let texts: Vec<&str> = self.contexts.iter().map(Context::text).collect();
        (!texts.is_empty()).then(|| crate::entities::wrapped(texts.into_iter()))
    }

    /// The next number from 0 to 1, the same for the same event (splitmix64).
    fn random(&mut self) -> f64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.chance;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        let high = u32::try_from(bits >> 32).unwrap_or_default();
        f64::from(high) / 4_294_967_296.0
    }
}

/// The functions, as an object.
pub(super) fn object<'js>(ctx: &Ctx<'js>, host: &Arc<Host>) -> rquickjs::Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    let desk = |host: &Arc<Host>| Arc::clone(host);
    let shared = desk(host);
    let read = move |index: usize| Column::ALL.get(index).and_then(|at| shared.desk().read(*at));
    object.set("read", Function::new(ctx.clone(), read)?)?;
    let shared = desk(host);
    object.set(
        "write",
        Function::new(ctx.clone(), move |index, text| write(&shared, index, text))?,
    )?;
    let shared = desk(host);
    object.set("derived", Function::new(ctx.clone(), move || shared.desk().derived())?)?;
    let shared = desk(host);
    object.set("drop", Function::new(ctx.clone(), move || shared.desk().is_dropped = true)?)?;
    let shared = desk(host);
    object.set("erase", Function::new(ctx.clone(), move || shared.desk().is_erased = true)?)?;
    let shared = desk(host);
    object.set("random", Function::new(ctx.clone(), move || shared.desk().random())?)?;
    let shared = desk(host);
    #[allow(
        clippy::cast_precision_loss,
        reason = "milliseconds of years with four digits are exact"
    )]
    let now = move || shared.desk().epoch_millis as f64;
    object.set("now", Function::new(ctx.clone(), now)?)?;
    Ok(object)
}

/// What puts a price on built-in functions; it stops the script that cannot pay.
pub(super) fn charge<'js>(ctx: &Ctx<'js>, host: &Arc<Host>) -> rquickjs::Result<Function<'js>> {
    let shared = Arc::clone(host);
    Function::new(ctx.clone(), move |ctx: Ctx<'js>, steps: f64| {
        #[allow(clippy::cast_possible_truncation, reason = "what is too much stays too much")]
        if shared.budget.take(steps as i64) {
            return Err(rquickjs::Exception::throw_range(&ctx, "the script takes too long"));
        }
        Ok(())
    })
}

/// The names of the columns and whether they are numbers, in turn.
pub(super) fn columns<'js>(ctx: &Ctx<'js>) -> rquickjs::Result<rquickjs::Array<'js>> {
    let list = rquickjs::Array::new(ctx.clone())?;
    for (index, column) in Column::ALL.into_iter().enumerate() {
        list.set(index * 2, column.name())?;
        list.set(index * 2 + 1, is_number(column))?;
    }
    Ok(list)
}

/// Changes a column; a text is why not.
fn write(host: &Host, index: usize, text: String) -> Option<&'static str> {
    let column = *Column::ALL.get(index)?;
    match accepted(column, text) {
        Ok(text) => {
            host.desk().changes.insert(column, text);
            None
        }
        Err(problem) => Some(problem),
    }
}
