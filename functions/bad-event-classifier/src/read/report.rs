//! What validator and resolver report -> failures.

use iglu::SchemaKey;
use json_tree::Json;

use super::words;
use crate::failure::{FAILURES_MAX, Failure, cut, push};
use crate::pointer::Pointer;

/// Keywords whose report names a property of what stands at the path.
const OF_PROPERTIES: [&str; 2] = ["required", "additionalProperties"];
/// The most properties that one report names.
const TARGETS_MAX: usize = 64;

/// Takes a report of either apart.
pub(super) fn read(schema: Option<&SchemaKey>, report: &Json<'_>, failures: &mut Vec<Failure>) {
    let of_schema = || Failure { schema: schema.cloned(), ..Failure::default() };
    let list = |key: &str| report.get(key).and_then(Json::as_array).unwrap_or_default();
    if report.get("lookupHistory").is_some() {
        let code = Some(lookup(list("lookupHistory")).to_owned());
        push(failures, Failure { code, ..of_schema() });
        return;
    }
    if !list("schemaIssues").is_empty() {
        push(failures, Failure { code: Some("InvalidSchema".to_owned()), ..of_schema() });
    }
    for report in list("dataReports").iter().take(FAILURES_MAX) {
        data(&of_schema(), report, failures);
    }
    if list("schemaIssues").is_empty() && list("dataReports").is_empty() {
        push(failures, of_schema());
    }
}

/// The worst of the answers: a registry that does not answer may have the schema.
fn lookup(history: &[Json<'_>]) -> &'static str {
    let errors = history
        .iter()
        .filter_map(|repository| repository.get("errors").and_then(Json::as_array))
        .flatten()
        .filter_map(|error| error.get("error").and_then(Json::as_str));
    let mut worst = "NotFound";
    for error in errors {
        worst = match (error, worst) {
            ("RepoFailure", _) => "RepoFailure",
            ("ClientFailure", "NotFound") => "ClientFailure",
            _ => worst,
        };
    }
    worst
}

fn data(base: &Failure, report: &Json<'_>, failures: &mut Vec<Failure>) {
    let text = |key: &str| report.get(key).and_then(Json::as_str).unwrap_or_default();
    let keyword = words::keyword(text("keyword"));
    let pointer = Pointer::parse(text("path"));
    let targets = report.get("targets").and_then(Json::as_array).unwrap_or_default();
    let mut targets: Vec<_> =
        targets.iter().filter_map(Json::as_str).take(TARGETS_MAX).map(str::to_owned).collect();
    let message = cut(text("message"));
    let failure = Failure { keyword, message, ..base.clone() };
    if keyword.is_some_and(|keyword| OF_PROPERTIES.contains(&keyword)) {
        // Without targets the sentence names the property: `$.a.b: is missing but it is required`.
        let said = failure.message.split_once(": ").map(|(path, _)| Pointer::parse(path));
        if let (true, Some(said)) = (targets.is_empty(), said) {
            push(failures, Failure { pointer: said, ..failure });
            return;
        }
        targets.sort();
        targets.dedup();
        for target in &targets {
            push(failures, Failure { pointer: pointer.property(target), ..failure.clone() });
        }
        if !targets.is_empty() {
            return;
        }
    }
    let expected = if matches!(keyword, Some("type" | "unionType")) {
        // What was found is a matter of the value.
        let said = targets.iter().skip(1).flat_map(|it| it.split(|it: char| !it.is_alphabetic()));
        let mut types: Vec<_> = said.filter(|name| words::is_type(name)).collect();
        types.sort_unstable();
        types.dedup();
        types.join(",")
    } else {
        String::new()
    };
    push(failures, Failure { pointer, expected, ..failure });
}
