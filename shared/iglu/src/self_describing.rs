//! JSON that names its own schema: `{"schema": "iglu:…", "data": …}`.

use json_tree::Json;

use crate::SchemaKey;
use crate::key::KeyError;

/// A schema's name and what claims to follow it.
#[derive(Clone, Debug)]
pub struct SelfDescribing<'t, 'a> {
    /// The name.
    pub key: SchemaKey,
    /// The value.
    pub data: &'t Json<'a>,
}

impl<'t, 'a> SelfDescribing<'t, 'a> {
    /// Takes an object of `schema` and `data` apart; further keys do not matter.
    pub fn of(json: &'t Json<'a>) -> Result<Self, KeyError> {
        let uri = json.get("schema").and_then(Json::as_str).ok_or(KeyError::Data)?;
        let key = SchemaKey::parse(uri)?;
        let data = json.get("data").ok_or(KeyError::Data)?;
        Ok(Self { key, data })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_thing_that_is_wrong_is_named() {
        for (text, code) in [
            (r#"{"foo":"bar"}"#, "INVALID_DATA_PAYLOAD"),
            ("[]", "INVALID_DATA_PAYLOAD"),
            (r#"{"schema":1,"data":{}}"#, "INVALID_DATA_PAYLOAD"),
            (r#"{"schema":"iglu:a/b/c/1-0-0"}"#, "INVALID_DATA_PAYLOAD"),
            (r#"{"schema":"nonsense","data":{}}"#, "INVALID_IGLUURI"),
            (r#"{"schema":"iglu:a/b/c/1-0-00","data":{}}"#, "INVALID_SCHEMAVER"),
        ] {
            let json = Json::parse(text, 9).expect("valid");
            let code_found = SelfDescribing::of(&json).map(|_| ()).map_err(KeyError::code);
            assert_eq!(code_found, Err(code), "{text}");
        }
        let json = Json::parse(r#"{"data":null,"schema":"iglu:a/b/c/1-0-0"}"#, 9).expect("valid");
        let found = SelfDescribing::of(&json).expect("self-describing");
        assert!(found.data.is_null() && found.key.name() == "b");
    }
}
