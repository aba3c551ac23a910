//! Any text as a page's address: never a panic, and what is parsed stays what it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tracker_protocol::Charset;
use tracker_protocol::uri::Uri;

fuzz_target!(|text: &str| {
    if let Ok(uri) = Uri::parse(text) {
        let again = Uri::parse(uri.text()).expect("a URI's text is a URI");
        assert_eq!(again.text(), uri.text());
        assert_eq!(again.host(), uri.host());
        drop(uri.query_parameters(Charset::Utf8));
    }
});
