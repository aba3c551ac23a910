//! One JSON text by the rules of a schema that it does not name itself.

use json_tree::Scanner;

use crate::defect::Defect;
use crate::json::Place;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Appends what may be seen of a JSON text that is data of this schema (`com.gitlab/service_ping`).
    /// Without rules for it, keys and values become pseudonyms. What was appended before a defect was
    /// found is taken back.
    pub fn entity_data(
        &mut self,
        schema: &str,
        version: [u32; 3],
        json: &str,
        out: &mut String,
    ) -> Result<(), Defect> {
        let rules = self.policy.schema(schema, version);
        let place = rules.map_or(Place::Unlisted, |rules| Place::Tree(rules.root));
        self.path.clear();
        self.path.push('@');
        self.path.push_str(schema);
        let length = out.len();
        let mut scanner = Scanner::new(json);
        let done = self.value(&mut scanner, place, 0, out).and_then(|()| scanner.end());
        done.map_err(|_| {
            out.truncate(length);
            Defect::Json(None)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::DEPTH_MAX;
    use crate::{Constant, Policy};

    const SCHEMA: &str = "com.acme/thing";

    fn rewritten(json: &str, version: [u32; 3]) -> Result<String, Defect> {
        let policy = Policy::parse(
            "version: 1\nname: a\nscheme: v1\nschemas:\n  com.acme/thing/1-*-*:\n    fields:\n      \
             id: {keep: uuid}\n      mail: drop\n      counts: {walk: {keys: {regex: '[a-z]{1,8}'}, \
             leaves: {keep: {integer: {min: -1, max: 99}}}}}\n",
        );
        let policy = policy.unwrap();
        let mut rewriter = Rewriter::new(&policy, Constant, "k1");
        let mut out = "before ".to_owned();
        let done = rewriter.entity_data(SCHEMA, version, json, &mut out);
        let out = out.strip_prefix("before ").unwrap().to_owned();
        assert!(done.is_ok() || out.is_empty());
        done.map(|()| out)
    }

    #[test]
    fn a_text_is_treated_by_the_rules_of_its_schema() {
        let json = r#"{"id":"2c6f0d6e-5f7e-4a43-8d2d-8a5e3f7d9b64","mail":{"at":"a@b.c"},
            "counts":{"a":7,"b":{"c":-1},"Z":100},"other":"secret"}"#;
        let out = rewritten(json, [1, 0, 0]).unwrap();
        assert!(out.starts_with(
            r#"{"id":"2c6f0d6e-5f7e-4a43-8d2d-8a5e3f7d9b64","counts":{"a":7,"b":{"c":-1},""#
        ));
        for hidden in ["mail", "a@b.c", "Z", "100", "other", "secret"] {
            assert!(!out.contains(hidden), "{out}");
        }
        let out = rewritten(json, [2, 0, 0]).unwrap();
        assert!(!out.contains("2c6f0d6e") && !out.contains("counts"), "{out}");
    }

    #[test]
    fn what_is_no_json_leaves_nothing() {
        let deep = format!("{}1{}", "[".repeat(DEPTH_MAX + 2), "]".repeat(DEPTH_MAX + 2));
        for json in ["", "{", "{}{}", r#"{"id":1,}"#, &deep] {
            assert_eq!(rewritten(json, [1, 0, 0]), Err(Defect::Json(None)), "{json}");
        }
    }
}
