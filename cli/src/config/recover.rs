//! The options of `whiteout recover`.

use std::path::PathBuf;

use lexopt::Parser;
use lexopt::prelude::{Long, Short, Value};

use super::{Command, Usage, choice};

/// The options of `whiteout recover`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct RecoverOptions {
    pub(crate) recipe: PathBuf,
    pub(crate) is_dry: bool,
    pub(crate) as_jsonl: bool,
    pub(crate) takes_pseudonyms: bool,
    pub(crate) identities: Vec<PathBuf>,
    pub(crate) iglu: Vec<PathBuf>,
    pub(crate) rules: Option<PathBuf>,
}

impl RecoverOptions {
    pub(super) fn parse(args: &mut Parser) -> Result<Command, Usage> {
        let mut options = Self::default();
        let mut recipes = Vec::new();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("dry-run") => options.is_dry = true,
                Long("pseudonymized") => options.takes_pseudonyms = true,
                Long("identity") => options.identities.push(args.value()?.into()),
                Long("iglu") => options.iglu.push(args.value()?.into()),
                Long("rules") => options.rules = Some(args.value()?.into()),
                Long("output") => {
                    options.as_jsonl = choice(args, "--output", ["thrift", "jsonl"])?;
                }
                Value(recipe) => recipes.push(PathBuf::from(recipe)),
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let [recipe] = <[PathBuf; 1]>::try_from(recipes)
            .map_err(|_| Usage("recover is used as: whiteout recover RECIPE".to_owned()))?;
        Ok(Command::Recover(Self { recipe, ..options }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let parse = |args: &[&str]| Command::parse(Parser::from_args(args));
        let args = ["recover", "r.yaml", "--dry-run", "--identity", "a", "--identity", "b"];
        let Ok(Command::Recover(options)) = parse(&args) else { panic!("it") };
        assert_eq!(options.identities, [PathBuf::from("a"), PathBuf::from("b")]);
        assert!(options.is_dry && !options.as_jsonl && !options.takes_pseudonyms);
        assert!(matches!(parse(&["recover", "--help"]), Ok(Command::Help)));
        for (args, expected) in [
            (&["recover"][..], "whiteout recover RECIPE"),
            (&["recover", "a", "b"], "whiteout recover RECIPE"),
            (&["recover", "a", "--output", "tsv"], "neither thrift nor jsonl"),
            (&["recover", "a", "--dry"], "--dry"),
        ] {
            let Err(Usage(message)) = parse(args) else { panic!("{args:?}") };
            assert!(message.contains(expected), "{message}");
        }
    }
}
