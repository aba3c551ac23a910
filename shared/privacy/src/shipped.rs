//! The policies that come with the suite, inside the binary.

/// Their names.
pub const SHIPPED: [&str; 2] = ["gitlab", "strict"];

/// The text of the policy of this name, if it is one that comes with the suite.
pub fn shipped(name: &str) -> Option<&'static str> {
    match name {
        "gitlab" => Some(include_str!("../../../policies/gitlab.yaml")),
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
        for name in SHIPPED {
            assert_eq!(Policy::parse(shipped(name).unwrap()).unwrap().name, name);
        }
        assert_eq!(shipped("other"), None);
    }
}
