//! A batch answered in order, within the limit of an answer; what does not fit goes back.

use key_source::Keying;
use privacy::{Defect, Stream, Tally};
use record_sink::Record;

use crate::answer::Answer;
use crate::config::Config;
use crate::event::Event;
use crate::outcome::{Fault, Outcome};
use crate::treat::Treat;

/// Where more than half of a batch would go back, a record that became so many times as large is
/// what is wrong with it. Ordinary rows become two or three times as large.
const SWELLING_MAX: usize = 8;
/// The same for records of fewer bytes than this, as if they had so many.
const SWELLING_BYTES_MIN: usize = 1_024;
/// The longest partition key in characters that Kinesis takes.
const PARTITION_KEY_CHARS_MAX: usize = 256;

/// An answered batch.
pub(crate) struct Run {
    pub(crate) text: String,
    /// The places of the records that must go back.
    pub(crate) back: Vec<usize>,
    pub(crate) outcome: Outcome,
    pub(crate) tally: Tally,
}

/// What decides on a batch.
#[derive(Clone, Copy)]
pub(crate) struct Basis<'b> {
    pub(crate) config: &'b Config,
    pub(crate) stream: Stream,
    pub(crate) keying: &'b Keying,
}

/// Answers a batch. If more than half of it would have to go back, it is answered a second time, and
/// records are quarantined that swell and take more than there is for each of half the records. So
/// nobody keeps others waiting, and what goes back comes to an end soon.
pub(crate) fn answer(basis: Basis<'_>, event: &Event<'_>) -> Result<Run, Fault> {
    let count = event.records.len();
    let mut run = pass(basis, event, None)?;
    if run.back.len() > count / 2 {
        drop(run);
        run = pass(basis, event, Some(count.div_ceil(2)))?;
    }
    // Without progress the batch would come back forever.
    let is_stuck = count > 0 && run.back.len() == count;
    if is_stuck { Err(Fault::TooManyRecords(count)) } else { Ok(run) }
}

/// One way through the batch. Given how many records are to share the room, none of those that swell
/// gets more than its share.
fn pass(basis: Basis<'_>, event: &Event<'_>, sharing: Option<usize>) -> Result<Run, Fault> {
    let Basis { config, stream, keying } = basis;
    let policy = config.policy.as_ref().ok_or(Fault::NoPolicy)?;
    let ids = event.records.iter().map(|record| &*record.record_id);
    let mut answer = Answer::new(ids).ok_or(Fault::TooManyRecords(event.records.len()))?;
    let room = answer.room();
    let share = sharing.map(|records| room / records.max(1));
    let mut treat = Treat::new(config, policy, stream, (keying.keyed.clone(), &keying.id));
    let (mut back, mut total) = (Vec::new(), Outcome::default());
    for (place, record) in event.records.iter().enumerate() {
        let mut outcome = treat.record(record);
        let most = share.filter(|_| treat.swelling(SWELLING_BYTES_MIN) > SWELLING_MAX);
        let most = most.unwrap_or(room);
        if treat.output().extra_bytes() > most {
            outcome = treat.quarantined(Defect::Size, most);
        }
        if answer.ok(&record.record_id, treat.output()) {
            total.lines += outcome.lines;
            total.quarantined += outcome.quarantined;
            total.left_out += outcome.left_out;
        } else {
            answer.dropped(&record.record_id);
            back.push(place);
        }
    }
    Ok(Run { text: answer.finish(), back, outcome: total, tally: treat.tally().clone() })
}

/// The originals of these records, as they were.
pub(crate) fn originals(event: &Event<'_>, places: &[usize]) -> Vec<Record> {
    let records = places.iter().filter_map(|place| event.records.get(*place));
    records
        .map(|record| {
            let mut data = Vec::new();
            if let Err(text) = record.decode(&mut data) {
                // What was no base64 comes back as what it was.
                data = text.as_bytes().to_vec();
            }
            let key = record.partition_key();
            // Only without a Kinesis stream behind it has a record no key, and then none is asked for.
            let key = key.as_deref().filter(|key| !key.is_empty()).unwrap_or("none");
            let partition_key = key.chars().take(PARTITION_KEY_CHARS_MAX).collect();
            Record { partition_key, data }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_original_has_a_key_that_kinesis_takes() {
        for (key, expected) in [("k", 1), (&*"\u{e9}".repeat(256), 256), (&"k".repeat(257), 256)] {
            let event = format!(
                r#"{{"records":[{{"recordId":"1","data":"aGk=","kinesisRecordMetadata":{{"partitionKey":"{key}"}}}},
                {{"recordId":"2","data":"%"}}]}}"#
            );
            let event = Event::read(event.as_bytes()).unwrap();
            let records = originals(&event, &[0, 1, 2]);
            assert_eq!(records[0].partition_key.chars().count(), expected);
            assert_eq!((&*records[0].data, &*records[1].data), (&b"hi"[..], &b"%"[..]));
            assert_eq!((&*records[1].partition_key, records.len()), ("none", 2));
        }
    }
}
