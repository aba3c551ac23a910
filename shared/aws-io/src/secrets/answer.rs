//! The answers of the two services, read so that no copy of the secret is left behind.

use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::source::Service;
use super::text::{SecretError, SecretText};
use crate::exchange::Reply;
use crate::failure::{CallFailure, printable};

type Body = Zeroizing<Vec<u8>>;

/// What Secrets Manager says. The values are still JSON, as the reader of JSON would keep copies of
/// what it unescapes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SecretValue<'a> {
    #[serde(borrow, default)]
    secret_string: Option<&'a RawValue>,
    #[serde(borrow, default)]
    secret_binary: Option<&'a RawValue>,
}

/// What SSM says.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ParameterValue<'a> {
    #[serde(borrow)]
    parameter: Parameter<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter<'a> {
    r#type: String,
    #[serde(borrow)]
    value: &'a RawValue,
}

/// What both say when they fail.
#[derive(Deserialize)]
struct ServiceError {
    #[serde(rename = "__type")]
    code: String,
}

/// The secret in the answer of a success.
pub(super) fn secret(reply: &Reply<Body>, service: Service) -> Result<SecretText, SecretError> {
    let unreadable = || SecretError::CallFailed(CallFailure::unreadable(reply.status).code);
    if reply.is_encoded {
        return Err(unreadable());
    }
    let bytes = match service {
        Service::SecretsManager => {
            let value: SecretValue<'_> =
                serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
            match (value.secret_string, value.secret_binary) {
                (Some(text), _) => unescaped(text.get()),
                (None, Some(base64)) => decoded(base64.get()),
                (None, None) => None,
            }
        }
        Service::Ssm => {
            let ParameterValue { parameter } =
                serde_json::from_slice(&reply.body).map_err(|_| unreadable())?;
            if parameter.r#type != "SecureString" {
                return Err(SecretError::NotSecureString(printable(&parameter.r#type)));
            }
            unescaped(parameter.value.get())
        }
    };
    bytes.map(SecretText::new).ok_or_else(unreadable)
}

/// The failure in any other answer.
pub(super) fn failure(reply: &Reply<Body>) -> CallFailure {
    match serde_json::from_slice::<ServiceError>(&reply.body) {
        Ok(error) => {
            // Some say `com.amazonaws.service#Code`, and some add `:http://` with more.
            let code = error.code.rsplit_once('#').map_or(&*error.code, |(_, code)| code);
            let code = code.split(':').next().unwrap_or_default();
            CallFailure::of_service(code, Some(reply.status))
        }
        Err(_) => CallFailure::unreadable(reply.status),
    }
}

/// The bytes that a text of base64 stands for.
fn decoded(literal: &str) -> Option<Body> {
    let base64 = unescaped(literal)?;
    base64_simd::STANDARD.decode_to_vec(&*base64).ok().map(Zeroizing::new)
}

/// A JSON text as what it stands for; it is never longer than it is in JSON, so the buffer never
/// moves.
fn unescaped(literal: &str) -> Option<Body> {
    let mut rest = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = Zeroizing::new(Vec::with_capacity(rest.len()));
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.extend_from_slice(plain.as_bytes());
        let (character, after) = escaped(escape)?;
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = after;
    }
    text.extend_from_slice(rest.as_bytes());
    Some(text)
}

/// The character whose escape follows a backslash, and what comes after it.
fn escaped(text: &str) -> Option<(char, &str)> {
    let mut rest = text.chars();
    let character = match rest.next()? {
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => {
            let (first, rest) = utf16_unit(rest.as_str())?;
            if let Some(character) = char::from_u32(first.into()) {
                return Some((character, rest));
            }
            let (second, rest) = utf16_unit(rest.strip_prefix("\\u")?)?;
            let character = char::decode_utf16([first, second]).next()?.ok()?;
            return Some((character, rest));
        }
        plain @ ('"' | '\\' | '/') => plain,
        _ => return None,
    };
    Some((character, rest.as_str()))
}

fn utf16_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    is_hex.then_some(())?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reply(status: u16, body: &str) -> Reply<Body> {
        let body = Zeroizing::new(body.as_bytes().to_vec());
        Reply { status, location: None, is_encoded: false, body }
    }

    fn found(service: Service, body: &str) -> Result<Vec<u8>, SecretError> {
        secret(&reply(200, body), service).map(|secret| secret.as_bytes().to_vec())
    }

    fn unreadable() -> Result<Vec<u8>, SecretError> {
        Err(SecretError::CallFailed("UnreadableResponse200".to_owned()))
    }

    #[test]
    fn finds_the_secret() {
        for (body, expected) in [
            (r#"{"SecretString":"a\u00e9\n\ud83d\ude00\/b","Name":"n"}"#, "a\u{e9}\n\u{1f600}/b"),
            (r#"{"Name":"n","SecretString":"","SecretBinary":null}"#, ""),
            (r#"{"SecretString":null,"SecretBinary":"YWI="}"#, "ab"),
            (r#"{"SecretBinary":"YW\u0049="}"#, "ab"),
        ] {
            assert_eq!(found(Service::SecretsManager, body), Ok(expected.into()), "{body}");
        }
        let body = r#"{"Parameter":{"Type":"SecureString","Value":"a\"b","Version":1}}"#;
        assert_eq!(found(Service::Ssm, body), Ok(b"a\"b".to_vec()));
    }

    #[test]
    fn an_answer_that_holds_none_is_unreadable() {
        for body in [
            "",
            "null",
            "{}",
            r#"{"SecretString":1}"#,
            r#"{"SecretString":"\ud83d"}"#,
            r#"{"SecretString":"\ud83d\u0041"}"#,
            r#"{"SecretBinary":"?"}"#,
            r#"{"SecretString":"a"#,
        ] {
            assert_eq!(found(Service::SecretsManager, body), unreadable(), "{body}");
        }
        for body in ["{}", r#"{"Parameter":{"Type":"SecureString"}}"#] {
            assert_eq!(found(Service::Ssm, body), unreadable(), "{body}");
        }
        let encoded = Reply { is_encoded: true, ..reply(200, r#"{"SecretString":"a"}"#) };
        assert!(secret(&encoded, Service::SecretsManager).is_err());
    }

    #[test]
    fn a_parameter_that_is_not_encrypted_is_refused() {
        for kind in ["String", "StringList"] {
            let body = format!(r#"{{"Parameter":{{"Type":"{kind}","Value":"hidden"}}}}"#);
            let error = found(Service::Ssm, &body).unwrap_err();
            assert_eq!(error, SecretError::NotSecureString(kind.to_owned()));
            assert!(error.to_string().contains("SecureString"), "{error}");
        }
    }

    #[test]
    fn a_failure_is_its_code() {
        for (status, body, code, retry) in [
            (400, r#"{"__type":"ResourceNotFoundException"}"#, "ResourceNotFoundException", false),
            (400, r#"{"__type":"a.b#ThrottlingException:http://x"}"#, "ThrottlingException", true),
            (
                500,
                r#"{"__type":"InternalServiceError","message":"x"}"#,
                "InternalServiceError",
                true,
            ),
            (403, "<html>hidden</html>", "UnreadableResponse403", false),
            (502, "", "UnreadableResponse502", true),
        ] {
            assert_eq!(failure(&reply(status, body)), CallFailure::new(code, retry), "{body}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in any::<String>()) {
            let literal = serde_json::to_string(&text).unwrap();
            let found = unescaped(&literal).unwrap();
            prop_assert_eq!(&**found, text.as_bytes());
            prop_assert!(found.capacity() <= literal.len());
        }

        #[test]
        fn no_input_makes_it_panic(text in "\"[a\\\\u0-9d\u{e9}\"]{0,20}\"") {
            drop(unescaped(&text));
        }
    }
}
