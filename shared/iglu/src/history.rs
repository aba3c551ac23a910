//! What was tried to get a schema, and what came of it.

use std::fmt;

use json_tree::Json;

/// Most different failures that are remembered of one repository.
const ERRORS_MAX: usize = 8;
/// Longest message of a failure that is remembered.
const MESSAGE_BYTES_MAX: usize = 512;

/// Why a repository gave no schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegistryError {
    /// It does not have it.
    NotFound,
    /// It is broken: a status of 500 or above.
    RepoFailure(String),
    /// It could not be asked, or its answer is none: another status, a timeout, no JSON.
    ClientFailure(String),
}

impl RegistryError {
    /// What an HTTP status other than success means.
    pub fn from_status(status: u16, body: &str) -> Self {
        match status {
            404 => Self::NotFound,
            500.. => Self::RepoFailure(format!("Unexpected server response: {body}")),
            _ => Self::ClientFailure(format!("Unexpected response code: {status}")),
        }
    }

    /// Whether asking again later may help.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::NotFound => false,
            Self::RepoFailure(_) | Self::ClientFailure(_) => true,
        }
    }

    fn shortened(self) -> Self {
        let shorten = |mut message: String| {
            let mut end = MESSAGE_BYTES_MAX.min(message.len());
            while !message.is_char_boundary(end) {
                end -= 1;
            }
            message.truncate(end);
            message
        };
        match self {
            Self::NotFound => Self::NotFound,
            Self::RepoFailure(message) => Self::RepoFailure(shorten(message)),
            Self::ClientFailure(message) => Self::ClientFailure(shorten(message)),
        }
    }

    fn to_json(&self) -> Json<'_> {
        let (name, message) = match self {
            Self::NotFound => ("NotFound", None),
            Self::RepoFailure(message) => ("RepoFailure", Some(message)),
            Self::ClientFailure(message) => ("ClientFailure", Some(message)),
        };
        let message = message.map(|message| ("message", Json::text(message.as_str())));
        Json::object([("error", Json::text(name))].into_iter().chain(message))
    }
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => write!(f, "not found"),
            Self::RepoFailure(message) | Self::ClientFailure(message) => f.write_str(message),
        }
    }
}

/// How often one repository was asked in vain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    pub(crate) repository: String,
    pub(crate) errors: Vec<RegistryError>,
    pub(crate) count: u32,
    pub(crate) last_attempt_millis: i64,
    pub(crate) is_outage: bool,
}

impl Attempts {
    pub(crate) fn new(repository: String) -> Self {
        Self { repository, errors: Vec::new(), count: 0, last_attempt_millis: 0, is_outage: false }
    }

    pub(crate) fn add(&mut self, error: RegistryError, now_millis: i64) {
        let error = error.shortened();
        self.is_outage = error.is_outage();
        if !self.errors.contains(&error) {
            // The newest says most about what is wrong now.
            self.errors.truncate(ERRORS_MAX - 1);
            self.errors.insert(0, error);
        }
        self.count = self.count.saturating_add(1);
        self.last_attempt_millis = now_millis;
    }

    /// Whether it could not give a usable answer, the last time it was asked.
    pub fn is_outage(&self) -> bool {
        self.is_outage
    }

    /// The repository's name.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Its different failures.
    pub fn errors(&self) -> &[RegistryError] {
        &self.errors
    }

    fn to_json(&self) -> Json<'_> {
        let last_attempt = timestamps::iso_millis(self.last_attempt_millis).replace(".000Z", "Z");
        Json::object([
            ("repository", Json::text(self.repository.as_str())),
            ("errors", Json::array(self.errors.iter().map(RegistryError::to_json))),
            ("attempts", Json::integer(self.count)),
            ("lastAttempt", Json::from(last_attempt)),
        ])
    }
}

/// What came of asking each repository, sorted by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupHistory {
    pub(crate) repositories: Vec<Attempts>,
}

impl LookupHistory {
    /// What came of asking each repository.
    pub fn repositories(&self) -> &[Attempts] {
        &self.repositories
    }

    /// Whether a repository failed, when last asked, rather than denied: the schema may be there when it is back.
    pub fn is_outage(&self) -> bool {
        self.repositories.iter().any(|attempts| attempts.is_outage)
    }

    /// The history as JSON.
    pub fn to_json(&self) -> Json<'_> {
        Json::array(self.repositories.iter().map(Attempts::to_json))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_they_mean_to_the_reference() {
        assert_eq!(RegistryError::from_status(404, "x"), RegistryError::NotFound);
        let json = |status| RegistryError::from_status(status, "down").to_json().to_text();
        assert_eq!(
            json(503),
            r#"{"error":"RepoFailure","message":"Unexpected server response: down"}"#
        );
        assert_eq!(
            json(403),
            r#"{"error":"ClientFailure","message":"Unexpected response code: 403"}"#
        );
    }

    #[test]
    fn a_history_is_bounded_and_has_the_shape_of_bad_rows() {
        let mut attempts = Attempts::new("Central".to_owned());
        for number in 0..30 {
            let message = format!("{number}{}", "ä".repeat(MESSAGE_BYTES_MAX));
            attempts.add(RegistryError::ClientFailure(message), 0);
        }
        assert_eq!((attempts.errors.len(), attempts.count), (ERRORS_MAX, 30));
        assert!(attempts.errors.iter().all(|error| error.to_string().len() <= MESSAGE_BYTES_MAX));

        let mut attempts = Attempts::new("Central".to_owned());
        attempts.add(RegistryError::NotFound, 1_767_323_045_000);
        attempts.add(RegistryError::NotFound, 1_767_323_045_678);
        let history = LookupHistory { repositories: vec![attempts] };
        assert!(!history.is_outage());
        assert_eq!(
            history.to_json().to_text(),
            r#"[{"repository":"Central","errors":[{"error":"NotFound"}],"attempts":2,"lastAttempt":"2026-01-02T03:04:05.678Z"}]"#
        );
    }
}
