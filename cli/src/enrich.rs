//! `whiteout enrich`: collector payloads on standard input, enriched and bad events on standard output.

mod input;

pub(crate) use input::{payload, payload_json};

use std::fmt;
use std::io::{BufRead as _, Write};
use std::time::{Duration, Instant};

use enriched_event::EnrichedEvent;
use enricher::enrichments::AssetStore;
use enricher::schemas::{Loader as _, Outage};
use enricher::{Batch, Enrichments, Outcome, Progress, Registry, Rest, Settings, outcomes};
use json_tree::Json;

use crate::assets;
use crate::config::EnrichOptions;
use crate::network::Network;
use crate::registries;

/// Memory that the outcomes of one payload take before they are printed.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// A command has no deadline of its own; nothing local takes that long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why the command ended early.
#[derive(Debug)]
pub(crate) enum EnrichError {
    /// Something that an option names cannot be used.
    Option(String),
    /// A line of the input is none; holds its number, from 1, and what is wrong.
    Line(usize, String),
    /// A schema registry does not answer.
    Outage(String),
    /// Reading or writing failed.
    Io(std::io::Error),
}

impl fmt::Display for EnrichError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(problem) => f.write_str(problem),
            Self::Line(number, problem) => write!(f, "standard input, line {number}: {problem}"),
            Self::Outage(reason) => write!(f, "schemas cannot be loaded: {reason}"),
            Self::Io(error) => write!(f, "standard input or output: {error}"),
        }
    }
}

impl std::error::Error for EnrichError {}

impl From<std::io::Error> for EnrichError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Enriches every line of standard input.
pub(crate) fn run(options: &EnrichOptions) -> Result<(), EnrichError> {
    let resolver = registries::resolver(&options.iglu).map_err(EnrichError::Option)?;
    let registry = Registry::new(resolver, Network::new());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let store = assets::store();
    let enrichments = match &options.enrichments {
        Some(folder) => runtime.block_on(assets::enrichments(folder, &store)),
        None => Ok(Enrichments::default()),
    };
    let enrichments = enrichments.map_err(EnrichError::Option)?;
    let core = Core { registry, enrichments, store };
    let (mut out, mut bad) = (std::io::stdout().lock(), std::io::stderr().lock());
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let line = line?;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let payload = payload(&line, options.is_thrift)
            .map_err(|problem| EnrichError::Line(number + 1, problem))?;
        runtime.block_on(each_outcome(&core, &payload, |outcome| {
            if options.as_tsv {
                write_tsv(&mut out, &mut bad, outcome)
            } else {
                write_json(&mut out, outcome)
            }
        }))?;
    }
    out.flush()?;
    Ok(())
}

/// What every payload is enriched with.
struct Core<A> {
    registry: Registry<Network>,
    enrichments: Enrichments,
    store: A,
}

/// Makes the outcomes of a payload, loading schemas as they are needed.
async fn each_outcome<A: AssetStore>(
    Core { registry, enrichments, store }: &Core<A>,
    payload: &[u8],
    mut write: impl FnMut(&Outcome) -> std::io::Result<()>,
) -> Result<(), EnrichError> {
    let settings = Settings::default();
    #[allow(clippy::disallowed_methods, reason = "the command is the edge where time comes in")]
    let epoch_micros = function_env::epoch_micros();
    registry.begin(epoch_micros.div_euclid(1_000));
    let batch = Batch { settings: &settings, schemas: registry, enrichments, epoch_micros };
    let mut from = 0;
    loop {
        let Progress { outcomes, rest } = outcomes(&batch, payload, from, CHUNK_BYTES);
        outcomes.iter().try_for_each(&mut write)?;
        match rest {
            Rest::Done => return Ok(()),
            Rest::From(next) => from = next,
            Rest::NeedsSchemas(next) => {
                from = next;
                let deadline = Instant::now() + PATIENCE;
                let outage = |outage: Outage| EnrichError::Outage(outage.0);
                let has_schemas = registry.load(deadline).await.map_err(outage)?;
                let has_rates = enrichments.load(store, deadline).await.map_err(outage)?;
                if !has_schemas && !has_rates {
                    return Err(EnrichError::Outage("a schema could not be asked for".to_owned()));
                }
            }
        }
    }
}

fn write_tsv(out: &mut impl Write, bad: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    let (stream, line): (&mut dyn Write, &[u8]) = match outcome {
        Outcome::Good(row) => (out, &row.tsv),
        Outcome::Bad { bad_event, .. } => (bad, bad_event),
        Outcome::Dropped => return Ok(()),
    };
    stream.write_all(line)?;
    stream.write_all(b"\n")
}

fn write_json(out: &mut impl Write, outcome: &Outcome) -> std::io::Result<()> {
    match outcome {
        Outcome::Bad { bad_event, .. } => {
            out.write_all(b"{\"bad\":")?;
            out.write_all(bad_event)?;
            out.write_all(b"}\n")
        }
        Outcome::Good(row) => {
            let line = str::from_utf8(&row.tsv).map_err(std::io::Error::other)?;
            let event = EnrichedEvent::parse_tsv(line).map_err(std::io::Error::other)?;
            let filled = event.iter().filter(|(_, text)| !text.is_empty());
            let columns = filled.map(|(column, text)| (column.name(), Json::text(text)));
            let good = Json::object([("good", Json::object(columns))]);
            writeln!(out, "{}", good.to_text())
        }
        Outcome::Dropped => Ok(()),
    }
}
