//! `whiteout key`: files of keys, and what is said of them.

use std::os::unix::fs::PermissionsExt as _;

use crate::run::{Folder, KEY, whiteout};

fn mode(path: &str) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What `check` says of each key: its id and its check value.
fn checked(path: &str) -> Vec<String> {
    let ran = whiteout(&["key", "check", path], b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_rotated_file_keeps_its_keys() {
    let folder = Folder::new();
    let file = folder.path("keys.json");
    assert_eq!(whiteout(&["key", "new", &file], b"").code, 0);
    assert_eq!(mode(&file), 0o600);
    let before = checked(&file);
    assert!(before[0].starts_with("k1: 32 bytes, check value "), "{before:?}");
    assert!(before[0].ends_with(", current"), "{before:?}");
    let ran = whiteout(&["key", "new", &file, "--add"], b"");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (0, "", ""));
    assert_eq!(mode(&file), 0o600);
    let after = checked(&file);
    assert_eq!(after[0], before[0].trim_end_matches(", current"));
    assert!(after[1].starts_with("k2: ") && after[1].ends_with(", current"), "{after:?}");
    assert_eq!(std::fs::read_dir(folder.path("")).unwrap().count(), 1);
    let secret: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let shown = after.join("\n");
    for key in ["k1", "k2"] {
        let text = secret["keys"][key].as_str().unwrap();
        assert!(text.len() == 44 && !shown.contains(text), "{shown}");
    }
}

#[test]
fn a_file_that_is_there_is_not_written_over() {
    let folder = Folder::new();
    let file = folder.file("keys.json", KEY);
    for args in [&["key", "new", &file][..], &["key", "new", "--identity", &file]] {
        let ran = whiteout(args, b"");
        assert_eq!(ran.code, 1);
        assert!(ran.err.contains(&file), "{ran:?}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), KEY);
    assert_eq!(whiteout(&["key", "new", &folder.path("none"), "--add"], b"").code, 1);
}

#[test]
fn without_a_file_the_key_is_printed() {
    let folder = Folder::new();
    let [first, second] = [0, 1].map(|_| whiteout(&["key", "new"], b""));
    assert_eq!(first.code, 0);
    assert_ne!(first.out, second.out);
    checked(&folder.file("keys.json", first.out));
}

#[test]
fn a_phrase_is_no_key() {
    let folder = Folder::new();
    let secret = "secretsecretsecretsecretsecretsecret";
    let file = folder.file("keys.json", secret);
    let ran = whiteout(&["key", "check", &file], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("does not look random"), "{ran:?}");
    assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
    let short = folder.file("short.json", "secret");
    let ran = whiteout(&["key", "check", &short], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains(&short) && !ran.err.contains("secret\""), "{ran:?}");
}

#[test]
fn an_identity_opens_what_its_recipient_sealed() {
    let folder = Folder::new();
    let file = folder.path("identity.txt");
    let ran = whiteout(&["key", "new", "--identity", &file], b"");
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(mode(&file), 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    let recipient = ran.out.trim();
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].starts_with("# created: 20"), "{}", lines[0]);
    assert_eq!(lines[1], format!("# public key: {recipient}"));
    assert!(!ran.out.contains("SECRET") && !ran.err.contains("SECRET"), "{ran:?}");
    let identity = sealed::Identity::from_file_text(&text).unwrap();
    assert_eq!(identity.recipient().to_string(), recipient);
    let printed = whiteout(&["key", "new", "--identity"], b"").out;
    assert!(sealed::Identity::from_file_text(&printed).is_ok());
}
