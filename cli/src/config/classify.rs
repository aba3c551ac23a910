//! The options of `whiteout classify`.

use std::path::PathBuf;

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value};

use super::{Command, Usage};

/// The options of `whiteout classify`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ClassifyOptions {
    pub(crate) iglu: Vec<PathBuf>,
    pub(crate) rules: Option<PathBuf>,
    pub(crate) has_summary: bool,
}

impl ClassifyOptions {
    pub(super) fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let mut options = Self::default();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("iglu") => options.iglu.push(args.value()?.into()),
                Long("rules") => options.rules = Some(args.value()?.into()),
                Long("summary") => options.has_summary = true,
                other @ (Long(_) | Short(_) | Value(_)) => return Err(other.unexpected().into()),
            }
        }
        Ok(Command::Classify(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let parse = |args: &[&str]| Command::parse(Parser::from_args(args));
        let args = ["classify", "--iglu", "a", "--iglu", "b", "--rules", "c", "--summary"];
        let Ok(Command::Classify(options)) = parse(&args) else { panic!("it") };
        assert_eq!(options.iglu, [PathBuf::from("a"), PathBuf::from("b")]);
        assert!(options.has_summary && options.rules == Some("c".into()));
        assert!(parse(&["classify", "x"]).is_err());
        assert!(matches!(parse(&["classify", "-h"]), Ok(Command::Help)));
    }
}
