//! `whiteout policy diff`: the codes that a pipeline decides by, and both formats.

use serde_json::Value;

use crate::run::{Folder, whiteout};

const START: &str = "version: 1\nname: a\nscheme: v1\n";

#[test]
fn what_is_newly_exposed_comes_first_and_fails() {
    let folder = Folder::new();
    let old = folder.file("old.yaml", format!("{START}columns:\n  user_id: drop\n"));
    let new = folder
        .file("new.yaml", format!("{START}columns:\n  app_id: drop\n  user_id: {{keep: uuid}}\n"));
    let ran = whiteout(&["policy", "diff", &old, &new], b"");
    assert_eq!(ran.code, 1);
    assert_eq!(
        ran.out,
        "Newly exposed: 1\n! column user_id: drop -> keep uuid (nothing -> 128.0 bits, line 6)\n\
         Newly hidden: 1\n- column app_id: pseudonymize -> drop (which are equal -> nothing, line 5)\n\
         Changed otherwise: 0\n"
    );
    let ran = whiteout(&["policy", "diff", &old, &new, "--format", "json"], b"");
    assert_eq!(ran.code, 1);
    let json: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(json["exposed"][0]["place"], "column user_id");
    assert_eq!(json["hidden"].as_array().unwrap().len(), 1);
    assert_eq!(whiteout(&["policy", "diff", &old, &old], b"").code, 0);
    for name in privacy::SHIPPED {
        assert_eq!(whiteout(&["policy", "diff", name, name], b"").code, 0);
    }
    assert_eq!(whiteout(&["policy", "diff", "strict", "gitlab"], b"").code, 1);
}

#[test]
fn a_policy_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    let bad = folder.file("bad.yaml", "version: 1\n");
    let ran = whiteout(&["policy", "diff", "strict", &bad], b"");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("bad.yaml: "), "{}", ran.err);
    assert_eq!(whiteout(&["policy", "diff", "strict"], b"").code, 2);
}
