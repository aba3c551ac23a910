//! The command line, the environment and the configuration file, read once.

mod classify;
mod cost;
mod file;
mod help;
mod local;
mod micro;
mod privacy;
mod recover;
mod sql;

use std::path::PathBuf;

pub(crate) use self::classify::ClassifyOptions;
pub(crate) use self::cost::CostOptions;
pub(crate) use self::file::FromFile;
pub(crate) use self::help::HELP;
pub(crate) use self::local::{BadConfig, LocalOptions};
pub(crate) use self::micro::{EventFormat, MicroApi, registry, unsupported_variables};
pub(crate) use self::privacy::{
    DiffOptions, ExplainOptions, Format, KeyOptions, LintOptions, PseudonymizeOptions,
};
pub(crate) use self::recover::RecoverOptions;
pub(crate) use self::sql::{ExportOptions, FileFormat, RowFormat, SqlOptions};
use crate::pull::PullOptions;
use lexopt::prelude::{Long, Short, Value, ValueExt};

/// What the user wants.
#[derive(Debug)]
pub(crate) enum Command {
    /// An explanation.
    Help,
    /// The version.
    Version,
    /// The enricher over standard input.
    Enrich(EnrichOptions),
    /// A look at a registry's folder.
    IgluLint(PathBuf),
    /// A mirror of registries.
    IgluPull(PullOptions),
    /// The local pipeline.
    Local(LocalOptions),
    /// What may be seen of the lines on standard input.
    Pseudonymize(PseudonymizeOptions),
    /// A look at a policy.
    PolicyLint(LintOptions),
    /// What a change to a policy means.
    PolicyDiff(DiffOptions),
    /// What a policy does to each value of the events on standard input.
    PolicyExplain(ExplainOptions),
    /// A new key, or a look at keys.
    Key(KeyOptions),
    /// What the bad events on standard input are.
    Classify(ClassifyOptions),
    /// A query to the warehouse.
    Sql(SqlOptions),
    /// What a query finds, as a file.
    Export(ExportOptions),
    /// What a month costs.
    Cost(CostOptions),
    /// The payloads of the bad events on standard input.
    Recover(RecoverOptions),
}

/// The options of `whiteout enrich`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct EnrichOptions {
    pub(crate) is_thrift: bool,
    pub(crate) as_tsv: bool,
    pub(crate) iglu: Vec<PathBuf>,
    pub(crate) enrichments: Option<PathBuf>,
}

/// The command line makes no sense.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Usage(pub(crate) String);

impl From<lexopt::Error> for Usage {
    fn from(error: lexopt::Error) -> Self {
        Self(error.to_string())
    }
}

impl Command {
    /// Reads the process's command line.
    pub(crate) fn from_process() -> Result<Self, Usage> {
        Self::parse(lexopt::Parser::from_env())
    }

    fn parse(mut args: lexopt::Parser) -> Result<Self, Usage> {
        match args.next()? {
            None | Some(Long("help") | Short('h')) => Ok(Self::Help),
            Some(Long("version")) => Ok(Self::Version),
            Some(Value(name)) if name == "local" => LocalOptions::parse(&mut args),
            Some(Value(name)) if name == "enrich" => EnrichOptions::parse(&mut args),
            Some(Value(name)) if name == "iglu" => iglu_command(&mut args),
            Some(Value(name)) if name == "pseudonymize" => PseudonymizeOptions::parse(&mut args),
            Some(Value(name)) if name == "policy" => privacy::policy_command(&mut args),
            Some(Value(name)) if name == "key" => KeyOptions::parse(&mut args),
            Some(Value(name)) if name == "classify" => ClassifyOptions::parse(&mut args),
            Some(Value(name)) if name == "sql" => SqlOptions::parse(&mut args),
            Some(Value(name)) if name == "export" => ExportOptions::parse(&mut args),
            Some(Value(name)) if name == "cost" => CostOptions::parse(&mut args),
            Some(Value(name)) if name == "recover" => RecoverOptions::parse(&mut args),
            Some(Value(name)) => {
                Err(Usage(format!("there is no command {}", name.to_string_lossy())))
            }
            Some(other) => Err(other.unexpected().into()),
        }
    }
}

fn iglu_command(args: &mut lexopt::Parser) -> Result<Command, Usage> {
    let words: Vec<_> = args.raw_args()?.collect();
    match words.as_slice() {
        [verb, folder] if verb == "lint" => Ok(Command::IgluLint(folder.into())),
        [help] if help == "--help" || help == "-h" => Ok(Command::Help),
        [verb, resolver, folder, uris @ ..] if verb == "pull" => {
            let uris = uris.iter().map(|uri| uri.to_string_lossy().into_owned()).collect();
            let (resolver, folder) = (resolver.into(), folder.into());
            Ok(Command::IgluPull(PullOptions { resolver, folder, uris }))
        }
        _ => Err(Usage(
            "iglu is used as: whiteout iglu lint DIR, or whiteout iglu pull RESOLVER DIR [URI...]"
                .to_owned(),
        )),
    }
}

impl EnrichOptions {
    fn parse(args: &mut lexopt::Parser) -> Result<Command, Usage> {
        let mut options =
            Self { is_thrift: false, as_tsv: false, iglu: Vec::new(), enrichments: None };
        let mut has_format = false;
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("format") => {
                    has_format = true;
                    options.is_thrift = choice(args, "--format", ["jsonl", "thrift"])?;
                }
                Long("output") => options.as_tsv = choice(args, "--output", ["json", "tsv"])?,
                Long("iglu") => options.iglu.push(args.value()?.into()),
                Long("enrichments") => options.enrichments = Some(args.value()?.into()),
                other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected().into()),
            }
        }
        if !has_format {
            return Err(Usage("enrich needs --format jsonl or --format thrift".to_owned()));
        }
        Ok(Command::Enrich(options))
    }
}

/// Whether the second of two choices was made.
fn choice(args: &mut lexopt::Parser, option: &str, [no, yes]: [&str; 2]) -> Result<bool, Usage> {
    let text = args.value()?.string()?;
    match text.as_str() {
        text if text == no => Ok(false),
        text if text == yes => Ok(true),
        _ => Err(Usage(format!("{option} {text:?} is neither {no} nor {yes}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Command, Usage> {
        Command::parse(lexopt::Parser::from_args(args))
    }

    #[test]
    fn wrong_usage_is_named() {
        for (args, expected) in [
            (&["serve"][..], "no command serve"),
            (&["local", "--port", "x"], "--port \"x\""),
            (&["local", "--port", "65536"], "--port \"65536\""),
            (&["local", "--prot", "1"], "--prot"),
            (&["local", "--set", "COOKIE_NAME"], "VARIABLE=VALUE"),
            (&["local", "--set", "NOPE=1"], "no such variable"),
            (&["local", "--iglu"], "--iglu"),
            (&["local", "-t", "-j"], "exclude each other"),
            (&["local", "-d", "http://x"], "--output-tsv"),
            (&["local", "-s", "x"], "--data-dir"),
            (&["local", "--auth", "x"], "leave the option out"),
            (&["local", "-Dkey"], "-Dkey=value"),
            (&["local", "--micro-api", "2"], "neither 3 nor 4"),
            (&["enrich"], "--format"),
            (&["iglu", "lint"], "whiteout iglu lint DIR"),
            (&["enrich", "--format", "csv"], "neither jsonl nor thrift"),
            (&["enrich", "--format", "jsonl", "x"], "x"),
        ] {
            let Usage(message) = parse(args).unwrap_err();
            assert!(message.contains(expected), "{args:?}: {message}");
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let path = std::env::temp_dir().join(format!("whiteout-{}.conf", std::process::id()));
        let file = "collector {\n  cookie { name = file, expiration = 30 days } # comment\n  port = 8080\n  streams.good.maxBytes = 10000\n  odd.key = 1\n}";
        std::fs::write(&path, file).unwrap();
        let path_text = path.to_string_lossy().into_owned();
        let args = ["local", "--collector-config", &path_text, "--set", "COOKIE_NAME=flag"];
        let Command::Local(options) = parse(&args).unwrap() else { panic!("local") };
        let file = options.file().unwrap();
        let config = options.collector(&file).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(config.cookie.name, "flag");
        assert_eq!(config.cookie.expiration.as_secs(), 30 * 86_400);
        assert_eq!(config.good.record_bytes_max, 10_000);
        assert_eq!(file.without_effect, ["odd.key"]);
    }

    #[test]
    fn a_broken_file_is_named() {
        let args = ["local", "--collector-config", "/nonexistent/collector.conf"];
        let Command::Local(options) = parse(&args).unwrap() else { panic!("local") };
        let message = options.file().unwrap_err().to_string();
        assert!(message.contains("/nonexistent/collector.conf"), "{message}");
    }
}
