//! `whiteout pseudonymize` and `whiteout policy explain`: one line out for each line in.

use crate::run::{Folder, KEY, row, whiteout};

const POLICY: &str = "version: 1
name: small
scheme: v1
columns:
  app_id: {keep: {enum: [shop]}}
  user_ipaddress: drop
";

#[test]
fn each_line_gives_one_line() {
    let folder = Folder::new();
    let (policy, key) = (folder.file("p.yaml", POLICY), folder.file("keys.json", KEY));
    let good = row(&[(0, "shop"), (12, "alex@example.com"), (13, "203.0.113.7")]);
    let mut input = good.clone().into_bytes();
    // Empty, no row, no UTF-8, and a last line without a break.
    input.extend_from_slice(b"\n\nalex@example.com\n\xff\xfe alex\x00\n");
    input.extend_from_slice(good.as_bytes());
    let args = ["pseudonymize", "--kind", "enriched", "--policy", &policy, "--key-file", &key];
    let ran = whiteout(&args, &input);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0], lines[4]);
    assert!(lines[0].starts_with("shop\t") && lines[0].matches('\t').count() == 130);
    assert!(lines[0].contains("\tp1k1_"), "{}", lines[0]);
    for (line, reason) in lines[1..4].iter().zip(["empty", "column_count", "not_utf8"]) {
        assert!(line.contains("io.whiteout/quarantine"), "{line}");
        assert!(line.contains(&format!(r#""reason":"{reason}""#)), "{line}");
    }
    assert!(!ran.out.contains("alex") && !ran.out.contains("203.0.113"), "{}", ran.out);
    let nothing = whiteout(&args, b"");
    assert_eq!((nothing.code, nothing.out.as_str()), (0, ""));
}

#[test]
fn counts_are_told_if_they_are_asked_for() {
    let folder = Folder::new();
    let (policy, key) = (folder.file("p.yaml", POLICY), folder.file("keys.json", KEY));
    let input = format!("{}\n\n", row(&[(0, "other"), (13, "203.0.113.7")]));
    let mut args = vec!["pseudonymize", "--kind", "enriched", "--policy", &policy];
    args.extend(["--key-file", &key, "--summary"]);
    let ran = whiteout(&args, input.as_bytes());
    assert_eq!(
        ran.err,
        "lines 2, quarantined 1; values kept 0, reduced 0, pseudonymized 2 (1 outside of their \
         class), dropped 1\n"
    );
}

#[test]
fn a_recipient_gets_the_original() {
    let folder = Folder::new();
    let key = folder.file("keys.json", KEY);
    let identity = sealed::Identity::generate().unwrap();
    let recipient = identity.recipient().to_string();
    for kind in ["enriched", "enriched-bad", "raw-bad"] {
        let args = ["pseudonymize", "--kind", kind, "--key-file", &key, "--recipient", &recipient];
        let ran = whiteout(&args, b"broken");
        let line: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let sealed = line["data"]["sealed"].as_str().unwrap().as_bytes();
        let sealed = base64_simd::STANDARD.decode_to_vec(sealed).unwrap();
        assert_eq!(identity.open(&sealed).unwrap(), b"broken");
        assert_eq!(line["data"]["stream"], kind);
        assert!(line["data"]["policy"].as_str().unwrap().starts_with("gitlab/"), "{line}");
    }
}

#[test]
fn what_cannot_be_used_is_told_at_once() {
    let folder = Folder::new();
    let policy = folder.file("p.yaml", "version: 1\nname: a\nscheme: md5\ncolumns: 7\n");
    let key = folder.file("keys.json", "secret");
    let args = ["pseudonymize", "--kind", "enriched", "--policy", &policy, "--key-file", &key];
    let ran = whiteout(&args, b"");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    for expected in ["p.yaml: line 3: ", "p.yaml: line 4: ", "keys.json: the key k1 has 6 bytes"] {
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    let ran = whiteout(&["pseudonymize", "--kind", "enriched"], b"");
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("whiteout key new FILE"), "{}", ran.err);
}

#[test]
fn bad_events_are_explained_too() {
    let bad = concat!(
        r#"{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/adapter_failures/jsonschema/1-0-0","#,
        r#""data":{"processor":{"artifact":"a","version":"1.0.0"},"failure":{"timestamp":"2026-01-02T03:04:05Z","#,
        r#""vendor":"com.x","version":"v1","messages":[{"field":"body","value":"alex@example.com","error":"e"}]},"#,
        r#""payload":{"vendor":"com.x","version":"v1","querystring":[],"collector":"c","encoding":"UTF-8","headers":[]}}}"#
    );
    let ran = whiteout(&["policy", "explain", "gitlab", "--format", "json"], bad.as_bytes());
    let explained: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let values = explained["values"].as_array().unwrap();
    let value = values.iter().find(|it| it["before"] == "alex@example.com").unwrap();
    assert_eq!((ran.code, &value["treatment"]), (0, &"replaced".into()), "{value}");
    let folder = Folder::new();
    let sample = folder.file("sample.json", bad);
    let ran = whiteout(&["policy", "lint", "strict", "--sample", &sample], b"");
    assert!(!ran.out.contains("alex") && !ran.out.contains("unusable-sample"), "{}", ran.out);
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn each_value_is_explained() {
    let folder = Folder::new();
    let (policy, key) = (folder.file("p.yaml", POLICY), folder.file("keys.json", KEY));
    let input = row(&[(0, "shop"), (12, "alex"), (13, "203.0.113.7")]);
    let args = ["policy", "explain", &policy, "--key-file", &key, "--format", "json"];
    let ran = whiteout(&args, input.as_bytes());
    assert_eq!(ran.code, 0, "{ran:?}");
    let explained: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let values = explained["values"].as_array().unwrap();
    assert_eq!(values.len(), 3);
    assert_eq!((&values[0]["before"], &values[0]["policyLine"]), (&"shop".into(), &5.into()));
    assert!(values[1]["after"].as_str().unwrap().starts_with("p1k1_"), "{values:?}");
    assert!(values[2]["after"].is_null());
    // Without a key one is made up, and both kinds of lines are taken.
    let ran = whiteout(&["policy", "explain", &policy], format!("{input}\nx\n").as_bytes());
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("column app_id") && ran.out.contains("line 5: shop -> shop"),
        "{ran:?}"
    );
    assert!(ran.out.contains("line 2: column_count"), "{ran:?}");
}
