//! Configurations as operators bring them along.

use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<Resolver, ConfigError> {
    Resolver::parse(&Json::parse(text, 20).expect("valid"))
}

const CONFIG: &str = r#"{
  "schema": "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-3",
  "data": {"cacheSize": 500, "cacheTtl": 600, "repositories": [
    {"name": "Central", "priority": 1, "vendorPrefixes": [],
     "connection": {"http": {"uri": "http://central.example/"}}},
    {"name": "Ours", "priority": 5, "vendorPrefixes": ["com.acme"],
     "connection": {"http": {"uri": "https://iglu.acme.example", "apikey": "hush"}}},
    {"name": "Bucket", "priority": 0, "vendorPrefixes": [],
     "connection": {"s3": {"uri": "s3://schemas/prod/"}}},
    {"name": "Files", "priority": 9, "vendorPrefixes": ["org"],
     "connection": {"embedded": {"path": "/files"}}}
  ]}
}"#;

fn names(resolver: &Resolver, uri: &str) -> Vec<String> {
    let key = SchemaKey::parse(uri).expect("valid");
    let name = |id| resolver.repository(id).map(|repository| repository.name.clone());
    resolver.order(&key).into_iter().filter_map(name).collect()
}

#[test]
fn repositories_are_asked_by_prefix_class_and_priority() {
    let resolver = parse(CONFIG).expect("valid");
    assert_eq!(
        names(&resolver, "iglu:com.acme.web/a/jsonschema/1-0-0"),
        ["Ours", EMBEDDED_NAME, "Files", "Bucket", "Central"]
    );
    assert_eq!(
        names(&resolver, "iglu:net.other/a/jsonschema/1-0-0"),
        [EMBEDDED_NAME, "Files", "Bucket", "Central", "Ours"]
    );
    assert_eq!((resolver.cache_entries, resolver.cache_ttl_seconds), (500, Some(600)));
}

#[test]
fn a_schema_has_a_place_in_each() {
    let resolver = parse(CONFIG).expect("valid");
    let key = SchemaKey::parse("iglu:com.acme/a/jsonschema/1-0-0").expect("valid");
    let locations: Vec<Location> =
        resolver.repositories().iter().map(|repository| repository.location(&key)).collect();
    let path = "schemas/com.acme/a/jsonschema/1-0-0";
    assert_eq!(
        locations,
        [
            Location::File(format!("/iglu-client-embedded/{path}")),
            Location::Url(format!("http://central.example/{path}")),
            Location::Url(format!("https://iglu.acme.example/{path}")),
            Location::Object { bucket: "schemas".to_owned(), key: format!("prod/{path}") },
            Location::File(format!("/files/{path}")),
        ]
    );
    assert!(!format!("{resolver:?}").contains("hush"));
}

#[test]
fn all_that_is_wrong_is_named() {
    let error = parse(
        r#"{"schema":"iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-1","data":{
        "cacheSize":-1,"cacheTtl":"x","repositories":[
        {"name":"A","priority":"1","vendorPrefixes":[1],"connection":{}},
        {"name":"B","priority":1,"vendorPrefixes":[],"connection":{"http":{"uri":"ftp://x"}}},
        {"name":"C","priority":1,"vendorPrefixes":[],"connection":{"embedded":{"path":"/x"}}},
        {"name":"C","priority":1,"vendorPrefixes":[],"connection":{"s3":{"uri":"s3:///x"}}},
        {"name":"C","priority":1,"vendorPrefixes":[],"connection":{"s3":{"uri":"s3://x"}}},
        {"priority":1,"vendorPrefixes":[],"connection":{"http":{"uri":"http://x","apikey":""}}}
        ]}}"#,
    )
    .expect_err("wrong");
    let fields: Vec<&str> = error.problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "data.cacheSize",
            "data.cacheTtl",
            "data.repositories[0].priority",
            "data.repositories[0].vendorPrefixes",
            "data.repositories[0].connection",
            "data.repositories[1].connection.http.uri",
            "data.repositories[3].connection.s3.uri",
            "data.repositories[4].name",
            "data.repositories[5].name",
            "data.repositories[5].connection.http.apikey",
        ]
    );
    assert!(parse(r#"{"schema":"iglu:a/b/jsonschema/1-0-0","data":{}}"#).is_err());
    assert!(parse("[]").expect_err("wrong").to_string().starts_with("schema: "));
}

proptest! {
    #[test]
    fn any_json_is_a_configuration_or_not(text in "[\\[\\]{}:,\"a-z0-9]{0,30}") {
        if let Ok(json) = Json::parse(&text, 9) {
            prop_assert!(Resolver::parse(&json).is_err());
        }
    }
}
