//! The files of the page, which are part of the command.

use crate::local::answer::{Answer, Content};

const INDEX: &str = include_str!("assets/index.html");

/// Only what comes from here is run, shown or asked for.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

const SCRIPT: &str = "text/javascript; charset=UTF-8";

/// Each with its type.
const FILES: [(&str, &str, &str); 17] = [
    ("style.css", "text/css; charset=UTF-8", include_str!("assets/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ("api.js", SCRIPT, include_str!("assets/api.js")),
    ("app.js", SCRIPT, include_str!("assets/app.js")),
    ("bad.js", SCRIPT, include_str!("assets/bad.js")),
    ("detail.js", SCRIPT, include_str!("assets/detail.js")),
    ("dom.js", SCRIPT, include_str!("assets/dom.js")),
    ("events.js", SCRIPT, include_str!("assets/events.js")),
    ("header.js", SCRIPT, include_str!("assets/header.js")),
    ("keyboard.js", SCRIPT, include_str!("assets/keyboard.js")),
    ("objects.js", SCRIPT, include_str!("assets/objects.js")),
    ("playground.js", SCRIPT, include_str!("assets/playground.js")),
    ("samples.js", SCRIPT, include_str!("assets/samples.js")),
    ("send.js", SCRIPT, include_str!("assets/send.js")),
    ("sql.js", SCRIPT, include_str!("assets/sql.js")),
    ("theme.js", SCRIPT, include_str!("assets/theme.js")),
    ("window.js", SCRIPT, include_str!("assets/window.js")),
];

/// The page itself.
pub(super) fn index() -> Answer {
    file("text/html; charset=UTF-8", INDEX)
        .with("Content-Security-Policy", POLICY)
        .with("Referrer-Policy", "no-referrer")
}

/// A file that it needs.
pub(super) fn asset(name: &str) -> Answer {
    match FILES.iter().find(|(known, _, _)| *known == name) {
        Some((_, content_type, text)) => {
            file(content_type, text).with("Content-Security-Policy", POLICY)
        }
        None => Answer::text(404, "the page has no such file\n"),
    }
}

/// Asked for again each time, because another version of the command may answer next.
fn file(content_type: &'static str, text: &str) -> Answer {
    Answer::new(200, content_type, Content::Whole(text.as_bytes().to_vec()))
        .with("Cache-Control", "no-cache")
        .with("X-Content-Type-Options", "nosniff")
}
