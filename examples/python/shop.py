"""The application: it sells shoes, and tracks what is bought."""

from snowplow_tracker import EmitterConfiguration, SelfDescribing, SelfDescribingJson, Snowplow, StructuredEvent


class Shop:
    def __init__(self, endpoint, name):
        self.tracker = Snowplow.create_tracker(
            namespace=name, endpoint=endpoint, app_id="shop", emitter_config=EmitterConfiguration(batch_size=10)
        )

    def buy(self, item, price):
        self.tracker.track(StructuredEvent("checkout", "buy", item, None, price))

    def follow(self, data):
        schema = "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1"
        self.tracker.track(SelfDescribing(SelfDescribingJson(schema, data)))

    def close(self):
        self.tracker.flush()
