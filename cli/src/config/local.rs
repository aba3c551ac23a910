//! The options of `whiteout local`, the collector's variables and its configuration file.

use std::fmt;
use std::path::{Path, PathBuf};

use collector::config::{Config, FromKeys, VARIABLES, variables_from_keys};
use function_env::Variables;
use lexopt::prelude::{Long, Short, Value, ValueExt};

use super::{Command, Usage};

const PORT: u16 = 9090;
/// Where state is kept if nobody says otherwise, in the current folder.
const DATA_DIR: &str = "whiteout-data";
/// The policy if nobody says otherwise.
const POLICY: &str = "gitlab";
/// The longest time that batching may hold a delivery back, in seconds: as Firehose has it.
const BATCHING_SECONDS_MAX: u32 = 900;

/// The options of `whiteout local`.
#[derive(Debug)]
pub(crate) struct LocalOptions {
    pub(crate) port: u16,
    /// Where state is kept; nowhere for a pipeline that keeps nothing.
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) iglu: Vec<PathBuf>,
    /// A policy that comes with the command, or a file.
    pub(crate) policy: String,
    pub(crate) key_file: Option<PathBuf>,
    /// How long deliveries wait for more, in seconds; they do not unless it is said.
    pub(crate) batching_seconds: Option<u32>,
    collector_config: Option<PathBuf>,
    settings: Vec<(String, String)>,
    /// Options of stages that are not there yet; a script may name them all the same.
    pub(crate) without_effect: Vec<String>,
}

/// The configuration makes no sense.
#[derive(Debug)]
pub(crate) struct BadConfig(String);

impl fmt::Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadConfig {}

impl Default for LocalOptions {
    fn default() -> Self {
        Self {
            port: PORT,
            data_dir: Some(DATA_DIR.into()),
            iglu: Vec::new(),
            policy: POLICY.to_owned(),
            key_file: None,
            batching_seconds: None,
            collector_config: None,
            settings: Vec::new(),
            without_effect: Vec::new(),
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
                Long("ephemeral") => is_ephemeral = true,
                Long("data-dir") => options.data_dir = Some(args.value()?.into()),
                Long("iglu") | Short('i') => options.iglu.push(args.value()?.into()),
                Long("policy") => options.policy = args.value()?.string()?,
                Long("key-file") => options.key_file = Some(args.value()?.into()),
                Long("batching") => options.batching_seconds = Some(seconds(args)?),
                Long("enrichments") => {
                    options.without_effect.push("--enrichments".to_owned());
                    args.value()?;
                }
                Long("collector-config" | "config") | Short('c') => {
                    options.collector_config = Some(args.value()?.into());
                }
                Long("set") => options.settings.push(setting(&args.value()?.string()?)?),
                other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected().into()),
            }
        }
        if is_ephemeral {
            options.data_dir = None;
        }
        Ok(Command::Local(options))
    }

    /// The collector's configuration: defaults, then the file, the environment, the flags.
    pub(crate) fn collector(&self) -> Result<(Config, Vec<String>), BadConfig> {
        let FromKeys { mut variables, unknown } = match &self.collector_config {
            Some(path) => keys_of(path)?,
            None => FromKeys::default(),
        };
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
        match Config::from_variables(&variables) {
            Ok(config) => Ok((config, unknown)),
            Err(error) => Err(BadConfig(error.to_string())),
        }
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

fn keys_of(path: &Path) -> Result<FromKeys, BadConfig> {
    let complain = |problem: String| BadConfig(format!("{}: {problem}", path.display()));
    let file = hocon::parse_file(path).map_err(|error| complain(error.to_string()))?;
    let tree: serde_json::Value =
        file.deserialize().map_err(|error| complain(error.to_string()))?;
    Ok(variables_from_keys(&tree))
}
