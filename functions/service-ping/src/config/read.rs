//! Turns the variables of the table into a configuration.

use function_env::Reader;
use key_source::{KeySource, key_ttl, load_policy};
use privacy::Policy;

use super::Config;

const STREAM: &str = "the name or the ARN of a delivery stream that takes Direct PUT";

pub(super) fn read(r: &mut Reader<'_>) -> Config {
    let key_ttl = key_ttl(r, "KEY_TTL");
    Config {
        usage_data: r.required("STREAM_USAGE_DATA", STREAM),
        metadata: r.required("STREAM_METADATA", STREAM),
        errors: r.required("STREAM_ERRORS", STREAM),
        policy: policy(r),
        key_source: KeySource::read(r, "KEY_SOURCE"),
        key_ttl,
    }
}

fn policy(r: &mut Reader<'_>) -> Option<Policy> {
    let name = r.text("POLICY", "service-ping");
    let loaded = load_policy(&name).map_err(|problem| {
        let accepted = "service-ping, strict, or the path of a policy without problems";
        r.problem("POLICY", format!("{name:?}: {problem}"), accepted);
    });
    loaded.ok()
}

#[cfg(test)]
mod tests {
    use function_env::Variables;

    use super::*;

    fn problems(variables: &Variables) -> Vec<String> {
        let error = Config::from_variables(variables).unwrap_err();
        assert!(!error.to_string().contains("pasted"), "{error}");
        error.problems.into_iter().map(|problem| problem.variable).collect()
    }

    #[test]
    fn says_everything_that_is_wrong() {
        let variables = Variables::from([
            ("STREAM_METADATA", "m"),
            ("POLICY", "/nonexistent/policy.yaml"),
            ("KEY_SOURCE", "a key that was pasted here"),
            ("KEY_TTL", "25 hours"),
        ]);
        let expected = ["KEY_TTL", "STREAM_USAGE_DATA", "STREAM_ERRORS", "POLICY", "KEY_SOURCE"];
        assert_eq!(problems(&variables), expected);
        let expected = ["STREAM_USAGE_DATA", "STREAM_METADATA", "STREAM_ERRORS", "KEY_SOURCE"];
        assert_eq!(problems(&Variables::default()), expected);
    }

    #[test]
    fn the_time_of_a_key_has_limits() {
        for (text, is_accepted) in
            [("999ms", false), ("1s", true), ("24 hours", true), ("86400001ms", false)]
        {
            let variables = Variables::from([
                ("STREAM_USAGE_DATA", "u"),
                ("STREAM_METADATA", "m"),
                ("STREAM_ERRORS", "e"),
                ("KEY_SOURCE", "ssm:/key"),
                ("KEY_TTL", text),
            ]);
            let config = Config::from_variables(&variables);
            assert_eq!(config.is_ok(), is_accepted, "{text}");
            assert!(config.is_err() || config.unwrap().policy.unwrap().name == "service-ping");
        }
    }
}
