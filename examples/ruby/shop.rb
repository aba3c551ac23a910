# The application: it sells shoes, and tracks what is bought.

require 'snowplow-tracker'

class Shop
  def initialize(endpoint)
    protocol, address = endpoint.split('://')
    emitter = SnowplowTracker::Emitter.new(endpoint: address, options: { protocol: protocol, method: 'post' })
    @tracker = SnowplowTracker::Tracker.new(emitters: emitter, namespace: 'shop', app_id: 'shop')
  end

  def buy(item, price)
    @tracker.track_struct_event(category: 'checkout', action: 'buy', label: item, value: price)
  end

  def close
    @tracker.flush
  end
end
