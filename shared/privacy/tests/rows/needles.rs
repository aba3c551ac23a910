//! Tokens, and how to find them in a text, whatever somebody did to them on the way.

use std::collections::BTreeSet;

/// All tokens begin like this.
const MARK: &str = "Zq7CanaryXw9Kp";
/// So many letters and digits tell them apart.
const NUMBER_CHARS: usize = 6;

/// A token for each number: letters and digits of both cases that stand nowhere else.
pub(crate) fn token(number: usize) -> String {
    format!("{MARK}{number:0NUMBER_CHARS$}")
}

/// The tokens that a text shows as they are or in another case. Panics if it shows one in disguise.
pub(crate) fn tokens_in(text: &str) -> BTreeSet<String> {
    let folded = text.to_ascii_lowercase();
    for disguise in disguises() {
        assert!(!folded.contains(&disguise), "a token is seen as {disguise:?}");
    }
    for disguise in base64() {
        assert!(!text.contains(&disguise), "a token is seen as {disguise}");
    }
    plain_tokens(&folded, &MARK.to_ascii_lowercase())
}

/// The tokens that a text shows as they are.
pub(crate) fn exact_tokens_in(text: &str) -> BTreeSet<String> {
    plain_tokens(text, MARK)
}

fn plain_tokens(text: &str, mark: &str) -> BTreeSet<String> {
    let number = |rest: &str| rest.chars().take(NUMBER_CHARS).collect::<String>();
    text.split(mark).skip(1).map(|rest| format!("{MARK}{}", number(rest))).collect()
}

/// In lower case, as case is ignored for these.
fn disguises() -> Vec<String> {
    let each = |show: &dyn Fn(char) -> String| MARK.chars().map(show).collect::<String>();
    let code = |it: char| u32::from(it);
    let disguises = [
        each(&|it| format!("%{:02x}", code(it))),
        each(&|it| format!("%25{:02x}", code(it))),
        each(&|it| format!("\\u{:04x}", code(it))),
        each(&|it| format!("\\\\u{:04x}", code(it))),
        each(&|it| format!("&#{};", code(it))),
        each(&|it| format!("{:02x}", code(it))),
        each(&|it| format!("{:04x}", code(it))),
        each(&|it| format!("{it}\0")),
        each(&|it| format!("\0{it}")),
        each(&|it| format!("{it}\\u0000")),
        each(&|it| format!("\\u0000{it}")),
        MARK.chars().rev().collect(),
    ];
    disguises.map(|it| it.to_ascii_lowercase()).to_vec()
}

/// Base64 at each of the three places where a text can begin in a group; of UTF-16, too.
fn base64() -> Vec<String> {
    let utf_16 = |byte: fn(u16) -> [u8; 2]| MARK.encode_utf16().flat_map(byte).collect::<Vec<u8>>();
    let mut found = Vec::new();
    for bytes in [MARK.as_bytes().to_vec(), utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes)] {
        for offset in 0..3 {
            let padded = [vec![b' '; offset], bytes.clone()].concat();
            for alphabet in [base64_simd::STANDARD_NO_PAD, base64_simd::URL_SAFE_NO_PAD] {
                // The first and the last group depend on what stands around.
                let whole = padded.len() / 3 * 4;
                let encoded = alphabet.encode_to_string(&padded);
                found.push(encoded[if offset > 0 { 4 } else { 0 }..whole].to_owned());
            }
        }
    }
    found
}
