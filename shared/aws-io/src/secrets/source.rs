//! Where a secret is: which service has it, and under which name.

/// The longest name or ARN in characters that either of the services takes.
const ID_CHARS_MAX: usize = 2_048;

/// The services that keep secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    SecretsManager,
    /// The parameter store of Systems Manager.
    Ssm,
}

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSource {
    service: Service,
    /// A name or an ARN; nothing in it needs to be escaped in JSON.
    id: String,
    /// The region, if an ARN says it.
    region: Option<String>,
}

impl SecretSource {
    /// Reads `secretsmanager:NAME`, `ssm:NAME`, or the ARN of a secret or of a parameter.
    pub fn parse(text: &str) -> Option<Self> {
        let (service, id, region) = if text.starts_with("arn:") {
            let (service, region) = service_and_region(text)?;
            (service, text, Some(region.to_owned()))
        } else {
            let (service, name) = text.split_once(':')?;
            (Service::parse(service)?, name, None)
        };
        let is_id = !id.is_empty() && id.len() <= ID_CHARS_MAX && id.bytes().all(is_id_byte);
        is_id.then(|| Self { service, id: id.to_owned(), region })
    }

    pub(super) fn service(&self) -> Service {
        self.service
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }
}

impl Service {
    fn parse(name: &str) -> Option<Self> {
        match name {
            "secretsmanager" => Some(Self::SecretsManager),
            "ssm" => Some(Self::Ssm),
            _ => None,
        }
    }

    /// The name in addresses, ARNs and signatures.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager",
            Self::Ssm => "ssm",
        }
    }
}

/// What an ARN says of a secret or a parameter; none for one of anything else.
fn service_and_region(arn: &str) -> Option<(Service, &str)> {
    let mut parts = arn.splitn(6, ':').skip(1);
    let partition = parts.next()?;
    let service = Service::parse(parts.next()?)?;
    let region = parts.next()?;
    let _account = parts.next()?;
    let (kind, name) = match service {
        Service::SecretsManager => ("secret:", parts.next()?),
        Service::Ssm => ("parameter/", parts.next()?),
    };
    let is_partition = partition == "aws" || partition.starts_with("aws-");
    // The region becomes a part of a host's name.
    let is_region = !region.is_empty()
        && region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let is_one = name.strip_prefix(kind).is_some_and(|name| !name.is_empty());
    (is_partition && is_region && is_one).then_some((service, region))
}

/// What names and ARNs are made of; a colon comes before a version too.
fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"/_+=.@-:!".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:pii/salt-a1b2c3";
    const PARAMETER: &str = "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/pii/salt";

    #[test]
    fn reads_names_and_arns() {
        for (text, service, id, region) in [
            ("secretsmanager:pii/salt", Service::SecretsManager, "pii/salt", None),
            ("secretsmanager:rds!db-1", Service::SecretsManager, "rds!db-1", None),
            ("ssm:/pii/salt", Service::Ssm, "/pii/salt", None),
            ("ssm:salt:3", Service::Ssm, "salt:3", None),
            (SECRET, Service::SecretsManager, SECRET, Some("eu-west-1")),
            (PARAMETER, Service::Ssm, PARAMETER, Some("cn-north-1")),
        ] {
            let source = SecretSource::parse(text).unwrap();
            assert_eq!((source.service(), source.id(), source.region()), (service, id, region));
        }
    }

    #[test]
    fn takes_nothing_else() {
        for text in [
            "",
            "salt",
            "ssm:",
            "ssm:a\"b",
            "ssm:a\\b",
            "ssm:a b",
            "ssm:\u{e9}",
            "kms:salt",
            "SSM:salt",
            "arn:aws:s3:::bucket/key",
            "arn:aws:ssm:eu-west-1:1:document/x",
            "arn:aws:ssm:eu-west-1:1:parameter/",
            "arn:aws:secretsmanager:eu-west-1:1:secret:",
            "arn:aws:secretsmanager::1:secret:x",
            "arn:aws:secretsmanager:evil.org/:1:secret:x",
            "arn:evil:secretsmanager:eu-west-1:1:secret:x",
            "arn:aws:secretsmanager:eu-west-1",
        ] {
            assert_eq!(SecretSource::parse(text), None, "{text}");
        }
        assert!(SecretSource::parse(&format!("ssm:{}", "x".repeat(ID_CHARS_MAX))).is_some());
        assert!(SecretSource::parse(&format!("ssm:{}", "x".repeat(ID_CHARS_MAX + 1))).is_none());
    }
}
