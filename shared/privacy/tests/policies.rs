//! The policies that come with the suite, read.

use privacy::Policy;

#[test]
fn the_policies_of_the_suite_are_right() {
    for (name, text) in [
        ("gitlab", include_str!("../../../policies/gitlab.yaml")),
        ("service-ping", include_str!("../../../policies/service-ping.yaml")),
        ("strict", include_str!("../../../policies/strict.yaml")),
    ] {
        let policy = Policy::parse(text).unwrap_or_else(|error| panic!("{name}:\n{error}"));
        assert_eq!(policy.name, name);
    }
}
