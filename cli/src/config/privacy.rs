//! The options of the commands for privacy.

use std::path::PathBuf;

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value, ValueExt};
use privacy::Stream;
use sealed::Recipient;

use super::{Command, Usage};

/// The policy where none is named.
const POLICY: &str = "gitlab";
const NO_KEY_FILE: &str =
    "pseudonymize needs --key-file FILE; make one with: whiteout key new FILE";
const POLICY_USAGE: &str = "policy is used as: whiteout policy lint POLICY, \
    whiteout policy diff OLD NEW, or whiteout policy explain POLICY";
const KEY_USAGE: &str = "key is used as: whiteout key new [FILE] [--add | --identity], \
    or whiteout key check FILE";

/// How something is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For code review.
    Sarif,
}

/// The options of `whiteout pseudonymize`.
#[derive(Debug)]
pub(crate) struct PseudonymizeOptions {
    pub(crate) kind: Stream,
    pub(crate) policy: PathBuf,
    pub(crate) key_file: PathBuf,
    pub(crate) recipients: Vec<Recipient>,
    pub(crate) has_summary: bool,
}

/// The options of `whiteout policy lint`.
#[derive(Debug)]
pub(crate) struct LintOptions {
    pub(crate) policy: PathBuf,
    pub(crate) iglu: Vec<PathBuf>,
    pub(crate) samples: Vec<PathBuf>,
    pub(crate) format: Format,
}

/// The options of `whiteout policy diff`.
#[derive(Debug)]
pub(crate) struct DiffOptions {
    pub(crate) old: PathBuf,
    pub(crate) new: PathBuf,
    pub(crate) format: Format,
}

/// The options of `whiteout policy explain`.
#[derive(Debug)]
pub(crate) struct ExplainOptions {
    pub(crate) policy: PathBuf,
    pub(crate) key_file: Option<PathBuf>,
    pub(crate) format: Format,
}

/// What `whiteout key` is to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyOptions {
    /// Make a key, in a new file or on standard output.
    New(Option<PathBuf>),
    /// Make one more key in a file that has some.
    Add(PathBuf),
    /// Make an identity for sealed originals.
    Identity(Option<PathBuf>),
    /// Tell what a file holds.
    Check(PathBuf),
}

impl PseudonymizeOptions {
    pub(super) fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let (mut kind, mut key_file) = (None, None);
        let mut policy = PathBuf::from(POLICY);
        let (mut recipients, mut has_summary) = (Vec::new(), false);
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("kind") => kind = Some(stream(&args.value()?.string()?)?),
                Long("policy") => policy = args.value()?.into(),
                Long("key-file") => key_file = Some(args.value()?.into()),
                Long("recipient") => recipients.push(recipient(&args.value()?.string()?)?),
                Long("summary") => has_summary = true,
                other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected().into()),
            }
        }
        let no_kind = "pseudonymize needs --kind enriched, enriched-bad or raw-bad";
        let kind = kind.ok_or_else(|| Usage(no_kind.to_owned()))?;
        let key_file = key_file.ok_or_else(|| Usage(NO_KEY_FILE.to_owned()))?;
        let options = Self { kind, policy, key_file, recipients, has_summary };
        Ok(Command::Pseudonymize(options))
    }
}

fn stream(text: &str) -> Result<Stream, Usage> {
    let all = [Stream::EnrichedGood, Stream::EnrichedBad, Stream::RawBad];
    let found = all.into_iter().find(|stream| stream.name() == text);
    found.ok_or_else(|| {
        Usage(format!("--kind {text:?} is neither enriched nor enriched-bad nor raw-bad"))
    })
}

/// The text is not shown: people paste the secret half.
fn recipient(text: &str) -> Result<Recipient, Usage> {
    text.parse().map_err(|error| Usage(format!("--recipient: {error}")))
}

fn format(args: &mut Parser, accepted: &[(&str, Format)]) -> Result<Format, Usage> {
    let text = args.value()?.string()?;
    let found = accepted.iter().find(|(name, _)| *name == text);
    let names: Vec<_> = accepted.iter().map(|(name, _)| *name).collect();
    let error = || Usage(format!("--format {text:?} is not one of {}", names.join(", ")));
    found.map(|(_, format)| *format).ok_or_else(error)
}

const TEXT_OR_JSON: [(&str, Format); 2] = [("text", Format::Text), ("json", Format::Json)];
const ALL_FORMATS: [(&str, Format); 3] =
    [("text", Format::Text), ("json", Format::Json), ("sarif", Format::Sarif)];

pub(super) fn policy_command(args: &mut Parser) -> Result<Command, Usage> {
    match args.next()? {
        Some(Long("help") | Short('h')) => Ok(Command::Help),
        Some(Value(verb)) if verb == "lint" => LintOptions::parse(args),
        Some(Value(verb)) if verb == "diff" => DiffOptions::parse(args),
        Some(Value(verb)) if verb == "explain" => ExplainOptions::parse(args),
        _ => Err(Usage(POLICY_USAGE.to_owned())),
    }
}

/// So many names and no others.
fn names<const COUNT: usize>(found: Vec<PathBuf>, usage: &str) -> Result<[PathBuf; COUNT], Usage> {
    found.try_into().map_err(|_| Usage(usage.to_owned()))
}

impl LintOptions {
    fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let (mut named, mut iglu, mut samples) = (Vec::new(), Vec::new(), Vec::new());
        let mut how = Format::Text;
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("iglu") => iglu.push(args.value()?.into()),
                Long("sample") => samples.push(args.value()?.into()),
                Long("format") => how = format(args, &ALL_FORMATS)?,
                Value(name) => named.push(name.into()),
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let [policy] = names(named, POLICY_USAGE)?;
        Ok(Command::PolicyLint(Self { policy, iglu, samples, format: how }))
    }
}

impl DiffOptions {
    fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let (mut named, mut how) = (Vec::new(), Format::Text);
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("format") => how = format(args, &TEXT_OR_JSON)?,
                Value(name) => named.push(name.into()),
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let [old, new] = names(named, POLICY_USAGE)?;
        Ok(Command::PolicyDiff(Self { old, new, format: how }))
    }
}

impl ExplainOptions {
    fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let (mut named, mut key_file, mut how) = (Vec::new(), None, Format::Text);
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("key-file") => key_file = Some(args.value()?.into()),
                Long("format") => how = format(args, &TEXT_OR_JSON)?,
                Value(name) => named.push(name.into()),
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let [policy] = names(named, POLICY_USAGE)?;
        Ok(Command::PolicyExplain(Self { policy, key_file, format: how }))
    }
}

impl KeyOptions {
    pub(super) fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let (mut words, mut adds, mut is_identity) = (Vec::<PathBuf>::new(), false, false);
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("add") => adds = true,
                Long("identity") => is_identity = true,
                Value(word) => words.push(word.into()),
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let mut words = words.into_iter();
        let verb = words.next();
        let (file, rest) = (words.next(), words.next());
        let is_verb = |name: &str| verb.as_ref().is_some_and(|verb| verb.as_os_str() == name);
        let options = match (file, rest, adds, is_identity) {
            (file, None, false, false) if is_verb("new") => Self::New(file),
            (file, None, false, true) if is_verb("new") => Self::Identity(file),
            (Some(file), None, true, false) if is_verb("new") => Self::Add(file),
            (Some(file), None, false, false) if is_verb("check") => Self::Check(file),
            _ => return Err(Usage(KEY_USAGE.to_owned())),
        };
        Ok(Command::Key(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Command, Usage> {
        Command::parse(Parser::from_args(args))
    }

    #[test]
    fn wrong_usage_is_named() {
        let secret = "AGE-SECRET-KEY-173YCA0QSYJX84803WENCNF3NL4CRWEK7ZH2PFGSC5SGQMSJW9AGQR9EKVC";
        for (args, expected) in [
            (&["pseudonymize", "--key-file", "k"][..], "--kind enriched"),
            (&["pseudonymize", "--kind", "enriched"], "whiteout key new FILE"),
            (&["pseudonymize", "--kind", "good"], "--kind \"good\""),
            (&["pseudonymize", "x"], "x"),
            (&["pseudonymize", "--recipient", secret], "--recipient: "),
            (&["policy"], "whiteout policy lint POLICY"),
            (&["policy", "lint"], "whiteout policy lint POLICY"),
            (&["policy", "lint", "a", "b"], "whiteout policy lint POLICY"),
            (&["policy", "lint", "a", "--format", "xml"], "text, json, sarif"),
            (&["policy", "diff", "a"], "whiteout policy diff OLD NEW"),
            (&["policy", "diff", "a", "b", "--format", "sarif"], "text, json"),
            (&["policy", "explain", "a", "--sample", "b"], "--sample"),
            (&["key"], "whiteout key new"),
            (&["key", "check"], "whiteout key check FILE"),
            (&["key", "new", "--add"], "whiteout key new"),
            (&["key", "new", "a", "--add", "--identity"], "whiteout key new"),
            (&["key", "new", "a", "b"], "whiteout key new"),
        ] {
            let Usage(message) = parse(args).unwrap_err();
            assert!(message.contains(expected), "{args:?}: {message}");
            assert!(!message.contains(secret), "{message}");
        }
    }

    #[test]
    fn every_command_answers_help() {
        for words in [
            &["pseudonymize"][..],
            &["policy"],
            &["policy", "lint"],
            &["policy", "diff"],
            &["policy", "explain"],
            &["key"],
            &["key", "new"],
            &["key", "check"],
        ] {
            for help in ["--help", "-h"] {
                let args: Vec<_> = words.iter().copied().chain([help]).collect();
                assert!(matches!(parse(&args), Ok(Command::Help)), "{args:?}");
            }
        }
    }

    #[test]
    fn without_a_name_it_is_the_policy_of_gitlab() {
        let args = ["pseudonymize", "--kind", "raw-bad", "--key-file", "k"];
        let Command::Pseudonymize(options) = parse(&args).unwrap() else { panic!("it") };
        assert_eq!((options.kind, options.policy), (Stream::RawBad, PathBuf::from("gitlab")));
    }
}
