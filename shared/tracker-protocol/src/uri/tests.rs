//! Addresses as they are found in the wild, and what becomes of them.

use proptest::prelude::*;

use super::*;

fn text_of(address: &str) -> String {
    Uri::parse(address).unwrap().text().to_owned()
}

#[test]
fn takes_an_address_apart() {
    let uri = Uri::parse("https://user@shop.example:8443/a/b%20c?d=%20e#f=g").unwrap();
    assert_eq!(uri.scheme(), Some("https"));
    assert_eq!(uri.host(), Some("shop.example"));
    assert_eq!(uri.port(), 8443);
    assert_eq!(uri.path(), Some("/a/b%20c"));
    assert_eq!(uri.query(), Some("d=%20e"));
    assert_eq!(uri.fragment(), Some("f=g"));
}

#[test]
fn ports_default_to_80_for_all_but_https() {
    for (address, port) in [
        ("https://shop.example", 443),
        ("http://shop.example", 80),
        ("HTTPS://shop.example", 80),
        ("file:///tmp/a", 80),
        ("app:home", 80),
        ("//shop.example", 80),
        ("http://shop.example:", 80),
    ] {
        assert_eq!(Uri::parse(address).unwrap().port(), port, "{address}");
    }
}

#[test]
fn a_host_is_what_java_takes_for_one() {
    for (address, host) in [
        ("http://a-b.example./", Some("a-b.example.")),
        ("http://a_b.example/", None),
        ("http://münchen.example/", None),
        ("http://10.0.0.1:80/", Some("10.0.0.1")),
        ("http://10.0.0.256/", None),
        ("http://1.2.3/", None),
        ("http://[2001:db8::1]:80/", Some("[2001:db8::1]")),
        ("http://[::ffff:10.0.0.1]/", Some("[::ffff:10.0.0.1]")),
        ("http://[fe80::1%eth0]/", Some("[fe80::1%eth0]")),
        ("mailto:someone@shop.example", None),
        ("/only/a/path", None),
        ("http:///path", None),
    ] {
        assert_eq!(Uri::parse(address).unwrap().host(), host, "{address}");
    }
}

#[test]
fn what_java_refuses_is_encoded_anew() {
    for (address, text) in [
        ("http://shop.example/a b", "http://shop.example/a%20b"),
        ("http://shop.example/a|b?c=d|e&f", "http://shop.example/a%7Cb?c=d%7Ce&f"),
        ("http://shop.example/100%?x=%41", "http://shop.example/100%25?x=A"),
        ("http://shop.example/?a={b}&u=/x:y", "http://shop.example/?a=%7Bb%7D&u=%2Fx%3Ay"),
        ("http://shop.example/#a#b/c", "http://shop.example/#a%23b%2Fc"),
        ("http://me:pa|ss@shop.example:080/", "http://me:pa%7Css@shop.example:80/"),
        ("shop.example/{a}/é", "shop.example/%7Ba%7D/%C3%A9"),
        ("//shop.example/{a}", "//shop.example/%7Ba%7D"),
        ("app:{a}", "app:%7Ba%7D"),
    ] {
        assert_eq!(text_of(address), text);
    }
}

#[test]
fn what_neither_reads_is_an_error_that_says_why() {
    let error = Uri::parse("http://{shop}/").unwrap_err();
    let why = "Illegal character in authority at index 7: http://{shop}/";
    assert_eq!(
        error,
        format!(
            "Provided URI [http://{{shop}}/] could not be parsed, neither by Java parsing \
             (error: [{why}]) nor by Scala parsing (error: [{why}])."
        )
    );
}

#[test]
fn the_page_is_the_trackers_else_the_browsers() {
    assert_eq!(page_address(Some("a"), Some("b")), Some("a"));
    assert_eq!(page_address(None, Some("b")), Some("b"));
    assert_eq!(page_address(None, Some("")), None);
    assert_eq!(page_address(None, None), None);
}

#[test]
fn query_parameters_are_decoded() {
    let uri = Uri::parse("http://shop.example/?utm_source=a+b&x&y=&utm_term=%C3%A9").unwrap();
    let parameters = crate::Parameters::new(uri.query_parameters(Charset::Utf8));
    assert_eq!(parameters.get("utm_source"), Some("a b"));
    assert_eq!(parameters.get("utm_term"), Some("é"));
    assert_eq!((parameters.get("x"), parameters.get("y")), (None, Some("")));
}

#[test]
fn debug_shows_no_content() {
    let shown = format!("{:?}", Uri::parse("http://shop.example/alex").unwrap());
    assert!(!shown.contains("alex"), "{shown}");
}

proptest! {
    #[test]
    fn no_address_makes_it_panic(any in "\\PC*", close in "(http://|//|app:)?[a1%:/?#\\[\\]@.|é {}-]{0,30}") {
        for address in [&any, &close] {
            if let Ok(uri) = Uri::parse(address) {
                // What was read once is read again, and stays the same.
                prop_assert_eq!(&Uri::parse(uri.text()).unwrap(), &uri);
            }
        }
    }
}
