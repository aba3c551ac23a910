//! Any two texts as JSON, the first as a schema for the second: never a panic, and what is printed
//! is read again as the same.
#![no_main]

use iglu::Schema;
use json_tree::Json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|texts: (&str, &str)| {
    let (schema, instance) = texts;
    let Ok(instance) = Json::parse(instance, 50) else { return };
    let printed = instance.to_text();
    assert!(Json::parse(&printed, 50).expect("printed JSON is JSON") == instance);
    if let Ok(schema) = Json::parse(schema, 50) {
        let schema = Schema::from_json(&schema);
        assert_eq!(schema.is_valid(&instance), schema.validate(&instance).is_ok());
    }
});
