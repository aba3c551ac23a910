//! Golden cases of the collector: requests in, answers and records out, as the cases say.

pub(crate) mod case;
mod compare;

use std::path::Path;

use case::Case;
use collector::config::{Config, variables_from_keys};
use collector::{Moment, collect};

/// 2026-01-02T03:04:05.678Z
const NOW_MICROS: i64 = 1_767_323_045_678_000;

#[test]
fn the_collector_does_what_its_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/collector");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 200, "the cases are there");
    let wrong: Vec<String> = paths.iter().flat_map(|path| check(path)).collect();
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

fn check(path: &Path) -> Vec<String> {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let case = Case::read(path);
    let mut found = variables_from_keys(&case.config);
    assert!(found.unknown.is_empty(), "{name}: unknown keys {:?}", found.unknown);
    found.variables.set("STREAM_GOOD", "good");
    found.variables.set("STREAM_BAD", "bad");
    let config =
        Config::from_variables(&found.variables).unwrap_or_else(|error| panic!("{name}: {error}"));

    let mut outputs = compare::Outputs::default();
    for (index, request) in case.requests.iter().enumerate() {
        let mut entropy = [0; 16];
        // The cases write the request's number in decimal digits.
        entropy[15] = u8::from_str_radix(&(index + 1).to_string(), 16).unwrap();
        let mut partition_entropy = entropy;
        partition_entropy[8] = 0x10;
        let moment =
            Moment { epoch_micros: NOW_MICROS, visitor_entropy: entropy, partition_entropy };
        outputs.add(collect(&config, &request.as_request(), &moment));
    }
    let differences = outputs.differences(&case.expected);
    differences.into_iter().map(|difference| format!("{name}: {difference}")).collect()
}
