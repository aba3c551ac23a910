//! What follows each format and what does not.

use proptest::prelude::*;

use super::*;
use crate::pattern::Pattern;

#[test]
fn every_format_knows_good_from_bad() {
    for (name, good, bad) in [
        ("date", "2024-02-29", "2023-02-29"),
        ("date", "2020-12-31", "2020-13-01"),
        ("date-time", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00"),
        ("date-time", "2020-01-01 00:00:00.123456+02:00", "2020-01-01"),
        ("date-time", "2016-12-31t23:59:60z", "2020-06-01T23:59:60Z"),
        ("time", "99:99:99", "1:00:00"),
        ("duration", "P1DT2H", "P"),
        ("duration", "P3W", "P1W2D"),
        ("email", "a.b+c@example.com", "a@example"),
        ("email", "\"a b\"@example.com", "a b@example.com"),
        ("email", "a@[127.0.0.1]", "a..b@example.com"),
        ("hostname", "a-b.example", "-a.example"),
        ("ipv4", "127.0.0.1", "127.0.0.01"),
        ("ip-address", "1.2.3.4", "1.2.3"),
        ("ipv6", "2001:db8::1", "2001:db8::1::"),
        ("ipv6", "fe80::1%eth0", "1.2.3.4"),
        ("uri", "https://example.com/?a=b", "https://example.com/a b"),
        ("uri", "//example.com", "example.com/a"),
        ("uuid", "5C33FCCF-6be5-4ce6-afb1-e34026a3ca75", "5c33fccf6be54ce6afb1e34026a3ca75"),
        ("color", "#fa0", "mauve"),
        ("color", "rgb(1, 20, 25)", "rgb(1, 20)"),
        ("alpha", "abc", "ab1"),
        ("alphanumeric", "ab1", "ab-1"),
        ("phone", "+49 151 2345678", "+12 345"),
        ("utc-millisec", "1234.5", "12."),
        ("style", "color: red;", "color"),
    ] {
        let format = Format::named(name).expect(name);
        assert!(format.fits(good), "{name} {good}");
        assert!(!format.fits(bad), "{name} {bad}");
    }
    assert!(Format::named("strict-uri").is_none());
}

proptest! {
    /// The formats that are reported with a pattern follow that pattern.
    #[test]
    fn checks_agree_with_the_patterns_that_reports_show(
        text in "[ ]?([a-f0-9.:#;+%,/ -]|rgb\\(|red|color: ?|https?:|//|12|255){0,12}|[0-9]{2}:[0-9]{2}:[0-9]{2}|[0-9]{1,3}(\\.[0-9]{1,3}){3}|\\+[0-9 ]{6,16}|rgb\\( ?[0-9]{1,3}, [0-9]{1,3},[0-9]{1,3} ?\\)"
    ) {
        for name in ["time", "hostname", "ipv4", "uri", "alpha", "alphanumeric", "phone", "utc-millisec", "style", "color"] {
            let format = Format::named(name).expect(name);
            if let Complaint::Pattern(pattern) = format.complaint() {
                let expected = Pattern::new(&pattern).expect(name).occurs_in(&text);
                prop_assert_eq!(format.fits(&text), expected, "{} {:?}", name, text);
            }
        }
    }

    #[test]
    fn any_text_can_be_checked(text in ".*") {
        for name in ["date", "date-time", "duration", "email", "ipv6", "uuid", "color", "style"] {
            let _ = Format::named(name).expect(name).fits(&text);
        }
    }
}
