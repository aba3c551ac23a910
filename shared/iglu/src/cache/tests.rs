//! When repositories are asked, and when not.

use json_tree::Json;

use super::*;

fn cache(entries: usize, ttl_seconds: Option<u64>) -> SchemaCache {
    let ttl = ttl_seconds.map_or("null".to_owned(), |ttl| ttl.to_string());
    let text = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-2","data":{{
        "cacheSize":{entries},"cacheTtl":{ttl},"repositories":[{{"name":"Central","priority":1,
        "vendorPrefixes":[],"connection":{{"http":{{"uri":"http://central.example"}}}}}}]}}}}"#
    );
    SchemaCache::new(Resolver::parse(&Json::parse(&text, 9).expect("JSON")).expect("valid"))
}

fn key(name: &str) -> SchemaKey {
    SchemaKey::parse(&format!("iglu:com.acme/{name}/jsonschema/1-0-0")).expect("valid")
}

fn schema(key: &SchemaKey, text: &str) -> Answer {
    Answer::Schema(Arc::new(Schema::parse(key, text).expect("valid")))
}

fn outage() -> RegistryError {
    RegistryError::from_status(503, "down")
}

/// Whom the cache wants to ask.
fn asked(cache: &mut SchemaCache, key: &SchemaKey, now: i64) -> Vec<RepositoryId> {
    match cache.lookup(key, now) {
        Lookup::MustLoad { repositories, .. } => repositories,
        Lookup::Found(_) | Lookup::Missing(_) => Vec::new(),
    }
}

/// Lets everyone who is asked fail in the same way.
fn fail(cache: &mut SchemaCache, key: &SchemaKey, error: &RegistryError, now: i64) {
    for id in asked(cache, key, now) {
        cache.record(key, id, Answer::Failed(error.clone()), now);
    }
}

#[test]
fn one_is_asked_after_the_other_until_one_has_it() {
    let (mut cache, key) = (cache(9, None), key("a"));
    assert_eq!(asked(&mut cache, &key, 0), [RepositoryId(0), RepositoryId(1)]);
    cache.record(&key, RepositoryId(0), Answer::Failed(RegistryError::NotFound), 0);
    assert_eq!(asked(&mut cache, &key, 0), [RepositoryId(1)]);
    cache.record(&key, RepositoryId(1), schema(&key, "{}"), 0);
    assert!(matches!(cache.lookup(&key, i64::MAX), Lookup::Found(_)));
}

#[test]
fn what_is_not_found_stays_so_until_it_expires() {
    let (mut cache, key) = (cache(9, Some(10)), key("a"));
    fail(&mut cache, &key, &RegistryError::NotFound, 0);
    let Lookup::Missing(history) = cache.lookup(&key, 10_000) else { panic!("should be missing") };
    assert!(!history.is_outage());
    let names: Vec<&str> = history.repositories().iter().map(Attempts::repository).collect();
    assert_eq!(names, ["Central", "Iglu Client Embedded"]);
    assert_eq!(asked(&mut cache, &key, 10_001).len(), 2);
}

#[test]
fn an_outage_is_asked_again_after_a_while() {
    let (mut cache, key) = (cache(9, None), key("a"));
    cache.record(&key, RepositoryId(0), Answer::Failed(RegistryError::NotFound), 0);
    cache.record(&key, RepositoryId(1), Answer::Failed(outage()), 0);
    let Lookup::Missing(history) = cache.lookup(&key, 503) else { panic!("should be missing") };
    assert!(history.is_outage());
    // 500 + 4 milliseconds after the first attempt, and only who failed.
    assert_eq!(asked(&mut cache, &key, 504), [RepositoryId(1)]);
    cache.record(&key, RepositoryId(1), Answer::Failed(outage()), 504);
    assert!(asked(&mut cache, &key, 504 + 515).is_empty());
    assert_eq!(asked(&mut cache, &key, 504 + 516), [RepositoryId(1)]);
    cache.record(&key, RepositoryId(1), Answer::Failed(RegistryError::NotFound), 2_000);
    let Lookup::Missing(history) = cache.lookup(&key, i64::MAX) else {
        panic!("should be missing")
    };
    assert!(!history.is_outage());
}

#[test]
fn an_expired_schema_is_kept_if_it_cannot_be_had_again() {
    let (mut cache, key) = (cache(9, Some(10)), key("a"));
    cache.record(&key, RepositoryId(1), schema(&key, "{}"), 0);
    assert!(matches!(cache.lookup(&key, 10_000), Lookup::Found(_)));
    fail(&mut cache, &key, &outage(), 10_001);
    assert!(matches!(cache.lookup(&key, 20_000), Lookup::Found(_)));
    assert_eq!(asked(&mut cache, &key, 20_002).len(), 2);
}

#[test]
fn a_superseded_schema_is_replaced_by_its_successor() {
    let (mut cache, key) = (cache(9, None), key("a"));
    let next = key.with_version(Version::parse("1-0-1").expect("valid"));
    cache.record(&key, RepositoryId(1), schema(&key, r#"{"$supersededBy":"1-0-1"}"#), 0);
    let Lookup::MustLoad { key: wanted, .. } = cache.lookup(&key, 0) else { panic!("should load") };
    assert_eq!(wanted, next);
    cache.record(&next, RepositoryId(1), schema(&next, r#"{"type":"object"}"#), 0);
    let Lookup::Found(found) = cache.lookup(&key, 0) else { panic!("should be found") };
    assert_eq!(found.superseded_by, Some(next.version()));
    assert!(!found.schema.is_valid(&Json::Null));
    let Lookup::Found(found) = cache.lookup(&next, 0) else { panic!("should be found") };
    assert_eq!(found.superseded_by, None);
}

#[test]
fn what_was_not_used_longest_makes_room() {
    let mut cache = cache(2, None);
    for name in ["a", "b"] {
        cache.lookup(&key(name), 0);
        cache.record(&key(name), RepositoryId(1), schema(&key(name), "{}"), 0);
    }
    cache.lookup(&key("a"), 0);
    cache.lookup(&key("c"), 0);
    assert_eq!(cache.len(), 2);
    assert!(matches!(cache.lookup(&key("a"), 0), Lookup::Found(_)));
    assert!(matches!(cache.lookup(&key("b"), 0), Lookup::MustLoad { .. }));
}

#[test]
fn without_a_cache_an_answer_lasts_as_long_as_a_batch() {
    for mut cache in [cache(0, None), cache(9, Some(0))] {
        let key = key("a");
        cache.record(&key, RepositoryId(1), schema(&key, "{}"), 7);
        assert!(matches!(cache.lookup(&key, 7), Lookup::Found(_)));
        assert!(matches!(cache.lookup(&key, 8), Lookup::MustLoad { .. }));
    }
}

#[test]
fn the_wait_grows_to_a_minute() {
    for (attempts, millis) in [
        (1, 504),
        (7, 16_884),
        (8, BACKOFF_MILLIS_MAX),
        (9, 20_183),
        (10, 59_549),
        (12, BACKOFF_MILLIS_MAX),
        (13, 13_692),
        (16, BACKOFF_MILLIS_MAX),
        (u32::MAX, BACKOFF_MILLIS_MAX),
    ] {
        assert_eq!(backoff_millis(attempts), millis, "{attempts}");
    }
}
