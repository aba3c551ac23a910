//! Events for other programs: lines on standard output, or batches that are posted somewhere.

use std::io::{self, Write as _};
use std::time::Duration;

use enriched_event::{EnrichedEvent, SdkFlavour};
use ureq::Agent;

use super::follow::{Listener, Told};
use super::micro::{push_sdk_json, schema_uri};
use super::store::Kind;
use crate::config::EventFormat;

/// How long a destination may take for one batch.
const DESTINATION_TIME: Duration = Duration::from_secs(5);

/// Where good and incomplete events go.
enum To {
    Stdout,
    Url { agent: Agent, url: String },
}

/// Writes good and incomplete events, one in each line.
pub(super) struct Output {
    format: EventFormat,
    to: To,
}

impl Output {
    pub(super) fn new(format: EventFormat, destination: Option<&str>) -> Self {
        let Some(url) = destination else { return Self { format, to: To::Stdout } };
        let config = Agent::config_builder()
            .timeout_global(Some(DESTINATION_TIME))
            .http_status_as_error(false)
            .build();
        Self { format, to: To::Url { agent: config.into(), url: url.to_owned() } }
    }
}

impl Listener for Output {
    fn tell(&mut self, events: &[Told]) -> io::Result<()> {
        let mut lines = Vec::new();
        for event in events.iter().filter(|event| event.kind != Kind::Bad) {
            if !lines.is_empty() {
                lines.push(b'\n');
            }
            match self.format {
                EventFormat::Tsv => lines.extend_from_slice(&event.data),
                EventFormat::Json => push_sdk_json(&mut lines, &event.data, SdkFlavour::ScalaFlat),
            }
        }
        if lines.is_empty() {
            return Ok(());
        }
        match &self.to {
            To::Stdout => {
                lines.push(b'\n');
                let mut stdout = io::stdout().lock();
                // Whoever closed the pipe has read enough.
                stdout.write_all(&lines).and_then(|()| stdout.flush())
            }
            To::Url { agent, url } => {
                if let Err(problem) = post(agent, (url, self.format), &lines) {
                    let count = events.iter().filter(|event| event.kind != Kind::Bad).count();
                    super::note(&format!(
                        "whiteout: --destination did not take {count} events, which are not sent again: {problem}"
                    ));
                }
                Ok(())
            }
        }
    }
}

fn post(agent: &Agent, (url, format): (&str, EventFormat), lines: &[u8]) -> Result<(), String> {
    let content_type = match format {
        EventFormat::Tsv => "text/tab-separated-values",
        EventFormat::Json => "application/json",
    };
    let answer = agent.post(url).header("Content-Type", content_type).send(lines);
    let status = answer.map_err(|error| error.to_string())?.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered with {}", status.as_u16())) }
}

/// Says of each event on standard error what became of it: names and ids, no payload.
pub(super) struct EventLog;

impl Listener for EventLog {
    fn tell(&mut self, events: &[Told]) -> io::Result<()> {
        for line in events.iter().filter_map(log_line) {
            super::note(&line);
        }
        Ok(())
    }
}

fn log_line(told: &Told) -> Option<String> {
    let (word, schema) = match told.kind {
        Kind::Good => {
            let text = str::from_utf8(&told.data).unwrap_or_default();
            ("[INFO] EventLog - GOOD", schema_uri(&EnrichedEvent::parse_tsv(text).ok()?))
        }
        Kind::Bad => ("[WARN] EventLog - BAD", bad_schema(&told.data)),
        Kind::Incomplete => return None,
    };
    let name = |text: &Option<String>| printable(text.as_deref().unwrap_or("-"));
    let (id, app_id, event) = (name(&told.event_id), name(&told.app_id), name(&told.event));
    let schema = printable(schema.as_deref().unwrap_or("-"));
    Some(format!("{word} id:{id} app_id:{app_id} type:{event} ({schema})"))
}

/// The schema that says which kind of bad event it is.
fn bad_schema(line: &[u8]) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Line {
        schema: String,
    }
    serde_json::from_slice(line).ok().map(|Line { schema }| schema)
}

/// A longer name is none; what a tracker sends may be anything.
const NAME_CHARACTERS_MAX: usize = 128;

/// A name that breaks neither the line nor the terminal.
fn printable(text: &str) -> String {
    let shown = |c: char| if c.is_control() || c.is_whitespace() { '?' } else { c };
    text.chars().take(NAME_CHARACTERS_MAX).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_names_and_does_not_break() {
        let told = |kind, app_id: &str, data: &str| Told {
            kind,
            event_id: Some("id-1".to_owned()),
            app_id: Some(app_id.to_owned()),
            event: None,
            data: data.as_bytes().to_vec(),
        };
        let bad = r#"{"schema":"iglu:a/schema_violations/jsonschema/2-0-0","data":{}}"#;
        assert_eq!(
            log_line(&told(Kind::Bad, "sh\nop\u{1b}[1m", bad)).unwrap(),
            "[WARN] EventLog - BAD id:id-1 app_id:sh?op?[1m type:- (iglu:a/schema_violations/jsonschema/2-0-0)"
        );
        assert_eq!(log_line(&told(Kind::Incomplete, "shop", "")), None);
        assert_eq!(printable(&"x".repeat(200)).len(), NAME_CHARACTERS_MAX);
    }
}
