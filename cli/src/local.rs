//! The local pipeline: a front door of its own before the functions that run in AWS.

mod answer;
mod data_dir;
mod downloads;
mod follow;
mod functions;
mod http;
mod indexing;
mod micro;
mod objects;
mod output;
mod page;
mod ping;
mod pipeline;
mod query;
mod reader;
mod refused;
mod routes;
mod server;
mod sinks;
pub(crate) mod space;
mod store;
mod stream;
mod wires;
mod worker;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};

use crate::config::{self, BadConfig, FromFile, LocalOptions, Usage};
use crate::{key, policies, registries};

use data_dir::DataDir;
use follow::Followed;
use functions::{Choices, Functions};
use micro::{Micro, Registries};
use output::{EventLog, Output};
use pipeline::Pipeline;
use reader::Reader;
use routes::Door;
use server::StopSignals;
use worker::{QUEUE_LENGTH, Worker};

/// Why the local pipeline did not start.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The configuration makes no sense.
    Config(BadConfig),
    /// A policy, a key, a registry or rules cannot be used; each line names what is wrong.
    Choices(String),
    /// The data directory cannot be used.
    DataDir {
        /// Which one.
        path: PathBuf,
        /// Why, and the way out.
        problem: String,
    },
    /// The port cannot be had.
    Port {
        /// Which one.
        port: u16,
        /// Why.
        error: std::io::Error,
    },
    /// The system refuses something that every program needs.
    System(std::io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "{error}"),
            Self::Choices(problems) => f.write_str(problems),
            Self::DataDir { path, problem } => {
                write!(f, "the data directory {}: {problem}", path.display())
            }
            Self::Port { port, error } if error.kind() == std::io::ErrorKind::AddrInUse => write!(
                f,
                "port {port} is in use; end the other program or choose another port with --port"
            ),
            Self::Port { port, error } => write!(f, "cannot listen on port {port}: {error}"),
            Self::System(error) => write!(f, "cannot start: {error}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Starts the local pipeline and serves until it is told to stop.
pub(crate) fn run(options: &LocalOptions) -> Result<(), StartError> {
    let file = options.file().map_err(StartError::Config)?;
    for key in &file.without_effect {
        note(&format!("whiteout: the configuration's key {key} has no effect"));
    }
    for about in options.notes.iter().chain(&config::unsupported_variables()) {
        note(&format!("whiteout: {about}"));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(StartError::System)?;
    // Before anything is made that an end at once would leave behind.
    let signals = runtime.block_on(async { StopSignals::listen() }).map_err(StartError::System)?;
    let port = options.port;
    let listen = TcpListener::bind((options.bind, port));
    let listener = runtime.block_on(listen).map_err(|error| StartError::Port { port, error })?;
    let address = listener.local_addr().map_err(StartError::System)?;
    let Opened { door, worker, listeners, data_dir } = open(options, &file, &runtime)?;
    welcome(&address.to_string(), options);
    let serve = server::serve(listener, door, signals);
    let served = runtime.block_on(serve).map_err(StartError::System);
    // Connections that outlived their time still hold the queue; without them it ends.
    drop(runtime);
    // A worker that panicked has said so on stderr.
    worker.join().ok();
    for listener in listeners {
        listener.join().ok();
    }
    // Only now does nobody write into it any more.
    drop(data_dir);
    served
}

/// Says that the pipeline is ready, and what to do next.
fn welcome(address: &str, options: &LocalOptions) {
    note(&format!("whiteout {} started at http://{address}", env!("CARGO_PKG_VERSION")));
    note(&format!("  the page        http://{address}/"));
    note(&format!("  send an event   curl 'http://{address}/i?e=pv&p=web&tv=curl&aid=shop'"));
    note(&format!("  read it back    curl http://{address}/micro/good"));
    match &options.data_dir {
        Some(path) => {
            let path = path.display();
            note(&format!(
                "  ask SQL         whiteout sql --data-dir {path} 'SELECT * FROM gitlab_events'"
            ));
            note(&format!("  state is in     {path}; the policy is {}", options.policy));
        }
        None => note(&format!("  nothing is kept; the policy is {}", options.policy)),
    }
}

/// What runs beside the server.
struct Opened {
    door: Arc<Door>,
    worker: JoinHandle<()>,
    listeners: Vec<JoinHandle<()>>,
    data_dir: Arc<DataDir>,
}

/// Opens the data directory and starts the worker over it.
fn open(options: &LocalOptions, file: &FromFile, runtime: &Runtime) -> Result<Opened, StartError> {
    let config = options.collector(file).map_err(StartError::Config)?;
    let api = options.micro.api().map_err(|Usage(problem)| StartError::Choices(problem))?;
    let data_dir = match &options.data_dir {
        Some(path) => DataDir::open(path)?,
        None => DataDir::ephemeral()?,
    };
    let key_file = match &options.key_file {
        Some(path) => path.clone(),
        None => made_key(&data_dir)?,
    };
    let resolver = registries::resolver_with(config::registry().as_ref(), &options.iglu)
        .map_err(StartError::Choices)?;
    // The functions ask for it with their first event, which is too late to tell anybody.
    policies::keys(&key_file).map_err(|error| StartError::Choices(error.to_string()))?;
    let choices = Choices {
        policy: options.policy.clone(),
        key_file: key_file.clone(),
        resolver: resolver.clone(),
        classifier_schemas: options.iglu.clone(),
        enrichments: options.enrichments.clone(),
        enricher: file.enricher.clone(),
    };
    let functions = Functions::new(&choices, runtime).map_err(StartError::Choices)?;
    let policy = page::InUse::read(&options.policy).map_err(StartError::Choices)?;
    let db = data_dir.writer()?;
    let objects = data_dir.objects();
    let swept = objects.sweep(|key| store::has_object(&db, key).unwrap_or(true));
    swept.map_err(|error| StartError::DataDir {
        path: data_dir.path().to_path_buf(),
        problem: error.to_string(),
    })?;
    let unreadable = |error: rusqlite::Error| StartError::System(std::io::Error::other(error));
    let behind = follow::last_event(&db).map_err(unreadable)?;
    let batching = options.batching_seconds.map(|seconds| i64::from(seconds) * 1_000);
    let pipeline = Pipeline::new(functions, db, objects, batching);
    let (queue, queued) = mpsc::channel(QUEUE_LENGTH);
    let (changed, watched) = watch::channel(0);
    let worker = Worker::new(pipeline, queued, changed).map_err(StartError::System)?;
    let worker = std::thread::Builder::new()
        .name("pipeline".to_owned())
        .spawn(move || worker.run())
        .map_err(StartError::System)?;
    let data_dir = Arc::new(data_dir);
    let reader = Reader::new(Arc::clone(&data_dir));
    let followed = Followed { reader: reader.clone(), changed: watched.clone(), behind };
    let listeners = listeners(options, &followed).map_err(StartError::System)?;
    let registries = Arc::new(Registries::new(resolver));
    let micro = Micro { api, is_shown: !options.micro.hides_events, registries };
    let spaces = Mutex::new(BTreeMap::new());
    let policy = Arc::new(policy);
    let door = Door { config, micro, key_file, policy, queue, changed: watched, reader, spaces };
    Ok(Opened { door: Arc::new(door), worker, listeners, data_dir })
}

/// Starts whoever wants to be told of events as they come.
fn listeners(options: &LocalOptions, followed: &Followed) -> std::io::Result<Vec<JoinHandle<()>>> {
    let mut listeners = Vec::new();
    if let Some(format) = options.micro.output {
        let output = Output::new(format, options.micro.destination.as_deref());
        listeners.push(followed.clone().tell(output)?);
    }
    if options.micro.logs_events {
        listeners.push(followed.clone().tell(EventLog)?);
    }
    Ok(listeners)
}

/// The key of the data directory, made when it is needed first.
fn made_key(data_dir: &DataDir) -> Result<PathBuf, StartError> {
    let path = data_dir.path().join("key");
    if !path.exists() {
        key::new(Some(&path)).map_err(|error| StartError::Choices(error.to_string()))?;
    }
    Ok(path)
}

#[allow(clippy::print_stderr, reason = "a server on a laptop talks to whoever started it")]
fn note(line: &str) {
    eprintln!("{line}");
}
