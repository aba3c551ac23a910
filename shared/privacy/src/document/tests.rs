//! Policies in, what they come to or what is wrong with them out.

use enriched_event::Column;

use crate::policy::Policy;
use crate::treatment::Treatment;
use crate::url::UrlPart;

const HEAD: &str = "version: 1\nname: test\nscheme: v1\n";

fn problems(body: &str) -> Vec<String> {
    let error = Policy::parse(&format!("{HEAD}{body}")).unwrap_err();
    error.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn an_empty_policy_pseudonymizes_everything() {
    let policy = Policy::parse(HEAD).unwrap();
    assert_eq!(policy.column(Column::UserId).treatment, Treatment::Pseudonymize);
    assert_eq!(policy.column(Column::Contexts).treatment, Treatment::Json);
    assert_eq!(policy.domain(policy.column(Column::UserId).domain), "@column/user_id");
}

#[test]
fn parts_of_urls_follow_the_whole() {
    let body = "
classes:
  hosts: {enum: [gitlab.com]}
urls:
  u: {hosts: hosts, query: {keep: {utm_source: language}}}
columns:
  page_url: {url: u}
  page_urlpath: drop
  mkt_source: {keep: language}
  page_referrer: drop
";
    let policy = Policy::parse(&format!("{HEAD}{body}")).unwrap();
    let treatment = |column| policy.column(column).treatment;
    assert!(matches!(treatment(Column::PageUrlhost), Treatment::Url(_, UrlPart::Host)));
    assert_eq!(treatment(Column::PageUrlpath), Treatment::Drop);
    assert_eq!(treatment(Column::RefrUrlhost), Treatment::Drop);
}

#[test]
fn what_is_wrong_with_columns_is_said_with_its_line() {
    for (body, expected) in [
        ("default: keep\n", "line 4: default is \"keep\" and can only be pseudonymize"),
        ("nonsense: 1\n", "line 4: nonsense is not known"),
        ("columns:\n  user_ID: drop\n", "line 5: columns.user_ID is no column of the event"),
        (
            "columns:\n  app_id: keep\n",
            "line 5: columns.app_id keeps without a value class: write {keep: class}",
        ),
        ("classes:\n  a: {any_of: []}\n", "line 5: classes.a names no class"),
        (
            "columns:\n  app_id: {keep: boolean, reason: ' '}\n",
            "line 5: columns.app_id.reason says nothing",
        ),
        (
            "columns:\n  app_id: {pseudonymize: false}\n",
            "line 5: columns.app_id is false: leave it out, or write true or a domain",
        ),
        (
            "columns:\n  user_ipaddress: {ip: {v4: 0, v6: 0}}\n  geo_city: {round: 3}\n",
            "line 6: columns.geo_city is concluded from user_ipaddress, which is hidden: give a reason",
        ),
        (
            "columns:\n  app_id: {keep: nope}\n",
            "line 5: columns.app_id names the class nope, which is defined nowhere above",
        ),
        (
            "columns:\n  app_id: {keep: {regex: 'a+'}}\n",
            "line 5: columns.app_id accepts texts of more than 1024 bytes: bound it, as in [a-z]{1,64}",
        ),
        (
            "columns:\n  contexts: {keep: uuid}\n",
            "line 5: columns.contexts holds JSON, which `schemas` rules: it can only be drop or pseudonymize",
        ),
        (
            "columns:\n  page_urlhost: {keep: uuid}\n",
            "line 5: columns.page_urlhost is a part of page_url and follows its rule: it can only be hidden",
        ),
        (
            "columns:\n  geo_country: {keep: country}\n",
            "line 5: columns.geo_country is concluded from user_ipaddress, which is hidden: give a reason",
        ),
        (
            "columns:\n  mkt_term: {keep: uuid}\n",
            "line 5: columns.mkt_term is a copy of utm_term in page_url, whose rule does not keep that",
        ),
        (
            "columns:\n  user_id: {pseudonymize: User}\n",
            "line 5: columns.user_id names the domain \"User\"; lower-case letters, digits, _ and - are wanted",
        ),
        (
            "columns:\n  user_ipaddress: {ip: {v4: 33, v6: 48}}\n",
            "line 5: columns.user_ipaddress is \"33\" and no number from 0 to 32",
        ),
        (
            "columns:\n  tr_total: {bucket: [1, 1]}\n",
            "line 5: columns.tr_total has bounds that do not rise",
        ),
        (
            "columns:\n  app_id: {keep: uuid, drop: true}\n",
            "line 5: columns.app_id is not exactly one of drop, pseudonymize, or a map of one of keep, pseudonymize, ip, round, time, bucket, url",
        ),
        (
            "audit: derived_contexts\ncolumns:\n  derived_contexts: pseudonymize\n",
            "line 6: columns.derived_contexts is where the audit goes, which a pseudonym leaves no room for",
        ),
    ] {
        assert_eq!(problems(body), [expected], "{body}");
    }
}

#[test]
fn what_is_wrong_with_schemas_and_urls_is_said_with_its_line() {
    for (body, expected) in [
        (
            "schemas:\n  com.gitlab/x: {}\n",
            "line 5: schemas.com.gitlab/x is no schema with its versions, such as com.gitlab/gitlab_standard/1-*-*",
        ),
        (
            "schemas:\n  com.gitlab/x/1-*-*: {}\n  com.gitlab/x/1-0-*: {}\n",
            "line 6: schemas.com.gitlab/x/1-0-* is never looked at: the entry of line 5 covers its versions",
        ),
        (
            "schemas:\n  a/x/1-*-*: {fields: {a: drop, a.b: drop}}\n",
            "line 5: schemas.a/x/1-*-*.fields.a.b stands below a path that has a treatment of its own",
        ),
        (
            "schemas:\n  a/x/1-*-*: {fields: {a.b: drop, a: drop}}\n",
            "line 5: schemas.a/x/1-*-*.fields.a has a treatment, and so has something below it or it itself",
        ),
        (
            "urls:\n  u: {hosts: {enum: [a.b]}, paths: [a]}\n",
            "line 5: urls.u.paths: the template a does not begin with a slash",
        ),
    ] {
        assert_eq!(problems(body), [expected], "{body}");
    }
}

#[test]
fn every_problem_is_said_at_once() {
    let error = Policy::parse("scheme: md5\ncolumns: 7\n").unwrap_err();
    let shown: Vec<_> = error.problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "line 1: the policy lacks `version`",
            "line 1: the policy lacks `name`",
            "line 1: scheme is \"md5\" and can only be hmac-sha256-hex or v1",
            "line 2: columns is no map",
        ]
    );
}
