//! The options of `whiteout cost`.

use std::path::PathBuf;

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value, ValueExt};

use super::{Command, Usage};

/// The options of `whiteout cost`.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct CostOptions {
    pub(crate) rates: Option<PathBuf>,
    /// In the order given: the last of a name counts.
    pub(crate) inputs: Vec<(String, f64)>,
    pub(crate) as_json: bool,
}

impl CostOptions {
    pub(super) fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let mut options = Self::default();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("json") => options.as_json = true,
                Long("rates") => options.rates = Some(args.value()?.into()),
                Long("events-per-month") => {
                    let events = input("--events-per-month", &args.value()?.string()?)?;
                    options.inputs.push(("events".to_owned(), events));
                }
                Long("set") => {
                    let text = args.value()?.string()?;
                    let (name, value) = text
                        .split_once('=')
                        .ok_or_else(|| Usage(format!("--set {text:?} is not NAME=VALUE")))?;
                    if !crate::cost::has_input(name) {
                        return Err(Usage(format!("--set {name}: the model has no such input")));
                    }
                    let value = input(&format!("--set {name}"), value)?;
                    options.inputs.push((name.to_owned(), value));
                }
                other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected().into()),
            }
        }
        Ok(Command::Cost(options))
    }
}

fn input(option: &str, text: &str) -> Result<f64, Usage> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0);
    number.ok_or_else(|| Usage(format!("{option}: {text:?} is no number from 0 on")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let parse = |args: &[&str]| Command::parse(Parser::from_args(args));
        let args = ["cost", "--events-per-month", "5e6", "--set", "shards=1", "--json"];
        let Ok(Command::Cost(options)) = parse(&args) else { panic!("it") };
        assert_eq!(options.inputs, [("events".to_owned(), 5e6), ("shards".to_owned(), 1.0)]);
        assert!(options.as_json && options.rates.is_none());
        for (args, expected) in [
            (&["cost", "--set", "shards"][..], "NAME=VALUE"),
            (&["cost", "--set", "shards=-1"], "--set shards: \"-1\""),
            (&["cost", "--events-per-month", "many"], "--events-per-month: \"many\""),
            (&["cost", "--set", "shards=inf"], "no number"),
            (&["cost", "--set", "shardz=1"], "no such input"),
            (&["cost", "x"], "x"),
        ] {
            let Err(Usage(message)) = parse(args) else { panic!("{args:?}") };
            assert!(message.contains(expected), "{message}");
        }
    }
}
