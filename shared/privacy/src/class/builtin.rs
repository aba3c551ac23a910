//! The kinds of text that every policy may name without defining them.

/// A class that needs no definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    Uuid,
    Timestamp,
    Date,
    Version,
    Boolean,
    Country,
    Region,
    Language,
    Currency,
    Timezone,
    Mime,
    IgluUri,
    SchemaVersion,
    EmptyObject,
}

impl Builtin {
    /// Every one, with the name that a policy gives it.
    pub(crate) const ALL: [(Self, &'static str); 14] = [
        (Self::Uuid, "uuid"),
        (Self::Timestamp, "timestamp"),
        (Self::Date, "date"),
        (Self::Version, "version"),
        (Self::Boolean, "boolean"),
        (Self::Country, "country"),
        (Self::Region, "region"),
        (Self::Language, "language"),
        (Self::Currency, "currency"),
        (Self::Timezone, "timezone"),
        (Self::Mime, "mime"),
        (Self::IgluUri, "iglu_uri"),
        (Self::SchemaVersion, "schema_version"),
        (Self::EmptyObject, "empty_object"),
    ];

    pub(crate) fn accepts(self, text: &str) -> bool {
        match self {
            Self::Uuid => is_uuid(text),
            Self::Timestamp => is_timestamp(text),
            Self::Date => text.len() == 10 && is_date(text),
            Self::Version => is_version(text),
            Self::Boolean => matches!(text, "true" | "false" | "0" | "1"),
            Self::Country => text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()),
            Self::Currency => text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()),
            Self::Region => {
                (1..=3).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            }
            Self::Language => is_language(text),
            Self::Timezone => is_timezone(text),
            Self::Mime => is_mime(text),
            Self::IgluUri => is_iglu_uri(text),
            Self::SchemaVersion => is_schema_version(text),
            Self::EmptyObject => text == "{}",
        }
    }

    /// An upper bound of what a value can tell.
    pub(crate) fn capacity_bits(self) -> f64 {
        match self {
            Self::EmptyObject => 0.0,
            Self::Boolean => 2.0,
            Self::Country => 9.4,
            Self::Currency => 14.1,
            Self::Region => 15.6,
            Self::Date => 21.8,
            Self::Language => 60.0,
            Self::SchemaVersion => 30.0,
            Self::Timestamp => 58.5,
            Self::Uuid => 128.0,
            Self::Version => 170.0,
            Self::Timezone => 250.0,
            Self::Mime => 400.0,
            Self::IgluUri => 700.0,
        }
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Digits and fixed characters: `9` stands for a digit.
fn fits(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'9' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

fn number(text: &str, from: usize, to: usize) -> u32 {
    text.get(from..to).and_then(|digits| digits.parse().ok()).unwrap_or(u32::MAX)
}

fn is_date(text: &str) -> bool {
    text.get(..10).is_some_and(|date| fits(date, "9999-99-99"))
        && (1..=12).contains(&number(text, 5, 7))
        && (1..=31).contains(&number(text, 8, 10))
}

/// `2026-01-02 03:04:05.678` and `2026-01-02T03:04:05Z` with 0 to 9 fraction digits and any offset.
fn is_timestamp(text: &str) -> bool {
    let Some((start, rest)) = text.split_at_checked(19) else { return false };
    let shape = match start.as_bytes().get(10) {
        Some(b'T') => "9999-99-99T99:99:99",
        _ => "9999-99-99 99:99:99",
    };
    let shaped = fits(start, shape);
    if !shaped
        || !is_date(start)
        || number(start, 11, 13) > 23
        || number(start, 14, 16) > 59
        || number(start, 17, 19) > 60
    {
        return false;
    }
    let offset = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if !(1..=9).contains(&digits) {
                return false;
            }
            rest.get(digits..).unwrap_or_default()
        }
        None => rest,
    };
    matches!(offset, "" | "Z" | " UTC")
        || ((fits(offset, "+99:99") || fits(offset, "-99:99"))
            && number(offset, 1, 3) <= 14
            && number(offset, 4, 6) <= 59)
}

/// `142`, `1.2`, `10.0.19045.3693`, `1.2.3-rc.1`, `18.6.0-ee`, `1.4.2+build7`: numbers with points
/// between them, then perhaps words and short numbers.
fn is_version(text: &str) -> bool {
    let end = text.find(['-', '+']).unwrap_or(text.len());
    let Some((numbers, words)) = text.split_at_checked(end) else { return false };
    let mut parts = numbers.split('.');
    let is_number = |part: &str, digits: usize| {
        (1..=digits).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
    };
    // `3.0b2`, `17A`: some letters behind the digits.
    let is_part = |part: &str| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        part.split_at_checked(digits).is_some_and(|(digits, letters)| {
            is_number(digits, 6)
                && letters.len() <= 5
                && letters.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    };
    let is_word = |word: &str| {
        is_number(word, 3)
            || (word.len() <= 12
                && word.starts_with(|first: char| first.is_ascii_alphabetic())
                && word.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let words = words.strip_prefix(['-', '+']);
    let mut words = words.into_iter().flat_map(|words| words.split(['-', '+', '.']));
    text.len() <= 32 && parts.clone().count() <= 6 && parts.all(is_part) && words.all(is_word)
}

/// `en`, `en-GB`, `zh-Hant-TW`, `es-419`, `en_GB`: a script and a region behind the language.
fn is_language(text: &str) -> bool {
    let mut parts = text.split(['-', '_']);
    let is_letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphabetic());
    let first = parts.next().unwrap_or_default();
    let is_region = |part: &str| match part.len() {
        2 => is_letters(part),
        3 => part.bytes().all(|b| b.is_ascii_digit()),
        _ => false,
    };
    let is_script = |part: &str| part.len() == 4 && is_letters(part);
    (2..=3).contains(&first.len())
        && is_letters(first)
        && match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => true,
            (Some(part), None, _) => is_script(part) || is_region(part),
            (Some(script), Some(region), None) => is_script(script) && is_region(region),
            (Some(_), Some(_), Some(_)) => false,
        }
}

/// `Europe/Berlin`, `America/Argentina/Buenos_Aires`, `Etc/GMT+1`, `UTC`.
fn is_timezone(text: &str) -> bool {
    const AREAS: [&str; 13] = [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Brazil",
        "Canada",
        "Etc",
        "Europe",
        "Indian",
        "Pacific",
    ];
    if matches!(text, "UTC" | "GMT") {
        return true;
    }
    // The words of a place: `Port_of_Spain`, `Port-au-Prince`, `Dar_es_Salaam`.
    let is_word = |word: &str| {
        (matches!(word, "of" | "es" | "au")
            || word.starts_with(|first: char| first.is_ascii_uppercase()))
            && word.len() <= 16
            && word.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let is_place =
        |place: &str| place.split(['_', '-']).count() <= 3 && place.split(['_', '-']).all(is_word);
    let is_offset = |place: &str| {
        let hours = place.strip_prefix("GMT").map(|rest| rest.trim_start_matches(['+', '-']));
        hours.is_some_and(|hours| hours.len() <= 2 && hours.bytes().all(|b| b.is_ascii_digit()))
    };
    text.split_once('/').is_some_and(|(area, places)| {
        AREAS.contains(&area)
            && places.split('/').count() <= 2
            && (places.split('/').all(is_place) || (area == "Etc" && is_offset(places)))
    })
}

/// `application/json`, with a charset or without.
fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        (1..=40).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"+.-_".contains(&b))
    };
    let (kind, parameter) = text.split_once(';').unwrap_or((text, "charset=x"));
    kind.split_once('/').is_some_and(|(group, name)| token(group) && token(name))
        && parameter.trim_start().strip_prefix("charset=").is_some_and(token)
}

fn is_schema_version(text: &str) -> bool {
    let parts = text.split('-');
    parts.clone().count() == 3
        && parts
            .into_iter()
            .all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
}

fn is_iglu_uri(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("iglu:") else { return false };
    let parts: Vec<&str> = rest.split('/').collect();
    let [vendor, name, "jsonschema", version] = parts.as_slice() else { return false };
    let is_name = |part: &&str| {
        (1..=60).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
    };
    is_name(vendor) && is_name(name) && is_schema_version(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A class, what it accepts, and what it refuses.
    type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

    const CASES: [Case; 14] = [
        (
            "uuid",
            &["0b9f6f0e-7d0a-4c7e-9a0c-000000000001"],
            &["0b9f6f0e-7d0a-4c7e-9a0c-00000000000g", "", "0b9f6f0e7d0a4c7e9a0c000000000001"],
        ),
        (
            "timestamp",
            &[
                "2026-01-02 03:04:05.678",
                "2026-01-02T03:04:05Z",
                "2026-01-02T03:04:05.123456+01:00",
                "2026-01-02 03:04:05 UTC",
            ],
            &[
                "2026-13-02 03:04:05",
                "2026-01-02",
                "2026-01-02T03:04:05.Z",
                "2026-01-02T25:04:05Z",
                "2026-01-02T03:04:05+99:99",
            ],
        ),
        ("date", &["2026-11-20"], &["2026-11-2", "2026-00-20", "2026-11-20 "]),
        (
            "version",
            &[
                "1.2.3",
                "18.6.0-ee",
                "142.0.0.0",
                "142",
                "10.0.19045.3693",
                "1.2.3-rc.1",
                "1.4.2+build7",
                "17A360",
                "5.4.0-216-generic",
                "2024-11",
                "3.0b2",
            ],
            &[
                "v1",
                "",
                "1.2 3",
                "a@b.c",
                "123-45-6789",
                "4111111111111111",
                "7d8f3c2b1a0e9d8c7b6a5f4e3d2c1b0a",
                "1..2",
                "1.2-",
            ],
        ),
        ("boolean", &["true", "0"], &["TRUE", "2"]),
        ("country", &["DE"], &["de", "DEU"]),
        ("region", &["CA", "07"], &["BERLIN", ""]),
        (
            "language",
            &["en", "en-GB", "zh-Hant-TW", "es-419", "zh_Hans", "fil"],
            &["english", "e", "en-", "ab-1234-5678", "en-GB-1997", "en-12"],
        ),
        ("currency", &["EUR"], &["eur"]),
        (
            "timezone",
            &[
                "Europe/Berlin",
                "UTC",
                "America/Argentina/Buenos_Aires",
                "America/Port-au-Prince",
                "America/Port_of_Spain",
                "Africa/Dar_es_Salaam",
                "Etc/GMT+12",
                "Etc/UTC",
                "Australia/NSW",
                "America/North_Dakota/New_Salem",
            ],
            &["Alex/Smith", "Europe/", "Europe", "Europe/alex_smith_1990", "Etc/GMT+1234"],
        ),
        (
            "mime",
            &["application/json", "text/plain; charset=utf-8"],
            &["text", "text/plain; name=alex"],
        ),
        (
            "iglu_uri",
            &["iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7"],
            &[
                "iglu:com.gitlab/a/jsonschema/1-1",
                "com.gitlab/a/jsonschema/1-0-0",
                "iglu:a@b/c/jsonschema/1-0-0",
            ],
        ),
        ("schema_version", &["1-0-12"], &["1-0", "1-0-0-0", "1-0-x"]),
        ("empty_object", &["{}"], &["{ }"]),
    ];

    #[test]
    fn each_accepts_its_own() {
        for (name, accepted, refused) in CASES {
            let class = Builtin::ALL.iter().find(|(_, known)| *known == name).unwrap().0;
            for text in accepted {
                assert!(class.accepts(text), "{name} {text:?}");
            }
            for text in refused {
                assert!(!class.accepts(text), "{name} {text:?}");
            }
        }
    }
}
