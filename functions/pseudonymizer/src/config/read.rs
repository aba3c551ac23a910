//! Turns the variables of the table into a configuration.

use enriched_event::Column;
use function_env::Reader;
use key_source::{KeySource, key_ttl, load_policy};
use privacy::{Policy, Stream, Treatment};
use sealed::{Recipient, STANZAS_MAX};

use super::{Config, Output};
use crate::partition::PARTITION_COLUMNS;
use crate::streams::Streams;

const STREAMS: [(&str, Stream); 3] = [
    ("ENRICHED_GOOD_STREAMS", Stream::EnrichedGood),
    ("ENRICHED_BAD_STREAMS", Stream::EnrichedBad),
    ("RAW_BAD_STREAMS", Stream::RawBad),
];

pub(super) fn read(r: &mut Reader<'_>) -> Config {
    let streams = streams(r);
    let policy = policy(r);
    let key_ttl = key_ttl(r, "KEY_TTL");
    let output = r.parsed("OUTPUT", Output::Tsv, "tsv or json", |text| match text {
        "tsv" => Some(Output::Tsv),
        "json" => Some(Output::Json),
        _ => None,
    });
    Config {
        streams,
        key_source: KeySource::read(r, "KEY_SOURCE"),
        key_ttl,
        recipients: recipients(r),
        output,
        partition_columns: partition_columns(r, policy.as_ref()),
        policy,
    }
}

fn streams(r: &mut Reader<'_>) -> Streams {
    let mut streams = Streams::default();
    for (variable, stream) in STREAMS {
        for name in r.list(variable) {
            if !streams.add(name.clone(), stream) {
                let found = format!("{name:?}, which another variable has as well");
                r.problem(variable, found, "every stream in one variable");
            }
        }
    }
    if streams.is_empty() {
        let accepted =
            "names or ARNs of streams, in this variable, ENRICHED_BAD_STREAMS or RAW_BAD_STREAMS";
        r.problem("ENRICHED_GOOD_STREAMS", "nothing".to_owned(), accepted);
    }
    streams
}

fn policy(r: &mut Reader<'_>) -> Option<Policy> {
    let name = r.text("POLICY", "strict");
    let loaded = load_policy(&name).map_err(|problem| {
        let accepted = "strict, gitlab, or the path of a policy without problems";
        r.problem("POLICY", format!("{name:?}: {problem}"), accepted);
    });
    loaded.ok()
}

fn recipients(r: &mut Reader<'_>) -> Vec<Recipient> {
    let accepted = format!("at most {STANZAS_MAX} public keys age1...");
    let mut recipients = Vec::new();
    for text in r.list("SEAL_RECIPIENTS") {
        match text.parse::<Recipient>() {
            Ok(recipient) => recipients.push(recipient),
            // Not the text: it may be a private key.
            Err(error) => r.problem("SEAL_RECIPIENTS", error.to_string(), &accepted),
        }
    }
    if recipients.len() > STANZAS_MAX {
        r.problem("SEAL_RECIPIENTS", format!("{} of them", recipients.len()), &accepted);
    }
    recipients
}

fn partition_columns(r: &mut Reader<'_>, policy: Option<&Policy>) -> Vec<Column> {
    let names: Vec<_> = PARTITION_COLUMNS.iter().map(|column| column.name()).collect();
    let accepted = format!("some of {}, each once and kept by the policy", names.join(", "));
    let is_kept =
        |column| policy.is_some_and(|it| matches!(it.column(column).treatment, Treatment::Keep(_)));
    let mut columns = Vec::new();
    for name in r.list("PARTITION_KEYS") {
        let column = Column::named(&name).filter(|column| PARTITION_COLUMNS.contains(column));
        match column {
            Some(column) if !columns.contains(&column) && is_kept(column) => columns.push(column),
            _ => r.problem("PARTITION_KEYS", format!("{name:?}"), &accepted),
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use function_env::Variables;
    use key_source::KEY_TTL;

    use super::*;

    #[test]
    fn says_everything_that_is_wrong() {
        let variables = Variables::from([
            ("ENRICHED_BAD_STREAMS", "a, b"),
            ("RAW_BAD_STREAMS", "b"),
            ("POLICY", "/nonexistent/policy.yaml"),
            ("KEY_SOURCE", "a key that was pasted here"),
            ("KEY_TTL", "25 hours"),
            ("SEAL_RECIPIENTS", "age1nonsense"),
            ("OUTPUT", "parquet"),
            ("PARTITION_KEYS", "user_id, nope"),
        ]);
        let error = Config::from_variables(&variables).unwrap_err();
        let mut names: Vec<_> =
            error.problems.iter().map(|problem| problem.variable.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                "KEY_SOURCE",
                "KEY_TTL",
                "OUTPUT",
                "PARTITION_KEYS",
                "PARTITION_KEYS",
                "POLICY",
                "RAW_BAD_STREAMS",
                "SEAL_RECIPIENTS",
            ]
        );
        assert!(!error.to_string().contains("pasted"), "{error}");
        let error = Config::from_variables(&Variables::default()).unwrap_err();
        let names: Vec<_> =
            error.problems.iter().map(|problem| problem.variable.as_str()).collect();
        assert_eq!(names, ["ENRICHED_GOOD_STREAMS", "KEY_SOURCE"]);
    }

    #[test]
    fn a_stream_and_a_key_are_all_that_it_needs() {
        let variables =
            Variables::from([("RAW_BAD_STREAMS", "raw-bad"), ("KEY_SOURCE", "file:/etc/key")]);
        let config = Config::from_variables(&variables).unwrap();
        assert_eq!(config.policy.unwrap().name, "strict");
        assert_eq!(config.key_source, KeySource::File("/etc/key".to_owned()));
        assert_eq!((config.output, config.key_ttl), (Output::Tsv, KEY_TTL));
        assert!(config.recipients.is_empty() && config.partition_columns.is_empty());
    }

    #[test]
    fn the_time_of_a_key_has_limits() {
        for (text, is_accepted) in
            [("999ms", false), ("1s", true), ("24 hours", true), ("86400001ms", false)]
        {
            let variables = Variables::from([
                ("RAW_BAD_STREAMS", "raw-bad"),
                ("KEY_SOURCE", "ssm:/key"),
                ("KEY_TTL", text),
            ]);
            assert_eq!(Config::from_variables(&variables).is_ok(), is_accepted, "{text}");
        }
    }

    #[test]
    fn a_column_is_a_key_only_if_it_is_kept() {
        for (columns, is_accepted) in
            [("app_id, platform", true), ("app_id, app_id", false), ("page_url", false)]
        {
            let variables = Variables::from([
                ("RAW_BAD_STREAMS", "raw-bad"),
                ("KEY_SOURCE", "ssm:/key"),
                ("PARTITION_KEYS", columns),
            ]);
            assert_eq!(Config::from_variables(&variables).is_ok(), is_accepted, "{columns}");
        }
    }
}
