require 'minitest/autorun'
require_relative '../shop'
require_relative '../whiteout'

class ShopTest < Minitest::Test
  def test_a_purchase_is_tracked_with_its_item_and_price
    space = Space.new
    shop = Shop.new(space.url)
    shop.buy('shoes', 59.5)
    shop.close

    event = space.good.first.fetch('event')
    assert_equal %w[shop checkout buy shoes], event.values_at('app_id', 'se_category', 'se_action', 'se_label')
    assert_in_delta 59.5, event.fetch('se_value')
    assert_equal({ 'total' => 1, 'good' => 1, 'bad' => 0 }, space.counts)
  end
end
