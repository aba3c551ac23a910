//! The local pipeline: a front door of its own before the functions that run in AWS.

mod http;
mod routes;
mod server;

use std::fmt;
use std::sync::Arc;

use collector::Collector;
use function_env::Log;
use record_sink::MemorySink;
use tokio::net::TcpListener;

use crate::config::{BadConfig, LocalOptions};

/// What a stream holds in memory; the oldest records go first.
const STREAM_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why the local pipeline did not start.
#[derive(Debug)]
pub(crate) enum StartError {
    /// The configuration makes no sense.
    Config(BadConfig),
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

/// The functions and the streams between them.
pub(crate) struct Pipeline {
    pub(crate) collector: Collector<MemorySink>,
}

/// Starts the local pipeline and serves until it is told to stop.
pub(crate) fn run(options: &LocalOptions) -> Result<(), StartError> {
    let (config, unknown) = options.collector().map_err(StartError::Config)?;
    for key in unknown {
        note(&format!("whiteout: the configuration's key {key} is unknown and has no effect"));
    }
    for option in &options.without_effect {
        note(&format!("whiteout: {option} is for a stage that is not there yet and has no effect"));
    }
    let stream = || MemorySink::new(STREAM_BYTES_MAX);
    let collector = Collector::new(config, Log::silent("collector"), stream(), stream());
    let pipeline = Arc::new(Pipeline { collector });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(StartError::System)?;
    runtime.block_on(async {
        let port = options.port;
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(|error| StartError::Port { port, error })?;
        let address = listener.local_addr().map_err(StartError::System)?;
        note(&format!("whiteout {} started at http://{address}", env!("CARGO_PKG_VERSION")));
        note(&format!("  send an event   curl 'http://{address}/i?e=pv&p=web&tv=curl'"));
        note(&format!("  read it back    curl http://{address}/whiteout/streams/raw-good"));
        server::serve(listener, pipeline).await.map_err(StartError::System)
    })
}

#[allow(clippy::print_stderr, reason = "a server on a laptop talks to whoever started it")]
fn note(line: &str) {
    eprintln!("{line}");
}
