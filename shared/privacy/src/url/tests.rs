//! URLs in, what may be seen of them out.

use super::*;
use crate::class::{Class, Pattern};
use crate::pseudonym::Constant;

fn rules() -> (Classes, UrlRules) {
    let mut classes = Classes::default();
    let texts = ["gitlab.com", "docs.gitlab.com"].map(Box::from);
    let hosts = classes.add("hosts".into(), Class::Enum(texts.into_iter().collect())).unwrap();
    let mut pattern = |name: &str, text: &str| {
        classes.add(name.into(), Class::Pattern(Pattern::new(text).unwrap())).unwrap()
    };
    pattern("namespace", "namespace[0-9]{1,9}");
    pattern("project", "project[0-9]{1,9}");
    pattern("id", "[0-9]{1,9}");
    let word = pattern("word", "[a-z_]{1,20}");
    let diff = pattern("diff", "diff|note_[0-9]{1,9}");
    let paths = [
        "/-/profile",
        "/{+namespace|namespace}/{project|project}/-/blob/{**|:repository_path}",
        "/{+namespace|namespace}/{project|project}/-/issues/{id}",
        "/{namespace|namespace}/{project|project}",
        "/help/{**}",
    ];
    let paths = paths.map(|text| Template::parse(text, |name| classes.named(name)).unwrap());
    let rules = UrlRules {
        name: "test".into(),
        line: 0,
        hosts,
        keeps_port: false,
        paths: paths.into(),
        query: vec![("scope".into(), QueryRule::Keep(word)), ("search".into(), QueryRule::Mask)],
        fragment: Some(diff),
        host_domain: DomainId(0),
        path_domain: DomainId(1),
    };
    (classes, rules)
}

fn shown(part: UrlPart, text: &str) -> Option<String> {
    let (classes, rules) = rules();
    let mut out = String::new();
    let mut paths = Memo::with_slots(1, 0);
    let means = Means { classes: &classes, pseudonyms: &mut Constant, paths: &mut paths };
    rules.write(part, text, means, &mut out).map(|()| out)
}

#[test]
fn a_url_shows_what_is_allowed() {
    for (url, expected) in [
        ("https://gitlab.com", Some("https://gitlab.com")),
        ("HTTPS://GitLab.com/", Some("https://gitlab.com/")),
        (
            "https://gitlab.com/secret/group/app/-/blob/main/keys.rb?token=abc#L3",
            Some("https://gitlab.com/namespace/project/-/blob/:repository_path"),
        ),
        (
            "https://gitlab.com/namespace65/project11/-/blob/:repository_path",
            Some("https://gitlab.com/namespace65/project11/-/blob/:repository_path"),
        ),
        (
            "https://u:p@gitlab.com:8443/a/b/-/issues/12?scope=all&search=me&x=y&scope=A#note_7",
            Some(
                "https://gitlab.com/namespace/project/-/issues/12?scope=all&search=masked_search&scope=masked_scope#note_7",
            ),
        ),
        ("https://gitlab.com/a/b/-/issues/alex", Some("https://gitlab.com/PSEUDONYM")),
        ("https://gitlab.com/a/b/c/d", Some("https://gitlab.com/PSEUDONYM")),
        ("https://gitlab.com/%61/b/", Some("https://gitlab.com/namespace/project")),
        ("https://gitlab.com/%zz/b", Some("https://gitlab.com/namespace/project")),
        ("https://gitlab.com/-/profile", Some("https://gitlab.com/-/profile")),
        ("https://gitlab.com/-/%70rofile", Some("https://gitlab.com/-/profile")),
        (
            "https://gitlab.com/help/a/b?search",
            Some("https://gitlab.com/help?search=masked_search"),
        ),
        ("https://evil.org@gitlab.com/help", Some("https://gitlab.com/help")),
        ("https://gitlab.com.evil.org/help", Some("https://PSEUDONYM/help")),
        ("https://[2001:db8::1]:80/help", Some("https://PSEUDONYM/help")),
        ("https://gitlab.com\\@evil.org/help", Some("https://gitlab.com/namespace/project")),
        ("ftp://gitlab.com/help", None),
        ("javascript:alert(1)", None),
        ("/a/b", None),
        ("https:///a", None),
        ("", None),
    ] {
        assert_eq!(shown(UrlPart::Whole, url).as_deref(), expected, "{url}");
    }
}

#[test]
fn parts_are_shown_as_in_the_whole() {
    for (part, text, expected) in [
        (UrlPart::Scheme, "https", Some("https")),
        (UrlPart::Scheme, "ftp", None),
        (UrlPart::Host, "docs.gitlab.com", Some("docs.gitlab.com")),
        (UrlPart::Host, "alex.example.org", Some("PSEUDONYM")),
        (UrlPart::Port, "8443", Some("")),
        (UrlPart::Path, "/a/b", Some("/namespace/project")),
        (UrlPart::Path, "/alex", Some("/PSEUDONYM")),
        (UrlPart::Query, "scope=all&token=x", Some("scope=all")),
        (UrlPart::Query, "token=x", Some("")),
        (UrlPart::Fragment, "diff", Some("diff")),
        (UrlPart::Fragment, "L12", Some("")),
    ] {
        assert_eq!(shown(part, text).as_deref(), expected, "{part:?} {text}");
    }
}

#[test]
fn a_path_of_too_many_segments_has_no_shape() {
    let most = format!("/{}project", "a/".repeat(SEGMENTS_MAX - 4));
    let template = "/help".to_owned() + &"/a".repeat(SEGMENTS_MAX - 1);
    assert_eq!(shown(UrlPart::Path, &template).as_deref(), Some("/help"));
    assert_eq!(shown(UrlPart::Path, &(template + "/a")).as_deref(), Some("/PSEUDONYM"));
    assert_eq!(shown(UrlPart::Path, &most).as_deref(), Some("/PSEUDONYM"));
}

#[test]
fn a_template_that_says_too_little_is_refused() {
    for text in
        ["a", "/", "/{}", "/{nope}", "/{|}", "/{+id}", "/{**}/a", "/{+|a}/{+|b}", "/a*", "/{id|}"]
    {
        assert!(
            Template::parse(text, |name| (name == "id").then_some(ClassId(0))).is_err(),
            "{text}"
        );
    }
}

#[test]
fn a_shape_that_is_never_reached_is_found() {
    let mut classes = Classes::default();
    let id = classes.add("id".into(), Class::Integer { min: 0, max: 9 }).unwrap();
    let template = |text: &str| Template::parse(text, |name| (name == "id").then_some(id)).unwrap();
    for (wide, narrow, expected) in [
        ("/a", "/a", true),
        ("/{**|x}", "/a/b", true),
        ("/a/{**}", "/a/{id}/{id|x}", true),
        ("/{|x}", "/a", true),
        ("/{id|x}", "/{id}", true),
        ("/{id}", "/7", true),
        ("/{+id|x}", "/a/b", true),
        ("/{id}", "/a", false),
        ("/{id}", "/{id|x}", false),
        ("/a/{|x}", "/a", false),
        ("/a", "/a/{**}", false),
        ("/{+id|x}/a", "/a/b", false),
    ] {
        let (earlier, later) = (template(wide), template(narrow));
        assert_eq!(earlier.covers(&later, &classes), expected, "{wide} {narrow}");
        assert_eq!(earlier.shown(&classes), wide);
    }
}
