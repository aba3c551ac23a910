//! The shop's events, as they arrive in `whiteout local`.

use events_in_your_own_tests::Shop;
use serde_json::{Value, json};

/// A space of this test alone.
struct Space(String);

impl Space {
    fn new() -> Self {
        let base = std::env::var("WHITEOUT_URL").unwrap_or("http://127.0.0.1:9090".to_owned());
        Self(format!("{base}/whiteout/space/{}", uuid::Uuid::new_v4()))
    }

    async fn get(&self, path: &str) -> Value {
        reqwest::get(format!("{}/micro/{path}", self.0)).await.unwrap().json().await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_is_tracked_with_its_item_and_price() {
    let space = Space::new();
    let mut shop = Shop::new(&space.0);
    shop.buy("shoes", 59.5).unwrap();
    shop.close().unwrap();

    let good = space.get("good?count=1&wait=5").await;
    assert_eq!(good[0]["event"]["se_label"], "shoes");
    assert_eq!(good[0]["event"]["se_value"], 59.5);
    assert_eq!(space.get("all").await, json!({"total": 1, "good": 1, "bad": 0}));
}
