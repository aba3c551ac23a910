//! What every treated event says of its treatment: by which policy, with which key.

use std::sync::Arc;

use crate::policy::{Audit, Policy};

/// The entity that says it.
pub const AUDIT_SCHEMA: &str = "iglu:io.whiteout/treatment/jsonschema/1-0-0";

/// The texts to add, made once.
#[derive(Clone, Debug)]
pub(crate) struct AuditTexts {
    /// For the end of `derived_contexts`.
    pub(crate) entity: Option<Arc<str>>,
    /// For the end of `etl_tags`.
    pub(crate) tags: Option<String>,
    /// `gitlab/0123456789abcdef`
    pub(crate) policy: String,
    pub(crate) key: String,
}

impl AuditTexts {
    pub(crate) fn new(policy: &Policy, key_id: &str) -> Self {
        let label = format!("{}/{}", policy.name, policy.fingerprint);
        // Names, fingerprints and ids of keys consist of letters, digits and dashes.
        let entity = format!(
            r#"{{"schema":"{AUDIT_SCHEMA}","data":{{"policy":"{label}","key":"{key_id}"}}}}"#
        );
        let tags = format!("policy={label},key={key_id}");
        Self {
            entity: (policy.audit == Audit::DerivedContexts).then(|| entity.into()),
            tags: (policy.audit == Audit::EtlTags).then_some(tags),
            policy: label,
            key: key_id.to_owned(),
        }
    }
}
