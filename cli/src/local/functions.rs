//! The functions of the pipeline as Lambda has them, each with sinks that keep what it writes.

use std::future::{Ready, ready};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bad_event_classifier::{Classifier, Function};
use collector::Collector;
use enricher::enrichments::Live;
use enricher::{Enricher, Registry};
use function_env::{Log, Variables};
use object_notifier::Notifier;
use pseudonymizer::keys::Secret;
use pseudonymizer::{Keys, Origin, Origins, Pseudonymizer};
use record_sink::{Record, RecordSink as _, WriteReport};
use service_ping::ServicePing;
use tokio::runtime::Runtime;

use super::sinks::{Gathered, Queued};
use crate::assets::{self, Store};
use crate::network::Network;

/// What a function is given to end in; nothing local takes that long.
pub(super) const PATIENCE: Duration = Duration::from_mins(1);

/// Where each object goes: to the pipe that loads it, or to none, as in the template.
const ROUTES: &str = r#"{"output/":["events"],"enriched_bad_event/":["bad-events"],"bad_event/":[],
    "bad_event_class/":["classes"],"service_ping/":["service-pings"]}"#;

/// Keys come from a file, so there is no service to ask.
type NoService = fn(Instant) -> Ready<Result<Secret, String>>;

/// What the functions are made of.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    /// A policy that comes with the command, or a file.
    pub(super) policy: String,
    pub(super) key_file: PathBuf,
    pub(super) resolver: iglu::Resolver,
    pub(super) classifier_schemas: Vec<PathBuf>,
    /// The folder of enrichments.
    pub(super) enrichments: Option<PathBuf>,
    /// Variables of the enricher that a configuration file sets.
    pub(super) enricher: Vec<(&'static str, String)>,
}

/// The functions behind the collector.
pub(super) struct Functions {
    pub(super) enricher: Enricher<Gathered, Registry<Network>, Store>,
    pub(super) good: Gathered,
    pub(super) bad: Gathered,
    pub(super) failed: Gathered,
    pub(super) pseudonymizer: Pseudonymizer<NoService, PutBack>,
    pub(super) put_back: Gathered,
    pub(super) classifier: Function<Gathered>,
    pub(super) classes: Gathered,
    pub(super) notifier: Notifier<Gathered>,
    pub(super) messages: Gathered,
}

/// Keeps records that did not fit into an answer, for the stream that they came from.
#[derive(Debug)]
pub(super) struct PutBack(Gathered);

impl Origins for PutBack {
    async fn put_back(
        &self,
        _origin: Origin<'_>,
        records: Vec<Record>,
        deadline: Instant,
    ) -> WriteReport {
        self.0.write(records, deadline).await
    }
}

/// Why the functions did not start; each line names what is wrong.
pub(super) type Problems = String;

impl Functions {
    pub(super) fn new(choices: &Choices, runtime: &Runtime) -> Result<Self, Problems> {
        let [good, bad, failed, put_back, classes, messages] =
            std::array::from_fn(|_| Gathered::default());
        let sinks =
            enricher::Sinks { good: good.clone(), bad: bad.clone(), failed: Some(failed.clone()) };
        let enricher = enricher(choices, sinks, runtime)?;
        let pseudonymizer = pseudonymizer(choices, put_back.clone())?;
        let classifier = classifier(choices, classes.clone())?;
        let notifier = notifier(&messages)?;
        Ok(Self {
            enricher,
            good,
            bad,
            failed,
            pseudonymizer,
            put_back,
            classifier,
            classes,
            notifier,
            messages,
        })
    }
}

fn enricher(
    choices: &Choices,
    sinks: enricher::Sinks<Gathered>,
    runtime: &Runtime,
) -> Result<Enricher<Gathered, Registry<Network>, Store>, Problems> {
    let mut variables = Variables::from([
        ("STREAM_GOOD", "enriched-good"),
        ("STREAM_BAD", "enriched-bad"),
        ("STREAM_FAILED", "enriched-failed"),
    ]);
    for (name, value) in &choices.enricher {
        variables.set(*name, value);
    }
    if let Some(folder) = &choices.enrichments {
        let folder = folder.to_str().ok_or("--enrichments: the path is not UTF-8")?;
        variables.set("ENRICHMENTS", folder);
    }
    let config = enricher::Config::from_variables(&variables).map_err(|error| error.to_string())?;
    let registry = Registry::new(choices.resolver.clone(), Network::new());
    let live = runtime.block_on(Live::start(&config.enrichments, assets::store()));
    let live = live.map_err(|problems| format!("--enrichments: {problems}"))?;
    let log = Log::silent("enricher");
    Ok(Enricher::new(config, log, registry, sinks).with_enrichments(live))
}

fn pseudonymizer(
    choices: &Choices,
    put_back: Gathered,
) -> Result<Pseudonymizer<NoService, PutBack>, Problems> {
    let mut variables = Variables::from([
        ("ENRICHED_GOOD_STREAMS", "enriched-good"),
        ("ENRICHED_BAD_STREAMS", "enriched-bad"),
        ("RAW_BAD_STREAMS", "raw-bad"),
        ("POLICY", choices.policy.as_str()),
    ]);
    variables.set("KEY_SOURCE", key_source(&choices.key_file));
    let config = pseudonymizer::Config::from_variables(&variables);
    let config = config.map_err(|error| error.to_string())?;
    let keys = Keys::new(&config.key_source, config.key_ttl, no_service as NoService);
    let log = Log::silent("pseudonymizer");
    let edges = pseudonymizer::Edges { log, emit: drop_line, origins: PutBack(put_back) };
    Ok(Pseudonymizer::new(config, keys, edges))
}

fn classifier(choices: &Choices, sink: Gathered) -> Result<Function<Gathered>, Problems> {
    let rules = bad_event_classifier::Rules::built_in();
    let schemas = crate::classify::schemas(&choices.classifier_schemas);
    let schemas = schemas.map_err(|error| error.to_string())?;
    let log = Log::silent("bad-event-classifier");
    let edges = bad_event_classifier::Edges { sink, log, emit: drop_line };
    Ok(Function::new(Classifier::new(rules, schemas), edges))
}

fn notifier(messages: &Gathered) -> Result<Notifier<Gathered>, Problems> {
    let variables = Variables::from([("ROUTES", ROUTES)]);
    let config = object_notifier::Config::from_variables(&variables);
    let config = config.map_err(|error| error.to_string())?;
    let sinks = vec![messages.clone(); config.routes.targets().len()];
    Ok(Notifier::new(config, Log::silent("object-notifier"), sinks))
}

/// A collector whose records go to the queue.
pub(super) fn collector(config: &collector::Config, [good, bad]: [Queued; 2]) -> Collector<Queued> {
    Collector::new(config.clone(), Log::silent("collector"), good, bad)
}

/// The Service Ping function, which writes to the queue.
pub(super) type Pings = ServicePing<NoService, Queued>;

/// The function that takes Service Pings.
pub(super) fn pings(key_file: &Path, sink: impl Fn(&str) -> Queued) -> Result<Pings, Problems> {
    let mut variables = Variables::from([
        ("STREAM_USAGE_DATA", "usage_data"),
        ("STREAM_METADATA", "metadata"),
        ("STREAM_ERRORS", "errors"),
    ]);
    variables.set("KEY_SOURCE", key_source(key_file));
    let config = service_ping::Config::from_variables(&variables);
    let config = config.map_err(|error| error.to_string())?;
    let keys = Keys::new(&config.key_source, config.key_ttl, no_service as NoService);
    let sinks = service_ping::Sinks::of(&config, sink);
    Ok(ServicePing::new(config, keys, Log::silent("service-ping"), sinks))
}

fn key_source(key_file: &Path) -> String {
    format!("file:{}", key_file.display())
}

fn no_service(_until: Instant) -> Ready<Result<Secret, String>> {
    ready(Err("keys come from a file".to_owned()))
}

/// Metrics are for CloudWatch; the page counts for itself.
fn drop_line(_line: &str) {}
