//! The policies that come with the suite, inside the binary.

/// Those for the streams of events; `service-ping` is for pings, which are no events.
pub const SHIPPED: [&str; 2] = ["gitlab", "strict"];

/// The text of the policy of this name, if it is one that comes with the suite.
pub fn shipped(name: &str) -> Option<&'static str> {
    match name {
        "gitlab" => Some(include_str!("../../../policies/gitlab.yaml")),
        "service-ping" => Some(include_str!("../../../policies/service-ping.yaml")),
        "strict" => Some(include_str!("../../../policies/strict.yaml")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    #[test]
    fn each_is_called_what_it_is_asked_by() {
        for name in SHIPPED.into_iter().chain(["service-ping"]) {
            assert_eq!(Policy::parse(shipped(name).unwrap()).unwrap().name, name);
        }
        assert_eq!(shipped("other"), None);
    }
}
