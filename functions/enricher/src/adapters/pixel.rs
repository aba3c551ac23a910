//! Tracker protocol 1: one event, all of it in the query string.

use super::{Adapted, Outcome, Request, missing};

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    if request.query.is_empty() {
        // The original words it like this, though nothing is redirected here.
        return Err(vec![missing("querystring", "empty querystring: not a valid URI redirect")]);
    }
    Ok(Adapted::One(request.query))
}

#[cfg(test)]
mod tests {
    use crate::adapters::tests::{AcceptAll, ask, messages, one};

    const PIXEL: &str = "com.snowplowanalytics.snowplow/tp1";

    #[test]
    fn the_query_is_the_event() {
        let request = ask(PIXEL, "e=pv&aid=shop&flag");
        let event = one(super::super::adapt(request, &AcceptAll));
        assert_eq!(event, [("e", Some("pv")), ("aid", Some("shop")), ("flag", None)].map(own));
    }

    #[test]
    fn a_body_does_not_matter_and_an_empty_query_does() {
        let mut request = ask(PIXEL, "");
        request.body = Some("e=pv");
        let (kind, messages) = messages(super::super::adapt(request, &AcceptAll));
        assert_eq!(kind, "adapter");
        assert_eq!(
            messages,
            r#"[{"field":"querystring","value":null,"expectation":"empty querystring: not a valid URI redirect"}]"#
        );
    }

    fn own((name, value): (&str, Option<&str>)) -> (String, Option<String>) {
        (name.to_owned(), value.map(str::to_owned))
    }
}
