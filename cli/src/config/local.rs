//! The options of `whiteout local`, the collector's variables and its configuration file.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use collector::config::{Config, VARIABLES};
use function_env::Variables;
use lexopt::prelude::{Long, Short, Value, ValueExt};

use super::file::{self, FromFile, property};
use super::micro::{EventFormat, MicroOptions, Mounts, refused};
use super::{Command, Usage};

const PORT: u16 = 9090;
/// Where state is kept if nobody says otherwise, in the current folder.
const DATA_DIR: &str = "whiteout-data";
/// What is said of an option of Micro's.
const YAUAA: &str = "--yauaa has no effect: nothing is kept in memory for user agents unless an \
                     enrichment is configured";
/// The policy if nobody says otherwise.
const POLICY: &str = "gitlab";
/// The longest time that batching may hold a delivery back, in seconds: as Firehose has it.
const BATCHING_SECONDS_MAX: u32 = 900;

/// The options of `whiteout local`.
#[derive(Debug)]
pub(crate) struct LocalOptions {
    /// The address that is listened on; a container's must be one that others reach.
    pub(crate) bind: IpAddr,
    pub(crate) port: u16,
    /// Where state is kept; nowhere for a pipeline that keeps nothing.
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) iglu: Vec<PathBuf>,
    /// A policy that comes with the command, or a file.
    pub(crate) policy: String,
    pub(crate) key_file: Option<PathBuf>,
    /// How long deliveries wait for more, in seconds; they do not unless it is said.
    pub(crate) batching_seconds: Option<u32>,
    /// The folder of enrichments.
    pub(crate) enrichments: Option<PathBuf>,
    pub(crate) micro: MicroOptions,
    collector_config: Option<PathBuf>,
    /// Keys of the configuration file that are given on the command line.
    properties: Vec<(String, String)>,
    settings: Vec<(String, String)>,
    /// What the user is told of options that mean nothing here.
    pub(crate) notes: Vec<String>,
}

/// The configuration makes no sense.
#[derive(Debug)]
pub(crate) struct BadConfig(pub(super) String);

impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadConfig {}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            bind: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: PORT,
            data_dir: Some(DATA_DIR.into()),
            iglu: Vec::new(),
            policy: POLICY.to_owned(),
            key_file: None,
            batching_seconds: None,
            enrichments: None,
            micro: MicroOptions::default(),
            collector_config: None,
            properties: Vec::new(),
            settings: Vec::new(),
            notes: Vec::new(),
        }
    }
}

impl LocalOptions {
    pub(super) fn parse(args: &mut lexopt::Parser) -> Result<Command, Usage> {
        let mut options = Self::default();
        let mut is_ephemeral = false;
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("port") => {
                    let text = args.value()?.string()?;
                    options.port = text.parse().map_err(|_| {
                        Usage(format!("--port {text:?} is no port from 0 to 65535"))
                    })?;
                }
                Long("bind") => {
                    let text = args.value()?.string()?;
                    options.bind = text.parse().map_err(|_| {
                        Usage(format!("--bind {text:?} is no IP address such as 0.0.0.0"))
                    })?;
                }
                Long("ephemeral") => is_ephemeral = true,
                Long("data-dir") => options.data_dir = Some(args.value()?.into()),
                Long("iglu") | Short('i') => options.iglu.push(args.value()?.into()),
                Long("policy") => options.policy = args.value()?.string()?,
                Long("key-file") => options.key_file = Some(args.value()?.into()),
                Long("batching") => options.batching_seconds = Some(seconds(args)?),
                Long("enrichments") => options.enrichments = Some(args.value()?.into()),
                Long("collector-config" | "config") | Short('c') => {
                    options.collector_config = Some(args.value()?.into());
                }
                Short('D') => options.properties.push(property(&args.value()?.string()?)?),
                Long("micro-api") => options.micro.set_api(&args.value()?.string()?)?,
                Long("output-tsv") | Short('t') => options.micro.set_output(EventFormat::Tsv)?,
                Long("output-json") | Short('j') => options.micro.set_output(EventFormat::Json)?,
                Long("destination") | Short('d') => {
                    options.micro.destination = Some(args.value()?.string()?);
                }
                Long("no-storage") => options.micro.hides_events = true,
                Long("log-events") => options.micro.logs_events = true,
                Long("yauaa") => options.notes.push(YAUAA.to_owned()),
                Long("storage") | Short('s') => return Err(refused("storage")),
                Long("auth") | Short('a') => return Err(refused("auth")),
                Long("set") => options.settings.push(setting(&args.value()?.string()?)?),
                other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected().into()),
            }
        }
        options.micro.check()?;
        let mounts = Mounts::of_system();
        options.enrichments = options.enrichments.or(mounts.enrichments);
        options.iglu.extend(mounts.iglu);
        if is_ephemeral || options.micro.hides_events {
            options.data_dir = None;
        }
        Ok(Command::Local(options))
    }

    /// What the configuration file says, and the keys that are given over it.
    pub(crate) fn file(&self) -> Result<FromFile, BadConfig> {
        file::read(self.collector_config.as_deref(), &self.properties)
    }

    /// The collector's configuration: defaults, then the file, the environment, the flags.
    pub(crate) fn collector(&self, file: &FromFile) -> Result<Config, BadConfig> {
        let mut variables = file.collector.variables.clone();
        let process = Variables::from_process();
        for row in VARIABLES {
            if let Some(value) = process.get(row.name) {
                variables.set(row.name, value);
            }
        }
        for (name, value) in &self.settings {
            variables.set(name, value);
        }
        for (name, stream) in [("STREAM_GOOD", "raw-good"), ("STREAM_BAD", "raw-bad")] {
            if variables.get(name).is_none() {
                variables.set(name, stream);
            }
        }
        Config::from_variables(&variables).map_err(|error| BadConfig(error.to_string()))
    }
}

fn seconds(args: &mut lexopt::Parser) -> Result<u32, Usage> {
    let text = args.value()?.string()?;
    let seconds = text.parse().ok().filter(|seconds| *seconds <= BATCHING_SECONDS_MAX);
    seconds.ok_or_else(|| {
        Usage(format!("--batching {text:?} is no number of seconds up to {BATCHING_SECONDS_MAX}"))
    })
}

fn setting(text: &str) -> Result<(String, String), Usage> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| Usage(format!("--set {text:?} is not VARIABLE=VALUE")))?;
    if !VARIABLES.iter().any(|row| row.name == name) {
        return Err(Usage(format!("--set {name}: the collector has no such variable")));
    }
    Ok((name.to_owned(), value.to_owned()))
}
