//! Snowplow's JavaScript enrichment: a function of the operator's that sees and changes every event.

mod columns;
mod engine;
mod host;
mod limits;

use std::sync::{Mutex, PoisonError};

use enriched_event::{Column, EnrichedEvent};
use iglu::SelfDescribing;
use json_tree::Json;
use tracker_protocol::convert::{Timestamp, base64url};

use self::engine::{Engine, Failure, Program};
use self::host::Desk;
use self::limits::RESULT_DEPTH_MAX;
use super::assets::Assets;
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work};

/// A script and the engine that runs it, one event at a time.
pub(crate) struct Script {
    program: Program,
    engine: Mutex<Option<Engine>>,
}

impl Enrichment for Script {
    const IDENTIFIER: &'static str = "Javascript enrichment";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let source = base64url(parameters.text("script").unwrap_or_default());
        let config = parameters.object("config").json().map(Json::to_text);
        Self::new(source, config.unwrap_or_else(|| "{}".to_owned()))
            .map_err(|problem| vec![format!("$.data.parameters.script: {problem}")])
    }

    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let headers: Vec<&str> = facts.headers().collect();
        let event = std::mem::take(work.event).into_owned();
        let (result, mut desk) = self.run(desk(event, work.contexts.clone()), &headers);
        let changes = std::mem::take(&mut desk.changes);
        *work.event = desk.event;
        let contexts = result.and_then(|json| contexts_of(&json)).map_err(Fault::simple)?;
        for (column, text) in changes {
            let is_new = work.event.get(column) != text;
            work.rewritten.contexts |= is_new && column == Column::Contexts;
            work.rewritten.unstruct |= is_new && column == Column::UnstructEvent;
            work.event.set(column, text);
        }
        work.is_dropped |= desk.is_dropped;
        if desk.is_erased {
            work.contexts.clear();
        }
        Ok(contexts)
    }
}

impl Script {
    fn new(source: String, parameters: String) -> Result<Self, String> {
        if source.trim().is_empty() {
            return Err("it is empty".to_owned());
        }
        if has_big_integer(&source) {
            return Err("big integers (`1n`) are not available, also not in a text".to_owned());
        }
        let program = Program { source, parameters };
        let engine = Mutex::new(Some(Engine::new(&program)?));
        Ok(Self { program, engine })
    }

    /// Runs the script, and if it took too much once more in a new engine: what it kept of other
    /// events is not this one's fault.
    fn run(&self, mut desk: Desk, headers: &[&str]) -> (Result<String, String>, Desk) {
        let mut place = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut engine = match place.take().map_or_else(|| Engine::new(&self.program), Ok) {
                Ok(engine) => engine,
                Err(problem) => return (Err(execution(&problem)), desk),
            };
            let was_fresh = engine.is_fresh;
            let (result, used) = engine.run(desk, headers);
            match result {
                Ok(json) => {
                    *place = Some(engine);
                    return (Ok(json), used);
                }
                Err(Failure::Thrown(text)) => {
                    *place = Some(engine);
                    return (Err(execution(&text)), used);
                }
                Err(Failure::Exceeded(limit)) if was_fresh => return (Err(execution(limit)), used),
                Err(Failure::Exceeded(_)) => desk = self::desk(used.event, used.contexts),
            }
        }
    }
}

/// The event with what is the same whenever it is processed: the time of its batch, and its chance.
fn desk(event: EnrichedEvent<'static>, contexts: Vec<Context>) -> Desk {
    let epoch_millis = Timestamp::from_column(event.get(Column::EtlTstamp));
    let epoch_millis = epoch_millis.map_or(0, |at| at.epoch_millis);
    // FNV-1a: short, and no two ids of a batch meet.
    let chance = event.get(Column::EventId).bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    Desk { event, contexts, epoch_millis, chance, ..Desk::default() }
}

fn execution(problem: &str) -> String {
    format!("Error during execution of JavaScript function: [{problem}]")
}

/// The entities that a script gives, or what is wrong with them.
fn contexts_of(text: &str) -> Result<Vec<Context>, String> {
    let json = Json::parse(text, RESULT_DEPTH_MAX).map_err(|error| {
        format!("Could not parse output JSON of Javascript function. Error: [{}]", error.message())
    })?;
    let Some(list) = json.as_array() else {
        return Err(format!(
            "Output of JavaScript function [{text}] could be parsed as JSON but is not read as an array"
        ));
    };
    let (mut contexts, mut wrong) = (Vec::new(), Vec::new());
    for entity in list {
        match SelfDescribing::of(entity) {
            Ok(SelfDescribing { key, data }) => {
                contexts.push(Context::new(key, data.clone().into_owned()));
            }
            Err(error) => {
                wrong.push(format!("error code:[{}],json:[{}]", error.code(), entity.to_text()));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(contexts);
    }
    let wrong = wrong.join(";");
    Err(format!("Resulting contexts are not self-describing. Error(s): [{wrong}]"))
}

/// Whether something in it looks like `1n`: such numbers take longer than any limit can see.
fn has_big_integer(source: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'\\');
    source.as_bytes().split(|byte| !is_of_word(*byte)).any(|word| {
        let [first, .., b'n'] = word else { return false };
        first.is_ascii_digit()
    })
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
