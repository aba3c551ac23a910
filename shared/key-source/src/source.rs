//! Where the key is, and how long it is used: what an operator says.

use std::time::Duration;

use function_env::Reader;

/// How long a key is used before it is asked for again.
pub const KEY_TTL: Duration = Duration::from_mins(5);
/// The least and the most of it: a key is not asked for with every request, and a new one is not
/// overlooked for days.
const KEY_TTL_BOUNDS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(24));
/// The same in words.
const KEY_TTL_ACCEPTED: &str = "a duration from 1s to 24h";

/// Reads the variable that says how long a key is used.
pub fn key_ttl(r: &mut Reader<'_>, name: &str) -> Duration {
    let ttl = r.duration(name, KEY_TTL);
    let (least, most) = KEY_TTL_BOUNDS;
    if !(least..=most).contains(&ttl) {
        r.problem(name, format!("{ttl:?}"), KEY_TTL_ACCEPTED);
    }
    ttl
}

/// Where the key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In Secrets Manager or SSM; holds its name there or its ARN.
    Service(String),
    /// In a file; holds its path.
    File(String),
}

impl KeySource {
    /// What names a key, in words.
    pub const ACCEPTED: &str =
        "secretsmanager:NAME, ssm:NAME, the ARN of a secret or parameter, or file:PATH";

    /// Reads what names a key. A text that it is not must not be shown: it may be the key itself.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(path) = text.strip_prefix("file:") {
            return (!path.is_empty()).then(|| Self::File(path.to_owned()));
        }
        let is_service = ["secretsmanager:", "ssm:", "arn:"]
            .into_iter()
            .any(|start| text.strip_prefix(start).is_some_and(|name| !name.is_empty()));
        is_service.then(|| Self::Service(text.to_owned()))
    }

    /// Reads the variable that says where the key is.
    pub fn read(r: &mut Reader<'_>, name: &str) -> Self {
        let text = r.required(name, Self::ACCEPTED);
        Self::parse(&text).unwrap_or_else(|| {
            if !text.is_empty() {
                // Not the text: it may be the key itself.
                r.problem(name, "something else".to_owned(), Self::ACCEPTED);
            }
            Self::Service(String::new())
        })
    }

    /// What the service's own reader makes of the key's name; a name that it does not know is a
    /// problem of the variable.
    pub fn check<T>(
        &self,
        r: &mut Reader<'_>,
        name: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let service = self.service().filter(|service| !service.is_empty())?;
        let found = parse(service);
        if found.is_none() {
            r.problem(name, "something else".to_owned(), Self::ACCEPTED);
        }
        found
    }

    /// What a service is asked for, if it is a service.
    pub fn service(&self) -> Option<&str> {
        match self {
            Self::Service(name) => Some(name),
            Self::File(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_in_a_service_or_in_a_file() {
        for (text, expected) in [
            ("file:/etc/key", Some(KeySource::File("/etc/key".to_owned()))),
            ("ssm:/key", Some(KeySource::Service("ssm:/key".to_owned()))),
            ("arn:aws:ssm:eu-west-1:1:parameter/key", {
                Some(KeySource::Service("arn:aws:ssm:eu-west-1:1:parameter/key".to_owned()))
            }),
            ("secretsmanager:", None),
            ("file:", None),
            ("", None),
            ("a key that was pasted here", None),
        ] {
            assert_eq!(KeySource::parse(text), expected, "{text}");
        }
    }
}
