// The application: it sells shoes, and tracks what is bought.

import { buildSelfDescribingEvent, buildStructEvent, newTracker } from '@snowplow/node-tracker';

export class Shop {
  constructor(endpoint) {
    this.tracker = newTracker({ namespace: 'shop', appId: 'shop', encodeBase64: false }, { endpoint });
  }

  buy(item, price) {
    this.tracker.track(buildStructEvent({ category: 'checkout', action: 'buy', label: item, value: price }));
  }

  follow(targetUrl) {
    const schema = 'iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1';
    this.tracker.track(buildSelfDescribingEvent({ event: { schema, data: { targetUrl } } }));
  }

  close() {
    return this.tracker.flush();
  }
}
