//! What an answer means, in the words of Snowplow's Iglu client, as they stand in bad events.

use super::place::Fetched;
use crate::exchange::Reply;

/// How much of a failing server's body a message repeats, in characters.
const SERVER_MESSAGE_CHARS_MAX: usize = 256;
const UNDECODABLE: &str = "Could not decode server response.";

/// The answer of a repository; the secrets are those that were sent. An error is a `ClientFailure`.
pub(super) fn of_http(reply: Reply, secrets: &[&str]) -> Result<Fetched, String> {
    match reply.status {
        _ if reply.is_success() => text(reply).map(Fetched::Found),
        404 => Ok(Fetched::NotFound),
        500.. => {
            let message = server_message(&reply.body, secrets);
            Ok(Fetched::RepoFailure(format!("Unexpected server response: {message}")))
        }
        code => Err(format!("Unexpected response code: {code}")),
    }
}

/// The answer of S3, which also says with a 404 that there is no such bucket: that is no schema's
/// fault, and events must not become bad events for it.
pub(super) fn of_s3(reply: Reply, session_token: Option<&str>) -> Result<Fetched, String> {
    let code = error_code(&reply.body);
    match (reply.status, code.as_deref()) {
        (404, Some("NoSuchBucket")) => Err("Unexpected response code: 404 NoSuchBucket".to_owned()),
        (400..=499, Some("NoSuchKey")) => Ok(Fetched::NotFound),
        _ => of_http(reply, session_token.as_slice()),
    }
}

fn text(reply: Reply) -> Result<String, String> {
    if reply.is_encoded {
        return Err(format!("{UNDECODABLE} The body is compressed"));
    }
    String::from_utf8(reply.body).map_err(|_| format!("{UNDECODABLE} The body is not UTF-8"))
}

/// Some servers repeat the request in their errors, headers and all.
fn server_message(body: &[u8], secrets: &[&str]) -> String {
    let text = String::from_utf8_lossy(body);
    if secrets.iter().any(|secret| !secret.is_empty() && text.contains(secret)) {
        return "(left out, as it repeats a secret)".to_owned();
    }
    text.chars().take(SERVER_MESSAGE_CHARS_MAX).collect()
}

/// What stands between the first `<Code>` and its end.
fn error_code(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let (_, rest) = text.split_once("<Code>")?;
    rest.split_once("</Code>").map(|(code, _)| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply { status, body: body.as_bytes().to_vec(), ..Reply::default() }
    }

    #[test]
    fn a_failing_servers_message_is_cut() {
        for (length, kept) in [(256, 256), (257, 256)] {
            let found = of_http(reply(503, &"é".repeat(length)), &[]);
            let expected = format!("Unexpected server response: {}", "é".repeat(kept));
            assert_eq!(found, Ok(Fetched::RepoFailure(expected)));
        }
    }

    #[test]
    fn a_secret_that_comes_back_is_left_out() {
        for secrets in [&["hidden"][..], &["", "hidden"]] {
            let found = of_http(reply(500, "you sent apikey: hidden"), secrets);
            let Ok(Fetched::RepoFailure(message)) = found else { unreachable!("{found:?}") };
            assert_eq!(message, "Unexpected server response: (left out, as it repeats a secret)");
        }
        let found = of_s3(reply(500, "x-amz-security-token:tokensecret"), Some("tokensecret"));
        assert!(!format!("{found:?}").contains("tokensecret"));
    }

    #[test]
    fn other_statuses_are_the_clients_failure() {
        for status in [100, 199, 301, 304, 400, 401, 403, 410, 429] {
            let expected = format!("Unexpected response code: {status}");
            assert_eq!(of_http(reply(status, "x"), &[]), Err(expected.clone()));
            assert_eq!(of_s3(reply(status, "x"), None), Err(expected));
        }
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let reply = Reply { is_encoded: true, ..reply(200, "{}") };
        let expected = "Could not decode server response. The body is compressed";
        assert_eq!(of_http(reply, &[]), Err(expected.to_owned()));
    }

    #[test]
    fn s3_tells_a_missing_bucket_from_a_missing_key() {
        let error = |code: &str| format!("<?xml?><Error><Code>{code}</Code><Key>k</Key></Error>");
        assert_eq!(of_s3(reply(404, &error("NoSuchKey")), None), Ok(Fetched::NotFound));
        assert_eq!(of_s3(reply(404, ""), None), Ok(Fetched::NotFound));
        let expected = Err("Unexpected response code: 404 NoSuchBucket".to_owned());
        assert_eq!(of_s3(reply(404, &error("NoSuchBucket")), None), expected);
        let expected = Err("Unexpected response code: 403".to_owned());
        assert_eq!(of_s3(reply(403, &error("AccessDenied")), None), expected);
    }
}
