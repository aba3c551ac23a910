//! Who may depend on whom.

use std::collections::BTreeMap;
use std::process::Command;

use cargo_metadata::{DependencyKind, MetadataCommand};

use super::{assert_none, root};

const RULE: &str = "dependencies point from functions and the cli to shared, from edges to pure";
const REMEDY: &str = "move what both need to a crate in shared/; see ARCHITECTURE.md";

/// A crate of the workspace, as far as the rules look at it.
#[derive(Clone, Default)]
struct Member {
    name: String,
    /// Its folder from the root.
    folder: String,
    dependencies: Vec<Dependency>,
    features: BTreeMap<String, Vec<String>>,
    /// The features that each binary and example needs.
    binaries: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Default)]
struct Dependency {
    name: String,
    optional: bool,
    default_features: bool,
    only_for_tests: bool,
}

impl Member {
    fn is_function(&self) -> bool {
        self.folder.starts_with("functions/")
    }

    fn is_pure(&self) -> bool {
        self.folder.starts_with("shared/") && !is_edge(&self.name)
    }
}

fn is_edge(name: &str) -> bool {
    ["function-env", "aws-io", "key-source"].contains(&name)
}

fn is_sdk(name: &str) -> bool {
    name.starts_with("aws-sdk-")
        || name.starts_with("aws-smithy-")
        || ["aws-config", "aws-credential-types", "aws-types"].contains(&name)
}

/// What needs an executor, and so has no place in a pure crate.
fn is_executor(name: &str) -> bool {
    ["tokio", "lambda_runtime", "hyper", "async-std", "smol"].contains(&name)
}

fn members() -> Vec<Member> {
    let metadata =
        MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().exec().unwrap();
    let members: Vec<Member> = metadata.packages.iter().map(member).collect();
    assert!(members.iter().any(Member::is_function) && members.iter().any(Member::is_pure));
    members
}

fn member(package: &cargo_metadata::Package) -> Member {
    let folder = package.manifest_path.parent().unwrap().strip_prefix(root()).unwrap();
    let dependencies = package.dependencies.iter().map(|dependency| Dependency {
        name: dependency.name.clone(),
        optional: dependency.optional,
        default_features: dependency.uses_default_features,
        only_for_tests: dependency.kind == DependencyKind::Development,
    });
    let programs = package.targets.iter().filter(|target| target.is_bin() || target.is_example());
    Member {
        name: package.name.to_string(),
        folder: folder.to_string(),
        dependencies: dependencies.collect(),
        features: package.features.clone(),
        binaries: programs
            .map(|target| (target.name.clone(), target.required_features.clone()))
            .collect(),
    }
}

#[test]
fn dependencies_point_one_way() {
    let members = members();
    let functions: Vec<_> =
        members.iter().filter(|m| m.is_function()).map(|m| m.name.clone()).collect();
    let findings: Vec<_> = members.iter().flat_map(|m| direction(m, &functions)).collect();
    assert_none(&findings, RULE, REMEDY);
}

fn direction(member: &Member, functions: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for dependency in &member.dependencies {
        let name = dependency.name.as_str();
        let is_function = functions.iter().any(|function| function == name);
        let because = if is_function && member.is_function() {
            "a function never depends on a function"
        } else if is_function && member.folder.starts_with("shared/") {
            "a shared crate never depends on a function"
        } else if name == "whiteout" {
            "nothing depends on the cli"
        } else if member.is_pure() && is_edge(name) {
            "a pure crate never depends on an edge"
        } else if member.is_pure() && is_executor(name) && !dependency.only_for_tests {
            "a pure crate has no async runtime"
        } else if is_sdk(name) && member.name != "aws-io" {
            "only aws-io knows the AWS SDK"
        } else if is_function && dependency.default_features {
            "a function's library is used with default-features = false"
        } else {
            continue;
        };
        findings.push(format!("{}/Cargo.toml: depends on {name}: {because}", member.folder));
    }
    findings
}

#[test]
fn the_runtime_and_the_sdk_are_behind_the_feature_lambda() {
    let findings: Vec<_> = members().iter().flat_map(feature).collect();
    assert_none(
        &findings,
        "`lambda` is the only feature; a function's binary and its dependencies are behind it",
        "see functions/collector/Cargo.toml",
    );
}

fn feature(member: &Member) -> Vec<String> {
    let place = format!("{}/Cargo.toml", member.folder);
    let mut findings = Vec::new();
    for name in member.features.keys() {
        if !(member.is_function() && ["default", "lambda"].contains(&name.as_str())) {
            findings.push(format!("{place}: has a feature {name}"));
        }
    }
    for dependency in &member.dependencies {
        let name = dependency.name.as_str();
        let is_wire = ["lambda_runtime", "aws-io"].contains(&name);
        if is_wire && !member.is_function() {
            findings.push(format!("{place}: depends on {name}, which only functions may"));
        }
        if is_wire && !dependency.optional {
            findings.push(format!("{place}: {name} is not optional"));
        }
        let enabled = member.features.get("lambda").is_some_and(|enables| {
            let (plain, with_dep) = (name.to_owned(), format!("dep:{name}"));
            enables.contains(&plain) || enables.contains(&with_dep)
        });
        if dependency.optional && !enabled {
            findings.push(format!("{place}: {name} is optional, but not enabled by lambda"));
        }
    }
    if member.is_function() {
        if member.features.get("default").is_none_or(|default| default != &["lambda"]) {
            findings.push(format!("{place}: the default feature is not lambda alone"));
        }
        for (binary, needs) in &member.binaries {
            if needs != &["lambda"] {
                findings.push(format!("{place}: {binary} lacks required-features = [\"lambda\"]"));
            }
        }
        if !member.binaries.iter().any(|(binary, _)| *binary == member.name) {
            findings.push(format!("{place}: has no binary of the crate's name"));
        }
    }
    findings
}

#[test]
fn the_local_pipeline_needs_no_aws() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", "whiteout", "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(tree.starts_with("whiteout "), "{tree}");
    assert_none(
        &aws_in(&tree),
        "`cargo run -p whiteout` never compiles an AWS SDK",
        "depend on functions with default-features = false; `cargo tree -p whiteout -i CRATE` shows why it is there",
    );
}

fn aws_in(tree: &str) -> Vec<String> {
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names
        .filter(|name| is_sdk(name) || name.starts_with("lambda_runtime") || *name == "aws-io")
        .map(|name| format!("cli/Cargo.toml: compiles {name}"))
        .collect()
}

mod tests {
    use super::*;

    fn named(folder: &str, dependency: Dependency) -> Member {
        let name = folder.rsplit('/').next().unwrap().to_owned();
        Member { name, folder: folder.into(), dependencies: vec![dependency], ..Member::default() }
    }

    fn on(name: &str) -> Dependency {
        Dependency { name: name.into(), ..Dependency::default() }
    }

    #[test]
    fn wrong_directions_are_found() {
        let functions = ["collector".to_owned(), "enricher".to_owned()];
        for (folder, dependency) in [
            ("functions/enricher", "bad-event"),
            ("shared/aws-io", "aws-sdk-kinesis"),
            ("shared/aws-io", "function-env"),
            ("shared/function-env", "tokio"),
            ("cli", "collector"),
        ] {
            assert_eq!(direction(&named(folder, on(dependency)), &functions), [""; 0]);
        }
        for (folder, dependency) in [
            ("functions/enricher", "collector"),
            ("shared/iglu", "collector"),
            ("tests", "whiteout"),
            ("shared/iglu", "function-env"),
            ("shared/iglu", "aws-io"),
            ("shared/iglu", "tokio"),
            ("functions/enricher", "aws-sdk-kinesis"),
            ("cli", "aws-config"),
        ] {
            let found = direction(&named(folder, on(dependency)), &functions);
            assert_eq!(found.len(), 1, "{folder} -> {dependency}");
        }
        let with_default = Dependency { default_features: true, ..on("collector") };
        assert_eq!(direction(&named("cli", with_default), &functions).len(), 1);
        let for_tests = Dependency { only_for_tests: true, ..on("tokio") };
        assert_eq!(direction(&named("shared/iglu", for_tests), &functions), [""; 0]);
    }

    #[test]
    fn a_second_feature_is_found() {
        let runtime = Dependency { optional: true, ..on("lambda_runtime") };
        let mut good = named("functions/f", runtime);
        good.features.insert("default".into(), vec!["lambda".into()]);
        good.features.insert("lambda".into(), vec!["dep:lambda_runtime".into()]);
        good.binaries.push(("f".into(), vec!["lambda".into()]));
        assert_eq!(feature(&good), [""; 0]);

        let changes: [fn(&mut Member); 7] = [
            |m| m.dependencies[0].optional = false,
            |m| m.features.clear(),
            |m| drop(m.features.insert("fast".into(), Vec::new())),
            |m| drop(m.features.insert("lambda".into(), Vec::new())),
            |m| m.binaries[0].1.clear(),
            |m| m.binaries.clear(),
            |m| m.folder = "shared/f".into(),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(!feature(&bad).is_empty(), "change {index}");
        }
    }

    #[test]
    fn aws_is_found_in_a_tree() {
        let good = "whiteout v0.1.0 (/a/aws-io/cli)\ntokio v1.0.0\n";
        assert_eq!(aws_in(good), [""; 0]);
        for name in ["aws-sdk-kinesis", "lambda_runtime", "aws-io", "aws-smithy-types"] {
            assert_eq!(aws_in(&format!("{good}{name} v1.0.0\n")).len(), 1, "{name}");
        }
    }
}
