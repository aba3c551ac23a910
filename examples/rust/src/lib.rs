//! The application: it sells shoes, and tracks what is bought.

use snowplow_tracker::{Error, Snowplow, StructuredEvent, Tracker};

/// A shop that tracks.
pub struct Shop {
    tracker: Tracker,
}

impl Shop {
    /// A shop that sends its events there.
    pub fn new(endpoint: &str) -> Self {
        Self { tracker: Snowplow::create_tracker("shop", "shop", endpoint, None) }
    }

    /// Sells something.
    pub fn buy(&mut self, item: &str, price: f64) -> Result<(), Error> {
        let event = StructuredEvent::builder()
            .category("checkout")
            .action("buy")
            .label(item)
            .value(price)
            .build()
            .map_err(|error| Error::BuilderError(error.to_string()))?;
        self.tracker.track(event, None).map(drop)
    }

    /// Sends what was not sent yet.
    pub fn close(mut self) -> Result<(), Error> {
        self.tracker.close_emitter()
    }
}
