# What tests need of `whiteout local`: a space of their own, and the events in it.

require 'json'
require 'net/http'
require 'securerandom'

class Space
  BASE = ENV.fetch('WHITEOUT_URL', 'http://127.0.0.1:9090')

  attr_reader :url

  def initialize
    @url = "#{BASE}/whiteout/space/#{SecureRandom.uuid}"
  end

  # The good events, newest first, once there are so many.
  def good(count = 1)
    get("good?count=#{count}&wait=5")
  end

  # The bad events, newest first, once there are so many.
  def bad(count = 1)
    get("bad?count=#{count}&wait=5")
  end

  # How many events there are: total, good and bad.
  def counts
    get('all')
  end

  private

  def get(path)
    JSON.parse(Net::HTTP.get(URI("#{@url}/micro/#{path}")))
  end
end
