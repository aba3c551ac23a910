//! Turns the variables of the table into a configuration.

use std::path::Path;
use std::time::Duration;

use function_env::{Reader, text_file};

use super::Config;
use crate::rules::Rules;
use crate::schemas::Schemas;

/// The largest file of rules, in bytes.
const RULES_BYTES_MAX: usize = 1_048_576;

pub(super) fn read(r: &mut Reader<'_>) -> Config {
    let out = r.required("STREAM_OUT", "the name or ARN of a delivery stream");
    let backoff = (
        r.duration("BACKOFF_MIN", Duration::from_millis(50)),
        r.duration("BACKOFF_MAX", Duration::from_secs(1)),
    );
    if backoff.0 > backoff.1 {
        r.problem("BACKOFF_MIN", format!("{:?}", backoff.0), "a duration up to BACKOFF_MAX");
    }
    Config { out, backoff, rules: rules(r), schemas: schemas(r) }
}

fn rules(r: &mut Reader<'_>) -> Rules {
    let Some(path) = r.optional("RULES") else { return Rules::built_in() };
    let text = text_file(&path, RULES_BYTES_MAX).map_err(|problem| vec![problem]);
    let found = text.and_then(|text| Rules::parse(&text).map_err(|error| error.problems));
    found.unwrap_or_else(|problems| {
        for problem in problems {
            r.problem("RULES", format!("{path:?}: {problem}"), "the path of a file of rules");
        }
        Rules::built_in()
    })
}

fn schemas(r: &mut Reader<'_>) -> Schemas {
    let mut schemas = Schemas::embedded();
    for folder in r.list("IGLU_DIRS") {
        if let Err(error) = schemas.add_folder(Path::new(&folder)) {
            r.problem("IGLU_DIRS", format!("{folder:?}: {error}"), "folders of registries");
        }
    }
    schemas
}

#[cfg(test)]
mod tests {
    use function_env::Variables;

    use super::*;

    #[test]
    fn says_everything_that_is_wrong() {
        let variables = Variables::from([
            ("BACKOFF_MIN", "2s"),
            ("RULES", "/nonexistent/rules.json"),
            ("IGLU_DIRS", "/nonexistent/a, /nonexistent/b"),
        ]);
        let error = Config::from_variables(&variables).unwrap_err();
        let names: Vec<_> =
            error.problems.iter().map(|problem| problem.variable.as_str()).collect();
        assert_eq!(names, ["STREAM_OUT", "BACKOFF_MIN", "RULES", "IGLU_DIRS", "IGLU_DIRS"]);
    }

    #[test]
    fn a_stream_is_all_that_it_needs() {
        let variables = Variables::from([("STREAM_OUT", "bad-event-class")]);
        assert_eq!(Config::from_variables(&variables).unwrap().out, "bad-event-class");
    }
}
