//! The grammar of `java.net.URI`: RFC 2396 with IPv6, registry names and characters beyond ASCII.

use super::grammar::{Class, Refusal, find, require};
use super::{Parts, authority};

/// Finds the parts of a URI, or says what Java would say.
pub(super) fn parse(text: &str) -> Result<Parts, Refusal> {
    let end = text.len();
    let mut parts = Parts::default();
    let colon = find(text, 0..end, b"/?#:");
    let at = if byte(text, colon) == Some(b':') {
        if colon == 0 {
            return Err(Refusal { reason: "Expected scheme name", at: 0 });
        }
        require(text, 0..1, Class::ALPHA, SCHEME)?;
        require(text, 1..colon, Class::SCHEME, SCHEME)?;
        parts.scheme = Some(0..colon);
        if byte(text, colon + 1) == Some(b'/') {
            hierarchical(text, colon + 1, &mut parts)?
        } else {
            opaque(text, colon + 1)?
        }
    } else {
        hierarchical(text, 0, &mut parts)?
    };
    if byte(text, at) == Some(b'#') {
        require(text, at + 1..end, Class::URI, "Illegal character in fragment")?;
        parts.fragment = Some(at + 1..end);
    }
    Ok(parts)
}

const SCHEME: &str = "Illegal character in scheme name";

pub(super) fn byte(text: &str, at: usize) -> Option<u8> {
    text.as_bytes().get(at).copied()
}

/// What stands behind `mailto:` is one piece, question marks included.
fn opaque(text: &str, start: usize) -> Result<usize, Refusal> {
    let end = find(text, start..text.len(), b"#");
    if end <= start {
        return Err(Refusal { reason: "Expected scheme-specific part", at: start });
    }
    require(text, start..end, Class::URI, "Illegal character in opaque part")?;
    Ok(end)
}

fn hierarchical(text: &str, start: usize, parts: &mut Parts) -> Result<usize, Refusal> {
    let end = text.len();
    let mut at = start;
    if byte(text, at) == Some(b'/') && byte(text, at + 1) == Some(b'/') {
        at += 2;
        let stop = find(text, at..end, b"/?#");
        if stop > at {
            authority::parse(text, at..stop, parts)?;
        } else if stop == end {
            return Err(Refusal { reason: "Expected authority", at });
        }
        at = stop;
    }
    let stop = find(text, at..end, b"?#");
    require(text, at..stop, Class::PATH, "Illegal character in path")?;
    parts.path = Some(at..stop);
    if byte(text, stop) != Some(b'?') {
        return Ok(stop);
    }
    let query = stop + 1..find(text, stop + 1..end, b"#");
    require(text, query.clone(), Class::URI, "Illegal character in query")?;
    let stop = query.end;
    parts.query = Some(query);
    Ok(stop)
}
