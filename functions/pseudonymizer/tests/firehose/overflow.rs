//! Answers that would be too large: what does not fit goes back, and the going back ends.

use std::collections::{BTreeMap, VecDeque};

use enriched_event::Column;
use record_sink::Record;
use serde_json::{Value, json};

use crate::simulator::{Delivered, SOURCE, batch, deliver};
use crate::{Back, handle, is_quarantine, key, metrics, pseudonymizer, row};

/// A row that becomes about fifteen times as large: every number becomes a pseudonym.
fn swelling(user: &str, numbers: usize) -> Vec<u8> {
    with_list(user, &vec!["1"; numbers].join(","))
}

fn with_list(user: &str, list: &str) -> Vec<u8> {
    let unstruct = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{{"schema":"iglu:com.acme/numbers/jsonschema/1-0-0","data":{{"n":[{list}]}}}}}}"#
    );
    row("shop", user, &[(Column::UnstructEvent, &unstruct)])
}

/// Delivers records, and what goes back again, until nothing goes back; how often each came.
fn until_done(set: &[(&str, &str)], records: &[Vec<u8>]) -> (Vec<Delivered>, usize) {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(set, key, &back);
    let mut waiting: VecDeque<Vec<u8>> = records.to_vec().into();
    let (mut all, mut written) = (Vec::new(), 0);
    while !waiting.is_empty() {
        // As much as a buffer of 3 MB holds.
        let mut buffer = Vec::new();
        let mut bytes = 0;
        while let Some(record) = waiting.pop_front_if(|record| {
            bytes += record.len();
            bytes < 3_000_000
        }) {
            buffer.push(record);
        }
        let found = deliver(&batch("good", &buffer), |event| {
            handle(&pseudonymizer, event).map_err(|fault| panic!("{fault}"))
        });
        let put_back = back.take();
        assert_eq!(found.dropped, put_back.len(), "nothing is dropped that does not come again");
        assert!(put_back.len() < buffer.len(), "some of it is done with");
        assert!(found.processing_failed.is_empty());
        written += put_back.len();
        waiting.extend(put_back.into_iter().map(|(_, record)| record.data));
        all.push(found);
    }
    (all, written)
}

#[test]
fn what_does_not_fit_comes_again() {
    // Thirty times 20 kB become about 9 MB.
    let records: Vec<_> = (0..30).map(|user| swelling(&user.to_string(), 7_000)).collect();
    let (all, written) = until_done(&[], &records);
    assert!(all.len() > 1 && written > 0 && written < records.len(), "{} {written}", all.len());
    let mut users: BTreeMap<&str, usize> = BTreeMap::new();
    for line in all.iter().flat_map(Delivered::lines) {
        assert_eq!(line.split('\t').count(), 131);
        *users.entry(user(line)).or_default() += 1;
    }
    assert_eq!(users.len(), records.len());
    assert!(users.values().all(|count| *count == 1), "each row once");
}

/// Where all records swell alike, and not much, none is at fault: all of them arrive.
#[test]
fn a_batch_that_swells_evenly_loses_nothing() {
    let list = vec!["123456"; 1_400].join(",");
    let records: Vec<_> = (0..280).map(|user| with_list(&user.to_string(), &list)).collect();
    let (all, written) = until_done(&[], &records);
    assert!(written > records.len() / 2 && written < records.len() * 3, "{written}");
    let lines: Vec<_> = all.iter().flat_map(Delivered::lines).collect();
    assert_eq!(lines.iter().filter(|line| is_quarantine(line)).count(), 0);
    let users: std::collections::BTreeSet<_> = lines.iter().map(|line| user(line)).collect();
    assert_eq!((lines.len(), users.len()), (records.len(), records.len()));
}

fn user(line: &str) -> &str {
    line.split('\t').nth(Column::UserId.index()).unwrap()
}

#[test]
fn a_record_goes_back_as_it_came() {
    let records: Vec<_> = (0..30).map(|user| swelling(&user.to_string(), 7_000)).collect();
    for is_direct in [false, true] {
        let back = Back::default();
        let pseudonymizer = pseudonymizer(&[], key, &back);
        let mut event = batch("good", &records);
        if is_direct {
            event.as_object_mut().unwrap().remove("sourceKinesisStreamArn");
            for record in event["records"].as_array_mut().unwrap() {
                record.as_object_mut().unwrap().remove("kinesisRecordMetadata");
            }
        }
        let answer = handle(&pseudonymizer, event.to_string().as_bytes()).unwrap();
        assert!(answer.len() <= 6_291_456);
        let taken = back.take();
        assert_eq!(metrics()[0]["reingested"], taken.len());
        for (arn, Record { partition_key, data }) in taken {
            let place = records.iter().position(|record| *record == data).unwrap();
            if is_direct {
                assert_eq!(arn, event["deliveryStreamArn"]);
            } else {
                assert_eq!(arn, format!("{SOURCE}good-source"));
                assert_eq!(partition_key, format!("key-{place}"));
            }
        }
    }
}

#[test]
fn a_record_that_never_fits_is_quarantined_and_never_comes_again() {
    for (set, is_sealed) in [
        (&[][..], false),
        (
            &[(
                "SEAL_RECIPIENTS",
                "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
            )][..],
            true,
        ),
    ] {
        let records = [swelling("huge", 400_000), row("shop", "u", &[])];
        let (all, written) = until_done(set, &records);
        assert_eq!((all.len(), written), (1, 0));
        let lines = all[0].lines();
        assert!(is_quarantine(lines[0]) && !is_quarantine(lines[1]));
        let quarantine: Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(quarantine["data"]["reason"], "size");
        assert_eq!(quarantine["data"]["sealed"].is_string(), is_sealed);
    }
}

/// Large records at the head of every batch must not keep the others waiting.
#[test]
fn a_few_large_records_do_not_push_the_others_back() {
    let mut records = vec![swelling("large", 140_000)];
    records.extend((0..400).map(|user| swelling(&user.to_string(), 300)));
    let (all, written) = until_done(&[], &records);
    assert_eq!((all.len(), written), (1, 0));
    let lines = all[0].lines();
    assert_eq!(lines.iter().filter(|line| is_quarantine(line)).count(), 1);
    assert_eq!(lines.len(), records.len());
}

/// Tiny records of which not even the quarantine lines fit: at least some are done with each time.
#[test]
fn a_flood_of_tiny_records_ends() {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(&[], key, &back);
    let count = 40_000;
    let records: Vec<Value> = (0..count)
        .map(|place| json!({"recordId": format!("4954626638385{place:043}"), "data": "eA=="}))
        .collect();
    let mut event = batch("good", &[]);
    event["records"] = json!(records);
    event.as_object_mut().unwrap().remove("sourceKinesisStreamArn");
    let found =
        deliver(&event, |event| handle(&pseudonymizer, event).map_err(|fault| panic!("{fault}")));
    assert!(found.processing_failed.is_empty());
    assert_eq!(found.lines().len() + found.dropped, count);
    assert_eq!(back.take().len(), found.dropped);
    println!("{} of {count} tiny records are done with", found.lines().len());
    assert!(found.lines().len() > 2_000, "{}", found.lines().len());
}

#[test]
fn a_batch_whose_overflow_has_no_place_fails_as_a_whole() {
    let back = Back { refuses: true, ..Back::default() };
    let pseudonymizer = pseudonymizer(&[], key, &back);
    let records: Vec<_> = (0..30).map(|user| swelling(&user.to_string(), 7_000)).collect();
    let found = deliver(&batch("good", &records), |event| {
        handle(&pseudonymizer, event).map_err(|fault| {
            let message = fault.to_string();
            assert!(message.contains("could not be put back: refused"), "{message}");
            message
        })
    });
    assert_eq!((found.attempts, found.processing_failed.len()), (4, records.len()));
    assert!(metrics().is_empty());
}
