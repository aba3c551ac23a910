import unittest

from shop import Shop
from whiteout import Space


class ShopTest(unittest.TestCase):
    def setUp(self):
        self.space = Space()
        self.shop = Shop(self.space.url, self.space.name)

    def test_a_purchase_is_tracked_with_its_item_and_price(self):
        self.shop.buy("shoes", 59.5)
        self.shop.close()
        [event] = self.space.good()
        self.assertEqual(event["eventType"], "struct")
        self.assertEqual(event["event"]["app_id"], "shop")
        self.assertEqual((event["event"]["se_label"], event["event"]["se_value"]), ("shoes", 59.5))
        self.assertEqual(self.space.counts(), {"total": 1, "good": 1, "bad": 0})

    def test_a_link_that_is_followed_fits_its_schema(self):
        self.shop.follow({"targetUrl": "https://shop.example/socks"})
        self.shop.close()
        [event] = self.space.good()
        self.assertEqual(event["schema"], "iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1")

    def test_a_link_without_an_address_is_a_bad_event(self):
        self.shop.follow({"elementId": "socks"})
        self.shop.close()
        [event] = self.space.bad()
        self.assertIn("targetUrl", "".join(event["errors"]))
        self.assertEqual(self.space.counts(), {"total": 1, "good": 0, "bad": 1})


if __name__ == "__main__":
    unittest.main()
