//! Header lines -> the address of the client behind the proxies.

/// How many tokens (hexadecimal words, dots, colons) of an address are read: those of a full IPv6.
const ADDRESS_TOKENS_MAX: usize = 15;
/// How many digits a hexadecimal word has at most.
const WORD_DIGITS_MAX: usize = 4;

/// The client's address: `X-Forwarded-For`, else `Forwarded`, else what the collector saw.
///
/// A `Forwarded` line counts only while no other line follows it. That is an accident of the
/// original, kept because a changed address changes everything that is looked up by it.
/// Nothing is checked: thirty colons give fifteen colons.
pub fn client_address<S: AsRef<str>>(
    headers: &[S],
    seen_by_collector: Option<&str>,
) -> Option<String> {
    let mut forwarded = None;
    for header in headers {
        let header = header.as_ref();
        if let Some(address) = address_after(header, "x-forwarded-for: ") {
            return Some(address);
        }
        forwarded = address_after(header, "forwarded: for=");
    }
    forwarded.or_else(|| seen_by_collector.map(str::to_owned))
}

fn address_after(header: &str, prefix: &str) -> Option<String> {
    let (start, rest) = header.as_bytes().split_at_checked(prefix.len())?;
    if !start.eq_ignore_ascii_case(prefix.as_bytes()) {
        return None;
    }
    let rest = rest.strip_prefix(b"\"").unwrap_or(rest);
    let rest = rest.strip_prefix(b"[").unwrap_or(rest);
    let length = ipv4_length(rest).or_else(|| tokens_length(rest))?;
    let address = str::from_utf8(rest.get(..length)?).ok()?;
    Some(address.to_ascii_lowercase())
}

/// Four groups of one to three digits.
fn ipv4_length(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for group in 0..4 {
        if group > 0 {
            if text.get(at) != Some(&b'.') {
                return None;
            }
            at += 1;
        }
        let digits = text.get(at..)?.iter().take(3).take_while(|byte| byte.is_ascii_digit());
        match digits.count() {
            0 => return None,
            digits => at += digits,
        }
    }
    Some(at)
}

/// Words of hexadecimal digits, dots and colons, as far as they go.
fn tokens_length(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for _ in 0..ADDRESS_TOKENS_MAX {
        let token = match text.get(at) {
            Some(b'.' | b':') => 1,
            Some(_) => word_length(text.get(at..)?),
            None => 0,
        };
        if token == 0 {
            break;
        }
        at += token;
    }
    (at > 0).then_some(at)
}

/// A word counts only if it is all hexadecimal, and short.
fn word_length(text: &[u8]) -> usize {
    let word = text.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_');
    let (mut length, mut hexadecimal) = (0, true);
    for byte in word.take(WORD_DIGITS_MAX + 1) {
        length += 1;
        hexadecimal &= byte.is_ascii_hexdigit();
    }
    if hexadecimal && length <= WORD_DIGITS_MAX { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(headers: &[&str]) -> String {
        client_address(headers, Some("192.0.2.9")).unwrap()
    }

    #[test]
    fn reads_what_proxies_write() {
        for (header, address) in [
            ("X-Forwarded-For: 198.51.100.7, 203.0.113.1", "198.51.100.7"),
            ("x-forwarded-for: 198.51.100.7:8080", "198.51.100.7"),
            ("X-Forwarded-For: \"[2001:DB8::17]:4711\"", "2001:db8::17"),
            ("X-Forwarded-For: 2001:db8:0:0:0:0:0:17", "2001:db8:0:0:0:0:0:17"),
            ("X-Forwarded-For: 2001:db8:0:0:0:0:0:17999", "2001:db8:0:0:0:0:0:"),
            ("Forwarded: for=198.51.100.7;proto=http", "198.51.100.7"),
            ("Forwarded: for=\"[2001:db8::17]\"", "2001:db8::17"),
            ("X-Forwarded-For:198.51.100.7", "192.0.2.9"),
            ("X-Forwarded-For:  198.51.100.7", "192.0.2.9"),
            ("X-Forwarded-For: unknown", "192.0.2.9"),
            ("Forwarded: proto=http;for=198.51.100.7", "192.0.2.9"),
        ] {
            assert_eq!(found(&[header]), address, "{header}");
        }
    }

    #[test]
    fn reads_at_most_fifteen_tokens() {
        assert_eq!(found(&[&format!("X-Forwarded-For: {}", ":".repeat(15))]), ":".repeat(15));
        assert_eq!(found(&[&format!("X-Forwarded-For: {}", ":".repeat(16))]), ":".repeat(15));
    }

    #[test]
    fn forwarded_counts_only_as_the_last_line() {
        assert_eq!(found(&["Accept: */*", "Forwarded: for=198.51.100.7"]), "198.51.100.7");
        assert_eq!(found(&["Forwarded: for=198.51.100.7", "Accept: */*"]), "192.0.2.9");
        assert_eq!(
            found(&["Forwarded: for=198.51.100.7", "Forwarded: for=203.0.113.1"]),
            "203.0.113.1"
        );
        assert_eq!(
            found(&["Forwarded: for=198.51.100.7", "X-Forwarded-For: 203.0.113.1"]),
            "203.0.113.1"
        );
        assert_eq!(client_address::<&str>(&[], None), None);
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(rest in "\\PC*", close in "[\"\\[0-9a-fA-F.:,é]{0,40}") {
            for prefix in ["X-Forwarded-For: ", "Forwarded: for=", ""] {
                client_address(&[format!("{prefix}{rest}"), format!("{prefix}{close}")], None);
            }
        }
    }
}
