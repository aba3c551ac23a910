//! The line that is delivered for a ping: what may be seen of it, and what it was.

use json_tree::write_text;
use key_source::Keying;
use privacy::{Policy, Pseudonyms as _, Rewriter};
use timestamps::iso_millis;

use crate::answer::Refusal;
use crate::ping::{Identity, Ping};

/// The most bytes of a line; Firehose takes no larger record.
pub(crate) const LINE_BYTES_MAX: usize = 1_024_000;
/// The version of the payloads. The client says none, so there is one.
const VERSION: [u32; 3] = [1, 0, 0];

/// A line, with the line feed at its end.
pub(crate) fn line(
    ping: &Ping<'_>,
    (policy, keying): (&Policy, &Keying),
    received_millis: i64,
) -> Result<(String, Identity), Refusal> {
    let mut keyed = keying.keyed.clone();
    let identity = ping.identity(|content| {
        let mut pseudonym = String::new();
        keyed.write_unlisted(
            &format!("@{}/duplicate_key", ping.kind.schema()),
            content,
            &mut pseudonym,
        );
        pseudonym
    });
    let mut out = String::with_capacity(ping.payload.len() + ping.payload.len() / 2);
    let (kind, received) = (ping.kind.name(), iso_millis(received_millis));
    let Identity { id, duplicate_key } = &identity;
    let start = format!(
        r#"{{"kind":"{kind}","id":{id},"received_at":"{received}","duplicate_key":"{duplicate_key}","policy":"#
    );
    out.push_str(&start);
    write_text(&format!("{}/{}", policy.name, policy.fingerprint), &mut out);
    out.push_str(r#","key":"#);
    write_text(&keying.id, &mut out);
    out.push_str(r#","payload":"#);
    let mut rewriter = Rewriter::new(policy, keyed, &keying.id);
    rewriter
        .entity_data(ping.kind.schema(), VERSION, ping.payload, &mut out)
        .map_err(|_| Refusal::Shape(ping.kind))?;
    out.push_str("}\n");
    if out.len() > LINE_BYTES_MAX { Err(Refusal::LineSize) } else { Ok((out, identity)) }
}
