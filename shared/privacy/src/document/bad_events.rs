//! The section `bad_events`.

use yaml_tree::{Map, Node, under};

use super::Builder;
use crate::class::ClassId;

impl Builder {
    pub(super) fn bad_events(&mut self, node: Option<&Node>) {
        let subject = "bad_events";
        let Some(mut map) = node.and_then(|node| Map::of(node, subject, &mut self.problems)) else {
            return;
        };
        let choices = [("rewrite", false), ("drop", true)];
        let payload = self.choice(map.take("payload"), &under(subject, "payload"), &choices);
        self.policy.bad_events.drops_payload = payload.unwrap_or(false);
        let headers = self.kept(map.take("headers"), &under(subject, "headers"));
        self.policy.bad_events.headers =
            headers.into_iter().map(|(name, class)| (name.to_ascii_lowercase(), class)).collect();
        self.policy.bad_events.parameters =
            self.kept(map.take("parameters"), &under(subject, "parameters"));
        map.finish(&mut self.problems);
    }

    /// Names with the classes of values that stay.
    fn kept(&mut self, node: Option<&Node>, subject: &str) -> Vec<(String, ClassId)> {
        let map = node.and_then(|node| Map::of(node, subject, &mut self.problems));
        let mut kept = Vec::new();
        for entry in map.map(Map::rest).unwrap_or_default() {
            if let Some(class) = self.class(&entry.node, &under(subject, &entry.key)) {
                kept.push((entry.key.clone(), class));
            }
        }
        kept
    }
}
