//! Which objects are loaded, and into which table.

/// What loads the objects of a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pipe {
    /// Rows of 131 columns.
    Events,
    /// Bad events of the enricher.
    BadEvents,
    /// What class of defect a bad event has.
    BadEventClasses,
    /// Service Ping: pings, their timings and errors.
    ServicePing,
}

impl Pipe {
    /// The pipe for an object, by the beginning of its key. There is none for `errors/`, where event data lies in
    /// clear, and none for the collector's `bad_event/`.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        match key.split_once('/')?.0 {
            "output" => Some(Self::Events),
            "enriched_bad_event" => Some(Self::BadEvents),
            "bad_event_class" => Some(Self::BadEventClasses),
            "service_ping" => Some(Self::ServicePing),
            _ => None,
        }
    }

    /// Where the lines go.
    pub(crate) fn table(self) -> &'static str {
        match self {
            Self::Events => "gitlab_events",
            Self::BadEvents => "gitlab_bad_events",
            Self::BadEventClasses => "gitlab_bad_event_classes",
            Self::ServicePing => "service_ping",
        }
    }
}
